// What came of it, counted from what the pretend vendor really applied, not from what Deskloop believes.
import { setTimeout as sleep } from 'node:timers/promises'
import { sql } from 'kysely'
import type { Db } from '../../src/store/db.ts'
import type { PretendHelpdesk } from '../../test/sandbox/types.ts'

export interface Counted {
  once: number                                      // notes that stand in their ticket exactly once
  duplicates: number                                // … more than once, at the end
  missing: number                                   // … not at all
  public: number                                    // notes that a customer could see, at any time
  copiesMade: number                                // second copies that the vendor applied
  copiesRemoved: number                             // … and that the journal shows as taken back
  parked: number
  everUnclear: number
  reread: number
  writes: number
  misfortunes: string
}

// What a customer could read; taking something back shows nothing.
const WORDS = ['note', 'message', 'note-edited']

/** `lateMs`: what is still to be applied is waited for. */
export async function countNotes (db: Db, desk: PretendHelpdesk, before: number, lateMs: number): Promise<Counted> {
  await sleep(lateMs + 500)
  const { rows } = await sql<{ marker: string, state: string, ever_unclear: boolean, reread: boolean }>`
    select marker, state, ever_unclear, rechecked_at is not null as reread from effect where kind = 'note'`.execute(db)
  const written = desk.journal.filter(entry => entry.by === 'api' && entry.kind === 'note')
  const gone = new Set(desk.journal.filter(e => e.kind === 'note-removed' || e.kind === 'redacted').map(e => e.messageId))
  const standing = new Map<string, number>()
  const applied = new Map<string, number>()
  for (const entry of written) {
    // The words of a draft name it, whatever key its last line carries.
    const marker = /\((dl-[a-z0-9]{13})\)/.exec(entry.text ?? '')?.[1] ?? 'unknown'
    applied.set(marker, (applied.get(marker) ?? 0) + 1)
    if (!gone.has(entry.messageId)) standing.set(marker, (standing.get(marker) ?? 0) + 1)
  }
  const counts = rows.map(row => standing.get(row.marker) ?? 0)
  const made = [...applied.values()].reduce((sum, n) => sum + n - 1, 0)
  const left = [...standing.values()].reduce((sum, n) => sum + n - 1, 0)
  const requests = desk.requests.slice(before)
  const writes = requests.filter(r => r.method === 'PUT' || r.method === 'POST').filter(r => !/search|redact/.test(r.path))
  const by = (test: (status: number | null) => boolean): number => writes.filter(r => test(r.status)).length
  return {
    once: counts.filter(n => n === 1).length,
    duplicates: counts.filter(n => n > 1).length,
    missing: counts.filter(n => n === 0).length,
    public: desk.journal.filter(entry => entry.by === 'api' && entry.public && WORDS.includes(entry.kind)).length,
    copiesMade: made,
    copiesRemoved: made - left,
    parked: rows.filter(row => row.state === 'parked').length,
    everUnclear: rows.filter(row => row.ever_unclear).length,
    reread: rows.filter(row => row.reread).length,
    writes: writes.length,
    misfortunes: `${by(s => s === null)} without an answer, ${by(s => s !== null && s >= 500)} 500s, ${by(s => s === 429)} 429s, ${by(s => s === 409)} 409s`
  }
}
