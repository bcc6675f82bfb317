// The words of the house. A helpdesk is what a support team already uses; a connection is one account of it. A
// delivery is one webhook as it was received; an event is one fact about a ticket, said in our own words. A question
// is one turn of the customer, an answer is what a person sent, a draft is what we would have sent, a signal is what
// a draft turned out to be worth. A topic is a group of questions, an anomaly a topic that arrives faster than it should.

/** ISO 8601 in UTC, whole seconds: `2026-11-22T09:10:00Z`. Whole, because not every helpdesk says more. */
export type Instant = string

export type Channel = 'email' | 'web' | 'chat' | 'api' | 'phone' | 'social' | 'other'

/** The customer as the helpdesk knows him. `id` is the helpdesk's own. */
export interface PersonRef { id: string, name?: string, email?: string }

/** `key` is the same by webhook and by history and unique per ticket: a redelivery stops there. */
export interface EventBase { key: string, connection: string, ticketId: string, at: Instant }

export type TicketEvent = EventBase & EventFact

export type EventFact =
  | { kind: 'opened', subject: string, channel: Channel, person: PersonRef, page?: string, tags: string[] }
  | { kind: 'asked', messageId: string, text: string, person: PersonRef }
  | { kind: 'answered', messageId: string, agentId: string, text: string, by: 'human' | 'bot' }
  | { kind: 'assigned', agentId?: string, group?: string }
  | { kind: 'escalated', how: string }
  | { kind: 'solved' }
  | { kind: 'reopened' }
  | { kind: 'rated', good: boolean, score?: number, comment?: string }
  | { kind: 'tagged', added: string[], removed: string[] }
  | { kind: 'merged', into: string }
  | { kind: 'spam' }
  | { kind: 'deleted' }
  | { kind: 'redacted', messageId: string }
  | { kind: 'abandoned' }
  | { kind: 'flagged', questionId: string, reason: FlagReason }     // a person says that our draft is not to be used
  | { kind: 'context', name: ContextName, value: string }           // where the customer was when he asked

/** What is known of the place from which somebody asks. Values are as `contextValue` of text.ts makes them. */
export type ContextName = 'page' | 'error' | 'plan' | 'language' | 'version' | 'region'

export type FlagReason = 'wrong' | 'outdated' | 'tone' | 'other'

export type EventKind = EventFact['kind']

/** A delivery that does not say everything: look at this ticket yourself. */
export interface Look { kind: 'look', ticketId: string }

export type Settings = Readonly<Record<string, string>>

/** Header names are lower case. */
export type Headers = Readonly<Record<string, string | undefined>>

export type Signature =
  | {
    kind: 'hmac'
    header: string
    secret: string                                  // the setting that holds up to five secrets, separated by commas
    hash: 'sha256' | 'sha1'
    encoding: 'base64' | 'hex'
    prefix?: string                                 // what stands before the digest in the header
    timestamp?: string                              // the header that holds the signed instant; its text precedes the body
  }
  | { kind: 'shared', header: string, secret: string }

/** One vendor of helpdesks, found by its folder. Everything but `open` is pure. */
export interface Connector {
  name: string
  settings: Record<string, string>                  // variable -> one sentence
  optional: string[]                                // which of the settings may be missing
  signature: Signature
  resendAfterMs?: number                            // a lost write may still be applied that long; default a minute
  /** What makes two deliveries the same one, from inside the signed body. Null: each counts (and only says "look"). */
  identify (body: unknown): string | null
  /** Total: what it does not know becomes `[]`, and it never throws. Same body, same keys. `settings` say which fields matter. */
  normalize (body: unknown, connection: string, settings?: Settings): Array<TicketEvent | Look>
  /** What the smallest plan allows, until the vendor's own headers or a setting say more. */
  rate?: Rate
  /**
   * Without a pace its calls go straight out. `kept`: what is kept for the connection beside its settings; without it
   * tokens live in memory only.
   */
  open (settings: Settings, connection: string, pace?: Pace, kept?: Kept): Helpdesk
}

/** What is kept for one connection, encrypted and shared by every process: what it was granted, and what it is signed with. */
export interface Kept { grants: Grants, secrets: () => Promise<string[]> }

/** A token as an authorization server granted it (RFC 6749, 5.1). */
export interface Grant {
  access: string
  refresh: string | null
  grantedAt: Instant
  expiresAt: Instant
  refreshExpiresAt: Instant | null
}

export interface Grants {
  find (): Promise<Grant | null>
  /** Has the next one granted and keeps it. Null: another process is at it, and `find` will show what it got. */
  renew (grant: (kept: Grant | null) => Promise<Grant>): Promise<Grant | null>
}

