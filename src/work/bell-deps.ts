// What the bell's performers are given: the clients, the words, and where things are told.
import type { IssueText } from '../bridge/linear-issue.ts'
import type { Linear } from '../bridge/linear.ts'
import type { Rendered } from '../bridge/slack-message.ts'
import type { Slack } from '../bridge/slack.ts'
import type { Anomaly } from '../store/anomalies.ts'
import type { Db } from '../store/db.ts'
import type { Instant } from '../types.ts'
import type { Neighbours } from './follow.ts'

/** How things are worded; made of what the bridge room offers, handed in so that this room need not know it. */
export interface BellWords {
  alert: (a: Anomaly) => Promise<Rendered>
  change: (a: Anomaly) => Promise<Rendered>
  issue: (a: Anomaly) => Promise<IssueText & { teamId: string, priority: number, labelIds: string[], stateId?: string }>
  /** Null: engineers have taken the block out. */
  block: (a: Anomaly, description: string) => Promise<string | null>
  comment: (a: Anomaly, what: string) => string
  /** The answer to what an engineer asked. */
  answer?: (a: Anomaly, payload: Readonly<Record<string, unknown>>) => Promise<string>
  /** What a company's request says; null: the company is not known any more. */
  need?: (a: Anomaly, account: string) => Promise<{ name: string, tierName?: string, body: string } | null>
  linkTitle?: (connection: string, ticketId: string) => Promise<string>
  link: (connection: string, ticketId: string) => string
}

export interface BellDeps {
  db: Db
  slack: Slack | null
  linear: Linear | null
  words: BellWords
  /** Where an anomaly of this kind is told. */
  channel: (kind: string) => string
  to: Neighbours
  now: () => Promise<Instant>
  /** The picture of an anomaly's course; null: none is known. Absent: messages go without. */
  draw?: (a: Anomaly) => Uint8Array | null
  /** How long a lost message may still be posted; default a minute. */
  slackResendMs?: number
}
