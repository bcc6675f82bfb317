// Blocks as Slack checks them: what may stand where, and how long each text may be. A fault is told with the place where
// it is. https://docs.slack.dev/reference/block-kit/blocks
import { checkChoice } from './slack-options.ts'
import { invalidArguments, isJson, Refusal } from './slack-records.ts'
import type { Json } from './slack-records.ts'

/** Can this file be shown now? Asking counts as a look at it. */
export type FileLook = (key: { id?: unknown, url?: unknown }) => boolean

const BLOCK_FIELDS: Record<string, string[]> = {
  header: ['text'],
  section: ['text', 'fields', 'accessory', 'expand'],
  context: ['elements'],
  actions: ['elements'],
  divider: [],
  image: ['image_url', 'slack_file', 'alt_text', 'title'],
  rich_text: ['elements'],
  markdown: ['text'],
  input: ['label', 'element', 'dispatch_action', 'hint', 'optional']
}
const BUTTON_FIELDS = ['type', 'text', 'action_id', 'url', 'value', 'style', 'confirm', 'accessibility_label']
const ACTION_TYPES = new Set(['button', 'static_select', 'external_select', 'users_select', 'conversations_select',
  'channels_select', 'multi_static_select', 'overflow', 'datepicker', 'timepicker', 'datetimepicker', 'radio_buttons',
  'checkboxes', 'workflow_button'])
const INPUT_TYPES = new Set([...ACTION_TYPES, 'plain_text_input', 'email_text_input', 'url_text_input', 'number_input'])
// Not documented; measured by others: https://github.com/slackapi/bolt-js/issues/2509
const MOST_CHARACTERS = 13_200

/** The blocks with the ids that were left out, or the vendor's refusal. */
export function checkBlocks (given: unknown, canShow: FileLook, most = 50): Json[] {
  if (!Array.isArray(given)) throw new Refusal('invalid_blocks_format')
  const faults: string[] = []
  const fault = (place: string, message: string): void => { faults.push(`${message} [json-pointer:${place}]`) }
  if (given.length > most) fault('/blocks', `no more than ${most} items allowed`)
  const ids = new Set<string>()
  const blocks = given.map((block: unknown, i) => {
    const place = `/blocks/${i}`
    if (!isJson(block)) { fault(place, 'must be an object'); return {} }
    checkBlock(block, place, fault, canShow, most)
    const id = typeof block.block_id === 'string' && block.block_id !== '' ? block.block_id : `b${i}Q`
    if (id.length > 255) fault(`${place}/block_id`, 'must be less than 256 characters')
    if (ids.has(id)) fault(`${place}/block_id`, '`block_id` already exists for another block')
    ids.add(id)
    return { ...block, block_id: id, ...withActionIds(block) }
  })
  if (faults.length > 0) {
    throw new Refusal('invalid_blocks', { errors: faults, response_metadata: { messages: faults.map(one => `[ERROR] ${one}`) } })
  }
  if (most === 50 && JSON.stringify(given).length > MOST_CHARACTERS) throw new Refusal('msg_blocks_too_long')
  return blocks
}

/** A modal: `view` of views.open. https://docs.slack.dev/reference/views/modal-views */
export function checkModal (given: unknown, canShow: FileLook): Json {
  if (!isJson(given)) throw invalidArguments('missing required field: view')
  const problem = (message: string, at: string): Refusal => invalidArguments(`${message} [json-pointer:/view/${at}]`)
  if (given.type !== 'modal') throw problem('must be a valid enum value', 'type')
  for (const name of ['title', 'submit', 'close']) {
    const text = given[name]
    if (text === undefined || text === null) { if (name === 'title') throw problem('missing required field: title', ''); continue }
    if (!isJson(text) || text.type !== 'plain_text' || typeof text.text !== 'string') throw problem('must be plain_text', name)
    if (text.text.length < 1 || text.text.length > 24) throw problem('must be less than 25 characters', `${name}/text`)
  }
  for (const [name, most] of [['private_metadata', 3000], ['callback_id', 255], ['external_id', 255]] as const) {
    const text = given[name]
    if (typeof text === 'string' && text.length > most) throw problem(`must be less than ${most + 1} characters`, name)
  }
  const blocks = checkBlocks(given.blocks, canShow, 100)
  const asks = blocks.some(block => block.type === 'input')
  if (asks && !isJson(given.submit)) throw problem('a submit button is required when there are input blocks', 'submit')
  return { ...given, blocks }
}

type Fault = (place: string, message: string) => void

function checkBlock (block: Json, place: string, fault: Fault, canShow: FileLook, most: number): void {
  const type = String(block.type)
  const fields = BLOCK_FIELDS[type]
  if (fields === undefined || (type === 'input' && most === 50)) return fault(`${place}/type`, `unsupported type: ${type}`)
  for (const key of Object.keys(block)) {
    if (!['type', 'block_id', ...fields].includes(key)) fault(place, `invalid additional property: ${key}`)
  }
  if (type === 'header') checkText(block.text, `${place}/text`, 150, fault, true)
  if (type === 'section') checkSection(block, place, fault)
  if (type === 'context') checkList(block.elements, `${place}/elements`, 10, fault, checkContextElement)
  if (type === 'image') checkImage(block, place, fault, canShow)
  if (type === 'actions') {
    checkList(block.elements, `${place}/elements`, 25, fault, checkElement)
    const ids = elementsOf(block).map(element => element.action_id).filter(id => id !== undefined)
    if (new Set(ids).size < ids.length) fault(`${place}/elements`, '`action_id` already exists for another element')
  }
  if (type === 'rich_text') checkList(block.elements, `${place}/elements`, 1000, fault, () => { /* nested freely */ })
  if (type === 'markdown' && (typeof block.text !== 'string' || block.text.length > 12_000)) {
    fault(`${place}/text`, 'must be less than 12001 characters')
  }
  if (type === 'input') {
    checkText(block.label, `${place}/label`, 2000, fault, true)
    const element = block.element
    if (!isJson(element) || !INPUT_TYPES.has(String(element.type))) fault(`${place}/element`, 'unsupported element')
    else checkChoice(element, `${place}/element`, fault, checkText)
    if (block.hint !== undefined) checkText(block.hint, `${place}/hint`, 2000, fault, true)
  }
}

