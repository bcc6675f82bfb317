// What people do in Slack, by Bolt over a receiver inside our own server: the signature is checked here, over the raw bytes
// and to both sides of the clock, and every press is acknowledged before anything else is done.
// https://docs.slack.dev/tools/bolt-js/concepts/receiver/
import { createHmac } from 'node:crypto'
import bolt from '@slack/bolt'
import type { BlockAction, Receiver, ReceiverEvent, ViewSubmitAction } from '@slack/bolt'
import type { ModalView } from '@slack/web-api'
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { BadRequest, messageOf } from '../errors.ts'
import type { Move } from '../learn/life.ts'
import type { Log } from '../log.ts'
import { isSame } from './signature.ts'

export interface SlackPresses {
  /** Makes the move; the sentence is for whoever came too late, null for whoever did not. `source` names the press. */
  move: (id: string, move: Move, by: string, source: string) => Promise<string | null>
  snooze: (id: string, hours: number, by: string, source: string) => Promise<void>
  noiseModal: (id: string) => ModalView
  fileModal: (id: string) => Promise<ModalView>
  ticketsModal: (id: string) => Promise<ModalView>
  whyModal: (id: string) => Promise<ModalView>
}

export interface SlackHookDeps {
  log: Log
  secret: string                                    // empty: nobody is believed
  token: string
  url: string
  nowMs: () => number
  presses: SlackPresses
}

const WINDOW_SECONDS = 300
const ACK_MS = 2_500
const REASONS: Record<string, string> = {
  campaign: 'a mailing or campaign of ours', release: 'a release that people know of', duplicate: 'the same as another alert', other: 'something else'
}

export async function slackHook (app: FastifyInstance, deps: SlackHookDeps): Promise<void> {
  const { presses, log } = deps
  let handle: ((event: ReceiverEvent) => Promise<void>) | null = null
  const receiver: Receiver = {
    init (made) { handle = async event => { await made.processEvent(event) } },
    start: async () => {},
    stop: async () => {}
  }
  const slack = new bolt.App({
    token: deps.token,
    receiver,
    // It is told who it is by its token when it needs to know: no call before the first press.
    tokenVerificationEnabled: false,
    botId: 'deskloop',
    botUserId: 'deskloop',
    ignoreSelf: false,
    logLevel: bolt.LogLevel.ERROR,
    clientOptions: { slackApiUrl: `${deps.url}/api/`, retryConfig: { retries: 0 }, rejectRateLimitedCalls: true, timeout: 10_000 }
  })

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
      if (chosen === 'snooze_4h') await presses.snooze(id, 4, nameOf(body.user), `slack ${body.trigger_id}`)
      else await client.views.open({ trigger_id: body.trigger_id, view: await presses.whyModal(id) })
    } catch (error) {
      log.warn({ service: 'slack', action: 'more', anomaly: id, outcome: 'failed', message: messageOf(error) })
    }
  })
  const submit = (name: string, moveOf: (values: Values) => Move): void => {
    slack.view<ViewSubmitAction>(name, async ({ ack, body, view }) => {
      await ack()
      const by = nameOf(body.user)
      await presses.move(view.private_metadata, moveOf(view.state.values), by, `slack view ${view.id} ${view.private_metadata}`)
        .catch((error: unknown) => { log.warn({ service: 'slack', action: name, outcome: 'failed', message: messageOf(error) }) })
    })
  }
  submit('deskloop_noise', values => ({ kind: 'noise', reason: REASONS[values['why']?.['why']?.selected_option?.value ?? 'other'] ?? 'something else' }))
  submit('deskloop_file', fileMoveOf)
  // Whatever else is pressed, such as a link: without an answer Slack shows a warning.
  slack.action(/.*/, async ({ ack }) => { await ack() })
  slack.view(/.*/, async ({ ack }) => { await ack() })
  slack.error(async error => { log.warn({ service: 'slack', outcome: 'failed', message: messageOf(error) }) })

  app.removeAllContentTypeParsers()
  app.addContentTypeParser('*', { parseAs: 'buffer', bodyLimit: 1 << 20 }, (_request, body, done) => { done(null, body) })
  app.post('/hooks/slack', async (request, reply) => {
    const { body } = request
    if (!Buffer.isBuffer(body) || !isSigned(request, body)) throw new BadRequest('the signature is not the one of this app', 401)
    const told = readBody(String(request.headers['content-type'] ?? ''), body.toString('utf8'))
    if (told === null) return await reply.send('')  // Slack looks whether the address is there
    if (told['type'] === 'url_verification') return await reply.send({ challenge: told['challenge'] })
    await pass(told, reply)
    return reply
  })

  // Answered when the handler acknowledges; what it does after that goes on by itself.
  async function pass (told: Record<string, unknown>, reply: FastifyReply): Promise<void> {
    await new Promise<void>(resolve => {
      let isDone = false
      const finish = (status: number, text: unknown = ''): void => {
        if (isDone) return
        isDone = true
        clearTimeout(timer)
        reply.code(status).send(text)
        resolve()
      }
      const timer = setTimeout(() => { finish(404) }, ACK_MS)
      const ack = async (answer: unknown): Promise<void> => { finish(200, answer ?? '') }
      handle?.({ body: told, ack }).catch((error: unknown) => {
        log.warn({ service: 'slack', outcome: 'failed', message: messageOf(error) })
        finish(500)
      })
    })
  }

  function isSigned (request: FastifyRequest, body: Buffer): boolean {
    const at = request.headers['x-slack-request-timestamp']
    const given = request.headers['x-slack-signature']
    if (deps.secret === '' || typeof at !== 'string' || typeof given !== 'string' || !/^\d{1,12}$/.test(at)) return false
    if (Math.abs(deps.nowMs() / 1000 - Number(at)) > WINDOW_SECONDS) return false
    return isSame(`v0=${createHmac('sha256', deps.secret).update(`v0:${at}:`).update(body).digest('hex')}`, given)
  }
}

type Values = Record<string, Record<string, { selected_option?: { value: string } | null, value?: string | null }>>

// The same as an issue that stands there already, or a new one, with why where the gate would not have it.
function fileMoveOf (values: Values): Move {
  const issue = values['same']?.['same']?.selected_option?.value ?? ''
  if (issue !== '') return { kind: 'attach', issue: issue.slice(0, 60) }
  const reason = (values['why']?.['why']?.value ?? '').trim().slice(0, 300)
  return { kind: 'file', ...(reason === '' ? {} : { reason }) }
}

// Null: `ssl_check`, which wants nothing but an answer.
function readBody (type: string, text: string): Record<string, unknown> | null {
  try {
    if (!type.startsWith('application/x-www-form-urlencoded')) return fieldsOf(JSON.parse(text))
    const form = new URLSearchParams(text)
    if (form.get('ssl_check') === '1') return null
    return fieldsOf(JSON.parse(form.get('payload') ?? '{}'))
  } catch {
    throw new BadRequest('this is no JSON')
  }
}

function nameOf (user: { id: string, name?: string, username?: string }): string {
  return (user.name ?? user.username ?? user.id).slice(0, 100)
}

function fieldsOf (value: unknown): Record<string, unknown> {
  return typeof value === 'object' && value !== null ? Object.fromEntries(Object.entries(value)) : {}
}
