// What people do in Slack, as the requests Slack then makes: signed with the app's secret, at the instant they are sent.
// https://docs.slack.dev/authentication/verifying-requests-from-slack
import { createHmac } from 'node:crypto'
import { elementsOf } from './slack-blocks.ts'
import { addMessage, isJson, secondsOf, showMessage } from './slack-records.ts'
import type { Json, SlackState, SlackUser } from './slack-records.ts'

export interface SlackPeople {
  /** Presses a button of a message; `option`: what is chosen in an overflow menu. Gives back the trigger id, which opens a modal for three seconds after sending. */
  pressButton (messageTs: string, actionId: string, user?: string, option?: string): string
  /** Sends a modal off: `values[blockId][actionId]` is what was typed or chosen. */
  submitView (viewId: string, values: Record<string, Record<string, string>>, user?: string): void
  /** Writes a message, which comes as an event; gives back its ts. */
  say (channel: string, o: { text: string, user?: string, threadTs?: string }): string
  /** Asks whether the address is ours, as when it is entered in the app's settings. */
  verifyUrl (): string
}

export function slackSignature (secret: string, timestamp: string, body: string): string {
  return 'v0=' + createHmac('sha256', secret).update(`v0:${timestamp}:${body}`).digest('hex')
}

export function openPeople (state: SlackState, secret: string): SlackPeople {
  const { booth } = state
  const who = (id?: string): SlackUser => {
    const user = id === undefined ? [...state.users.values()][0] : state.users.get(id)
    if (user === undefined) throw new Error(`nobody in the pretend Slack has the id ${id}`)
    return user
  }
  const common = (user: SlackUser): Json => ({
    user: { id: user.id, username: user.name, name: user.name, team_id: state.team.id },
    api_app_id: state.bot.appId, token: 'sandbox-verification-token', team: { id: state.team.id, domain: state.team.domain },
    enterprise: null, is_enterprise_install: false
  })

  function makeTrigger (): string {
    const id = `${secondsOf(booth)}.${state.newId('').toLowerCase()}`
    state.triggers.set(id, { id, used: false, sentAtMs: null })
    return id
  }

  function deliver (event: string, ticketId: string, contentType: string, body: string, triggerId?: string): void {
    booth.deliver({ event, ticketId, body, headers: () => ({}) })
    const delivery = booth.pending.at(-1)
    if (delivery === undefined) return
    delivery.headers = sentAt => {
      const timestamp = String(Math.floor(sentAt.getTime() / 1000))
      const trigger = state.triggers.get(triggerId ?? '')
      if (trigger !== undefined) trigger.sentAtMs ??= sentAt.getTime()
      return {
        'content-type': contentType,
        'user-agent': 'Slackbot 1.0 (+https://api.slack.com/robots)',
        'x-slack-request-timestamp': timestamp,
        'x-slack-signature': slackSignature(secret, timestamp, body),
        ...(contentType === 'application/json' ? retryHeaders(delivery.attempts) : {})
      }
    }
  }
  const interact = (payload: Json, ticketId: string, triggerId: string): void => deliver(
    String(payload.type), ticketId, 'application/x-www-form-urlencoded',
    new URLSearchParams({ payload: JSON.stringify(payload) }).toString(), triggerId)
  const tell = (event: Json, ticketId: string): void => deliver(
    String(event.type), ticketId, 'application/json', JSON.stringify(event))

  return {
    pressButton (messageTs, actionId, by, option) {
      const message = state.messages.get(messageTs)
      const pressed = (message?.blocks ?? [])
        .flatMap(block => elementsOf(block).map(element => ({ block, element })))
        .find(({ element }) => element.action_id === actionId)
      if (message === undefined || pressed === undefined) throw new Error(`no button ${actionId} stands in message ${messageTs}`)
      const channel = state.channels.get(message.channel)
      const triggerId = makeTrigger()
      const key = state.newId('R')
      state.responseUrls.set(key, { channel: message.channel, messageTs, uses: 0, since: Date.now() })
      const { element, block } = pressed
      interact({
        type: 'block_actions', ...common(who(by)),
        container: { type: 'message', message_ts: messageTs, channel_id: message.channel, is_ephemeral: false },
        trigger_id: triggerId,
        channel: { id: message.channel, name: channel?.isPrivate ? 'privategroup' : channel?.name },
        message: showMessage(state, message, true), state: { values: {} },
        response_url: `${state.origin()}/actions/${state.team.id}/${secondsOf(booth)}/${key}`,
        actions: [{
          action_id: actionId, block_id: block.block_id,
          text: isJson(element.text) ? { ...element.text, emoji: true } : undefined,
          ...(element.value === undefined || element.url !== undefined ? {} : { value: element.value }),
          ...(element.style === undefined ? {} : { style: element.style }),
          ...(option === undefined ? {} : { selected_option: optionOf(element, option) }),
          type: element.type, action_ts: state.newTs()
        }]
      }, messageTs, triggerId)
      return triggerId
    },

    submitView (viewId, values, by) {
      const modal = state.modals.get(viewId)
      if (modal === undefined) throw new Error(`no modal ${viewId} is open`)
      const blocks = Array.isArray(modal.view.blocks) ? modal.view.blocks.filter(isJson) : []
      const typed = Object.entries(values).map(([blockId, actions]) => {
        const element = blocks.find(block => block.block_id === blockId)?.element
        const type = isJson(element) ? String(element.type) : 'plain_text_input'
        const given = Object.entries(actions).map(([id, value]) => [id, typedValue(type, value)])
        return [blockId, Object.fromEntries(given)]
      })
      const triggerId = makeTrigger()
      state.modals.delete(viewId)
      interact({
        type: 'view_submission', ...common(who(by)), trigger_id: triggerId,
        view: { ...modal.view, state: { values: Object.fromEntries(typed) } }, response_urls: []
      }, viewId, triggerId)
    },

    say (channel, o) {
      const user = who(o.user)
      const threadTs = o.threadTs ?? null
      const message = addMessage(state, { channel, text: o.text, user: user.id, byBot: false, threadTs })
      const parentUser = state.messages.get(threadTs ?? '')?.user
      const parent = threadTs === null ? {} : { thread_ts: threadTs, parent_user_id: parentUser }
      tell({
        token: 'sandbox-verification-token', team_id: state.team.id, api_app_id: state.bot.appId,
        event: {
          type: 'message', user: user.id, text: o.text, ts: message.ts, client_msg_id: state.newId('m'), ...parent, channel,
          event_ts: message.ts, channel_type: state.channels.get(channel)?.isPrivate ? 'group' : 'channel', team: state.team.id
        },
        type: 'event_callback', event_id: state.newId('Ev'), event_time: secondsOf(booth),
        authorizations: [{
          enterprise_id: null, team_id: state.team.id, user_id: state.bot.userId, is_bot: true,
          is_enterprise_install: false
        }],
        is_ext_shared_channel: false, event_context: `4-${state.newId('ctx')}`
      }, message.ts)
      return message.ts
    },

    verifyUrl () {
      const challenge = `challenge-${state.newId('')}`
      tell({ token: 'sandbox-verification-token', challenge, type: 'url_verification' }, '')
      return challenge
    }
  }
}

// Only what stands there can be chosen.
function optionOf (element: Json, value: string): Json {
  const options = Array.isArray(element.options) ? element.options.filter(isJson) : []
  const chosen = options.find(one => one.value === value)
  if (chosen === undefined) throw new Error(`there is no option ${value}`)
  return chosen
}

function typedValue (type: string, value: string): Json {
  if (type === 'static_select' || type === 'radio_buttons') return { type, selected_option: { value } }
  if (type === 'checkboxes') return { type, selected_options: value.split('|').map(one => ({ value: one })) }
  if (type === 'users_select') return { type, selected_user: value }
  if (type === 'datepicker') return { type, selected_date: value }
  return { type, value }
}

function retryHeaders (attempts: Array<{ status: number | null }>): Record<string, string> {
  const last = attempts.at(-1)
  if (last === undefined) return {}
  return {
    'x-slack-retry-num': String(attempts.length),
    'x-slack-retry-reason': last.status === null ? 'http_timeout' : 'http_error'
  }
}
