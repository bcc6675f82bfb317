// Folds recorded thoughts into a mind, in their order: the one road by which a mind comes out of the database. The steps
// of tickets are read as the story then was; the thoughts of the ledger are what people decided.
import type { Transaction } from 'kysely'
import { createHash } from 'node:crypto'
import { foldEntry } from '../learn/decisions.ts'
import { takenBack } from '../learn/ledger.ts'
import type { Decision, TakenBack, Told } from '../learn/ledger.ts'
import { emptyMind, MIND_VERSION } from '../learn/mind.ts'
import type { Mind } from '../learn/mind.ts'
import type { LearnRules } from '../learn/steps.ts'
import { whatNext } from '../learn/story.ts'
import { findLesson, NO_TICKET } from '../store/articles.ts'
import type { Db } from '../store/db.ts'
import { findUnlearned, LEDGER, listDecisions, readRevised } from '../store/ledger.ts'
import type { Database } from '../store/schema.ts'
import { findSnapshot, listThoughts } from '../store/thoughts.ts'

type Reader = Db | Transaction<Database>

const PAGE = 500
const NO_STEPS: ReadonlySet<string> = new Set()

export interface Folding {
  rules: LearnRules
  /** What is taken back, of thoughts up to this one; later thoughts teach as always. Null: nothing is. */
  without: { taken: TakenBack, upTo: number } | null
  told?: (seq: number, told: Told[], of: 'step' | 'decision' | 'lesson') => void
  /** Stops after this thought; all by default. */
  last?: number
}

/** Folds all thoughts after `from` into the mind; returns the last one. Changes `mind`. */
export async function foldThoughts (db: Reader, mind: Mind, from: number, folding: Folding): Promise<number> {
  const { rules, without, told, last = Number.MAX_SAFE_INTEGER } = folding
  let decisions: Map<number, Decision> | null = null
  let seq = from
  for (;;) {
    const thoughts = (await listThoughts(db, seq, PAGE)).filter(t => t.seq <= last)
    if (thoughts.length === 0) return seq
    const stories = await readRevised(db, thoughts.filter(t => t.connection !== LEDGER && t.ticketId !== NO_TICKET))
    for (const thought of thoughts) {
      seq = thought.seq
      const { connection, ticketId } = thought
      const taken = without !== null && seq <= without.upTo ? without.taken : null
      if (ticketId === NO_TICKET) {
        const taught = await findLesson(db, thought.step)
        if (taught !== null) told?.(seq, foldEntry(mind, rules, { taught }, taken), 'lesson')
        continue
      }
      if (connection === LEDGER) {
        decisions ??= new Map((await listDecisions(db)).map(d => [d.decision.id, d.decision]))
        const decision = decisions.get(Number(ticketId))
        if (decision === undefined) throw new Error(`the thought ${seq} names the decision ${ticketId}, which is not there`)
        if (thought.step !== 'unlearn') told?.(seq, foldEntry(mind, rules, { decision }, taken), 'decision')
        continue
      }
      const where = { connection, ticketId }
      const events = (stories.get(`${connection}/${ticketId}`) ?? []).filter(r => r.rev <= thought.rev).map(r => r.event)
      const step = whatNext(events, NO_STEPS, rules).find(s => s.id === thought.step)
      // A step whose text was erased teaches nothing.
      if (step !== undefined) told?.(seq, foldEntry(mind, rules, { where, events, step }, taken), 'step')
    }
  }
}

/** What the last folding anew left out; null when nothing was ever taken back. */
export async function findWithout (db: Reader): Promise<Folding['without']> {
  const unlearned = await findUnlearned(db)
  if (unlearned === null) return null
  const decisions = await listDecisions(db, { upTo: unlearned.decision })
  return { taken: takenBack(decisions.map(d => d.decision)), upTo: unlearned.seq }
}

export interface MindCheck {
  same: boolean, seq: number, thoughts: number, seconds: number, stored: string, folded: string
}

/**
 * Whether the stored mind is the fold of the recorded thoughts up to it, byte by byte. Null: nothing is stored, or another
 * form of it. Reads only; takes as long as learning everything again.
 */
export async function checkMind (db: Db, rules: LearnRules, nowMs: () => number): Promise<MindCheck | null> {
  const snapshot = await findSnapshot(db, 'main', MIND_VERSION)
  if (snapshot === null) return null
  const unlearned = await findUnlearned(db)
  // It was stored before something was taken back, so it is not used any more.
  if (unlearned !== null && unlearned.seq > snapshot.seq) return null
  const startedMs = nowMs()
  const mind = emptyMind()
  let thoughts = 0
  await foldThoughts(db, mind, 0, {
    rules, without: await findWithout(db), last: snapshot.seq, told: () => { thoughts++ }
  })
  const stored = digestOf(snapshot.state)
  const folded = digestOf(mind)
  return { same: stored === folded, seq: snapshot.seq, thoughts, seconds: (nowMs() - startedMs) / 1000, stored, folded }
}

/** A short name of a state: equal states have equal names, whatever the order of their keys. */
export function digestOf (state: unknown): string {
  return createHash('sha256').update(JSON.stringify(state, sortKeys)).digest('hex').slice(0, 16)
}

function sortKeys (_name: string, value: unknown): unknown {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return value
  return Object.fromEntries(Object.entries(value).sort(([a], [b]) => a < b ? -1 : 1))
}
