// What an agent is shown of the company behind a ticket: only what config/hubspot.json lists, in a few words.
import type { Instant, TicketEvent } from '../types.ts'
import type { Company, CrmView } from '../outside.ts'

/** What is kept of a company: nothing but what may be shown. */
export interface AccountFacts { facts: string[], health: number | null, renewalAt: Instant | null, arr: number | null }

const LONGEST = 60
const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec']

/** The facts of a company in the order of `show`, where known. Health, renewal and ARR are null unless they may be shown. */
export function readAccount (company: Company, { properties: named, show }: CrmView): AccountFacts {
  const value = (name: string | undefined): string | null => calm(company.properties[name ?? ''] ?? null)
  const renewalAt = readDay(named.renewal === undefined ? null : company.properties[named.renewal] ?? null)
  const health = readNumber(value(named.health))
  const arr = readNumber(value(named.arr))
  const said: Record<CrmView['show'][number], string | null> = {
    company: calm(company.name),
    lifecycle: value(named.lifecycle),
    plan: value(named.plan) === null ? null : `plan ${value(named.plan)}`,
    arr: arr === null ? null : `ARR ${shortNumber(arr)}`,
    renewal: renewalAt === null ? null : `renewal ${dayWords(renewalAt)}`,
    health: health === null ? null : `health ${health}`,
    owner: company.owner === null ? null : `owner ${calm(company.owner) ?? ''}`
  }
  return {
    facts: show.flatMap(what => said[what] ?? []),
    health: show.includes('health') ? health : null,
    renewalAt: show.includes('renewal') ? renewalAt : null,
    arr: show.includes('arr') ? arr : null
  }
}

/**
 * `Account at risk (HubSpot 34, renewal 12 Dec)`; null: it is not, as far as is known. An account is at risk when its health
 * score there is below `healthBelow`, or our own risk (0 to 100) is `riskFrom` or more. A renewal is told when it is near.
 */
export function riskWords (
  account: { health: number | null, renewalAt: Instant | null, risk: number | null }, { atRisk }: CrmView, now: Instant
): string | null {
  const isIll = account.health !== null && account.health < atRisk.healthBelow
  const isLoud = account.risk !== null && account.risk >= atRisk.riskFrom
  if (!isIll && !isLoud) return null
  const days = account.renewalAt === null ? Infinity : (Date.parse(account.renewalAt) - Date.parse(now)) / 86_400_000
  const parts = [
    account.health === null ? null : `HubSpot ${account.health}`,
    isLoud ? `support risk ${account.risk}` : null,
    account.renewalAt !== null && days >= -1 && days <= atRisk.renewalWithinDays ? `renewal ${dayWords(account.renewalAt)}` : null
  ].filter(part => part !== null)
  return `Account at risk (${parts.join(', ')})`
}

/** The address of whoever asked first, when any event of the story told it. */
export function emailOf (story: TicketEvent[]): string | null {
  const people = story.flatMap(e => e.kind === 'opened' || e.kind === 'asked' ? [e.person] : [])
  return people.find(p => p.id === people[0]?.id && p.email !== undefined && p.email !== '')?.email ?? null
}

/** `12 Dec`: notes are read within days. */
export function dayWords (at: Instant): string {
  return `${Number(at.slice(8, 10))} ${MONTHS[Number(at.slice(5, 7)) - 1] ?? ''}`
}

// HubSpot tells dates as a day or in milliseconds, both as text.
function readDay (text: string | null): Instant | null {
  if (text === null || text === '') return null
  const ms = /^\d{12,14}$/.test(text) ? Number(text) : /^\d{4}-\d{2}-\d{2}/.test(text) ? Date.parse(text) : NaN
  return Number.isNaN(ms) || ms > 8.64e15 ? null : new Date(ms).toISOString().slice(0, 19) + 'Z'
}

function readNumber (text: string | null): number | null {
  const number = text === null || text === '' ? NaN : Number(text)
  return Number.isFinite(number) ? Math.round(number * 10) / 10 : null
}

function shortNumber (n: number): string {
  if (n >= 10_000_000) return `${Math.round(n / 1_000_000)}M`
  return n >= 10_000 ? `${Math.round(n / 1_000)}k` : String(Math.round(n))
}

// Companies are named by whoever fills in a form: one line, no addresses, not much of it.
function calm (text: string | null): string | null {
  if (text === null) return null
  const line = text.replace(/\S*(:\/\/|www\.)\S*/gi, '').replace(/[\p{C}\p{Zl}\p{Zp}<>`*[\]]/gu, ' ').replace(/\s+/g, ' ').trim()
  if (line === '') return null
  const letters = [...line]
  return letters.length <= LONGEST ? line : letters.slice(0, LONGEST - 1).join('') + '…'
}
