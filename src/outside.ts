// The words for what lies outside the helpdesks: where events go, what is written where, the companies behind customers,
// the language model, and what is told of an anomaly.
import type { EventKind, Instant } from './types.ts'

/** Where the stream of events is sent to, signed. `kinds` null: every kind; `from`: where a new one begins. */
export interface Outlet {
  name: string, url: string, secrets: string[], kinds: EventKind[] | null, from: 'now' | 'start'
  nats?: NatsTarget                                 // set: published to NATS JetStream instead of posted
}

/** Each event goes to `subject.connection.kind`. A stream that is not there is made, and keeps events for so many days. */
export interface NatsTarget { stream: string, subject: string, keepDays: number, token?: string, credentials?: string }

/** One event on its way to an outlet. `route`: connection and kind, with a dot between. */
export interface OutletMessage { id: string, route: string, body: string }

/** What an outlet made of one event. `gone`: it wants no more of them, ever. */
export type OutletAnswer =
  | { kind: 'taken' }
  | { kind: 'refused', message: string }
  | { kind: 'gone', message: string }
  | { kind: 'later', message: string, waitMs: number }

/** Whether a signed message is true, and if not, why, for the one who writes the receiving end. */
export type SignedVerdict = { valid: true, signedAt: Instant } | { valid: false, reason: string }

/** A company as HubSpot keeps it. Every value is a text there; null: not set. */
export interface Company { id: string, name: string, properties: Record<string, string | null>, owner: string | null }

/** Where a team keeps the companies behind its tickets. Reads only, but for properties of our own. */
export interface Crm {
  /** The company behind each address; null: there is none. */
  findCompanies (emails: string[]): Promise<Map<string, string | null>>
  /** Which of the properties that were asked for do not exist there: they would be passed over in silence. */
  findMissing (): Promise<string[]>
  /** Companies that are gone are missing. */
  fetchCompanies (ids: string[]): Promise<Company[]>
  /** Writes properties of our own group, which it makes first. Throws `GiveUp` when one of the name is somebody else's. */
  saveRisk (companyId: string, risk: CompanyRisk): Promise<void>
}

export interface CompanyRisk { score: number, reasons: string, at: Instant }

/** config/hubspot.json: which properties say what, what notes may show, and from when on an account is at risk. */
export interface CrmView {
  properties: { lifecycle?: string, plan?: string, arr?: string, renewal?: string, health?: string }
  show: Array<'company' | 'lifecycle' | 'plan' | 'arr' | 'renewal' | 'health' | 'owner'>
  atRisk: { healthBelow: number, riskFrom: number, renewalWithinDays: number }
  cancellation: Record<string, string[]>            // phrases of customers who think of leaving, by language
}

/** One write to the outside, as the effect machine hands it over. `account` is the connection, or the name of a bridge. */
export interface EffectRequest {
  id: string                                        // random UUID v4, ours: the client id where a vendor takes one
  kind: string
  account: string
  ticketId: string
  marker: string
  payload: Readonly<Record<string, unknown>>
}

/** Stands there now, under the vendor's own id. */
export interface Performed { vendorId: string, details?: Readonly<Record<string, string>> }

/** How one kind of effect is carried out. The machine decides when; this decides how, and never sends again by itself. */
export interface Performer {
  kind: string
  /** How long a lost write may still be applied. 0: the same id or stamp makes a second sending harmless. */
  resendAfterMs: number | ((account: string) => number)
  /** Was it applied? Asked before a write whose last answer was unclear is sent again. */
  look (effect: EffectRequest): Promise<Performed | null>
  /**
   * Does it. Throws like every client: GiveUp, Refused, RetryLater, Unclear, PublicNote. Who reads first calls
   * `beforeWrite` right before the write: it throws when the account was stopped meanwhile.
   */
  send (effect: EffectRequest, beforeWrite: () => Promise<void>): Promise<Performed>
  /** Removes every copy but one, and returns how many it removed. Absent: this vendor cannot come to have two. */
  reconcile? (effect: EffectRequest, vendorId: string): Promise<number>
  /** Any harmless read: throws `Refused` while the account does not take our token. Absent: only a person ends a pause. */
  probe? (account: string): Promise<unknown>
}

/** What a language model is asked to put into words: a learned answer, for this question. Texts as they are: redaction is the drafter's. */
export interface WordingRequest {
  question: string
  before: string | null                             // what was asked and answered earlier in this ticket
  language: string
  names: string[]                                   // people and companies that are known: never sent
  proposal: string                                  // the learned answer
  sources: Array<{ id: string, title: string, text: string }>
  context: string[]                                 // page, error, plan
}

/** What came of it. `kept`: the learned answer stays as it is, and `reason` says why. */
export interface Wording {
  state: 'worded' | 'kept'
  text: string                                      // empty when kept
  reason: string
  sent: string                                      // the exact text that left the house, redacted; empty: none did
  model: string
  usedSources: string[]
  tokensIn: number
  tokensOut: number
  hidden: Record<string, number>                    // how many personal things were taken out, by kind
}

export interface Drafter {
  /** Never throws: with no model, no budget or no sense the learned answer stays. */
  word (request: WordingRequest): Promise<Wording>
}

/** What the companies behind an anomaly are worth; sums are of so many of them as are known to have it. */
export interface Worth {
  companies: number
  arr: number | null, arrKnown: number              // a year's revenue
  renewals: number, withinDays: number              // how many renew that soon
  renewalArr: number | null, renewalKnown: number
}

/** An anomaly as it is shown outside: counted facts and shared words only, nothing that one customer wrote alone. */
export interface AnomalyView {
  id: string
  state: 'open' | 'acknowledged' | 'filed' | 'fixed' | 'verified' | 'not_fixed' | 'closed' | 'merged' | 'noise'
  kind: string
  topic: string
  title: string
  tickets: number
  people: number
  usual: number
  openedAt: Instant
  terms: string[]                                   // words that many of its tickets share
  facts: Array<{ label: string, text: string }>
  chance: number                                    // of so much by accident, 0 to 1
  precision: { right: number, judged: number }      // of the detector, 30 days
  issue: { identifier: string, url: string } | null
  filing: boolean
  assignee: string | null
  approvedBy: string | null
  reason: string | null
  release: { name: string, minutes: number } | null
  home: string                                      // where its page stands; empty: nowhere to link to
  hours?: number | null                             // that `usual` is of; null: not known
  snoozed?: { until: Instant, by: string } | null
  toldAt?: Instant                                  // when these numbers were taken
  rate?: { now: number, low: number, high: number } | null   // customers in the last hour of its course, and what is usual
  worth?: Worth | null
  end?: { peak: number | null, told: number }       // customers in its worst hour; tickets that were told of the fix
  /** Out of which one a person took it, and what was taken out of it. */
  split?: { from: { title: string } | null, off: Array<{ title: string, tickets: number }> }
  picture?: { file: string, words: string } | null  // its course, as uploaded and in words
}
