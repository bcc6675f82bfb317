// deskloop prove notes: 600 notes on 150 tickets of each pretend helpdesk, written by two workers of the real service that
// are killed again and again, while the vendor loses answers, hangs, applies late and refuses. Counted from the vendor's
// own journal: every note once, none in public, none missing.
import { randomUUID } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { sql } from 'kysely'
import { findConnectors } from '../../src/connectors.ts'
import { saveConnection } from '../../src/store/connections.ts'
import { migrate, openDb } from '../../src/store/db.ts'
import type { Db } from '../../src/store/db.ts'
import { recordDraft } from '../../src/store/drafts.ts'
import { recordEffect } from '../../src/store/effects.ts'
import { openEmbedded } from '../../src/store/embedded.ts'
import type { Helpdesk } from '../../src/types.ts'
import { makeKey } from '../../src/work/key.ts'
import { openFreshdesk } from '../../test/sandbox/freshdesk.ts'
import { openIntercom } from '../../test/sandbox/intercom.ts'
import { noFaults } from '../../test/sandbox/types.ts'
import type { PretendHelpdesk } from '../../test/sandbox/types.ts'
import { openZendesk } from '../../test/sandbox/zendesk.ts'
import type { Proof, ProofOptions } from '../prove.ts'
import { countNotes } from './notes-count.ts'
import type { Counted } from './notes-count.ts'
import { openCrew } from './notes-crew.ts'
import { shortened, termsFor } from './notes-terms.ts'
import type { Terms } from './notes-terms.ts'

const TICKETS = 150
const NOTES_EACH = 4
const WORKERS = 2
const KILL_EVERY_MS = 1_000
const MOST_KILLS = 40                               // a start costs two seconds of a core: enough is enough
const PATIENCE_MS = 9 * 60_000
const ASKED_AT = '2026-10-05T07:30:00Z'

const DESKS: Readonly<Record<string, () => Promise<PretendHelpdesk>>> = {
  zendesk: () => openZendesk(), intercom: () => openIntercom(), freshdesk: () => openFreshdesk()
}

interface Run extends Counted {
  helpdesk: string, notes: number, tickets: number, kills: number, seconds: number, settled: boolean
  shortened: string[]
}

export async function proveNotes ({ root, words = [], json }: ProofOptions): Promise<Proof> {
  const [late, blind] = [words.includes('late'), words.includes('blind')]
  const unknown = words.find(word => !Object.hasOwn(DESKS, word) && word !== 'late' && word !== 'blind')
  if (unknown !== undefined) throw new Error(`prove notes knows zendesk, intercom, freshdesk, late, blind, not ${unknown}`)
  const named = words.filter(word => Object.hasOwn(DESKS, word))
  const chosen = Object.keys(DESKS).filter(name => named.length === 0 || named.includes(name))
  const runs: Run[] = []
  const lines = [
    `Notes under faults: ${TICKETS * NOTES_EACH} notes on ${TICKETS} tickets each, by ${WORKERS} workers;`,
    `one of them is killed about every second, ${MOST_KILLS} times at most.`,
    `The vendor: ${describeFaults(termsFor('', { late, blind }).faults)}.`,
    ...(late ? ['Lost writes are sent again before they arrive, so that copies come about and must be removed.'] : []),
    ...(blind ? ['BLIND: nothing is looked for before it is sent again. The proof must fail.'] : [])
  ]
  for (const name of chosen) {
    const terms = termsFor(name, { late, blind })
    if (!json) process.stderr.write(`${name} …\n`)
    const run = { ...await proveOne(root, name, terms), shortened: shortened(name, terms) }
    runs.push(run)
    lines.push('', ...tellRun(run), `  shortened for the proof: ${run.shortened.join('; ')}`)
  }
  const kept = runs.every(isKept)
  lines.push('', kept ? 'Kept: every note stands there once, in private.' : 'BROKEN: see above.')
  return { kept, lines, figures: { faults: termsFor('', { late, blind }).faults, late, blind, runs } }
}

function isKept (run: Run): boolean {
  return run.settled && run.missing === 0 && run.public === 0 && run.duplicates === 0 && run.parked === 0
}

function tellRun (r: Run): string[] {
  return [
    `${r.helpdesk}: ${r.seconds} s, ${r.kills} kills${r.settled ? '' : ', NOT FINISHED'}`,
    `  standing once ${r.once}, twice or more ${r.duplicates}, missing ${r.missing}, public ${r.public}, parked ${r.parked}`,
    `  copies that came about ${r.copiesMade}, found and removed ${r.copiesRemoved}; unclear at some time ${r.everUnclear}, read again ${r.reread}`,
    `  sent ${r.writes} writes for ${r.notes} notes; the vendor met them with ${r.misfortunes}`
  ]
}

