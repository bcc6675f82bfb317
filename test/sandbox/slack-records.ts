// What a Slack workspace holds: channels, people, messages, files and modals, and the errors its methods answer with.
import type { Booth } from './booth.ts'

export type Json = Record<string, unknown>

export interface Channel { id: string, name: string, isPrivate: boolean, isMember: boolean, isArchived: boolean }
export interface SlackUser { id: string, name: string, realName: string, email: string }
export interface Message {
  channel: string, ts: string, user: string, byBot: boolean, text: string, blocks: Json[] | null, metadata: Json | null
  threadTs: string | null, broadcast: boolean, edited: { user: string, ts: string } | null, fileIds: string[]
  reactions: Array<{ name: string, users: string[] }>
}
export interface StoredFile {
  id: string, name: string, title: string, length: number, created: number, uploadKey: string
  content: Buffer | null, complete: boolean, looksUntilReady: number, channels: string[]
}
export interface Modal { id: string, view: Json, hash: string, externalId: string }
export interface Trigger { id: string, used: boolean, sentAtMs: number | null }
export interface ResponseUrl { channel: string, messageTs: string, uses: number, since: number }

export interface Whisper { channel: string, user: string, text: string }

export interface SlackState {
  booth: Booth
  team: { id: string, name: string, domain: string }
  bot: { userId: string, botId: string, appId: string, name: string }
  scopes: string[]
  channels: Map<string, Channel>
  users: Map<string, SlackUser>
  rooms: Map<string, Message[]>                     // per channel, oldest first
  replies: Map<string, Message[]>                   // per parent's ts, oldest first
  messages: Map<string, Message>                    // by ts, which is never twice the same here
  files: Map<string, StoredFile>
  uploads: Map<string, StoredFile>                  // by the key in the upload's address
  modals: Map<string, Modal>
  whispers: Whisper[]                               // seen by one person only, and gone when he reloads
  triggers: Map<string, Trigger>
  responseUrls: Map<string, ResponseUrl>
  origin: () => string
  newId: (prefix: string) => string
  newTs: () => string
}

/** A method's refusal: HTTP 200 and `ok: false`. */
export class Refusal extends Error {
  readonly more: Json
  constructor (error: string, more: Json = {}) {
    super(error)
    this.name = 'Refusal'
    this.more = more
  }
}

export function makeState (booth: Booth, scopes: string[], origin: () => string): SlackState {
  let made = 0
  const newId = (prefix: string): string =>
    prefix + '0' + (1_874_451_456 + ++made * 7_919).toString(36).toUpperCase().padStart(9, '0')
  const channel = (name: string, more: Partial<Channel> = {}): Channel =>
    ({ id: newId('C'), name, isPrivate: false, isMember: true, isArchived: false, ...more })
  const person = (name: string, realName: string): SlackUser =>
    ({ id: newId('U'), name, realName, email: `${name}@lanternworks.example` })
  const channels = [
    channel('support-alerts'), channel('general', { isMember: false }), channel('old-alerts', { isArchived: true }),
    channel('board', { isPrivate: true, isMember: false }), channel('leads', { isPrivate: true })
  ]
  const people = [person('mara', 'Mara Quill'), person('jonas', 'Jonas Ferrow')]
  return {
    booth,
    team: { id: newId('T'), name: 'Lanternworks', domain: 'lanternworks' },
    bot: { userId: newId('U'), botId: newId('B'), appId: newId('A'), name: 'deskloop' },
    scopes,
    channels: new Map(channels.map(row => [row.id, row])),
    users: new Map(people.map(row => [row.id, row])),
    rooms: new Map(channels.map(row => [row.id, []])),
    replies: new Map(),
    messages: new Map(),
    files: new Map(),
    uploads: new Map(),
    modals: new Map(),
    whispers: [],
    triggers: new Map(),
    responseUrls: new Map(),
    origin,
    newId,
    newTs: () => `${secondsOf(booth)}.${String(100_000 + ++made % 900_000)}`
  }
}

export function secondsOf (booth: Booth): number {
  return Math.floor(Date.parse(booth.now()) / 1000)
}

