// The one file that speaks to Freshdesk: one request, one deadline, one answer, and every refusal as one of our errors.
// Nothing is ever sent twice from here, no redirect is followed, and no address of an answer is ever called.
import { GiveUp, Refused, RetryLater, Unclear } from '../../src/errors.ts'
import { readContextFields } from '../../src/text.ts'
import type { ContextFields } from '../../src/text.ts'
import type { Ask, Settings } from '../../src/types.ts'
import { readAnswer } from './answer.ts'
import { heardOf, waitOf } from './quota.ts'
import { isFields, rowsOf } from './records.ts'
import type { Fields } from './records.ts'

/** `body` is null when the answer had none, `more` is true while a list has further pages. */
export interface Answer { status: number, body: unknown, more: boolean }

export type Query = Readonly<Record<string, string | number>>
export type Accepts = (status: number, code: string) => boolean

export interface Client {
  origin: string
  contextFields: ContextFields                      // custom fields that say where somebody asked from
  /** Answers outside 2xx throw, unless `accepts` takes them. */
  read (path: string, query?: Query, accepts?: Accepts): Promise<Answer>
  /** Page after page; ends quietly at an answer that `accepts` takes. */
  list (path: string, options?: ListOptions): AsyncIterable<Fields[]>
  write (
    method: 'POST' | 'PUT' | 'DELETE', path: string, body: Fields | null, accepts?: Accepts
  ): Promise<Answer>
  /** Which share of this minute's calls is left for the whole account: 1 while it is not known. */
  restOfLimit (): number
}

/** With `perPage` null the vendor's own size is used and no paging is asked for on the first page. */
export interface ListOptions { query?: Query, perPage?: number | null, accepts?: Accepts }

interface Call { method: string, path: string, query: Query, body: Fields | null, accepts: Accepts }

/** What an answer of more than 5 MiB counts as. */
export const TOO_LARGE = 413
const WHOLE_PAGE = 100
const SMALL_PAGE = 10
const LAST_PAGE = 500                               // further ones are slow: https://developers.freshdesk.com/api/#pagination
const BEFORE = /^(?:ECONNREFUSED|UND_ERR_CONNECT_TIMEOUT|CERT_|ERR_TLS_|DEPTH_ZERO_|SELF_SIGNED_|UNABLE_TO_)/

// Without a pace every call goes straight out.
const straight: Ask = (_call, speak) => speak()

/** For one operation: `ask` gives its calls their turns. */
export function openClient (settings: Settings, deadlineMs: number, ask: Ask = straight): Client {
  const origin = originOf(settings.FRESHDESK_URL ?? '')
  // The key is the user name, the password is anything: https://developers.freshdesk.com/api/#authentication
  const authorization = 'Basic ' + Buffer.from(`${settings.FRESHDESK_API_KEY ?? ''}:X`).toString('base64')
  let rest = 1

  async function send (call: Call): Promise<Answer> {
    const query = Object.entries(call.query).map(([name, value]) => `${name}=${encodeURIComponent(value)}`)
    const url = `${origin}/api/v2${call.path}${query.length === 0 ? '' : '?' + query.join('&')}`
    const isJson = call.body === null ? {} : { 'content-type': 'application/json' }
    const paced = {
      endpoint: `${call.method} ${call.path.replace(/\/\d+/g, '/:id')}`,
      write: call.method !== 'GET',
      urgent: call.method === 'DELETE' && call.path.startsWith('/conversations/')
    }
    const answer = await ask(paced, () => fetch(url, {
      method: call.method,
      headers: { authorization, accept: 'application/json', 'user-agent': 'Deskloop', ...isJson },
      body: call.body === null ? null : JSON.stringify(call.body),
      redirect: 'manual',
      signal: AbortSignal.timeout(deadlineMs)
    }).then(readAnswer).catch((error: unknown) => { throw withoutAnswer(call, error) }),
    said => heardOf(said.status, said.headers, Date.now()))
    const { headers, code, problem } = answer
    const status = answer.tooLarge ? TOO_LARGE : answer.status
    rest = shareOf(headers) ?? rest
    if (status < 200 || status > 299) {
      if (call.accepts(status, code)) return { status, body: null, more: false }
      throw answer.tooLarge ? tooLarge(call) : refusal(call, answer)
    }
    if (problem !== null) throw unusable(call, `${problem} (${status} on ${call.method} ${call.path})`)
    return { status, body: answer.body, more: hasNext(headers.get('link'), origin) }
  }

  function read (path: string, query: Query = {}, accepts: Accepts = none): Promise<Answer> {
    return send({ method: 'GET', path, query, body: null, accepts })
  }

  async function * list (
    path: string, { query = {}, perPage = WHOLE_PAGE, accepts = none }: ListOptions = {}
  ): AsyncIterable<Fields[]> {
    let size = perPage
    for (let page = 1; page <= LAST_PAGE; page++) {
      const paging = size === null ? {} : { per_page: size }
      const place = size === null && page === 1 ? {} : { page }
      const canShrink = size === WHOLE_PAGE
      const answer = await read(path, { ...query, ...paging, ...place }, (status, code) =>
        status === TOO_LARGE ? canShrink : accepts(status, code))
      if (answer.status === TOO_LARGE) {            // a thread of long mails: the same rows again in smaller pages
        size = SMALL_PAGE
        page = (page - 1) * (WHOLE_PAGE / SMALL_PAGE)
        continue
      }
      if (answer.status > 299) return
      const rows = rowsOf(answer.body)
      if (rows === null) throw new Error(`freshdesk answered no list to GET ${path}`)
      yield rows
      // A full page may have a successor even where a proxy has dropped the link header.
      if (rows.length === 0 || (!answer.more && (size === null || rows.length < size))) return
    }
    throw new GiveUp(`freshdesk has more than ${LAST_PAGE} pages of GET ${path}: they are not read`)
  }

  function write (
    method: 'POST' | 'PUT' | 'DELETE', path: string, body: Fields | null, accepts: Accepts = none
  ): Promise<Answer> {
    return send({ method, path, query: {}, body, accepts })
  }

  const contextFields = readContextFields(settings.FRESHDESK_CONTEXT_FIELDS)
  return { origin, contextFields, read, list, write, restOfLimit: () => rest }
}

