// Keeps the mind in memory. The thoughts in the database are the truth: whoever holds the lock reads those that are
// new, and a mind that may be ahead of them (a commit that failed) is thrown away and read again.
import type { Transaction } from 'kysely'
import { emptyMind, MIND_VERSION } from '../learn/mind.ts'
import type { Mind } from '../learn/mind.ts'
import { foldStep } from '../learn/steps.ts'
import type { LearnRules } from '../learn/steps.ts'
import { foldLesson } from '../learn/taught.ts'
import { whatNext } from '../learn/story.ts'
import { findLesson, NO_TICKET } from '../store/articles.ts'
import type { Db } from '../store/db.ts'
import type { Database } from '../store/schema.ts'
import { readStories, refOf } from '../store/stories.ts'
import { findSnapshot, listThoughts, saveSnapshot } from '../store/thoughts.ts'

const NAME = 'main'
const SNAPSHOT_EVERY = 1_000
const PAGE = 500

export interface MindKeeper {
  /** The mind as of the last thought. Call it under the lock of `lockMind`. */
  current (trx: Transaction<Database>): Promise<Mind>
  /** The caller has folded its thoughts in, and they are committed up to this one. */
  committed (seq: number): void
  /** The caller has folded thoughts in that were not committed. */
  forget (): void
  /** The mind for reading only; may be a moment old. Null before it was first needed. */
  glance (): Mind | null
  /** Saves a snapshot when enough has been learned since the last one. */
  save (db: Db, always?: boolean): Promise<void>
}

export function keepMind (rules: LearnRules): MindKeeper {
  let mind: Mind | null = null
  let seq = 0
  let savedSeq = 0
  return {
    async current (trx) {
      if (mind === null) {
        const found = await findSnapshot(trx, NAME, MIND_VERSION)
        if (found !== null && isMind(found.state)) {
          mind = found.state
          seq = savedSeq = found.seq
        } else {
          mind = emptyMind()
          seq = savedSeq = 0
        }
      }
      for (;;) {
        const thoughts = await listThoughts(trx, seq, PAGE)
        if (thoughts.length === 0) return mind
        // A story is read once, as of the newest of these thoughts, and cut to the revision of each.
        for (const thought of thoughts) {
          if (thought.ticketId === NO_TICKET) {
            const lesson = await findLesson(trx, thought.step)
            if (lesson !== null) foldLesson(mind, lesson)
            seq = thought.seq
            continue
          }
          const ref = { connection: thought.connection, ticketId: thought.ticketId }
          const story = (await readStories(trx, [{ ...ref, rev: thought.rev }])).get(refOf(ref)) ?? []
          const step = whatNext(story, new Set(), rules).find(s => s.id === thought.step)
          if (step !== undefined) {
            foldStep(
              mind, rules, ref, story, step
            )
          }   // a step whose text was erased teaches nothing
          seq = thought.seq
        }
      }
    },
    committed (last) { seq = Math.max(seq, last) },
    forget () { mind = null },
    glance: () => mind,
    async save (db, always = false) {
      if (mind === null || seq === savedSeq || (!always && seq - savedSeq < SNAPSHOT_EVERY)) return
      const at = seq
      await saveSnapshot(db, NAME, MIND_VERSION, at, mind)
      savedSeq = at
    }
  }
}

/** The mind for whoever only looks: the one that thinks here, else as of the last snapshot. May be a moment old. */
export async function findMind (db: Db, keeper: MindKeeper): Promise<Mind | null> {
  const mind = keeper.glance()
  if (mind !== null) return mind
  const found = await findSnapshot(db, NAME, MIND_VERSION)
  return found !== null && isMind(found.state) ? found.state : null
}

function isMind (value: unknown): value is Mind {
  return typeof value === 'object' && value !== null && 'index' in value && 'answers' in value && 'topics' in value &&
    'choice' in value && 'knowledge' in value && 'ranker' in value && 'scorer' in value && 'calibrator' in value && 'gate' in value && 'pending' in value && 'used' in value
}
