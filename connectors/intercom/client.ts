// The only file that speaks to Intercom. The vendor's library knows the addresses and the shapes; the wire is ours,
// because the library repeats POSTs, follows redirects, has no limit for an answer and stops its clock at the headers
// (intercom-client 7.0.3, seen 2026-11-22). Nothing here is ever sent twice.
import { IntercomClient } from 'intercom-client'
import type { Intercom } from 'intercom-client'
import { GiveUp, HeldBack, Refused, RetryLater, Unclear } from '../../src/errors.ts'
import type { Ask, Settings } from '../../src/types.ts'
import { fieldsOf, listOf, stringOf } from './fields.ts'
import { heardOf, waitOf } from './quota.ts'

type Options = NonNullable<ConstructorParameters<typeof IntercomClient>[0]>

/** Answers are `unknown`: the library's types are those of an older API version, and it checks nothing. */
export interface IntercomCalls {
  fetchMe (): Promise<unknown>
  fetchAdmins (): Promise<unknown>
  fetchConversation (id: string): Promise<unknown>
  fetchTicket (id: string): Promise<unknown>
  search (o: { filters: Filter[], perPage: number, startingAfter?: string, orderBy?: 'created_at' }): Promise<unknown>
  writeNote (id: string, adminId: string, html: string): Promise<unknown>
  redactPart (id: string, partId: string): Promise<unknown>
  fetchArticles (page: number): Promise<unknown>
  fetchMacros (o: { startingAfter?: string, updatedSince?: number }): Promise<unknown>
}

export interface Filter { field: string, operator: '>' | '<', value: number }

const VERSION = '2.16'
const MAX_ANSWER_BYTES = 5 * 1024 * 1024
const NOT_READY_WAIT_MS = 30_000
const REFUSED_WAIT_MS = 5_000

// Without a pace every call goes straight out.
const straight: Ask = (_call, speak) => speak()

/** For one operation: `ask` gives its calls their turns. */
export function openClient (settings: Settings, deadlineMs = 15_000, ask: Ask = straight): IntercomCalls {
  const base = new URL(settings.INTERCOM_URL || 'https://api.intercom.io')
  const fetcher: NonNullable<Options['fetcher']> = async args => {
    const request = { method: args.method, headers: args.headers, body: args.body, query: args.queryParameters ?? {} }
    const { response, answer } = await exchange(new URL(args.url), request, deadlineMs, ask)
    return { ok: true, body: answer, rawResponse: response }
  }
  const client = new IntercomClient({
    token: settings.INTERCOM_ACCESS_TOKEN ?? '',
    baseUrl: base.href.replace(/\/$/, ''),
    headers: { 'Intercom-Version': VERSION },
    maxRetries: 0,
    fetcher
  })
  return {
    fetchMe: async () => await client.admins.identify(),
    fetchAdmins: async () => await client.admins.list(),
    fetchConversation: async id => await client.conversations.find({ conversation_id: knownId(id) }),
    fetchTicket: async id => await client.tickets.get({ ticket_id: knownId(id) }),
    search: async ({ filters, perPage, startingAfter, orderBy = 'updated_at' }) => {
      // `sort` is accepted though not described: https://github.com/intercom/Intercom-OpenAPI/issues/114
      const request: Intercom.SearchRequest & { sort: { field: string, order: string } } = {
        query: { operator: 'AND', value: filters },
        sort: { field: orderBy, order: 'ascending' },
        pagination: { per_page: perPage, ...(startingAfter === undefined ? {} : { starting_after: startingAfter }) }
      }
      return (await client.conversations.search(request)).response
    },
    // `note` is a constant in this one place: with `comment` the same call would write to the customer.
    writeNote: async (id, adminId, html) => await client.conversations.reply({
      conversation_id: knownId(id),
      body: { message_type: 'note', type: 'admin', admin_id: adminId, body: html }
    }),
    redactPart: async (id, partId) => await client.conversations.redactConversationPart({
      type: 'conversation_part', conversation_id: knownId(id), conversation_part_id: partId
    }),
    fetchArticles: async page => (await client.articles.list({ page, per_page: 50 })).response,
    fetchMacros: async ({ startingAfter, updatedSince }) => await client.unstable.macros.listMacros({
      per_page: 50,
      ...(startingAfter === undefined ? {} : { starting_after: startingAfter }),
      ...(updatedSince === undefined ? {} : { updated_since: updatedSince })
    })
  }
}

/** True for the error of a call whose object is not there, or not there any more. */
export function isGone (error: unknown): boolean {
  const status = error instanceof GiveUp ? fieldsOf(error.cause).status : null
  return status === 404 || status === 410
}

// `/conversations/last/reply` writes to whatever conversation was the last one; words are no ids.
function knownId (id: string): string {
  if (!/^[\w-]*\d[\w-]*$/.test(id)) throw new GiveUp(`"${id.slice(0, 40)}" is no id of an intercom conversation`)
  return id
}

interface Outgoing { method: string, headers: unknown, body: unknown, query: Record<string, unknown> }

// `any`, because the library's fetcher promises whatever type it is asked for; every caller of ours sees `unknown`.
interface Answered { response: Response, answer: any }

