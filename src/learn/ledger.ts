// What the mind knows about its own learning: which answers are taken out, which wait, who taught what, and what it told
// the ledger that people read. An item is one answer; its id comes from the reply that founded it, so that it is the same
// whenever the thoughts are folded again.
import type { Instant } from '../types.ts'
import { emptyLimits, joinEvidence } from './guard.ts'
import type { GuardRules, Limits, Why } from './guard.ts'
import { likeness, nameOf } from './guard-hash.ts'
import type { Adwin } from './adwin.ts'
import type { Staleness } from './staleness.ts'

export interface Ref { connection: string, ticketId: string, questionId: string }

/**
 * `watch`: agents stopped sending it; `review`: a person must approve it first; `retired`: it was learned while something
 * was broken that works again. Only `active` ones are drafted.
 */
export type ItemState = 'active' | 'review' | 'watch' | 'reverted' | 'rejected' | 'retired'

export type ChangeKind = 'new' | 'text' | 'usual' | 'threshold' | 'watch' | 'back' | 'review' | 'drift' | 'tie' | Decision['kind']

/** What folding a step told: rows of the ledger. The same thoughts tell the same. */
export type Told =
  | { kind: 'taught', ref: Ref, item: string, agent: string, topic: string, at: Instant }
  | {
    kind: 'held', ref: Ref, why: Why, detail: string, group: string | null, agent: string, topic: string, at: Instant
  }
  | {
    kind: 'change', item: string, what: ChangeKind, state: ItemState | null, topic: string, language: string, at: Instant
    before: string | null, after: string | null
  }

/** What a person decided about something learned. Recorded like a thought, and folded in its place among them. */
export type Decision = { id: number, at: Instant } & (
  | {
    kind: 'revert' | 'reject', item: string, language: string, prints: number[][], evidence: Ref[]
    until: Instant | null
  }
  | { kind: 'approve' | 'reinstate', item: string }
  | { kind: 'edit', item: string, text: string }
  | { kind: 'return', to: Instant }
  | { kind: 'admit', group: string }
  | { kind: 'quarantine' | 'release', topic: string, why: string, incident?: IncidentRef }
  | { kind: 'retire', incident: string, why: string }
)

/** Which incident a topic is held for, since when its questions do not teach, and how it ended: null while it lasts. */
export interface IncidentRef { id: string, from: Instant, end: 'noise' | 'over' | null }

export interface Tombstone { item: string, language: string, prints: number[][], until: Instant | null }

/** A reply that contradicts what was long known, kept until enough agents say the same. */
export interface HeldLesson<P> { where: Ref, pending: P, reply: { text: string, agentId: string, at: Instant } }

export interface HeldGroup<P> {
  id: string
  against: number                                   // the answer that was long known
  language: string
  prints: number[]
  agents: string[]
  days: string[]
  members: Array<HeldLesson<P>>
}

/**
 * What is broken at present, or was. `early`: a person let its topic go before it ended; `noise`: it never was one. Answers
 * in `born` were learned from its questions.
 */
export interface Incident<P> {
  topic: number
  from: Instant
  to: Instant | null
  state: 'open' | 'early' | 'over' | 'noise'
  why: string
  retired: boolean
  members: Array<HeldLesson<P>>
  born: number[]
}

/** Weights of what was said of an answer, fading; `at` is when they last faded. */
export interface Credit { agents: number, customers: number, at: Instant }

export interface Ledger<P> {
  limits: Limits
  ids: string[]                                     // answer number -> item
  born: Instant[]                                   // answer number -> when its first reply was sent
  out: Record<number, Exclude<ItemState, 'active'>>
  approved: Record<string, true>                    // items that a person has approved: not asked again
  tombstones: Tombstone[]
  quarantined: Record<string, string>               // topic number -> why
  open: Record<string, Instant>                     // topic number -> until when its old answers may be contradicted
  groups: Array<HeldGroup<P>>
  incidents: Record<string, Incident<P>>            // by the anomaly that each is
  stale: Record<number, { accepted: Staleness, lasting: Staleness }>
  again: Record<number, string[]>                   // answers in watch: who has sent them since, one entry a reply
  topics: Record<string, Adwin>                     // share of good drafts, by topic
  months: Record<string, { block: number, n: number, before: number }>
  usual: Record<string, number>                     // topic number -> its usual answer when it last changed
  credit: Record<number, Credit>
  people: Record<string, string>                    // question whose answer was used -> the customer, hashed
  threshold: number | null
  lessons: number
  caught: Partial<Record<Why, number>>
}

