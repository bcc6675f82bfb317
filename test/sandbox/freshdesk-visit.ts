// A visitor of the pretend Freshdesk for tests: opens an account, calls its API with the true key, tells
// a small story, and compares the keys of answers with recorded ones.
import { createServer } from 'node:http'
import { existsSync, readFileSync } from 'node:fs'
import type { FreshdeskOptions, PretendFreshdesk } from './freshdesk.ts'
import { openFreshdesk } from './freshdesk.ts'

export interface Answer { status: number, headers: Headers, body: unknown }
export type Call =
  (method: string, path: string, body?: unknown, headers?: Record<string, string>) => Promise<Answer>

export const ada = { id: 'p-1', name: 'Ada Quill', email: 'ada@brightlathe.example' }

/** A text body goes out as it is, anything else as JSON; no answer within 1.5 s is an error. */
export async function withDesk (
  options: FreshdeskOptions, fn: (desk: PretendFreshdesk, call: Call) => Promise<void>
): Promise<void> {
  const desk = await openFreshdesk(options)
  const basic = Buffer.from(`${desk.settings.FRESHDESK_API_KEY}:X`).toString('base64')
  const call: Call = async (method, path, body, headers = {}) => {
    const text = typeof body === 'string' ? body : JSON.stringify(body)
    const type = body === undefined ? {} : { 'content-type': 'application/json' }
    const answer = await fetch(`${desk.url}/api/v2${path}`, {
      method,
      headers: { authorization: `Basic ${basic}`, ...type, ...headers },
      redirect: 'manual',
      signal: AbortSignal.timeout(1500),
      ...(text === undefined ? {} : { body: text })
    })
    const raw = await answer.text()
    const parsed: unknown = raw === '' ? undefined : JSON.parse(raw)
    return { status: answer.status, headers: answer.headers, body: parsed }
  }
  try { await fn(desk, call) } finally { await desk.close() }
}

/** A ticket with a story: question, assignment, answer. */
export function tell (desk: PretendFreshdesk): string {
  const id = desk.openTicket({
    at: '2026-03-02T09:00:00Z',
    subject: 'Blade wobbles',
    text: 'It hums & wobbles.\nSince "May".',
    person: ada,
    tags: ['saw']
  })
  desk.assign(id, { at: '2026-03-02T09:05:00Z', agentId: 'jo', group: 'Workshop' })
  const text = 'Tighten the collar.\n\nThen try again.'
  desk.agentReplies(id, { at: '2026-03-02T09:10:00Z', text, agentId: 'jo' })
  return id
}

/** A receiver of webhooks that keeps what comes, and answers 200. */
export async function openReceiver () {
  const seen: Array<{ secret: unknown, body: unknown }> = []
  const server = createServer((request, response) => {
    let body = ''
    request.on('data', chunk => { body += String(chunk) })
    request.on('end', () => {
      seen.push({ secret: request.headers['x-deskloop-secret'], body: JSON.parse(body) })
      response.end()
    })
  })
  await new Promise<void>(resolve => { server.listen(0, '127.0.0.1', resolve) })
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('the receiver has no port')
  const close = (): Promise<unknown> => new Promise(resolve => { server.close(resolve) })
  return { url: `http://127.0.0.1:${address.port}/hooks/freshdesk/a`, seen, close }
}

/** What lies at a path inside an answer; a negative number counts from the end. */
export function get (value: unknown, ...path: Array<string | number>): unknown {
  return path.reduce<unknown>((inner, step) => {
    if (Array.isArray(inner) && typeof step === 'number') return inner.at(step)
    const entries = typeof inner === 'object' && inner !== null ? Object.entries(inner) : []
    return entries.find(([key]) => key === step)?.[1]
  }, value)
}

export function rows (value: unknown): unknown[] {
  if (!Array.isArray(value)) throw new Error(`the answer is no list: ${JSON.stringify(value)}`)
  return value
}

/** Field and code of each fault of a refusal. */
export function faults (answer: Answer): unknown[] {
  return rows(get(answer.body, 'errors')).map(one => [get(one, 'field'), get(one, 'code')])
}

const SAMPLES = new URL('../../../shared/vendors/samples/freshdesk/', import.meta.url)

export function hasSamples (): boolean {
  return existsSync(SAMPLES)
}

export function readSample (file: string): unknown {
  return JSON.parse(readFileSync(new URL(`${file}.json`, SAMPLES), 'utf8'))
}

// What an account defines itself, or what is only there when there is something to show.
const OWN = /custom_fields|attachments|\.conditions|\.content|custom_headers|^\.summary|devices/

/** The keys of a document, deep and sorted. */
export function keysOf (value: unknown): string[] {
  const keys = new Set<string>()
  const walk = (inner: unknown, path: string): void => {
    if (Array.isArray(inner)) inner.forEach(one => { walk(one, `${path}[]`) })
    else if (typeof inner === 'object' && inner !== null) {
      for (const [key, next] of Object.entries(inner)) {
        const name = `${path}.${key}`
        keys.add(name)
        if (!OWN.test(name)) walk(next, name)
      }
    }
  }
  walk(value, '')
  return [...keys].sort()
}

/** Which call answers like which recorded sample, for a ticket that has a story. */
export async function sampledCalls (call: Call, id: string): Promise<Array<[string, string]>> {
  const first = async (path: string): Promise<unknown> => get((await call('GET', path)).body, 0)
  const contact = await first('/contacts')
  const canned = get(await first('/canned_response_folders'), 'id')
  const folders = `/solutions/categories/${get(await first('/solutions/categories'), 'id')}/folders`
  const articles = `/solutions/folders/${get(await first(folders), 'id')}/articles`
  return [
    ['api.ticket.view', `/tickets/${id}`],
    ['api.ticket.view.include_all', `/tickets/${id}?include=conversations,requester,company,stats`],
    ['api.tickets.list.updated_since', '/tickets?updated_since=2026-01-01T00:00:00Z&include=stats,requester'],
    ['api.tickets.list.filter_spam', '/tickets?filter=spam&include=stats,requester'],
    ['api.tickets.search', '/search/tickets?query="status:2"'],
    ['api.ticket.conversations', `/tickets/${id}/conversations`],
    ['api.ticket.satisfaction_ratings', `/tickets/${id}/satisfaction_ratings`],
    ['api.satisfaction_ratings.list', '/surveys/satisfaction_ratings'],
    ['api.contacts.list', '/contacts'],
    ['api.contact.view', `/contacts/${get(contact, 'id')}`],
    ['api.company.view', `/companies/${get(contact, 'company_id')}`],
    ['api.agents.me', '/agents/me'],
    ['api.agents.list', '/agents'],
    ['api.groups.list', '/groups'],
    ['api.surveys.list', '/surveys'],
    ['api.canned_response_folders.list', '/canned_response_folders'],
    ['api.canned_response_folder.responses', `/canned_response_folders/${canned}/responses`],
    ['api.search.solutions', '/search/solutions?term=return'],
    ['api.solution_folders.list', folders],
    ['api.solution_article.view', `/solutions/articles/${get(await first(articles), 'id')}`],
    ['api.automation.rules.list', '/automations/4/rules']
  ]
}
