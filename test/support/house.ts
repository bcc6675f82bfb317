// What the tests of the house share: rules, stories told to the database as deliveries would tell them, a helpdesk that
// follows a script, and the whole house with its three pretend helpdesks.
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { readConfig } from '../../src/config.ts'
import type { Rules } from '../../src/config.ts'
import { findConnectors } from '../../src/connectors.ts'
import { openLog } from '../../src/log.ts'
import { openService } from '../../src/main.ts'
import type { Db } from '../../src/store/db.ts'
import { ensurePartitions } from '../../src/store/partitions.ts'
import { recordFacts } from '../../src/store/recorder.ts'
import type { Helpdesk, Instant, Look, Note, NoteReceipt, TicketEvent } from '../../src/types.ts'
import { onTicket } from '../../src/work/ticket.ts'
import { openFreshdesk } from '../sandbox/freshdesk.ts'
import { openIntercom } from '../sandbox/intercom.ts'
import { openZendesk } from '../sandbox/zendesk.ts'
import type { PretendHelpdesk } from '../sandbox/types.ts'
import { openTestDatabase } from './database.ts'

export const ROOT = join(import.meta.dirname, '../..')

/** Notes as soon as the gate has seen enough replies to speak at all (75), however they turned out, whoever sent them, for everybody. */
export const EAGER = { risk: 1, leastScore: 0, leastAgents: 0, leastCustomers: 0, holdout: 0 }

export const silent = openLog('silent')

export function usualRules (different: Partial<Rules> = {}): Rules {
  return { ...readConfig({}, join(ROOT, 'config'), []).rules, ...different }
}

/** Facts go in as a delivery's would, and every ticket that has something new is looked at, as by the queue's workers. */
export async function tell (db: Db, rules: Rules, facts: Array<TicketEvent | Look>): Promise<void> {
  await ensurePartitions(db, [], facts.flatMap(fact => fact.kind === 'look' ? [] : [fact.at]))
  const groups = [...new Set(facts.map(fact => fact.kind === 'look' ? '' : fact.connection))]
    .map(connection => ({ connection, facts: facts.filter(fact => fact.kind !== 'look' && fact.connection === connection) }))
  const jobs = await db.transaction().execute(trx => recordFacts(trx, groups))
  for (const job of jobs) await onTicket({ db, log: silent, helpdesks: new Map(), rules, wake: () => {} }, job)
}

/** What happens to the next write: applied or not, and what the caller hears of it. */
export interface Turn { applies: boolean, throws: Error | null, public?: boolean }

export interface ScriptedDesk {
  helpdesk: Helpdesk
  notes: Array<{ ticketId: string, note: Note, public: boolean }>
  calls: string[]                                   // `post 7`, `find 7`
  script: Turn[]                                    // for the next writes; after its end every write is applied
  reads: Error[]                                    // thrown by the next looks
  slowMs: number
}

/** A helpdesk in memory. Like every connector's it writes no note that is there already, and says so when it is public. */
export function scriptDesk (over: Partial<Helpdesk> = {}): ScriptedDesk {
  const receiptOf = (at: number): NoteReceipt =>
    ({ noteId: `n${at}`, public: desk.notes[at]?.public ?? false, at: '2026-10-05T07:31:00Z' })
  const indexOf = (ticketId: string, key: string): number =>
    desk.notes.findIndex(n => n.ticketId === ticketId && n.note.key === key)
  const none = (): never => { throw new Error('nobody should ask this helpdesk for that') }
  const desk: ScriptedDesk = {
    notes: [],
    calls: [],
    script: [],
    reads: [],
    slowMs: 0,
    helpdesk: {
      fetchSelf: async () => ({ id: 'self', name: 'Deskloop' }),
      async postNote (ticketId, note, beforeWrite) {
        desk.calls.push(`post ${ticketId}`)
        if (indexOf(ticketId, note.key) < 0) await beforeWrite?.()
        const turn = desk.script.shift() ?? { applies: true, throws: null }
        if (desk.slowMs > 0) await sleep(desk.slowMs)
        if (turn.applies) desk.notes.push({ ticketId, note, public: turn.public ?? false })
        if (turn.throws !== null) throw turn.throws
        return receiptOf(indexOf(ticketId, note.key))
      },
      async findNote (ticketId, key) {
        desk.calls.push(`find ${ticketId}`)
        const error = desk.reads.shift()
        if (error !== undefined) throw error
        const at = indexOf(ticketId, key)
        return at < 0 ? null : receiptOf(at)
      },
      fetchTicket: async () => none(),
      fetchHistory: none,
      fetchKnowledge: none,
      countTickets: async () => none(),
      ...over
    }
  }
  return desk
}

