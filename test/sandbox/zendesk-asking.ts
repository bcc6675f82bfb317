// How tests speak to the pretend Zendesk: opened with its own credentials at hand, and small stories to begin with.
import { openZendesk } from './zendesk.ts'
import type { PretendZendesk, ZendeskOptions } from './zendesk.ts'

/** The vendor's json as tests look into it: they state what they expect there, so it has no type. */
export type Seen = any

export interface Got { status: number, headers: Headers, body: Seen }
export interface Asking { headers?: Record<string, string>, waitMs?: number }
export type Ask = (method: string, path: string, body?: unknown, how?: Asking) => Promise<Got>

export const OLGA = { id: 'c-1', name: 'Olga Brandt', email: 'olga@northpier.example' }

export async function openDesk (options: ZendeskOptions = {}): Promise<{ desk: PretendZendesk, ask: Ask }> {
  const desk = await openZendesk(options)
  const { ZENDESK_EMAIL: email, ZENDESK_API_TOKEN: token } = desk.settings
  const authorization = basic(`${email}/token:${token}`)
  const ask: Ask = async (method, path, body, how = {}) => {
    const payload = body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) }
    const headers = { authorization, 'content-type': 'application/json', ...how.headers }
    const url = new URL(path.startsWith('/') || path.startsWith('http') ? path : `/api/v2/${path}`, desk.url)
    const answer = await fetch(url, { method, headers, signal: AbortSignal.timeout(how.waitMs ?? 10_000), ...payload })
    const text = await answer.text()
    const isJson = answer.headers.get('content-type')?.startsWith('application/json') === true
    return { status: answer.status, headers: answer.headers, body: isJson && text !== '' ? JSON.parse(text) : text }
  }
  return { desk, ask }
}

export function basic (text: string): string {
  return `Basic ${Buffer.from(text).toString('base64')}`
}

/** Minutes after nine on the second of March 2026. */
export function at (minute: number, second = 0): string {
  return new Date(Date.UTC(2026, 2, 2, 9, minute, second)).toISOString().slice(0, 19) + 'Z'
}

export function newTicket (desk: PretendZendesk, minute = 0, more: { tags?: string[], page?: string } = {}): string {
  return desk.openTicket({ at: at(minute), subject: 'Parcel lost', text: 'Where is it?\n\nOlga', person: OLGA, ...more })
}

/** The bodies of the webhooks that wait, of one ticket or of all. */
export function events (desk: PretendZendesk, ticketId?: string): Seen[] {
  return desk.pending.filter(d => ticketId === undefined || d.ticketId === ticketId).map(d => JSON.parse(d.body))
}

export function topics (desk: PretendZendesk, ticketId?: string): string[] {
  return events(desk, ticketId).map(event => event.type.replace('zen:event-type:ticket.', ''))
}