/** What a connection signs in with, as far as the helpdesk tells. */
export interface Credential {
  kind: string                                      // in words: `an API token`
  setting: string                                   // where a new one goes
  expiresAt: Instant | null                         // null: it does not end by itself, as far as anybody knows
  renews: boolean                                   // Deskloop gets the next one by itself
}

/** So many calls in so long, for the whole account. */
export interface Rate { limit: number, windowMs: number }

/** `live`: somebody waits for it (a note, a ticket that has just changed). `backfill`: it can wait (history, knowledge, setting up). */
export type Lane = 'live' | 'backfill'

/** Lets the calls of one account out so that its limit is never reached; shared by every process that speaks to it. */
export interface Pace {
  /** One operation, such as writing a note: what has begun goes before what has not, what follows a write waits no more. */
  begin (lane: Lane): Ask
}

/**
 * Speaks when it is the call's turn and hears what the answer says of the limit. Throws `HeldBack`, and then nothing was
 * sent: the turn would come too late, the vendor has asked to wait, or the account is resting.
 */
export type Ask = <T>(call: PacedCall, speak: () => Promise<T>, hear: (answer: T) => Heard) => Promise<T>

/** `endpoint`: method and path without ids. `urgent`: must not wait, such as hiding a note that turned out to be public. */
export interface PacedCall { endpoint: string, write: boolean, urgent?: boolean }

/** `failed`: the helpdesk broke down over it. `waitMs`: it asked to wait. `used`: what the call cost, where it is not one. */
export interface Heard { failed: boolean, quotas: Quota[], waitMs: number | null, used?: number }

/** What a vendor's headers say of a limit; `resetMs` from now, null where they do not say. */
export interface Quota { of: 'account' | 'endpoint', limit: number, remaining: number, resetMs: number | null }

/** One account of a helpdesk; the only part of a connector that speaks to the network. */
export interface Helpdesk {
  /** Who we are there. Messages of this author are our own and are never questions or answers. */
  fetchSelf (): Promise<{ id: string, name: string }>
  /**
   * Writes the internal note, reads it back, throws `PublicNote` if it is public. Never sends again by itself.
   * `beforeWrite` is called when all is read and the write would be next: if it throws, nothing is written.
   */
  postNote (ticketId: string, note: Note, beforeWrite?: () => Promise<void>): Promise<NoteReceipt>
  /**
   * Where notes can be changed: these parts over our own note, read back like a new one. `moved` says what to do when the
   * ticket has moved on since the note's basis: refuse as `postNote` does, or write all the same. Null: the note is gone,
   * or a person has written into it. Doing it twice is harmless. `beforeWrite` is called when all is read and the write
   * would be next: if it throws, nothing is written.
   */
  editNote? (
    ticketId: string, noteId: string, note: Note, moved: 'refuse' | 'write', beforeWrite?: () => Promise<void>
  ): Promise<NoteReceipt | null>
  /** Looks for a note by its key: null when the ticket does not hold it. */
  findNote (ticketId: string, key: string): Promise<NoteReceipt | null>
  /** Every note of ours that shows the key, oldest first. More than one: a lost write was applied late. */
  listNotes? (ticketId: string, key: string): Promise<NoteReceipt[]>
  /** The whole story, with the same keys as by webhook. Throws `GiveUp` when the ticket is gone. */
  fetchTicket (ticketId: string): Promise<TicketEvent[]>
  /** Tickets changed since, oldest change first; each page carries the cursor that goes on after it. */
  fetchHistory (since: Instant, cursor?: string, options?: HistoryOptions): AsyncIterable<HistoryPage>
  /** Help-centre articles and macros, changed since. */
  fetchKnowledge (since?: Instant): AsyncIterable<Article>
  /** How many tickets were created in [from, to), as the helpdesk itself counts. */
  countTickets (from: Instant, to: Instant): Promise<number>
  /** Which tickets were created in [from, to), as the helpdesk names them. */
  listCreated? (from: Instant, to: Instant): Promise<string[]>
  /** How many calls the history of so many tickets takes. */
  planCalls? (tickets: number): number
  /** Signs in, and tells with what. Throws like every call when it is refused. */
  credential? (): Promise<Credential>
  /** Where the helpdesk can be set up by a program. */
  provision?: Provision
}

