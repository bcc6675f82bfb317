// What each press in Slack does, whichever road it comes by. It is written down before Slack is answered, under Slack's own id
// of it, so that no press is lost that was acknowledged, and the same one by two roads is one. A modal is opened first and the
// press acknowledged then: whoever sees no modal sees Slack's warning instead.
import { setTimeout as sleep } from 'node:timers/promises'
import bolt from '@slack/bolt'
import type { App, BlockAction, Receiver, ViewSubmitAction } from '@slack/bolt'
import type { ModalView } from '@slack/web-api'
import { messageOf } from '../errors.ts'
import type { Log } from '../log.ts'
import type { Press } from '../store/presses.ts'
import type { PressAct } from '../store/schema.ts'

export interface SlackPresses {
  /** Writes a press down; when it returns, nothing can lose it. */
  take: (press: Press) => Promise<void>
  /** Carries it out, and returns what its author was told: null, nothing. Whoever dies over it leaves it to the workers. */
  carryOut: (source: string) => Promise<string | null>
  /** What is wrong with what was chosen in a modal, by its blocks; null: nothing. Slack shows it there. */
  check: (id: string, act: PressAct) => Promise<Record<string, string> | null>
  noiseModal: (id: string) => ModalView
  fileModal: (id: string) => Promise<ModalView>
  mergeModal: (id: string) => Promise<ModalView>
  splitModal: (id: string) => Promise<ModalView>
  ticketsModal: (id: string) => Promise<ModalView>
  whyModal: (id: string) => Promise<ModalView>
}

const REASONS: Record<string, string> = {
  campaign: 'a mailing or campaign of ours', release: 'a release that people know of', duplicate: 'the same as another alert', other: 'something else'
}
const SNOOZE_HOURS = 4
const OPEN_MS = 2_200                               // a trigger opens a modal for three seconds
const TRY_MS = 900

/** An app that makes no call before the first press. */
export function makeSlackApp (receiver: Receiver, { token, url }: { token: string, url: string }): App {
  return new bolt.App({
    token,
    receiver,
    tokenVerificationEnabled: false,
    botId: 'deskloop',
    botUserId: 'deskloop',
    ignoreSelf: false,
    logLevel: bolt.LogLevel.ERROR,
    clientOptions: { slackApiUrl: `${url}/api/`, retryConfig: { retries: 0 }, rejectRateLimitedCalls: true, timeout: 10_000 }
  })
}

