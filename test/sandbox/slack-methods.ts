// The methods of Slack's Web API that Deskloop may call, except those for files. Each takes its arguments and gives back
// the answer without `ok`, or throws the refusal. https://docs.slack.dev/reference/methods
import { checkBlocks, checkModal } from './slack-blocks.ts'
import {
  addMessage, findChannel, flagArg, isJson, journal, neededArg, numberArg, Refusal, showMessage,
  structureArg, textArg
} from './slack-records.ts'
import type { Channel, Json, Message, SlackState, SlackUser } from './slack-records.ts'
import { isReady, privateUrl } from './slack-files.ts'

export type Method = (args: Json) => Json

const TRIGGER_MS = 3_000
const MOST_TEXT = 40_000

export function methods (state: SlackState): Record<string, Method> {
  return { ...chat(state), ...conversations(state), ...people(state), ...views(state) }
}

function chat (state: SlackState): Record<string, Method> {
  return {
    'chat.postMessage' (args) {
      const channel = writableChannel(state, neededArg(args, 'channel'))
      const content = readContent(state, args)
      const threadTs = textArg(args, 'thread_ts') || null
      if (threadTs !== null && state.messages.get(threadTs)?.channel !== channel.id) throw new Refusal('thread_not_found')
      const broadcast = flagArg(args, 'reply_broadcast')
      const message = addMessage(state, { channel: channel.id, threadTs, broadcast, ...content })
      return { channel: channel.id, ts: message.ts, message: showMessage(state, message, true) }
    },
    'chat.update' (args) {
      const channel = findChannel(state, neededArg(args, 'channel'))
      const message = messageIn(state, channel, neededArg(args, 'ts'))
      if (!message.byBot) throw new Refusal('cant_update_message')
      // What is not sent again is gone: blocks surely, metadata by all reports.
      Object.assign(message, readContent(state, args), { edited: { user: state.bot.userId, ts: state.newTs() } })
      journal(state, message, 'updated')
      return { channel: channel.id, ts: message.ts, text: message.text, message: showMessage(state, message, true) }
    },
    'chat.postEphemeral' (args) {
      const channel = writableChannel(state, neededArg(args, 'channel'))
      const user = neededArg(args, 'user')
      if (!state.users.has(user)) throw new Refusal('user_not_found')
      const { text } = readContent(state, args)
      state.whispers.push({ channel: channel.id, user, text })
      return { message_ts: state.newTs() }
    },
    'chat.getPermalink' (args) {
      const channel = findChannel(state, neededArg(args, 'channel'))
      const message = messageIn(state, channel, neededArg(args, 'message_ts'))
      const thread = message.threadTs === null ? '' : `?thread_ts=${message.threadTs}&cid=${channel.id}`
      const permalink = `https://${state.team.domain}.slack.com/archives/${channel.id}/p${message.ts.replace('.', '')}${thread}`
      return { channel: channel.id, permalink }
    },
    'reactions.add' (args) {
      const channel = findChannel(state, neededArg(args, 'channel'))
      const timestamp = neededArg(args, 'timestamp')
      if (!/^\d+\.\d+$/.test(timestamp)) throw new Refusal('bad_timestamp')
      const message = messageIn(state, channel, timestamp)
      const name = neededArg(args, 'name')
      if (!/^[a-z0-9_+'-]+(::skin-tone-[2-6])?$/.test(name)) throw new Refusal('invalid_name')
      const there = message.reactions.find(one => one.name === name)
      if (there?.users.includes(state.bot.userId)) throw new Refusal('already_reacted')
      if (there === undefined) message.reactions.push({ name, users: [state.bot.userId] })
      else there.users.push(state.bot.userId)
      return {}
    }
  }
}

function conversations (state: SlackState): Record<string, Method> {
  return {
    'conversations.history' (args) {
      const channel = readableChannel(state, neededArg(args, 'channel'))
      const all = between(state.rooms.get(channel.id) ?? [], args).reverse()
      const { rows, cursor } = pageOf(all, args, 'ts')
      const withMetadata = flagArg(args, 'include_all_metadata')
      return {
        messages: rows.map(message => showMessage(state, message, withMetadata)), has_more: cursor !== '', pin_count: 0,
        response_metadata: { next_cursor: cursor }
      }
    },
    'conversations.replies' (args) {
      const channel = readableChannel(state, neededArg(args, 'channel'))
      const asked = state.messages.get(neededArg(args, 'ts'))
      if (asked === undefined || asked.channel !== channel.id) throw new Refusal('thread_not_found')
      const parent = state.messages.get(asked.threadTs ?? asked.ts) ?? asked
      const replies = between(state.replies.get(parent.ts) ?? [], args)
      const { rows, cursor } = pageOf([parent, ...replies], args, 'ts')
      const withMetadata = flagArg(args, 'include_all_metadata')
      return {
        messages: rows.map(message => showMessage(state, message, withMetadata)), has_more: cursor !== '',
        response_metadata: { next_cursor: cursor }
      }
    },
    'conversations.list' (args) {
      const types = (textArg(args, 'types') || 'public_channel').split(',').map(type => type.trim())
      const odd = types.find(type => !['public_channel', 'private_channel', 'mpim', 'im'].includes(type))
      if (odd !== undefined) throw new Refusal('invalid_types')
      const all = [...state.channels.values()].filter(channel =>
        types.includes(channel.isPrivate ? 'private_channel' : 'public_channel') && (!channel.isPrivate || channel.isMember) &&
        !(flagArg(args, 'exclude_archived') && channel.isArchived))
      const { rows, cursor } = pageOf(all, args, 'id')
      return { channels: rows.map(channel => showChannel(channel)), response_metadata: { next_cursor: cursor } }
    }
  }
}

function people (state: SlackState): Record<string, Method> {
  return {
    'auth.test': () => ({
      url: `https://${state.team.domain}.slack.com/`, team: state.team.name, user: state.bot.name, team_id: state.team.id,
      user_id: state.bot.userId, bot_id: state.bot.botId, is_enterprise_install: false
    }),
    'users.info' (args) {
      const user = state.users.get(neededArg(args, 'user'))
      if (user === undefined) throw new Refusal('user_not_found')
      return { user: showUser(state, user) }
    },
    'users.lookupByEmail' (args) {
      const email = neededArg(args, 'email').toLowerCase()
      const user = [...state.users.values()].find(one => one.email === email)
      if (user === undefined) throw new Refusal('users_not_found')
      return { user: showUser(state, user) }
    }
  }
}

function views (state: SlackState): Record<string, Method> {
  const look = lookAtFile(state)
  const show = (id: string): Json => ({ view: state.modals.get(id)?.view })
  return {
    'views.open' (args) {
      const view = checkModal(structureArg(args, 'view', 'invalid_arguments'), look)
      const trigger = state.triggers.get(neededArg(args, 'trigger_id'))
      if (trigger === undefined) throw new Refusal('invalid_trigger_id')
      if (trigger.used) throw new Refusal('exchanged_trigger_id')
      if (trigger.sentAtMs === null || Date.now() - trigger.sentAtMs > TRIGGER_MS) throw new Refusal('expired_trigger_id')
      const id = state.newId('V')
      saveModal(state, id, view)
      trigger.used = true
      return show(id)
    },
    'views.update' (args) {
      const external = textArg(args, 'external_id')
      const modal = external === ''
        ? state.modals.get(neededArg(args, 'view_id'))
        : [...state.modals.values()].find(one => one.externalId === external)
      if (modal === undefined) throw new Refusal('not_found')
      const view = checkModal(structureArg(args, 'view', 'invalid_arguments'), look)
      const hash = textArg(args, 'hash')
      if (hash !== '' && hash !== modal.hash) throw new Refusal('hash_conflict')
      saveModal(state, modal.id, view)
      return show(modal.id)
    }
  }
}

function writableChannel (state: SlackState, id: string): Channel {
  const channel = findChannel(state, id)
  if (channel.isArchived) throw new Refusal('is_archived')
  if (!channel.isMember && !state.scopes.includes('chat:write.public')) throw new Refusal('not_in_channel')
  return channel
}

function readableChannel (state: SlackState, id: string): Channel {
  const channel = state.channels.get(id)
  if (channel === undefined || (channel.isPrivate && !channel.isMember)) throw new Refusal('channel_not_found')
  if (!channel.isMember) throw new Refusal('not_in_channel')
  return channel
}

function messageIn (state: SlackState, channel: Channel, ts: string): Message {
  const message = state.messages.get(ts)
  if (message === undefined || message.channel !== channel.id) throw new Refusal('message_not_found')
  return message
}

/** Text, blocks and metadata of a message, checked; the same for a new one and a changed one. */
export function readContent (state: SlackState, args: Json): Pick<Message, 'text' | 'blocks' | 'metadata'> {
  const given = structureArg(args, 'blocks', 'invalid_blocks_format')
  const blocks = given === undefined ? null : checkBlocks(given, lookAtFile(state))
  const text = textArg(args, 'text').slice(0, MOST_TEXT)
  if (text === '' && (blocks === null || blocks.length === 0) && args.attachments === undefined) throw new Refusal('no_text')
  return { text, blocks, metadata: readMetadata(structureArg(args, 'metadata', 'invalid_metadata_format')) }
}

// https://docs.slack.dev/messaging/message-metadata: flat values or one level below; the greatest size is not told.
function readMetadata (given: unknown): Json | null {
  if (given === undefined) return null
  if (!isJson(given) || typeof given.event_type !== 'string' || !isJson(given.event_payload)) throw new Refusal('invalid_metadata_format')
  if (!/^\w+$/.test(given.event_type)) throw new Refusal('invalid_metadata_format')
  const isFlat = (value: unknown): boolean => !(value instanceof Object)
  const shallow = Object.values(given.event_payload).every(value =>
    isFlat(value) || Object.values(value instanceof Object ? value : {}).every(isFlat))
  if (!shallow) throw new Refusal('invalid_metadata_schema')
  if (JSON.stringify(given).length > 16_000) throw new Refusal('metadata_too_large')
  return { event_type: given.event_type, event_payload: given.event_payload }
}

function lookAtFile (state: SlackState): (key: { id?: unknown, url?: unknown }) => boolean {
  return key => {
    const file = key.id === undefined
      ? [...state.files.values()].find(one => privateUrl(state, one) === key.url)
      : state.files.get(String(key.id))
    return file !== undefined && /\.(png|jpe?g|gif)$/i.test(file.name) && isReady(file)
  }
}

function between (rows: Message[], args: Json): Message[] {
  const [oldest, latest] = [textArg(args, 'oldest'), textArg(args, 'latest')]
  for (const [name, ts] of [['oldest', oldest], ['latest', latest]]) {
    if (ts !== '' && !/^\d+(\.\d+)?$/.test(ts ?? '')) throw new Refusal(`invalid_ts_${name}`)
  }
  const inclusive = flagArg(args, 'inclusive')
  const after = (ts: string): boolean => oldest === '' || Number(ts) > Number(oldest) || (inclusive && ts === oldest)
  const before = (ts: string): boolean => latest === '' || Number(ts) < Number(latest) || (inclusive && ts === latest)
  return rows.filter(row => after(row.ts) && before(row.ts))
}

function pageOf<K extends string, T extends Record<K, string>> (
  all: T[], args: Json, key: K
): { rows: T[], cursor: string } {
  const limit = numberArg(args, 'limit', 100, 999)
  const given = textArg(args, 'cursor')
  const wanted = Buffer.from(given, 'base64').toString('utf8').replace(/^next:/, '')
  const from = given === '' ? 0 : all.findIndex(row => row[key] === wanted)
  if (from < 0) throw new Refusal('invalid_cursor')
  const next = all[from + limit]
  return {
    rows: all.slice(from, from + limit),
    cursor: next === undefined ? '' : Buffer.from(`next:${next[key]}`).toString('base64')
  }
}

function saveModal (state: SlackState, id: string, view: Json): void {
  const hash = state.newTs().replace('.', '.h')
  const externalId = typeof view.external_id === 'string' ? view.external_id : ''
  const shown = {
    id, team_id: state.team.id, type: 'modal', blocks: view.blocks, private_metadata: view.private_metadata ?? '',
    callback_id: view.callback_id ?? '', state: { values: {} }, hash, title: view.title, clear_on_close: view.clear_on_close ?? false,
    notify_on_close: view.notify_on_close ?? false, close: view.close ?? null, submit: view.submit ?? null,
    previous_view_id: null, root_view_id: id, app_id: state.bot.appId, external_id: externalId,
    app_installed_team_id: state.team.id, bot_id: state.bot.botId
  }
  if (externalId !== '' && [...state.modals.values()].some(one => one.externalId === externalId && one.id !== id)) {
    throw new Refusal('duplicate_external_id')
  }
  state.modals.set(id, { id, view: shown, hash, externalId })
}

function showChannel (channel: Channel): Json {
  return {
    id: channel.id, name: channel.name, name_normalized: channel.name, is_channel: !channel.isPrivate,
    is_group: channel.isPrivate, is_im: false, is_mpim: false, is_private: channel.isPrivate,
    is_archived: channel.isArchived, is_member: channel.isMember,
    is_general: channel.name === 'general', is_shared: false, created: 1_767_600_000, num_members: 3,
    topic: { value: '', creator: '', last_set: 0 }, purpose: { value: '', creator: '', last_set: 0 }
  }
}

function showUser (state: SlackState, user: SlackUser): Json {
  return {
    id: user.id, team_id: state.team.id, name: user.name, deleted: false, real_name: user.realName, tz: 'Europe/London',
    is_admin: false, is_bot: false, is_app_user: false, updated: 1_767_600_000,
    profile: {
      real_name: user.realName, display_name: user.name, team: state.team.id,
      ...(state.scopes.includes('users:read.email') ? { email: user.email } : {})
    }
  }
}