/** Sets up what makes a helpdesk deliver to `door`, our address for this connection. Touches only what carries our mark. */
export interface Provision {
  notesComeBack: boolean                            // a note of ours is delivered like any other change
  /** What is missing for it and what stands in its way. Changes nothing. */
  check (door: string): Promise<Finding[]>
  /** What would have to be done. Empty: everything is as it should be. Changes nothing. */
  plan (door: string, goal: Goal): Promise<PlannedChange[]>
  /** Does it, and returns what was done. Doing it again does nothing. */
  apply (door: string, goal: Goal): Promise<PlannedChange[]>
  /** What is left for a person, step by step. */
  steps? (door: string, after: Goal | 'refused'): string[]
  /** With what the helpdesk signs at present, where the helpdesk itself draws the secret. */
  fetchSecrets? (door: string): Promise<string[]>
  /** Who was mailed because of a note of ours. Absent: this helpdesk does not tell. */
  findMails? (ticketId: string, noteId: string): Promise<Mail[]>
  /** Takes back a note of ours, as far as the helpdesk allows. */
  removeNote (ticketId: string, noteId: string): Promise<'removed' | 'redacted'>
}

export type Goal = 'connected' | 'disconnected'

/** A mail that a rule of the helpdesk sent. */
export interface Mail { rule: string, to: 'customer' | 'staff' }

/** `stop`: nothing works before it is mended. `look`: a person should know. */
export interface Finding { level: 'stop' | 'look', what: string, why: string }

export interface PlannedChange { action: 'create' | 'change' | 'remove', what: string, id?: string, details: string[] }

/**
 * `reached`: every change up to here has been told. `unread`: tickets that are refused, each by itself, while others are
 * told; only in bulk, where one ticket shall not hold up thousands.
 */
export interface HistoryPage {
  stories: Array<{ ticketId: string, events: TicketEvent[] }>, cursor: string, reached?: Instant
  unread?: Array<{ ticketId: string, why: string }>
}

/**
 * `until`: changes from then on are not asked for. `pageSize`: no more tickets at a time, where larger pages time out.
 * `bulk`: thousands will be told, so what can be read for many tickets at once is.
 */
export interface HistoryOptions { until?: Instant, pageSize?: number, bulk?: boolean }

export interface Article {
  id: string, kind: 'article' | 'macro', title: string, text: string, url?: string
  language?: string, updatedAt: Instant
  public: boolean                                   // may be shown to customers; a macro: is written to be sent to them
}

export interface NoteReceipt { noteId: string, public: boolean, at: Instant }

/** A note as data; each connector renders the parts in the HTML its helpdesk allows, and escapes every text. */
export interface Note {
  key: string                                       // `dl-` and 13 characters: visible in the last line, and what we look for
  basis: string                                     // message id of the newest public message the draft has seen
  closedToo?: boolean                               // news that are worth reading on a closed ticket, where it takes notes
  parts: NotePart[]
}

export type NotePart =
  | { kind: 'headline', label: string, text: string }                 // label is bold: `AI draft · private`
  | { kind: 'rule' }
  | { kind: 'draft', paragraphs: string[] }                           // lines inside a paragraph are split by \n
  | { kind: 'facts', items: Array<{ label: string, text: string, link?: Link }> }
  | { kind: 'footer', hint: string, links: Link[], key: string }

export interface Link { text: string, url: string }

/** What was asked: one turn of the customer, with the subject before its first words. */
export interface Question {
  connection: string, ticketId: string, questionId: string
  at: Instant
  text: string
  before?: string                                   // what the customer had asked in earlier turns of this ticket
  told?: string[]                                   // what he was answered there
  personId: string
  language: string
  channel: Channel
  page?: string
  context?: Readonly<Partial<Record<ContextName, string>>>   // what is not known has no entry
  tag?: string                                      // the topic that the ticket's tags named then
}

/** A rule that says when a ticket counts as escalated. `suggest`: agents are told at once, in an internal note. */
export interface EscalationRule {
  id: string
  version: number                                   // grows when the rule comes to mean something else
  says: string                                      // the rule in one sentence, for people
  when: EscalationCause
  suggest?: boolean
  to?: string                                       // whom a suggestion names
}

/** What sets a rule off. Names may hold `*` for anything; phrases are listed by language, for their readers. */
export type EscalationCause =
  | { helpdesk: string[] }                          // the helpdesk says so itself, in one of these ways
  | { group: string[] }                             // moved to such a group, by name or id as the helpdesk tells it
  | { tag: string[] }
  | { agents: number }                              // so many different people have answered
  | { phrases: Record<string, string[]>, unless?: Record<string, string[]> }   // the customer writes one; in one sentence

/** Where notes are wanted; a list that is left out or empty allows everything. `withoutTags` wins over all others. */
export interface Scope { channels?: Channel[], groups?: string[], tags?: string[], withoutTags?: string[] }