async function exchange (url: URL, request: Outgoing, deadlineMs: number, ask: Ask): Promise<Answered> {
  for (const [name, value] of Object.entries(request.query)) url.searchParams.set(name, String(value))
  const isWrite = request.method !== 'GET' && !url.pathname.endsWith('/search')
  const call = `${request.method} ${url.pathname}`
  const lost = (why: string, cause?: unknown): Error => isWrite
    ? new Unclear(`intercom ${why} (${call}): it may have been applied`, { cause })
    : new Error(`intercom ${why} (${call})`, { cause })
  const endpoint = `${request.method} ${url.pathname.replace(/\/[\w-]*\d[\w-]*/g, '/:id')}`
  const paced = { endpoint, write: isWrite, urgent: url.pathname.endsWith('/redact') }
  let response: Response
  try {
    response = await ask(paced, () => fetch(url, {
      method: request.method,
      headers: { ...plainHeaders(request.headers), 'user-agent': 'Deskloop' },
      ...(request.body === undefined ? {} : { body: JSON.stringify(request.body) }),
      redirect: 'manual',
      signal: AbortSignal.timeout(deadlineMs)
    }), said => heardOf(said.status, said.headers, Date.now()))
  } catch (error) {
    if (error instanceof HeldBack) throw error
    if (wasNeverSent(error)) {
      throw new RetryLater(`intercom cannot be reached at ${url.origin} (${call})`, REFUSED_WAIT_MS, { cause: error })
    }
    throw lost('did not answer', error)
  }
  if (!response.ok) {
    const code = await errorCode(response)
    throw refusal(response, call, code) ?? lost(`answered ${response.status}${code}`)
  }
  const raw = await readAnswer(response).catch((error: unknown) => { throw lost('broke off its answer', error) })
  if (raw === null) throw lost(`answered more than ${MAX_ANSWER_BYTES} bytes`)
  if (!/\bjson\b/i.test(response.headers.get('content-type') ?? '')) throw lost('answered something that is not JSON')
  try {
    return { response, answer: JSON.parse(raw) }
  } catch (error) {
    throw lost('answered broken JSON', error)
  }
}

// What a status says for sure: it was not applied. Null for the ones that leave it open.
function refusal (response: Response, call: string, code: string): Error | null {
  const { status, headers } = response
  const cause = { status }
  if (status === 401 || status === 403) {
    const what = `intercom refused the token (${status}${code} on ${call})`
    return new Refused(`${what}: renew INTERCOM_ACCESS_TOKEN`, status, { cause })
  }
  if (status === 429) return new RetryLater(`intercom asks to wait (429 on ${call})`, waitOf(headers, Date.now()), { cause })
  if (status === 503 && headers.has('retry-after')) {
    return new RetryLater(`intercom is not available (503 on ${call})`, waitOf(headers, Date.now()), { cause })
  }
  if (status === 409 || status === 425) {
    return new RetryLater(`intercom was not ready (${status}${code} on ${call})`, NOT_READY_WAIT_MS, { cause })
  }
  if (status >= 300 && status < 400) {
    return new GiveUp(`intercom answered with a redirect (${status} on ${call}): check INTERCOM_URL`, { cause })
  }
  if (status === 404 || status === 410) {
    return new GiveUp(`intercom does not have it (${status}${code} on ${call})`, { cause })
  }
  if (status === 408 || status >= 500) return null
  return new GiveUp(`intercom refused the request (${status}${code} on ${call})`, { cause })
}

// No name, no route, no listener: the request never left, so it is safe to say "later".
function wasNeverSent (error: unknown): boolean {
  const causes = [error, fieldsOf(error).cause, ...listOf(fieldsOf(fieldsOf(error).cause).errors)].map(fieldsOf)
  return causes.some(({ code, syscall }) => syscall === 'connect' || syscall === 'getaddrinfo' ||
    /^(ECONNREFUSED|ENOTFOUND|EAI_AGAIN|UND_ERR_CONNECT_TIMEOUT)$/.test(stringOf(code)))
}

// Null when it is too large. Counted after decompression, so a small answer cannot grow in memory.
async function readAnswer (response: Response): Promise<string | null> {
  const chunks: Uint8Array[] = []
  let size = 0
  for await (const chunk of response.body ?? []) {
    size += chunk.length
    if (size > MAX_ANSWER_BYTES) return null
    chunks.push(chunk)
  }
  return Buffer.concat(chunks).toString('utf8')
}

// The vendor's code, such as ` parameter_invalid`, for the one who must act; never its sentences.
async function errorCode (response: Response): Promise<string> {
  try {
    const body: unknown = JSON.parse(await readAnswer(response) ?? '')
    const code = stringOf(listOf(fieldsOf(body).errors)[0]?.code)
    return /^\w{1,60}$/.test(code) ? ` ${code}` : ''
  } catch {
    return ''                                         // the status decides; a body that cannot be read adds nothing
  }
}

function plainHeaders (headers: unknown): Record<string, string> {
  const sent: Record<string, string> = { 'Content-Type': 'application/json', Accept: 'application/json' }
  for (const [name, value] of Object.entries(fieldsOf(headers))) if (typeof value === 'string') sent[name] = value
  return sent
}
