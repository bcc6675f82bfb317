// Keeps what HubSpot says of the companies behind tickets, and what risk their tickets show. Asking is for the background:
// a note waits for it 300 ms at most, and goes without it otherwise.
import { randomUUID } from 'node:crypto'
import type { Instant, Note, NotePart } from '../types.ts'
import type { Crm, CrmView, Performer } from '../outside.ts'
import { GiveUp, RetryLater, messageOf } from '../errors.ts'
import type { Log } from '../log.ts'
import { readAccount, riskWords } from '../learn/account.ts'
import type { Phrase } from '../learn/phrases.ts'
import { isJump, reasonWords, RISK_RULES, scoreRisk } from '../learn/risk.ts'
import {
  dbNow, delayPeople, findAccount, findAccountById, listStalePeople, listUncomputed, lockTold, readAccountTickets,
  saveAccounts, savePeople, saveRisk
} from '../store/accounts.ts'
import type { Account } from '../store/accounts.ts'
import { findAsker } from '../store/context.ts'
import type { Db } from '../store/db.ts'
import { recordEffect, recordFailure } from '../store/effects.ts'
import type { TicketRef } from '../store/stories.ts'

export interface AccountDeps {
  db: Db
  log: Log
  crm: Crm
  view: CrmView
  cancellation: Phrase[]
  /** Whether our risk is written to HubSpot. */
  writes: boolean
  /** Whether a risk that jumps up is told in Slack. */
  churn?: boolean
  now: () => Promise<Instant>
}

export const PATIENCE_MS = 300

// No ticket; not null, so that the table says the same thing once only.
const NOWHERE = { connection: 'hubspot', ticketId: '' }
const FRESH_MINUTES = 30
const ACTIVE_DAYS = 30
const PEOPLE_AT_A_TIME = 100
const ACCOUNTS_AT_A_TIME = 20
const WAIT_MS = 60_000

/** Fetches what is old and computes what is new; returns how much was done. */
export async function accountsOnce (deps: AccountDeps): Promise<number> {
  const { db, log, crm, view } = deps
  const emails = await listStalePeople(db, FRESH_MINUTES, ACTIVE_DAYS, PEOPLE_AT_A_TIME)
  if (emails.length > 0) {
    try {
      for (const name of await crm.findMissing()) await sayMissing(db, name)
      await fetchPeople(db, crm, view, emails)
    } catch (error) {
      const waitMs = error instanceof RetryLater ? Math.max(error.waitMs, 1_000) : WAIT_MS
      await delayPeople(db, emails, waitMs)
      if (error instanceof GiveUp) await recordFailure(db, 'account', NOWHERE, error.message)
      log.warn({ job: 'account', people: emails.length, outcome: 'later', waitMs, message: messageOf(error) })
      return 0
    }
  }
  const ids = await listUncomputed(db, ACCOUNTS_AT_A_TIME)
  for (const id of ids) await computeRisk(deps, id)
  return emails.length + ids.length
}

async function sayMissing (db: Db, name: string): Promise<void> {
  const message = `HubSpot has no company property ${name}, which config/hubspot.json names`
  await recordFailure(db, 'account', NOWHERE, message)
}

async function fetchPeople (db: Db, crm: Crm, view: CrmView, emails: string[]): Promise<void> {
  const companies = await crm.findCompanies(emails)
  const found = await crm.fetchCompanies([...companies.values()].filter(id => id !== null))
  await saveAccounts(db, found.map(company => ({ id: company.id, name: company.name, ...readAccount(company, view) })))
  const known = new Set(found.map(company => company.id))
  await savePeople(db, new Map([...companies].map(([email, id]) => [email, id !== null && known.has(id) ? id : null])))
}

async function computeRisk (deps: AccountDeps, id: string): Promise<void> {
  const { db, cancellation, writes } = deps
  const since = await dbNow(db)
  const now = await deps.now()
  const tickets = await readAccountTickets(db, id, now, RISK_RULES.windowDays + RISK_RULES.repeatDays)
  const risk = scoreRisk(tickets, cancellation, now)
  await db.transaction().execute(async trx => {
    const told = await lockTold(trx, id)
    if (told === null) return
    const tells = (writes || deps.churn === true) && isJump(told.toldRisk, risk.score)
    await saveRisk(trx, id, risk, since, tells)
    if (!tells) return
    const before = told.toldRisk ?? 0
    if (deps.churn === true && risk.score > before) {
      await recordEffect(trx, {
        id: randomUUID(), kind: 'slack-churn', connection: 'hubspot', ticketId: id, account: 'slack',
        cause: `risk:${risk.score}:${told.at.toISOString()}`, marker: `churn-${id}`, payload: { before }, skipped: null
      })
    }
    if (!writes) return
    await recordEffect(trx, {
      id: randomUUID(), kind: 'hubspot-property', connection: 'hubspot', ticketId: id, account: 'hubspot',
      cause: `risk:${risk.score}:${told.at.toISOString()}`, marker: `risk-${id}`, payload: { score: risk.score }, skipped: null
    })
  })
}

