// What each press in Slack does, whichever road it comes by: acknowledged before anything else, and named after Slack's own
// id of the press, so that the same one by two roads is one.
import bolt from '@slack/bolt'
import type { App, BlockAction, Receiver, ViewSubmitAction } from '@slack/bolt'
import type { ModalView } from '@slack/web-api'
import { messageOf } from '../errors.ts'
import type { Move } from '../learn/life.ts'
import type { Log } from '../log.ts'

/**
 * What was said in the modal. `title`: as it was worded there; empty: as it is. `issue`: it is the same as that one; empty: a
 * new one. `reason`: why a new one all the same, where the gate would not have it.
 */
export interface FileWish { title: string, issue: string, reason: string }

export interface SlackPresses {
  /** Makes the move; the sentence is for whoever came too late, null for whoever did not. `source` names the press. */
  move: (id: string, move: Move, by: string, source: string) => Promise<string | null>
  file: (id: string, wish: FileWish, by: string, source: string) => Promise<string | null>
  merge: (id: string, into: string, by: string, source: string) => Promise<string | null>
  snooze: (id: string, hours: number, by: string, source: string) => Promise<void>
  noiseModal: (id: string) => ModalView
  fileModal: (id: string) => Promise<ModalView>
  mergeModal: (id: string) => Promise<ModalView>
  ticketsModal: (id: string) => Promise<ModalView>
  whyModal: (id: string) => Promise<ModalView>
  /** Says something to one person only, where his press has no address to answer to. */
  whisper: (id: string, user: string, text: string) => Promise<void>
}

const REASONS: Record<string, string> = {
  campaign: 'a mailing or campaign of ours', release: 'a release that people know of', duplicate: 'the same as another alert', other: 'something else'
}
const SNOOZE_HOURS = 4

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
  type Act = (id: string, by: string, source: string) => Promise<unknown>
  const press = (name: string, act: Act): void => {
    slack.action<BlockAction>(name, async ({ ack, body, action, respond }) => {
      await ack()
      const id = 'value' in action && typeof action.value === 'string' ? action.value : ''
      try {
        const told = await act(id, nameOf(body.user), `slack ${body.trigger_id}`)
        if (typeof told === 'string') await respond({ response_type: 'ephemeral', replace_original: false, text: told })
      } catch (error) {
        log.warn({ service: 'slack', action: name, anomaly: id, outcome: 'failed', message: messageOf(error) })
        await respond({ response_type: 'ephemeral', replace_original: false, text: 'Deskloop could not do this. Its page of anomalies says more.' }).catch(() => {})
      }
    })
  }
  const open = (name: string, view: (id: string) => ModalView | Promise<ModalView>): void => {
    slack.action<BlockAction>(name, async ({ ack, body, action, client }) => {
      await ack()
      const id = 'value' in action && typeof action.value === 'string' ? action.value : ''
      try {
        await client.views.open({ trigger_id: body.trigger_id, view: await view(id) })
      } catch (error) {
        log.warn({ service: 'slack', action: name, anomaly: id, outcome: 'failed', message: messageOf(error) })
      }
    })
  }
  press('ack', (id, by, source) => presses.move(id, { kind: 'ack' }, by, source))
  press('real', (id, by, source) => presses.move(id, { kind: 'real' }, by, source))
  open('noise', id => presses.noiseModal(id))
  open('file_linear', id => presses.fileModal(id))
  open('see_tickets', id => presses.ticketsModal(id))
  slack.action<BlockAction>('more', async ({ ack, body, action, client }) => {
    await ack()
    const chosen = action.type === 'overflow' ? action.selected_option.value : ''
    const id = 'block_id' in action ? action.block_id : ''
    try {
      if (chosen === 'snooze_4h') await presses.snooze(id, SNOOZE_HOURS, nameOf(body.user), `slack ${body.trigger_id}`)
      else {
        const view = chosen === 'merge' ? await presses.mergeModal(id) : await presses.whyModal(id)
        await client.views.open({ trigger_id: body.trigger_id, view })
      }
    } catch (error) {
      log.warn({ service: 'slack', action: 'more', anomaly: id, outcome: 'failed', message: messageOf(error) })
    }
  })
  const submit = (
    name: string, act: (id: string, values: Values, by: string, source: string) => Promise<string | null>
  ): void => {
    slack.view<ViewSubmitAction>(name, async ({ ack, body, view }) => {
      await ack()
      const id = view.private_metadata
      try {
        const told = await act(id, view.state.values, nameOf(body.user), `slack view ${view.id} ${id}`)
        if (told !== null) await presses.whisper(id, body.user.id, told)
      } catch (error) {
        log.warn({ service: 'slack', action: name, anomaly: id, outcome: 'failed', message: messageOf(error) })
        await presses.whisper(id, body.user.id, 'Deskloop could not do this. Its page of anomalies says more.').catch(() => {})
      }
    })
  }
  submit('deskloop_noise', (id, values, by, source) => {
    const reason = REASONS[values['why']?.['why']?.selected_option?.value ?? 'other'] ?? 'something else'
    return presses.move(id, { kind: 'noise', reason }, by, source)
  })
  submit('deskloop_file', (id, values, by, source) => presses.file(id, {
    title: (values['title']?.['title']?.value ?? '').trim().slice(0, 200),
    issue: (values['same']?.['same']?.selected_option?.value ?? '').slice(0, 60),
    reason: (values['why']?.['why']?.value ?? '').trim().slice(0, 300)
  }, by, source))
  submit('deskloop_merge', (id, values, by, source) =>
    presses.merge(id, values['into']?.['into']?.selected_option?.value ?? '', by, source))
  // Whatever else is pressed, such as a link: without an answer Slack shows a warning.
  slack.action(/.*/, async ({ ack }) => { await ack() })
  slack.view(/.*/, async ({ ack }) => { await ack() })
  slack.error(async error => { log.warn({ service: 'slack', outcome: 'failed', message: messageOf(error) }) })
}

type Values = Record<string, Record<string, { selected_option?: { value: string } | null, value?: string | null }>>

function nameOf (user: { id: string, name?: string, username?: string }): string {
  return (user.name ?? user.username ?? user.id).slice(0, 100)
}