/** The message as every answer and every payload shows it. Metadata is shown only to those who ask for it. */
export function showMessage (state: SlackState, message: Message, withMetadata: boolean): Json {
  const { bot, team } = state
  const author = message.byBot
    ? {
        user: bot.userId, type: 'message', ts: message.ts, bot_id: bot.botId, app_id: bot.appId, text: message.text,
        team: team.id,
        bot_profile: {
          id: bot.botId, app_id: bot.appId, user_id: bot.userId, name: 'Deskloop', deleted: false, updated: 1_767_600_000,
          icons: Object.fromEntries([36, 48, 72].map(px => [`image_${px}`, `https://icons.lanternworks.example/${px}.png`])),
          team_id: team.id
        }
      }
    : { user: message.user, type: 'message', ts: message.ts, text: message.text, team: team.id }
  const thread = state.replies.get(message.ts) ?? []
  return {
    ...author,
    ...(message.blocks === null ? {} : { blocks: message.blocks }),
    ...(message.fileIds.length === 0 ? {} : { files: message.fileIds.map(id => ({ id })) }),
    ...(message.edited === null ? {} : { edited: message.edited }),
    ...(message.threadTs === null
      ? {}
      : { thread_ts: message.threadTs, parent_user_id: state.messages.get(message.threadTs)?.user }),
    ...(thread.length === 0
      ? {}
      : {
          thread_ts: message.ts, reply_count: thread.length, latest_reply: thread.at(-1)?.ts, is_locked: false,
          reply_users: [...new Set(thread.map(reply => reply.user))], subscribed: message.byBot
        }),
    ...(message.reactions.length === 0
      ? {}
      : { reactions: message.reactions.map(one => ({ ...one, count: one.users.length })) }),
    ...(withMetadata && message.metadata !== null ? { metadata: message.metadata } : {})
  }
}

/** Stores a message and writes it into the journal. Nobody outside the company sees it. */
export function addMessage (state: SlackState, given: Partial<Message> & { channel: string, text: string }): Message {
  const message: Message = {
    ts: state.newTs(), user: state.bot.userId, byBot: true, blocks: null, metadata: null, threadTs: null,
    broadcast: false, edited: null, fileIds: [], reactions: [], ...given
  }
  state.messages.set(message.ts, message)
  if (message.threadTs === null || message.broadcast) state.rooms.get(message.channel)?.push(message)
  if (message.threadTs !== null) {
    state.replies.set(message.threadTs, [...state.replies.get(message.threadTs) ?? [], message])
  }
  journal(state, message, 'message')
  return message
}

export function journal (state: SlackState, message: Message, kind: 'message' | 'updated' | 'deleted'): void {
  state.booth.record({
    at: state.booth.now(), ticketId: message.threadTs ?? message.ts, kind, by: message.byBot ? 'api' : 'agent',
    public: false, messageId: message.ts, authorId: message.user, text: message.text
  })
}

/** By id or by `#name`; a private channel is there only for its members. */
export function findChannel (state: SlackState, id: string): Channel {
  const channel = state.channels.get(id) ?? [...state.channels.values()].find(one => id === `#${one.name}`)
  if (channel === undefined || (channel.isPrivate && !channel.isMember)) throw new Refusal('channel_not_found')
  return channel
}

export function isJson (value: unknown): value is Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

// Arguments come as JSON or as a form, where numbers, flags and structures are texts.
export function textArg (args: Json, name: string): string {
  const value = args[name]
  if (typeof value === 'string') return value
  return typeof value === 'number' ? String(value) : ''
}

export function neededArg (args: Json, name: string): string {
  const value = textArg(args, name)
  if (value === '') throw invalidArguments(`missing required field: ${name}`)
  return value
}

export function flagArg (args: Json, name: string): boolean {
  return args[name] === true || ['true', '1'].includes(textArg(args, name))
}

export function numberArg (args: Json, name: string, otherwise: number, most: number): number {
  const value = textArg(args, name)
  if (value === '') return otherwise
  if (!/^\d+$/.test(value) || Number(value) < 1) throw new Refusal('invalid_limit')
  return Math.min(Number(value), most)
}

/** A structure: an object or array, or the text of one. `undefined` when it is absent. */
export function structureArg (args: Json, name: string, error: string): unknown {
  const value = args[name]
  if (value === undefined || value === null || value === '') return undefined
  if (typeof value !== 'string') return value
  try {
    return JSON.parse(value)
  } catch {
    throw new Refusal(error)                        // not JSON: the vendor says which argument
  }
}

export function invalidArguments (message: string): Refusal {
  return new Refusal('invalid_arguments', { response_metadata: { messages: [`[ERROR] ${message}`] } })
}