/** Writes the risk as it is when its turn comes: an older one that waited can not overwrite it. */
export function makeRiskPerformer ({ db, crm, home }: { db: Db, crm: Crm, home: string }): Performer {
  return {
    kind: 'hubspot-property',
    resendAfterMs: 0,                               // to set a property twice is harmless
    async look () { return null },
    async send ({ ticketId }) {
      const account = await findAccountById(db, ticketId)
      if (account === null || account.risk === null) throw new GiveUp(`skipped: the account ${ticketId} is not known any more`)
      const at = account.toldAt ?? account.fetchedAt
      await crm.saveRisk(account.id, { score: account.risk, reasons: tellReasons(account, home), at })
      return { vendorId: account.id }
    }
  }
}

const MOST_REASONS = 3
const MOST_LINKS = 3

/** One line for each of the three weightiest reasons, with the tickets behind it. */
export function tellReasons (account: Pick<Account, 'reasons'>, home: string): string {
  const lines = account.reasons.slice(0, MOST_REASONS).map(reason => {
    const tickets = reason.tickets.slice(0, MOST_LINKS).map(t => home === ''
      ? `${t.connection} #${t.ticketId}`
      : `${home}/v1/tickets/${encodeURIComponent(t.connection)}/${encodeURIComponent(t.ticketId)}/events`)
    return `${reasonWords(reason)} (+${reason.points}): ${tickets.join(', ')}`
  })
  return lines.length === 0 ? 'no signs in the last 30 days' : lines.join('\n')
}

/** What a note may say of the account behind its ticket: waits a moment for HubSpot, and does without it otherwise. */
export async function findAccountFor (
  deps: AccountDeps, ref: TicketRef, patienceMs = PATIENCE_MS
): Promise<Account | null> {
  const { db, crm, view, log } = deps
  const known = async (): Promise<Account | null> => {
    const asker = await findAsker(db, ref.connection, ref.ticketId)
    if (asker?.email === undefined || asker.email === '') return null
    const { email } = asker
    const found = await findAccount(db, email)
    if (found !== null && found.ageMinutes < FRESH_MINUTES) return found.account
    // It goes on after the note has gone without it: the next one finds it here.
    const fetched = fetchPeople(db, crm, view, [email]).then(
      async () => (await findAccount(db, email))?.account ?? null,
      (error: unknown) => {
        log.warn({ job: 'account', outcome: 'without', message: messageOf(error) })
        return found?.account ?? null
      })
    return await within(fetched, patienceMs, found?.account ?? null)
  }
  return await within(known().catch(() => null), patienceMs, null)
}

/** What the writer of notes calls for each of them. */
export function accountAdder (deps: AccountDeps): (note: Note, ref: TicketRef) => Promise<Note> {
  return async (note, ref) => withAccount(note, await findAccountFor(deps, ref), deps.view, await deps.now())
}

async function within<T> (promise: Promise<T>, ms: number, otherwise: T): Promise<T> {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<T>(resolve => { timer = setTimeout(() => { resolve(otherwise) }, ms) })
  try { return await Promise.race([promise, late]) } finally { clearTimeout(timer) }
}

/** The note with what may be shown of the account: at risk in line one, the rest among the facts. */
export function withAccount (note: Note, account: Account | null, view: CrmView, now: Instant): Note {
  if (account === null) return note
  const risk = riskWords(account, view, now)
  if (risk === null && account.facts.length === 0) return note
  const why = risk === null || account.reasons.length === 0 ? [] : [account.reasons.slice(0, MOST_REASONS).map(reasonWords).join(', ')]
  const text = [...account.facts, ...why].join('; ')
  const parts = note.parts.map((part): NotePart => {
    if (part.kind === 'headline' && risk !== null) return { ...part, text: `${part.text} · ${risk}` }
    if (part.kind !== 'facts' || text === '') return part
    return { ...part, items: [...part.items, { label: risk === null ? 'Account' : 'At risk', text }] }
  })
  return { ...note, parts }
}
