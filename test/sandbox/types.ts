// What the pretend vendors have in common. They are written from the vendors' public facts, not from our connectors:
// they refuse what the vendor refuses, answer in the vendor's true shapes, and keep a journal of everything applied.

/** ISO 8601 in UTC, whole seconds. */
export type Instant = string

export interface Person { id: string, name: string, email: string }

/** One thing that was really applied: what "the customer saw" can be asked of it. */
export interface JournalEntry {
  at: Instant                                       // the pretend vendor's own time
  ticketId: string
  kind: 'opened' | 'message' | 'note' | 'note-edited' | 'note-removed' | 'solved' | 'reopened' | 'rated' | 'assigned' |
    'tagged' | 'merged' | 'spam' | 'deleted' | 'redacted' | 'closed' | 'updated' | 'mailed'
  by: 'customer' | 'agent' | 'bot' | 'api'          // 'api': a program wrote it through the REST interface
  public: boolean                                   // would the customer see it?
  messageId?: string
  authorId?: string
  text?: string
}

/** One webhook that the vendor wants to deliver, exactly as it goes over the wire. */
export interface Delivery {
  id: string                                        // the sandbox's own number of it
  event: string                                     // the vendor's name of the event, for people
  ticketId: string
  body: string
  headers: (sentAt: Date) => Record<string, string> // made anew for each attempt: signatures carry its time
  attempts: Array<{ at: string, status: number | null, ms: number }>   // null: no answer
}

/** How a pretend vendor misbehaves. Shares are 0 to 1; every draw comes from `seed`. */
export interface Faults {
  seed: number
  error500: number                                  // answers 500 and applies nothing
  rateLimited: number                               // answers the vendor's own 429, headers and all, applies nothing
  lostAnswer: number                                // applies, then cuts the connection
  hang: number                                      // applies nothing and never answers
  late: number                                      // answers nothing, applies `lateMs` afterwards
  lateMs: number
  publicNotes: number                               // drops the private flag of a note, as bugs of vendors did
  slowMs: number                                    // added to every answer
  onlyWrites: boolean                               // reads are spared
  refuseReads: boolean                              // … but for 500s and 429s, which they meet all the same
}

/** How deliveries travel when they are sent. */
export interface Sending {
  concurrency: number                               // requests at a time
  copies: [least: number, most: number]             // each delivery is sent this often
  shuffle: boolean                                  // random order
  drop: number                                      // share that is never sent at all
  seed: number
  retries: number                                   // attempts after a failed one, `retryMs` apart
  retryMs: number
}

export interface PretendHelpdesk {
  name: 'zendesk' | 'intercom' | 'freshdesk'
  url: string                                       // origin, such as http://127.0.0.1:40001
  settings: Record<string, string>                  // what an operator would put into Deskloop's environment for it
  // What people do. Each is applied at once, journalled, and makes the vendor's webhooks, held until `send`.
  openTicket (o: {
    at: Instant, subject: string, text: string, person: Person, tags?: string[], page?: string, channel?: 'email' | 'web' | 'chat'
  }): string                                        // the ticket's id
  customerWrites (ticketId: string, o: { at: Instant, text: string }): string          // the message's id
  agentReplies (ticketId: string, o: { at: Instant, text: string, agentId: string }): string
  agentNotes (ticketId: string, o: { at: Instant, text: string, agentId: string }): string     // an agent's own internal note
  botReplies (ticketId: string, o: { at: Instant, text: string }): string
  assign (ticketId: string, o: { at: Instant, agentId?: string, group?: string }): void
  tag (ticketId: string, o: { at: Instant, tags: string[] }): void
  escalate (ticketId: string, o: { at: Instant }): void               // priority to the highest, as a person would
  solve (ticketId: string, o: { at: Instant, agentId?: string }): void
  reopen (ticketId: string, o: { at: Instant }): void
  rate (ticketId: string, o: { at: Instant, good: boolean, comment?: string }): void
  merge (ticketId: string, o: { at: Instant, into: string }): void
  spam (ticketId: string, o: { at: Instant }): void
  remove (ticketId: string, o: { at: Instant }): void                 // soft delete
  redact (ticketId: string, o: { at: Instant, messageId: string }): void
  /** Agents are made on first use: `agentReplies` with a new `agentId` (any string) maps it to a vendor user. */
  /** The vendor's present time: stamps what the API writes. It is the newest `at` it was told of, unless set. */
  setNow (at: Instant | null): void
  // Deliveries
  webhookUrl: string | null                         // where to; null: held
  pending: Delivery[]                               // made and not yet sent
  sent: Delivery[]                                  // every one that was sent at least once, with its attempts
  send (sending?: Partial<Sending>): Promise<{ sent: number, attempts: number, failed: number, dropped: number }>
  journal: JournalEntry[]
  faults: Faults
  /** Every request received, newest last, at most 100,000. */
  requests: Array<{ method: string, path: string, status: number | null, body?: unknown }>
  ticketIds (): string[]
  close (): Promise<void>
}

export const noFaults: Faults = {
  seed: 1, error500: 0, rateLimited: 0, lostAnswer: 0, hang: 0, late: 0, lateMs: 4500, publicNotes: 0, slowMs: 0,
  onlyWrites: true, refuseReads: false
}

export const plainSending: Sending = {
  concurrency: 8, copies: [1, 1], shuffle: false, drop: 0, seed: 1, retries: 0, retryMs: 1000
}
