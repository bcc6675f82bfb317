// What may be chosen and typed, as Slack checks it: numbers of options and lengths of their texts.
// https://docs.slack.dev/reference/block-kit/composition-objects/option-object
import { isJson } from './slack-records.ts'
import type { Json } from './slack-records.ts'

type Fault = (place: string, message: string) => void
type CheckText = (given: unknown, place: string, most: number, fault: Fault, plain?: boolean) => void

const MOST_OPTIONS: Record<string, number> = {
  overflow: 5, static_select: 100, multi_static_select: 100, radio_buttons: 10, checkboxes: 10
}
const LONGEST_VALUE = 150
const LONGEST_TYPED = 3_000

/** An element that holds options or takes typed text. */
export function checkChoice (element: Json, place: string, fault: Fault, checkText: CheckText): void {
  const most = MOST_OPTIONS[String(element.type)]
  if (most !== undefined && element.option_groups === undefined) {
    const options: unknown[] = Array.isArray(element.options) ? element.options : []
    if (options.length < 1) fault(`${place}/options`, 'no fewer than 1 items required')
    if (options.length > most) fault(`${place}/options`, `no more than ${most} items allowed`)
    const values = new Set<unknown>()
    options.forEach((option, i) => {
      const at = `${place}/options/${i}`
      if (!isJson(option)) return fault(at, 'must be an object')
      for (const key of Object.keys(option)) if (!['text', 'value', 'description', 'url'].includes(key)) fault(at, `invalid additional property: ${key}`)
      checkText(option.text, `${at}/text`, 75, fault, element.type !== 'radio_buttons' && element.type !== 'checkboxes')
      if (typeof option.value !== 'string' || option.value.length > LONGEST_VALUE) fault(`${at}/value`, `must be less than ${LONGEST_VALUE + 1} characters`)
      if (option.description !== undefined) checkText(option.description, `${at}/description`, 75, fault)
      values.add(option.value)
    })
    if (values.size < options.length) fault(`${place}/options`, 'the value of an option already exists for another one')
  }
  if (element.placeholder !== undefined) checkText(element.placeholder, `${place}/placeholder`, 150, fault, true)
  if (element.type !== 'plain_text_input') return
  const { max_length: longest = LONGEST_TYPED, initial_value: typed } = element
  if (typeof longest !== 'number' || longest < 1 || longest > LONGEST_TYPED) fault(`${place}/max_length`, `must be between 1 and ${LONGEST_TYPED}`)
  if (typed !== undefined && (typeof typed !== 'string' || typed.length > Number(longest))) fault(`${place}/initial_value`, 'is longer than what may be typed')
}
