// The only file that speaks to Zendesk. Each call goes out once, has a deadline and a largest answer, and follows no
// redirect; what comes back wrong leaves as one of our own errors.

import zendesk from 'node-zendesk'
import { GiveUp, Refused } from '../../src/errors.ts'
import { plainText, readContextFields } from '../../src/text.ts'
import type { ContextFields } from '../../src/text.ts'
import type { Ask, Credential, Heard, Kept, Settings } from '../../src/types.ts'
import { heardOf } from './quota.ts'
import { nonsenseOf, refusalOf, silenceOf } from './refusal.ts'
import type { Call } from './refusal.ts'
import { openSession } from './session.ts'
import type { Session, TokenAnswer, TokenForm } from './session.ts'
import { idOf, isRecord, recordOf, recordsOf, stringOf } from './shapes.ts'
import type { Json } from './shapes.ts'

export interface Api {
  contextFields: ContextFields                      // ticket fields that say where somebody asked from
  /** Paths begin after /api/v2. */
  read (path: string): Promise<Json>
  /** Null when Zendesk no longer has it, or does not show it. */
  findOne (path: string): Promise<Json | null>
  /** All pages of a list, and the users that came with them; null as above. */
  findAll (path: string, list: string): Promise<{ rows: Json[], users: Json[] } | null>
  /** Sent once, whatever happens. */
  write (path: string, body: Json): Promise<Json>
  /** Sent once, for setting up the account: what is forbidden to us comes back as 403, an empty answer as `{}`. */
  manage (method: Call['method'], path: string, body?: Json): Promise<{ status: number, body: Json }>
  findSelf (): Promise<Json>
  credential (): Promise<Credential>
  findUser (id: string): Promise<Json | null>
}

interface Answer { status: number, headers: Headers, text: string }

const LARGEST_ANSWER = 5 * 1024 * 1024
const MOST_PAGES = 500
// 422 on a read: a list longer than Zendesk shows
const UNREADABLE = new Set([404, 410, 422])

/** As whom every call of an account is made. One for all of them: it remembers the token. */
export function openAccess (settings: Settings, deadlineMs: number, kept?: Kept): Session {
  const origin = originOf(settings)
  return openSession(settings, kept?.grants ?? null, form => askToken(origin, form, deadlineMs))
}

// Without a pace every call goes straight out.
const straight: Ask = (_call, speak) => speak()

/** For one operation: `ask` gives its calls their turns. */
export function makeApi (
  settings: Settings, deadlineMs: number, session = openAccess(settings, deadlineMs), ask: Ask = straight
): Api {
  const base = `${originOf(settings)}/api/v2`

  // What is refused with 401 was not applied: with another token even a write may be sent again. Twice, for the token
  // that another process left us may have been revoked with ours.
  async function speak (call: Call, body?: Json): Promise<Answer> {
    for (let renewals = 0; ; renewals++) {
      const authorization = await session.authorize()
      const answer = await paced(call, authorization, body)
      if (answer.status !== 401 || renewals === 2 || !await session.renew(authorization)) return answer
    }
  }

  function paced (call: Call, authorization: string, body?: Json): Promise<Answer> {
    const [path = ''] = call.path.split('?')
    const endpoint = `${call.method} ${path.replace(/\/\d+/g, '/:id')}`
    const turn = { endpoint, write: call.method !== 'GET', urgent: path.endsWith('/make_private') }
    const hear = (answer: Answer): Heard => heardOf(answer.status, answer.headers, Date.now())
    return ask(turn, () => carry(call, authorization, body), hear)
  }

  async function carry (call: Call, authorization: string, body?: Json): Promise<Answer> {
    try {
      const response = await fetch(base + call.path, {
        method: call.method,
        redirect: 'manual',
        signal: AbortSignal.timeout(deadlineMs),
        headers: {
          authorization,
          accept: 'application/json',
          'user-agent': 'Deskloop',
          ...(body === undefined ? {} : { 'content-type': 'application/json' })
        },
        ...(body === undefined ? {} : { body: JSON.stringify(body) })
      })
      return { status: response.status, headers: response.headers, text: await readWhole(response) }
    } catch (cause) {
      throw silenceOf(call, cause)
    }
  }

  function accept (call: Call, answer: Answer): Json {
    const body = parse(answer)
    if (answer.status >= 200 && answer.status < 300) {
      if (body === null) throw nonsenseOf(call, 'something that is no JSON object')
      return body
    }
    const header = (name: string) => answer.headers.get(name)
    throw refusalOf(call, { status: answer.status, header, reason: reasonOf(body) }, session.setting, Date.now())
  }

  async function findOne (path: string): Promise<Json | null> {
    const call: Call = { method: 'GET', path }
    const answer = await speak(call)
    return UNREADABLE.has(answer.status) ? null : accept(call, answer)
  }

  async function read (path: string): Promise<Json> {
    const call: Call = { method: 'GET', path }
    return accept(call, await speak(call))
  }

  async function findAll (path: string, list: string): Promise<{ rows: Json[], users: Json[] } | null> {
    const rows: Json[] = []
    const users: Json[] = []
    let next: string | null = path
    for (let page = 0; next !== null && page < MOST_PAGES; page++) {
      const body: Json | null = await findOne(next)
      if (body === null) return null
      rows.push(...recordsOf(body[list]))
      users.push(...recordsOf(body.users))
      next = nextPath(body, path, base)
    }
    if (next !== null) throw new Error(`zendesk has more than ${MOST_PAGES} pages of ${list} at ${path.split('?')[0]}`)
    return { rows, users }
  }

  async function write (path: string, body: Json): Promise<Json> {
    const call: Call = { method: 'PUT', path }
    return accept(call, await speak(call, body))
  }

  async function manage (method: Call['method'], path: string, body?: Json): Promise<{ status: number, body: Json }> {
    const call: Call = { method, path }
    const answer = await speak(call, body)
    const { status } = answer
    return { status, body: status === 403 || status === 204 ? {} : accept(call, answer) }
  }

  // The library takes a 429 for a result and knows no deadline, so it speaks through us.
  // https://github.com/blakmatrix/node-zendesk/issues/126
  const openLibrary = () => zendesk.createClient({
    endpointUri: base,
    oauth: true,
    token: 'carried by our own transport',
    throwOriginalException: true,
    transportConfig: {
      transportFn: async (uri: string) => {
        if (!uri.startsWith(`${base}/`)) throw new GiveUp('zendesk points elsewhere: correct ZENDESK_URL')
        const call: Call = { method: 'GET', path: uri.slice(base.length) }
        const answer = await speak(call)
        return { status: answer.status, body: UNREADABLE.has(answer.status) ? {} : accept(call, answer) }
      },
      responseAdapter: (said: { status: number, body: Json }) => ({
        status: said.status,
        statusText: '',
        headers: { get: (name: string) => name === 'content-type' ? 'application/json' : null },
        json: async () => said.body
      })
    }
  })

  async function findSelf (): Promise<Json> {
    const { result } = await openLibrary().users.me()
    if (result instanceof Error) throw result
    // Without valid credentials Zendesk answers 200 with a user who has no id.
    if (idOf(result.id) === null) {
      throw new Refused(`zendesk does not know us (GET /users/me): renew ${session.setting}`, 401)
    }
    return { id: result.id, name: result.name, role: result.role, restriction: result.ticket_restriction }
  }

  async function findUser (id: string): Promise<Json | null> {
    try {
      const { result } = await openLibrary().users.show(Number(id))
      if (result instanceof Error) throw result
      return { id: result.id, name: result.name, email: result.email, role: result.role }
    } catch (error) {
      if (error instanceof Error && 'statusCode' in error && UNREADABLE.has(Number(error.statusCode))) return null
      throw error
    }
  }

  const contextFields = readContextFields(settings.ZENDESK_CONTEXT_FIELDS)
  return { contextFields, read, findOne, findAll, write, manage, findSelf, findUser, credential: session.credential }
}

