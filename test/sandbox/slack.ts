// The pretend Slack: the Web API over a workspace in memory, and the signed requests it makes when people act. Refusals are
// HTTP 200 with `ok: false`, as there. https://docs.slack.dev/apis/web-api
import type { FastifyReply, FastifyRequest } from 'fastify'
import { openBooth } from './booth.ts'
import type { Booth, Sent } from './booth.ts'
import type { Delivery, Faults, Instant, JournalEntry, Sending } from './types.ts'
import { fileMethods, storeUpload } from './slack-files.ts'
import { methods, readContent } from './slack-methods.ts'
import type { Method } from './slack-methods.ts'
import { openSockets } from './slack-socket.ts'
import type { SlackSockets } from './slack-socket.ts'
import { openPeople } from './slack-people.ts'
import type { SlackPeople } from './slack-people.ts'
import { addMessage, isJson, journal, makeState, Refusal } from './slack-records.ts'
import type { Channel, Json, Message, Modal, SlackState, SlackUser, StoredFile, Whisper } from './slack-records.ts'

export interface SlackOptions {
  port?: number
  scopes?: string[]                                 // what the token may do; default: everything below
  limits?: boolean                                  // refuse beyond the documented rates; default: never
  looksUntilReady?: number                          // how often a new file is found unready; default 1
}

export interface PretendSlack extends SlackPeople {
  name: 'slack'
  url: string
  settings: { SLACK_URL: string, SLACK_BOT_TOKEN: string, SLACK_SIGNING_SECRET: string, SLACK_APP_TOKEN: string }
  sockets: SlackSockets
  /** What was sent that the documented limits and forms forbid; a picture that is not ready yet is none. */
  violations (): string[]
  booth: Booth
  // What is there now: copies, oldest first.
  channels (): Channel[]
  users (): SlackUser[]
  messages (channel?: string): Message[]
  modals (): Modal[]
  whispers (): Whisper[]
  files (): Array<Omit<StoredFile, 'content'> & { stored: number | null }>
  setNow (at: Instant | null): void
  webhookUrl: string | null
  faults: Faults
  readonly pending: Delivery[]
  readonly sent: Delivery[]
  readonly journal: JournalEntry[]
  readonly requests: Booth['requests']
  send (sending?: Partial<Sending>): Promise<Sent>
  close (): Promise<void>
}

const TOKEN = 'xoxb-sandbox-000000000000-not-a-real-token'
const APP_TOKEN = 'xapp-1-SANDBOX-000000000000-not-a-real-token'
const SECRET = 'sandbox0signing0secret0of0slack0'
const SCOPES: Record<string, string> = {
  'chat.postMessage': 'chat:write', 'chat.update': 'chat:write', 'chat.postEphemeral': 'chat:write', 'reactions.add': 'reactions:write',
  'conversations.history': 'channels:history', 'conversations.replies': 'channels:history',
  'conversations.list': 'channels:read', 'users.info': 'users:read', 'users.lookupByEmail': 'users:read.email',
  'files.getUploadURLExternal': 'files:write', 'files.completeUploadExternal': 'files:write', 'files.info': 'files:read'
}
const READS = /\.(test|info|list|history|replies|getPermalink|lookupByEmail)$/
const FORBIDDEN = /^(invalid_blocks|msg_blocks_too_long|msg_too_long|no_text|invalid_arguments|missing_argument|invalid_metadata|metadata_too_large|invalid_ts|unknown_method)/
const PER_MINUTE = 50
const RESPONSE_URL = { uses: 5, ms: 30 * 60_000 }