export interface House {
  url: string
  db: Db
  rules: Rules
  desks: Record<'zendesk' | 'intercom' | 'freshdesk', PretendHelpdesk>
  get: (path: string) => Promise<unknown>
  page: (path: string) => Promise<{ status: number, body: string }>
  post: (path: string, body?: unknown) => Promise<unknown>
  /** Sends all webhooks, moves the clock, and waits until all is done. */
  live: (now: Instant) => Promise<void>
  /** Lets the ratings of Freshdesk be found, of which no webhook tells. */
  catchUp: (now: Instant) => Promise<void>
  close: () => Promise<void>
}

/** The service in this process, on a database of its own, with three pretend helpdesks on loopback. */
export async function openHouse (env: Record<string, string> = {}): Promise<House> {
  const database = await openTestDatabase()
  const desks = { zendesk: await openZendesk(), intercom: await openIntercom(), freshdesk: await openFreshdesk() }
  const connectors = await findConnectors(join(ROOT, 'connectors'))
  const config = readConfig({
    ...desks.zendesk.settings, ...desks.intercom.settings, ...desks.freshdesk.settings,
    DATABASE_URL: database.url, DESKLOOP_PORT: '0', DESKLOOP_MODE: 'draft', DESKLOOP_CLOCK: 'replay',
    DESKLOOP_CATCH_UP_MINUTES: '0', DESKLOOP_URL: 'https://deskloop.example', DESKLOOP_RULES: JSON.stringify(EAGER), ...env
  }, join(ROOT, 'config'), connectors)
  const service = await openService({ config, connectors, log: silent, root: ROOT, only: null })
  const all = Object.values(desks)
  for (const desk of all) desk.webhookUrl = `${service.url}/hooks/${desk.name}`
  const ask = async (method: string, path: string, body?: unknown): Promise<unknown> => {
    const json = body === undefined ? {} : { body: JSON.stringify(body), headers: { 'content-type': 'application/json' } }
    const answer = await fetch(service.url + path, { method, ...json, signal: AbortSignal.timeout(30_000) })
    const text = await answer.text()
    if (!answer.ok) throw new Error(`${method} ${path} was answered ${answer.status}: ${text}`)
    return JSON.parse(text)
  }
  return {
    url: service.url,
    db: database.db,
    rules: config.rules,
    desks,
    get: path => ask('GET', path),
    post: (path, body) => ask('POST', path, body),
    async page (path) {
      const answer = await fetch(service.url + path, { signal: AbortSignal.timeout(30_000) })
      return { status: answer.status, body: await answer.text() }
    },
    async live (now) {
      await Promise.all(all.map(desk => desk.send({ retries: 20, retryMs: 100 })))
      await ask('POST', '/v1/clock', { at: now })
      for (let tries = 0; tries < 300; tries++) {
        const state = await ask('GET', '/v1/clock?wait=1')
        if (typeof state === 'object' && state !== null && 'idle' in state && state.idle === true) return
        await sleep(20)
      }
      throw new Error('the house has not come to rest')
    },
    async catchUp (now) {
      desks.freshdesk.setNow(now)
      await ask('POST', '/v1/connections/freshdesk/catch-up')
      desks.freshdesk.setNow(null)
    },
    async close () {
      await service.close()
      await Promise.all(all.map(desk => desk.close()))
      await database.close()
    }
  }
}