export function wireSlack (slack: App, { log, presses }: { log: Log, presses: SlackPresses }): void {
  const own = ['more']                              // what has a handler of its own
  // Thrown before the answer: Slack shows its warning, and the press may be repeated.
  const take = async (press: Press, ack: () => Promise<unknown>): Promise<void> => {
    await presses.take(press)
    await ack()
    try {
      await presses.carryOut(press.source)
    } catch (error) {                               // it stands written: a worker tries it again
      log.warn({ service: 'slack', anomaly: press.anomaly, outcome: 'left to a worker', message: messageOf(error) })
    }
  }
  const press = (name: string, act: PressAct): void => {
    own.push(name)
    slack.action<BlockAction>(name, async ({ ack, body, action }) => {
      await take(pressOf(body, valueOf(action), act), ack)
    })
  }
  const open = (name: string, view: (id: string) => ModalView | Promise<ModalView>): void => {
    own.push(name)
    slack.action<BlockAction>(name, async ({ ack, body, action, client }) => {
      await openModal(client, body.trigger_id, await view(valueOf(action)))
      await ack()
    })
  }
  press('ack', { kind: 'move', move: { kind: 'ack' } })
  press('real', { kind: 'move', move: { kind: 'real' } })
  open('noise', id => presses.noiseModal(id))
  open('file_linear', id => presses.fileModal(id))
  open('see_tickets', id => presses.ticketsModal(id))
  slack.action<BlockAction>('more', async ({ ack, body, action, client }) => {
    const chosen = action.type === 'overflow' ? action.selected_option.value : ''
    const id = 'block_id' in action ? action.block_id : ''
    if (chosen === 'snooze_4h') return await take(pressOf(body, id, { kind: 'snooze', hours: SNOOZE_HOURS }), ack)
    const views: Record<string, (id: string) => Promise<ModalView>> = {
      merge: presses.mergeModal, split: presses.splitModal
    }
    await openModal(client, body.trigger_id, await (views[chosen] ?? presses.whyModal)(id))
    await ack()
  })
  const submit = (name: string, read: (values: Values) => PressAct): void => {
    own.push(name)
    slack.view<ViewSubmitAction>(name, async ({ ack, body, view }) => {
      const id = view.private_metadata
      const act = read(view.state.values)
      const asked = new Set(view.blocks.map(block => block.block_id))
      const wrong = Object.entries(await presses.check(id, act) ?? {}).filter(([block]) => asked.has(block))
      if (wrong.length > 0) return await ack({ response_action: 'errors', errors: Object.fromEntries(wrong) })
      const source = `slack view ${view.id} ${id}`
      await take({ source, anomaly: id, by: nameOf(body.user), user: body.user.id, act }, ack)
    })
  }
  submit('deskloop_noise', values => {
    const reason = REASONS[values['why']?.['why']?.selected_option?.value ?? 'other'] ?? 'something else'
    return { kind: 'move', move: { kind: 'noise', reason } }
  })
  submit('deskloop_file', values => ({
    kind: 'file',
    title: textOf(values, 'title').slice(0, 200),
    issue: (values['same']?.['same']?.selected_option?.value ?? '').slice(0, 60),
    reason: textOf(values, 'why').slice(0, 300)
  }))
  submit('deskloop_merge', values => ({ kind: 'merge', into: values['into']?.['into']?.selected_option?.value ?? '' }))
  submit('deskloop_split', values => ({
    kind: 'split',
    choice: {
      refs: [], words: textOf(values, 'words').slice(0, 200),
      groups: (values['groups']?.['groups']?.selected_options ?? []).map(one => one.value).slice(0, 10)
    },
    title: textOf(values, 'title').slice(0, 150)
  }))
  // Whatever else is pressed, such as a link: without an answer Slack shows a warning. Bolt calls every handler that fits, and
  // one that answers for the others would answer too early.
  const others = new RegExp(`^(?!(?:${own.join('|')})$)`)
  slack.action(others, async ({ ack }) => { await ack() })
  slack.view(others, async ({ ack }) => { await ack() })
  slack.error(async error => { log.warn({ service: 'slack', outcome: 'not acknowledged', message: messageOf(error) }) })
}

type Values = Record<string, Record<string, {
  selected_option?: { value: string } | null, selected_options?: Array<{ value: string }>, value?: string | null
}>>

interface Opener { views: { open: (args: { trigger_id: string, view: ModalView }) => Promise<unknown> } }

/**
 * Opens a modal within the life of its trigger, trying again meanwhile: a trigger opens one modal only, so that one which
 * was opened by a try whose answer was lost answers `exchanged_trigger_id`. https://docs.slack.dev/reference/methods/views.open
 */
async function openModal (client: Opener, trigger: string, view: ModalView): Promise<void> {
  const untilMs = performance.now() + OPEN_MS
  for (;;) {
    const leftMs = untilMs - performance.now()
    const opening = client.views.open({ trigger_id: trigger, view }).then(() => null, (error: unknown) => error)
    const late = sleep(Math.max(1, Math.min(TRY_MS, leftMs)), 'late', { ref: false })
    const failed = await Promise.race([opening, late])
    if (failed === null || saidBy(failed) === 'exchanged_trigger_id') return
    const isFinal = saidBy(failed) !== '' && !NOT_YET.has(saidBy(failed))
    if (isFinal || performance.now() > untilMs - 100) {
      throw new Error(`the modal was not opened: ${failed === 'late' ? 'slack did not answer' : messageOf(failed)}`)
    }
    if (failed !== 'late') await sleep(100)
  }
}

const NOT_YET = new Set(['ratelimited', 'fatal_error', 'internal_error', 'service_unavailable', 'request_timeout'])

function saidBy (error: unknown): string {
  const data = typeof error === 'object' && error !== null && 'data' in error ? error.data : null
  return typeof data === 'object' && data !== null && 'error' in data && typeof data.error === 'string' ? data.error : ''
}

function pressOf (body: BlockAction, anomaly: string, act: PressAct): Press {
  return { source: `slack ${body.trigger_id}`, anomaly, by: nameOf(body.user), user: body.user.id, act }
}

function valueOf (action: object): string {
  return 'value' in action && typeof action.value === 'string' ? action.value : ''
}

function textOf (values: Values, name: string): string {
  return (values[name]?.[name]?.value ?? '').trim()
}

function nameOf (user: { id: string, name?: string, username?: string }): string {
  return (user.name ?? user.username ?? user.id).slice(0, 100)
}