function describeFaults (faults: Terms['faults']): string {
  const share = (n: number | undefined): string => `${Math.round((n ?? 0) * 100)} %`
  return `${share(faults.lostAnswer)} answers lost, ${share(faults.hang)} hanging, ${share(faults.late)} applied ${(faults.lateMs ?? 0) / 1000} s late, ` +
    `${share(faults.error500)} 500s, ${share(faults.rateLimited)} 429s; reads meet the 500s and 429s, too`
}

async function proveOne (root: string, name: string, terms: Terms): Promise<Omit<Run, 'shortened'>> {
  const folder = mkdtempSync(join(tmpdir(), 'deskloop-prove-'))
  const closing: Array<() => Promise<unknown>> = []
  try {
    const desk = await DESKS[name]?.()
    const connector = (await findConnectors(join(root, 'connectors'))).find(one => one.name === name)
    if (desk === undefined || connector === undefined) throw new Error(`there is no ${name}`)
    closing.push(() => desk.close())
    const server = await openEmbedded(folder)
    closing.push(() => server.close())
    const db = openDb(server.url, 'deskloop-prove', 4)
    closing.push(() => db.destroy())
    await migrate(db, join(root, 'migrations'))
    await saveConnection(db, name, name)
    await decideNotes(db, desk, connector.open(desk.settings, name), name)
    const before = desk.requests.length
    desk.setNow(null)
    Object.assign(desk.faults, noFaults, terms.faults)
    const env = { ...desk.settings, DATABASE_URL: server.url }
    const often = { workers: WORKERS, killEveryMs: KILL_EVERY_MS, mostKills: MOST_KILLS }
    const crew = openCrew(root, { ...often, terms, env, folder })
    closing.push(() => crew.close())
    const startedMs = performance.now()
    const settled = await settle(db)
    const seconds = Math.round((performance.now() - startedMs) / 100) / 10
    const kills = await crew.close()
    Object.assign(desk.faults, noFaults)
    const counted = await countNotes(db, desk, before, terms.faults.lateMs ?? 0)
    return { helpdesk: name, notes: TICKETS * NOTES_EACH, tickets: TICKETS, kills, seconds, settled, ...counted }
  } finally {
    for (const close of closing.reverse()) await close()
    rmSync(folder, { recursive: true, force: true })
  }
}

/** Drafts and their effects, each in one transaction, as the thinker writes them. */
async function decideNotes (db: Db, desk: PretendHelpdesk, helpdesk: Helpdesk, connection: string): Promise<void> {
  for (let i = 0; i < TICKETS; i++) {
    const ticketId = desk.openTicket({
      at: ASKED_AT, subject: `Berth ${i}`, text: `Is berth ${i} free in May?`,
      person: { id: `p-${i}`, name: `Boat owner ${i}`, email: `owner${i}@harbour.example` }
    })
    const asked = (await helpdesk.fetchTicket(ticketId)).findLast(event => event.kind === 'asked')
    if (asked?.kind !== 'asked') throw new Error(`ticket ${ticketId} of the pretend ${connection} asks nothing`)
    for (let n = 0; n < NOTES_EACH; n++) {
      const [key, questionId] = [makeKey(), `${asked.messageId}-${n}`]
      await db.transaction().execute(async trx => {
        await recordDraft(trx, {
          connection, ticketId, questionId, key, askedAt: ASKED_AT, basis: asked.messageId, language: 'en', topic: 'berths',
          // Its own name in its words: so a copy is known whatever its last line says.
          text: `Yes, berth ${i} is free in May (${key}).`, score: 0.9, threshold: 0.5, action: 'note', reason: 'it scored enough', sources: []
        })
        await recordEffect(trx, {
          id: randomUUID(), kind: 'note', connection, ticketId, cause: questionId, marker: key, payload: {}, skipped: null
        })
      })
    }
  }
}

/** Until nothing is left to send and nothing to read again. */
async function settle (db: Db): Promise<boolean> {
  const until = Date.now() + PATIENCE_MS
  const stop = new AbortController()
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => { stop.abort() })
  while (!stop.signal.aborted && Date.now() < until) {
    const { rows } = await sql<{ open: number }>`
      select count(*)::int as open from effect where state in ('pending', 'inflight') or recheck_at is not null`.execute(db)
    if (rows[0]?.open === 0) return true
    await sleep(250)
  }
  return false
}