function checkSection (block: Json, place: string, fault: Fault): void {
  if (block.text === undefined && block.fields === undefined) return fault(place, 'missing required field: text')
  if (block.text !== undefined) checkText(block.text, `${place}/text`, 3000, fault)
  if (block.fields !== undefined) {
    checkList(block.fields, `${place}/fields`, 10, fault, (field, at) => checkText(field, at, 2000, fault))
  }
  if (block.accessory !== undefined) {
    const image = isJson(block.accessory) && block.accessory.type === 'image'
    if (!image) checkElement(block.accessory, `${place}/accessory`, fault)
  }
}

function checkList (
  given: unknown, place: string, most: number, fault: Fault, check: (one: unknown, at: string, fault: Fault) => void
): void {
  if (!Array.isArray(given) || given.length === 0) return fault(place, 'no fewer than 1 items required')
  if (given.length > most) return fault(place, `no more than ${most} items allowed`)
  given.forEach((one, i) => check(one, `${place}/${i}`, fault))
}

function checkContextElement (element: unknown, place: string, fault: Fault): void {
  if (isJson(element) && element.type === 'image') return
  checkText(element, place, 3000, fault)
}

function checkElement (element: unknown, place: string, fault: Fault): void {
  if (!isJson(element) || !ACTION_TYPES.has(String(element.type))) return fault(place, 'unsupported element type')
  checkLength(element.action_id, 255, `${place}/action_id`, fault)
  checkChoice(element, place, fault, checkText)
  if (element.type !== 'button') return
  for (const key of Object.keys(element)) if (!BUTTON_FIELDS.includes(key)) fault(place, `invalid additional property: ${key}`)
  checkText(element.text, `${place}/text`, 75, fault, true)
  checkLength(element.value, 2000, `${place}/value`, fault)
  checkLength(element.url, 3000, `${place}/url`, fault)
  if (element.url !== undefined && !/^https?:\/\//.test(String(element.url))) fault(`${place}/url`, 'must be a valid URL')
  if (element.style !== undefined && !['primary', 'danger'].includes(String(element.style))) {
    fault(`${place}/style`, 'must be a valid enum value')
  }
}

// The vendor fetches pictures itself, from the public internet: an inner address cannot be reached.
const INNER = /^https?:\/\/(localhost|127\.|10\.|192\.168\.|172\.(1[6-9]|2\d|3[01])\.|\[::1\])/

function checkImage (block: Json, place: string, fault: Fault, canShow: FileLook): void {
  if (typeof block.alt_text !== 'string') fault(place, 'missing required field: alt_text')
  checkLength(block.alt_text, 2000, `${place}/alt_text`, fault)
  if (block.title !== undefined) checkText(block.title, `${place}/title`, 2000, fault, true)
  const { image_url: url, slack_file: file } = block
  if ((url === undefined) === (file === undefined)) return fault(place, 'exactly one of image_url and slack_file is required')
  if (url !== undefined) {
    checkLength(url, 3000, `${place}/image_url`, fault)
    if (!/^https?:\/\//.test(String(url)) || INNER.test(String(url))) fault(`${place}/image_url`, 'downloading image failed')
    return
  }
  const one = isJson(file) && (file.id === undefined) !== (file.url === undefined)
  if (!one || !canShow(file)) fault(`${place}/slack_file`, 'invalid slack file')
}

function checkText (given: unknown, place: string, most: number, fault: Fault, plain = false): void {
  if (!isJson(given)) return fault(place, 'must be a text object')
  if (given.type !== 'plain_text' && (plain || given.type !== 'mrkdwn')) return fault(`${place}/type`, 'must be a valid enum value')
  const extra = Object.keys(given).find(key => !['type', 'text', given.type === 'mrkdwn' ? 'verbatim' : 'emoji'].includes(key))
  if (extra !== undefined) fault(place, `invalid additional property: ${extra}`)
  if (typeof given.text !== 'string' || given.text === '') return fault(`${place}/text`, 'must be more than 0 characters')
  checkLength(given.text, most, `${place}/text`, fault)
}

function checkLength (given: unknown, most: number, place: string, fault: Fault): void {
  if (given !== undefined && (typeof given !== 'string' || given.length > most)) {
    fault(place, `must be less than ${most + 1} characters`)
  }
}

export function elementsOf (block: Json): Json[] {
  const elements = Array.isArray(block.elements) ? block.elements.filter(isJson) : []
  return isJson(block.accessory) ? [...elements, block.accessory] : elements
}

function withActionIds (block: Json): Json {
  if (block.type !== 'actions' || !Array.isArray(block.elements)) return {}
  return { elements: elementsOf(block).map((element, i) => ({ ...element, action_id: element.action_id ?? `a${i}Z` })) }
}