export async function openSlack (options: SlackOptions = {}): Promise<PretendSlack> {
  const booth = openBooth({
    name: 'slack',
    isWrite: request => request.method !== 'GET' && !READS.test(request.url.split('?')[0] ?? ''),
    rateLimited: reply => tooMany(reply),
    broken: reply => reply.code(500).type('text/html').send('<html><body>Server Error</body></html>')
  })
  const all = [...new Set(Object.values(SCOPES)), 'chat:write.public', 'groups:history', 'groups:read']
  const state = makeState(booth, options.scopes ?? all, () => face.url)
  const sockets = openSockets(state, booth.app.server)
  const known = new Map<string, Method>(Object.entries({
    ...methods(state), ...fileMethods(state, options.looksUntilReady ?? 1), 'apps.connections.open': () => sockets.connect()
  }))
  const calls = new Map<string, number[]>()
  const broken: string[] = []

  // A request that is applied late was parsed once already, so it comes back as JSON whatever its type.
  booth.app.addContentTypeParser('application/x-www-form-urlencoded', { parseAs: 'string' }, (request, body, done) => {
    const text = String(body)
    done(null, isLate(request) ? JSON.parse(text) : Object.fromEntries(new URLSearchParams(text)))
  })
  booth.app.addContentTypeParser('*', { parseAs: 'buffer' }, (request, body, done) => {
    done(null, isLate(request) ? bufferFromJson(String(body)) : body)
  })
  booth.app.setErrorHandler((error, _request, reply) => {
    const status = error instanceof Error && 'statusCode' in error ? error.statusCode : 500
    if (status === 400) return reply.code(200).send({ ok: false, error: 'invalid_json' })
    throw error
  })

  booth.app.route<{ Params: { method: string } }>({
    method: ['GET', 'POST'],
    url: '/api/:method',
    handler: async (request, reply) => {
      const name = request.params.method
      const args = argumentsOf(request)
      const refusal = refuseCaller(request, args, name)
      if (refusal !== null) return { ok: false, error: refusal }
      const method = known.get(name)
      if (method === undefined) return { ok: false, error: 'unknown_method', req_method: name }
      const needed = SCOPES[name]
      if (needed !== undefined && !state.scopes.includes(needed)) {
        return { ok: false, error: 'missing_scope', needed, provided: state.scopes.join(',') }
      }
      if (options.limits === true && isTooFast(calls, name, args)) return tooMany(reply)
      reply.header('x-oauth-scopes', state.scopes.join(','))
      try {
        return withWarning(request, { ok: true, ...method(args) })
      } catch (error) {
        if (!(error instanceof Refusal)) throw error
        const said = JSON.stringify({ error: error.message, ...error.more })
        if (FORBIDDEN.test(error.message) && !/^[^[]*\["invalid slack file/.test(said)) broken.push(`${name}: ${said.slice(0, 500)}`)
        return { ok: false, error: error.message, ...error.more }
      }
    }
  })
  // The upload's address is its own permission: no token, the raw bytes or a form.
  booth.app.post<{ Params: { key: string } }>('/upload/v1/:key', async (request, reply) => {
    const file = state.uploads.get(request.params.key)
    if (file === undefined || file.complete) return reply.code(404).send('Not Found')
    const stored = Buffer.isBuffer(request.body) && storeUpload(file, request.body, String(request.headers['content-type'] ?? ''))
    return stored ? `OK - ${file.length}` : reply.code(400).send('Bad Request')
  })
  booth.app.post<{ Params: { key: string } }>('/actions/:team/:at/:key', async (request, reply) => {
    const answer = respond(state, request.params.key, isJson(request.body) ? request.body : {})
    return answer === null ? reply.send('ok') : reply.code(answer.status).send({ ok: false, error: answer.error })
  })

  const url = await booth.listen(options.port)
  const copy = <T>(value: T): T => structuredClone(value)
  const face: PretendSlack = {
    name: 'slack',
    url,
    settings: { SLACK_URL: url, SLACK_BOT_TOKEN: TOKEN, SLACK_SIGNING_SECRET: SECRET, SLACK_APP_TOKEN: APP_TOKEN },
    sockets,
    violations: () => [...broken, ...sockets.violations()],
    booth,
    ...openPeople(state, SECRET),
    channels: () => copy([...state.channels.values()]),
    users: () => copy([...state.users.values()]),
    messages: channel => copy(
      [...state.messages.values()].filter(one => channel === undefined || one.channel === channel)),
    modals: () => copy([...state.modals.values()]),
    whispers: () => copy(state.whispers),
    files: () => [...state.files.values()].map(({ content, ...file }) =>
      copy({ ...file, stored: content?.length ?? null })),
    setNow: booth.setNow,
    get webhookUrl () { return booth.webhookUrl },
    set webhookUrl (to) { booth.webhookUrl = to },
    get faults () { return booth.faults },
    set faults (faults) { booth.faults = faults },
    get pending () { return booth.pending },
    get sent () { return booth.sent },
    get journal () { return booth.journal },
    get requests () { return booth.requests },
    send: booth.send,
    close: async () => { sockets.close(); await booth.close() }
  }
  return face
}

function tooMany (reply: FastifyReply): FastifyReply {
  return reply.code(429).header('retry-after', '1').send({ ok: false, error: 'ratelimited' })
}

// One method is for the app itself and takes its own token; all others take the bot's.
function refuseCaller (request: FastifyRequest, args: Json, method: string): string | null {
  const header = request.headers.authorization
  const token = header === undefined ? args.token : /^Bearer (.+)$/i.exec(header)?.[1]
  if (token === undefined) return 'not_authed'
  if (token === TOKEN || token === APP_TOKEN) return (token === APP_TOKEN) === (method === 'apps.connections.open') ? null : 'not_allowed_token_type'
  return 'invalid_auth'
}

function argumentsOf (request: FastifyRequest): Json {
  const { query, body } = request
  return { ...(isJson(query) ? query : {}), ...(isJson(body) && !Buffer.isBuffer(body) ? body : {}) }
}

function withWarning (request: FastifyRequest, answer: Json): Json {
  const type = String(request.headers['content-type'] ?? '')
  if (!type.startsWith('application/json') || type.includes('charset')) return answer
  const more = isJson(answer.response_metadata) ? answer.response_metadata : {}
  return { ...answer, warning: 'missing_charset', response_metadata: { ...more, warnings: ['missing_charset'] } }
}

// One message a second in a channel, with a little patience; fifty calls a minute of any other method.
// https://docs.slack.dev/apis/web-api/rate-limits
function isTooFast (calls: Map<string, number[]>, method: string, args: Json): boolean {
  const posts = method === 'chat.postMessage'
  const key = posts ? `${method} ${String(args.channel)}` : method
  const recent = (calls.get(key) ?? []).filter(at => at > Date.now() - (posts ? 3_000 : 60_000))
  if (recent.length >= (posts ? 3 : PER_MINUTE)) return true
  calls.set(key, [...recent, Date.now()])
  return false
}

/** A response_url: five uses within thirty minutes. https://docs.slack.dev/interactivity/handling-user-interaction */
function respond (state: SlackState, key: string, body: Json): { status: number, error: string } | null {
  const place = state.responseUrls.get(key)
  if (place === undefined) return { status: 404, error: 'invalid_url' }
  if (Date.now() - place.since > RESPONSE_URL.ms) return { status: 404, error: 'expired_url' }
  if (place.uses >= RESPONSE_URL.uses) return { status: 404, error: 'used_url' }
  const original = state.messages.get(place.messageTs)
  try {
    if (body.delete_original === true && original !== undefined) {
      state.messages.delete(original.ts)
      state.rooms.set(place.channel, (state.rooms.get(place.channel) ?? []).filter(one => one !== original))
      journal(state, original, 'deleted')
    } else {
      const content = readContent(state, body)
      if (body.replace_original === true && original !== undefined) {
        Object.assign(original, content, { edited: { user: state.bot.userId, ts: state.newTs() } })
        journal(state, original, 'updated')
      } else if (body.response_type === 'in_channel') addMessage(state, { channel: place.channel, ...content })
    }
  } catch (error) {
    if (!(error instanceof Refusal)) throw error
    return { status: 400, error: error.message }
  }
  place.uses++
  return null
}

function isLate (request: FastifyRequest): boolean {
  return request.headers['x-sandbox-late'] !== undefined
}

function bufferFromJson (text: string): Buffer {
  const parsed: unknown = JSON.parse(text)
  return Buffer.from(isJson(parsed) && Array.isArray(parsed.data) ? parsed.data.map(Number) : [])
}