export function emptyLedger<P> (): Ledger<P> {
  return {
    limits: emptyLimits(), ids: [], born: [], out: {}, approved: {}, tombstones: [], quarantined: {}, open: {},
    groups: [], incidents: {}, stale: {}, again: {}, topics: {}, months: {}, usual: {}, credit: {}, people: {},
    threshold: null, lessons: 0, caught: {}
  }
}

/**
 * Moves what is kept by topic to the topic that remains of each. A quarantine stays with the part as well, so that it
 * holds when the part is split off again. Changes `ledger`.
 */
export function regroupLedger<P> (ledger: Ledger<P>, rootOf: (topic: number) => number): void {
  const { quarantined, open, topics, months, usual, limits } = ledger
  const move = <T>(record: Record<string, T>, join: (from: T, into: T) => T): void => {
    for (const [topic, value] of Object.entries(record)) {
      if (!/^\d+$/.test(topic)) continue
      const root = String(rootOf(Number(topic)))
      if (root === topic) continue
      const other = record[root]
      record[root] = other === undefined ? value : join(value, other)
      if (record !== quarantined) delete record[topic]
    }
  }
  move(quarantined, (_, why) => why)
  move(open, (a, b) => a > b ? a : b)
  move(topics, (_, own) => own)
  move(usual, (_, own) => own)
  move(months, (a, b) => {
    if (a.block !== b.block) return a.block > b.block ? a : b
    return { block: b.block, n: a.n + b.n, before: a.before + b.before }
  })
  move(limits.topics, joinEvidence)
}

/** The id of the item that a reply founds. */
export function itemOf (where: Ref): string {
  return `a-${nameOf(`${where.connection}/${where.ticketId}/${where.questionId}`)}`
}

/** Whether an answer may not be proposed at present. */
export function isOut<P> (ledger: Ledger<P>, answer: number): boolean {
  return ledger.out[answer] !== undefined
}

const SAME = 0.6                                    // as between two replies that are one answer

/** The tombstone that a reply falls under: what was reverted is not learned again from the same words for a while. */
export function tombstoneFor<P> (
  ledger: Ledger<P>, prints: number[], language: string, at: Instant
): Tombstone | null {
  return ledger.tombstones.find(t => (t.until === null || at < t.until) && t.language === language &&
    t.prints.some(p => likeness(p, prints) >= SAME)) ?? null
}

/** `void`: decisions that were themselves taken back. */
export interface TakenBack { lesson: (ref: Ref, at: Instant) => boolean, void: ReadonlySet<number> }

/**
 * The questions whose lessons are taken back by decisions, as a test of a question and an instant. What was reverted and
 * later reinstated is not taken back.
 */
export function takenBack (decisions: Decision[]): TakenBack {
  const isVoid = new Set<number>()
  for (const [i, d] of decisions.entries()) {
    if (d.kind !== 'reinstate') continue
    for (const e of decisions.slice(0, i)) if (takesBack(e) && e.item === d.item) isVoid.add(e.id)
  }
  const questions = new Set<string>()
  const spans: Array<{ from: Instant, to: Instant }> = []
  for (const d of decisions) {
    if (isVoid.has(d.id)) continue
    if (takesBack(d)) for (const ref of d.evidence) questions.add(refText(ref))
    else if (d.kind === 'return') spans.push({ from: d.to, to: d.at })
  }
  return {
    lesson: (ref, at) => questions.has(refText(ref)) || spans.some(s => at > s.from && at <= s.to),
    void: isVoid
  }
}

function takesBack (d: Decision): d is Decision & { kind: 'revert' | 'reject' } {
  return d.kind === 'revert' || d.kind === 'reject'
}

export function refText (ref: Ref): string {
  return `${ref.connection}/${ref.ticketId}/${ref.questionId}`
}

/** How many agents must contradict what was long known: a quarter of those who teach the topic, never more than all. */
export function quorumOf (team: number, rules: GuardRules): number {
  return Math.max(1, Math.min(team, Math.max(rules.quorumAgents, Math.ceil(team / 4))))
}
