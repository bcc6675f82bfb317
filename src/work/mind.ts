// Keeps the mind in memory. The thoughts in the database are the truth: whoever holds the lock reads those that are
// new, and a mind that may be ahead of them (a commit that failed) is thrown away and read again.
import type { Transaction } from 'kysely'
import { emptyMind, MIND_VERSION } from '../learn/mind.ts'
import type { Mind } from '../learn/mind.ts'
import type { LearnRules } from '../learn/steps.ts'
import type { Db } from '../store/db.ts'
import type { Database } from '../store/schema.ts'
import { findUnlearned, recordTold } from '../store/ledger.ts'
import type { ToldBy } from '../store/ledger.ts'
import { findSnapshot, saveSnapshot } from '../store/thoughts.ts'
import { findWithout, foldThoughts } from './fold.ts'
import type { Folding } from './fold.ts'

const NAME = 'main'
const SNAPSHOT_EVERY = 1_000

export interface MindKeeper {
  /** The mind as of the last thought. Call it under the lock of `lockMind`. `told` hears what new thoughts told. */
  current (trx: Transaction<Database>, told?: Folding['told']): Promise<Mind>
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
    async current (trx, told) {
      const unlearned = (await findUnlearned(trx))?.seq ?? 0
      if (seq < unlearned) mind = null              // something was taken back since: what was folded before is not the mind any more
      let fresh = mind
      if (fresh === null) {
        const found = await findSnapshot(trx, NAME, MIND_VERSION)
        if (found !== null && found.seq >= unlearned && isMind(found.state)) {
          fresh = found.state
          seq = savedSeq = found.seq
        } else {
          fresh = emptyMind()
          seq = savedSeq = 0
        }
      }
      mind = null                                   // a fold that fails midway leaves a mind that nobody may use
      const without = seq < unlearned ? await findWithout(trx) : null
      // What an article taught is told wherever its thought is folded first; told again it changes nothing.
      const lessons: ToldBy[] = []
      seq = await foldThoughts(trx, fresh, seq, {
        rules, without, told (seq, list, of) {
          if (of === 'lesson') lessons.push({ seq, told: list })
          else told?.(seq, list, of)
        }
      })
      await recordTold(trx, lessons)
      mind = fresh
      return fresh
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
    'tagged' in value && 'choice' in value && 'fit' in value && 'knowledge' in value && 'citations' in value &&
    'ranker' in value && 'scorer' in value && 'calibrator' in value && 'gate' in value &&
    'pending' in value && 'used' in value && 'ledger' in value
}
