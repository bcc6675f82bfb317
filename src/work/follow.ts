// What follows from a move of an anomaly, as effects: each has the anomaly as its cause, so that it happens once whatever
// crashes, and what only shows a state is shown in its newest form.
import { randomUUID } from 'node:crypto'
import type { Transaction } from 'kysely'
import type { Ask } from '../learn/life.ts'
import { plus } from '../learn/story.ts'
import type { Instant } from '../types.ts'
import { listAnomalyTickets } from '../store/anomalies.ts'
import type { Anomaly } from '../store/anomalies.ts'
import { recordEffect } from '../store/effects.ts'
import { listCompanies } from '../store/filings.ts'
import type { Database } from '../store/schema.ts'
import type { TellRules } from '../learn/telling.ts'
import { makeKey } from './key.ts'
import { tellAnomaly, tellRollup } from './telling.ts'

export interface Neighbours {
  slack: boolean
  linear: boolean
  notes: boolean                                    // whether tickets are told at all: not while we only observe
  verifyHours: number
  tell?: TellRules                                  // where and when; absent: at once, wherever the performer says
  needs?: boolean                                   // whether companies become customer requests in Linear
}

/** The account under which an anomaly's effects stand: it is no helpdesk's. */
export const HOUSE = 'deskloop'
const MOST_LINKS = 50
const MOST_NOTES = 500

/** Records what is asked for; `at` is the present by the desk's clock. */
export async function follow (
  trx: Transaction<Database>, to: Neighbours, anomaly: Anomaly, asks: Ask[], at: Instant
): Promise<void> {
  const one = async (kind: string, account: string, cause: string, payload: object = {}): Promise<void> => {
    await recordEffect(trx, {
      id: randomUUID(), kind, account, connection: HOUSE, ticketId: anomaly.id, cause, marker: makeKey(),
      payload: { version: anomaly.version, ...payload }, skipped: null
    })
  }
  const isTold = to.slack && anomaly.slackTs !== null
  for (const ask of asks) {
    switch (ask) {
      case 'message':
        if (to.slack && to.tell !== undefined) await tellAnomaly(trx, to.tell, anomaly, at)
        else if (to.slack) await one('slack-message', 'slack', 'message')
        break
      // Before its message stands there is nothing to update: the message itself is rendered in the newest form.
      case 'update':
        if (isTold) await one('slack-update', 'slack', `update:${anomaly.version}`)
        else if (to.slack && to.tell !== undefined) await retell(trx, to.tell, anomaly, at)
        // The block of an issue shows the state, too.
        if (to.linear && anomaly.issueId !== null) await one('linear-block', 'linear', `block:${anomaly.version}`)
        break
      case 'thread': if (isTold) await one('slack-thread', 'slack', `thread:${anomaly.version}`); break
      case 'issue': if (to.linear) await one('linear-issue', 'linear', 'issue'); break
      case 'attach': if (to.linear) await one('linear-attach', 'linear', 'issue'); break
      case 'block':
        if (to.linear && anomaly.issueId !== null) {
          await one('linear-block', 'linear', `block:${anomaly.version}`)
          for (const t of await listAnomalyTickets(trx, anomaly.id, MOST_LINKS)) {
            const { connection, ticketId, at: askedAt } = t
            await one('linear-link', 'linear', `link:${connection}/${ticketId}`, { connection, ticketId, at: askedAt })
          }
          for (const { account } of to.needs === true ? await listCompanies(trx, anomaly.id) : []) {
            await one('linear-need', 'linear', `need:${account}`, { account })
          }
        }
        break
      case 'comment_verified':
      case 'comment_not_fixed':
        if (to.linear && anomaly.issueId !== null) {
          await one('linear-comment', 'linear', `${ask}:${anomaly.fixedAt ?? ''}`, { what: ask })
        }
        break
      case 'verify':
        await trx.updateTable('anomaly').set({ verify_at: plus(at, to.verifyHours * 3600) })
          .where('id', '=', anomaly.id).execute()
        break
      case 'notes':
        if (to.notes) {
          for (const { connection, ticketId, at: askedAt } of await listAnomalyTickets(trx, anomaly.id, MOST_NOTES)) {
            // Whoever wrote after the fix does not hear that it is fixed.
            if (anomaly.fixedAt !== null && askedAt > anomaly.fixedAt) continue
            await recordEffect(trx, {
              id: randomUUID(), kind: 'fixed', connection, ticketId, cause: `${anomaly.id}:${anomaly.fixedAt ?? ''}`,
              marker: makeKey(), payload: { anomaly: anomaly.id }, skipped: null
            })
          }
        }
        break
    }
  }
}

// It waits for the morning or stands in a roll-up: loud enough by now, it gets its message; else the roll-up follows.
async function retell (trx: Transaction<Database>, rules: TellRules, anomaly: Anomaly, at: Instant): Promise<void> {
  const { heldUntil, rolledUp, channel } = anomaly.telling
  if (channel !== null || (heldUntil === null && rolledUp === null)) return
  if (anomaly.people >= rules.loudFrom && anomaly.state !== 'noise' && anomaly.state !== 'merged') await tellAnomaly(trx, rules, anomaly, at)
  else if (rolledUp !== null) await tellRollup(trx, rolledUp)
}