// Not below /api/v2, and without a token of its own. Null: no whole answer came.
async function askToken (origin: string, form: TokenForm, deadlineMs: number): Promise<TokenAnswer | null> {
  try {
    const response = await fetch(`${origin}/oauth/tokens`, {
      method: 'POST',
      redirect: 'manual',
      signal: AbortSignal.timeout(deadlineMs),
      headers: { accept: 'application/json', 'content-type': 'application/json', 'user-agent': 'Deskloop' },
      body: JSON.stringify(form)
    })
    const text = await readWhole(response)
    return { status: response.status, body: parse({ status: response.status, headers: response.headers, text }) }
  } catch {
    return null                                     // the caller says what that means
  }
}

function originOf (settings: Settings): string {
  const given = settings.ZENDESK_URL ?? ''
  const url = URL.canParse(given) ? new URL(given) : null
  if (url === null || !/^https?:$/.test(url.protocol)) {
    throw new GiveUp('ZENDESK_URL is no address: set it to something like https://acme.zendesk.com')
  }
  const local = /^(localhost|127\.\d+\.\d+\.\d+|\[::1\])$/.test(url.hostname)
  if (url.protocol === 'http:' && !local) throw new GiveUp('ZENDESK_URL would carry the token in the open: use https')
  return url.origin
}

// Counted after decoding, so that a small answer cannot unfold into a large one.
async function readWhole (response: Response): Promise<string> {
  const parts: Uint8Array[] = []
  let size = 0
  for await (const part of response.body ?? []) {
    size += part.byteLength
    if (size > LARGEST_ANSWER) throw new Error(`the answer is larger than ${LARGEST_ANSWER} bytes`)
    parts.push(part)
  }
  return Buffer.concat(parts).toString('utf8')
}

// Errors and login pages come as html: https://developer.zendesk.com/api-reference/introduction/requests/
function parse (answer: Answer): Json | null {
  if (!/\bjson\b/i.test(answer.headers.get('content-type') ?? '')) return null
  try {
    const body: unknown = JSON.parse(answer.text)
    return isRecord(body) ? body : null
  } catch {
    return null                                     // half an answer is no answer: the caller says what that means
  }
}

// Four shapes of an error body
function reasonOf (body: Json | null): string {
  if (body === null) return ''
  const first = recordOf(recordsOf(body.errors)[0])
  const inner = recordOf(body.error)
  const details = Object.values(recordOf(body.details)).flatMap(recordsOf).map(one => stringOf(one.description))
  const told = [body.error, inner.title, body.description].map(stringOf)
  return plainText([...told, ...details, stringOf(first.title)].filter(Boolean).join(', ')).replaceAll('\n', ' ').slice(0, 200)
}

/** A page's address is made from its cursor; an address that Zendesk wrote is followed only to the same host. */
function nextPath (body: Json, path: string, base: string): string | null {
  const meta = recordOf(body.meta)
  if ('has_more' in meta) {
    const cursor = stringOf(meta.after_cursor)
    if (meta.has_more !== true || cursor === '') return null
    return `${path}${path.includes('?') ? '&' : '?'}page%5Bafter%5D=${encodeURIComponent(cursor)}`
  }
  const link = stringOf(body.next_page)
  if (link === '') return null
  if (!link.startsWith(`${base}/`)) {
    throw new GiveUp('zendesk points to another host for the next page: correct ZENDESK_URL')
  }
  return link.slice(base.length)
}
