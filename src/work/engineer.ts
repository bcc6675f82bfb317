// An engineer's question in a comment on our issue: read for what it asks about, and answered once with counts. Its words
// choose which counts are told; they are not kept, and cause nothing else.
import { randomUUID } from 'node:crypto'
import { answerFrom, readQuestion } from '../learn/engineer-question.ts'
import type { Asked } from '../learn/engineer-question.ts'
import { FACTS } from '../learn/ticket-facts.ts'
import type { Log } from '../log.ts'
import type { Anomaly } from '../store/anomalies.ts'
import type { Db } from '../store/db.ts'
import { recordEffect } from '../store/effects.ts'
import { countAnswers, isOwnEffect, listByIssue } from '../store/filings.ts'
import { HOUSE } from './follow.ts'
import { readFacts } from './issue-context.ts'
import type { MakeScrub } from './issue-context.ts'
import { makeKey } from './key.ts'

export interface IssueComment { id: string, issueId: string, body: string }

const MOST_A_DAY = 20                               // of one issue: two machines that answer each other must come to an end

/** Records the answer that a comment asks for; says whether it asks for one. Our own comments are known by their ids. */
export async function onComment (db: Db, log: Log, { id, issueId, body }: IssueComment): Promise<boolean> {
  const [anomaly] = await listByIssue(db, issueId)
  const asked = readQuestion(body)
  if (anomaly === undefined || asked === null || await isOwnEffect(db, id)) return false
  if (await countAnswers(db, anomaly) >= MOST_A_DAY) {
    log.warn({ service: 'linear', anomaly, outcome: 'not answered', message: `${MOST_A_DAY} questions were answered within a day` })
    return false
  }
  await db.transaction().execute(trx => recordEffect(trx, {
    id: randomUUID(), kind: 'linear-answer', account: 'linear', connection: HOUSE, ticketId: anomaly, cause: `answer:${id}`,
    marker: makeKey(), payload: { ...asked }, skipped: null
  }))
  return true
}

/** The answer, from the tickets as they are when it is written. */
export async function wordAnswer (
  db: Db, anomaly: Anomaly, payload: Readonly<Record<string, unknown>>, makeScrub: MakeScrub,
  escape: (text: string) => string
): Promise<string> {
  const { facts, scrub } = await readFacts(db, anomaly.id, makeScrub)
  const numbers = { tickets: anomaly.tickets, customers: anomaly.people }
  return answerFrom(askedIn(payload), facts, numbers, text => escape(scrub(text)))
}

function askedIn (payload: Readonly<Record<string, unknown>>): Asked {
  const { kinds, numbers } = payload
  return { kinds: Array.isArray(kinds) ? FACTS.filter(kind => kinds.includes(kind)) : [], numbers: numbers === true }
}
