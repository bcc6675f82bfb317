// What an issue tells of its tickets, made of them: counted facts, and words that many share. Everything passes the redactor
// with the names that are known of their customers, and no word stays that only one customer used.
import { countFacts, LABELS, tellFact } from '../learn/ticket-facts.ts'
import type { Fact } from '../learn/ticket-facts.ts'
import { sharedQuotes } from '../learn/shared-words.ts'
import type { IssueContext } from '../bridge/linear-issue.ts'
import type { Db } from '../store/db.ts'
import { hasEscalated, readAnomalyTexts } from '../store/filings.ts'
import type { AnomalyText } from '../store/filings.ts'
import { findWorkaround } from '../store/quarantines.ts'

/** Makes a redactor that knows these names. */
export type MakeScrub = (names: string[]) => (text: string) => string

export interface Told { context: Omit<IssueContext, 'likely' | 'verifyHours'>, scrub: (text: string) => string }

const MOST_NAMED = 600

export interface Read {
  facts: Fact[], texts: Array<{ customer: string, text: string }>, scrub: (text: string) => string
}

/**
 * The tickets of an anomaly as facts, counted after the redactor: half of an account number looks like the code of an error.
 * Customers are told from each other by their company, where that is known.
 */
export async function readFacts (db: Db, id: string, makeScrub: MakeScrub): Promise<Read> {
  const tickets = await readAnomalyTexts(db, id)
  const scrub = makeScrub([...new Set(tickets.flatMap(t => t.names))].slice(0, MOST_NAMED))
  const clean = tickets.map(t => ({ ...t, customer: customerOf(t), text: scrub(t.text) }))
  return { facts: countFacts(clean), texts: clean, scrub }
}

export async function tellIssue (db: Db, id: string, makeScrub: MakeScrub): Promise<Told> {
  const { facts, texts, scrub } = await readFacts(db, id, makeScrub)
  const workaround = await findWorkaround(db, id)
  const told = facts.filter(f => f.kind !== 'steps' && f.values.length > 0)
  const steps = facts.find(f => f.kind === 'steps')?.values ?? []
  return {
    scrub,
    context: {
      facts: told.map(f => ({ label: LABELS[f.kind], text: scrub(tellFact(f)) })),
      steps: steps.map(s => ({ text: scrub(s.value), tickets: s.tickets })),
      quotes: sharedQuotes(texts, new Set(facts.flatMap(f => f.values.flatMap(v => v.value.toLowerCase().split(' '))))),
      notKnown: [
        ...facts.filter(f => f.values.length === 0).map(f => LABELS[f.kind].toLowerCase()), 'request ids',
        'who is affected without writing'
      ],
      place: mostOf(facts, 'page', scrub),
      who: mostOf(facts, 'plan', scrub),
      workaround: workaround === null ? null : scrub(workaround).slice(0, 600)
    }
  }
}

export interface UrgencyRules { linearPriority: number, urgentFrom?: number, safetyRules?: string[] }

const URGENT = 1
const HIGH = 2

/**
 * Linear's priority of an issue: 1 urgent to 4 low, 0 none. Urgent only when a person approved it, and so many customers or
 * a rule of lost data or security stand behind it: nobody is woken by a machine alone.
 */
export async function priorityOf (
  db: Db, anomaly: { id: string, people: number, approvedBy: string | null }, rules: UrgencyRules, byPerson: boolean
): Promise<number> {
  const isLarge = anomaly.people >= (rules.urgentFrom ?? Infinity)
  if (byPerson && (isLarge || await hasEscalated(db, anomaly.id, rules.safetyRules ?? []))) return URGENT
  return rules.linearPriority === URGENT ? HIGH : rules.linearPriority
}

function customerOf ({ company, connection, person }: AnomalyText): string {
  return company ?? `${connection}/${person}`
}

// What more than half of the tickets name.
function mostOf (facts: Fact[], kind: 'page' | 'plan', scrub: (text: string) => string): string | null {
  const fact = facts.find(f => f.kind === kind)
  const [first] = fact?.values ?? []
  return fact === undefined || first === undefined || first.tickets * 2 <= fact.of ? null : scrub(first.value)
}