const none: Accepts = () => false

function originOf (address: string): string {
  const url = URL.parse(address)
  if (url === null || !/^https?:$/.test(url.protocol)) {
    throw new GiveUp('FRESHDESK_URL is no address: it must look like https://acme.freshdesk.com')
  }
  return url.origin
}

function shareOf (headers: Headers): number | null {
  const total = Number(headers.get('x-ratelimit-total') ?? Number.NaN)
  const remaining = Number(headers.get('x-ratelimit-remaining') ?? Number.NaN)
  return total > 0 && remaining >= 0 ? remaining / total : null
}

/** Only a next page of this very API counts: pages are counted by us, the address itself is never called. */
function hasNext (link: string | null, origin: string): boolean {
  const target = /<([^<>]{1,4000})>\s*;\s*rel="?next"?/.exec(link ?? '')?.[1]
  const url = target === undefined ? null : URL.parse(target, origin)
  return url !== null && url.origin === origin && url.pathname.startsWith('/api/v2/')
}

/** https://developers.freshdesk.com/api/#error and, for 429, https://developers.freshdesk.com/api/#ratelimit */
function refusal (call: Call, answer: { status: number, headers: Headers, code: string }): Error {
  const { status, headers, code } = answer
  const where = `(${status}${code === '' ? '' : ' ' + code} on ${call.method} ${call.path})`
  if (status === 401) return new Refused(`freshdesk refused the key ${where}: renew FRESHDESK_API_KEY`, status)
  if (status === 403) {
    const remedy = 'renew FRESHDESK_API_KEY, or give its agent the role and the plan for this'
    return new Refused(`freshdesk refused the key ${where}: ${remedy}`, status)
  }
  if (status === 429 || (status === 503 && headers.has('retry-after'))) {
    const waitMs = waitOf(headers.get('retry-after'), Date.now())
    return new RetryLater(`freshdesk asks to wait ${Math.round(waitMs / 1000)} s ${where}`, waitMs)
  }
  if (status === 409 || status === 425) return new RetryLater(`freshdesk is not ready for this ${where}`, 30_000)
  if (status < 400) return new GiveUp(`freshdesk redirects ${where}, which is never followed: check FRESHDESK_URL`)
  if (status < 500 && status !== 408) return new GiveUp(`freshdesk refused the call ${where}`)
  if (call.method === 'GET') return new Error(`freshdesk failed ${where}`)
  return new Unclear(`freshdesk failed ${where}: it may have been applied`)
}

function unusable (call: Call, problem: string): Error {
  const message = `freshdesk answered ${problem}`
  return call.method === 'GET' ? new Error(message) : new Unclear(`${message}: it may have been applied`)
}

function tooLarge (call: Call): Error {
  const problem = `more than 5 MiB to ${call.method} ${call.path}`
  return call.method === 'GET' ? new GiveUp(`freshdesk answered ${problem}: it is not read`) : unusable(call, problem)
}

function withoutAnswer (call: Call, cause: unknown): Error {
  const where = `${call.method} ${call.path}`
  if (neverSent(cause)) return new RetryLater(`freshdesk cannot be reached (${where})`, 5000, { cause })
  if (call.method === 'GET') return new Error(`freshdesk did not answer ${where}`, { cause })
  return new Unclear(`freshdesk did not answer ${where}: it may have been applied`, { cause })
}

/** Did it fail before the request left? Looking up the name, connecting and the TLS greeting come before it. */
function neverSent (error: unknown): boolean {
  if (!isFields(error)) return false
  const { code, syscall, errors, cause } = error
  if (syscall === 'connect' || syscall === 'getaddrinfo') return true
  if (typeof code === 'string' && BEFORE.test(code)) return true
  if (Array.isArray(errors) && errors.length > 0) return errors.every(neverSent)
  return neverSent(cause)
}
