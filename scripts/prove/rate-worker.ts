// One process of the proof of the pace: it offers a pretend helpdesk more than its limit, and writes notes meanwhile. It is
// told what to do by the process that started it, and tells back what happened.
import { setTimeout as sleep } from 'node:timers/promises'
import { join } from 'node:path'
import { HeldBack, RetryLater, messageOf } from '../../src/errors.ts'
import { findConnectors } from '../../src/connectors.ts'
import { openLog } from '../../src/log.ts'
import { openPace } from '../../src/pace/pace.ts'
import { openDb } from '../../src/store/db.ts'
import type { Helpdesk, Note, Settings } from '../../src/types.ts'

export interface NoteToWrite { ticketId: string, basis: string, key: string, afterMs: number }

/** What one process does to one helpdesk for a while. */
export interface Shift {
  name: string
  settings: Settings
  seconds: number
  paced: boolean
  offered: number                                   // calls of backfill a second; with some, a history is read as well
  notes: NoteToWrite[]
}

export interface ShiftReport {
  name: string
  offered: number                                   // calls of backfill that were wanted
  answered: number
  heldBack: number                                  // … that were not sent
  refused: number                                   // … that the helpdesk refused for its limit
  delaysMs: number[]                                // of notes, from the moment they were due
  faults: string[]
}

const PATIENCE_MS = 60_000                          // after the end of the shift a note may still be written

export async function workShift (shift: Shift, helpdesk: Helpdesk): Promise<ShiftReport> {
  const report: ShiftReport = {
    name: shift.name, offered: 0, answered: 0, heldBack: 0, refused: 0, delaysMs: [], faults: []
  }
  const startedMs = performance.now()
  const endMs = startedMs + shift.seconds * 1000
  const blame = (error: unknown): void => {
    if (error instanceof HeldBack) report.heldBack++
    else if (error instanceof RetryLater) report.refused++
    else if (report.faults.length < 5) report.faults.push(messageOf(error))
  }

  // Open loop: a call is wanted when it is due, whether or not those before it have come back.
  const offer = async (): Promise<void> => {
    const under: Array<Promise<unknown>> = []
    while (shift.offered > 0 && performance.now() < endMs) {
      const due = startedMs + report.offered * 1000 / shift.offered
      if (due > performance.now()) await sleep(due - performance.now())
      report.offered++
      under.push(helpdesk.countTickets('2026-10-01T00:00:00Z', '2026-10-02T00:00:00Z').then(() => { report.answered++ }, blame))
    }
    await Promise.all(under)
  }
  const readHistory = async (): Promise<void> => {
    let cursor: string | undefined
    while (shift.offered > 0 && performance.now() < endMs) {
      try {
        for await (const page of helpdesk.fetchHistory('2026-10-01T00:00:00Z', cursor)) {
          cursor = page.cursor
          if (performance.now() >= endMs) break
        }
        cursor = undefined                          // read once more from the beginning
      } catch (error) {
        if (!(error instanceof RetryLater)) blame(error)
        await sleep(Math.min(error instanceof RetryLater ? error.waitMs : 1000, Math.max(0, endMs - performance.now())))
      }
    }
  }
  const write = async (note: NoteToWrite): Promise<void> => {
    const dueMs = startedMs + note.afterMs
    await sleep(Math.max(0, dueMs - performance.now()))
    for (;;) {
      try {
        await helpdesk.postNote(note.ticketId, makeNote(note))
        report.delaysMs.push(performance.now() - dueMs)
        return
      } catch (error) {
        if (!(error instanceof RetryLater) || performance.now() > endMs + PATIENCE_MS) {
          report.faults.push(`note on ${note.ticketId}: ${messageOf(error)}`)
          return
        }
        if (!(error instanceof HeldBack)) report.refused++
        await sleep(error.waitMs)
      }
    }
  }
  // Backfill that still waits when the time is over is not waited for.
  const backfill = Promise.race([Promise.all([offer(), readHistory()]), sleep(shift.seconds * 1000 + 1000)])
  await Promise.all([backfill, ...shift.notes.map(write)])
  return report
}

function makeNote ({ key, basis }: NoteToWrite): Note {
  return {
    key,
    basis,
    parts: [
      { kind: 'headline', label: 'AI draft · private', text: 'High confidence (90%)' },
      { kind: 'draft', paragraphs: ['Hello,', 'berth nine is free.'] },
      { kind: 'footer', hint: 'Send your own version.', links: [], key }
    ]
  }
}

function isOrder (value: unknown): value is { databaseUrl: string, shifts: Shift[] } {
  return typeof value === 'object' && value !== null && 'databaseUrl' in value && 'shifts' in value
}

if (process.send !== undefined) {
  const connectors = await findConnectors(join(import.meta.dirname, '../../connectors'))
  const log = openLog('silent')
  process.on('message', (order: unknown) => {
    if (!isOrder(order)) { process.disconnect(); return }
    const db = openDb(order.databaseUrl, 'deskloop-pace', 2)
    const work = order.shifts.map(async shift => {
      const connector = connectors.find(c => c.name === shift.name)
      if (connector?.rate === undefined) throw new Error(`${shift.name} has no rate`)
      const pace = shift.paced ? openPace({ db, log, connection: shift.name, rate: connector.rate }) : undefined
      return await workShift(shift, connector.open(shift.settings, shift.name, pace))
    })
    Promise.all(work).then(async reports => {
      await db.destroy()
      process.send?.({ reports })
    }).catch((error: unknown) => { process.send?.({ fault: messageOf(error) }) })
  })
}
