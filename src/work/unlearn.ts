// Takes back what people decided to take back, exactly: the mind is folded anew from all recorded thoughts without those
// lessons, beside the running one, and takes its place at a thought of its own. Whoever folds later does the same.
import type { Log } from '../log.ts'
import { takenBack } from '../learn/ledger.ts'
import type { ItemState, Told } from '../learn/ledger.ts'
import { textOf } from '../learn/answers.ts'
import { emptyMind, MIND_VERSION } from '../learn/mind.ts'
import type { Mind } from '../learn/mind.ts'
import type { LearnRules } from '../learn/steps.ts'
import type { Db } from '../store/db.ts'
import { findUnlearned, listDecisions, recordLedgerThought, saveFolded } from '../store/ledger.ts'
import type { ToldBy } from '../store/ledger.ts'
import { lockMind, saveSnapshot } from '../store/thoughts.ts'
import { foldThoughts } from './fold.ts'
import type { MindKeeper } from './mind.ts'

export interface UnlearnDeps { db: Db, log: Log, keeper: MindKeeper, rules: LearnRules, nowMs: () => number }

const TAKES_BACK = new Set(['revert', 'reject', 'reinstate', 'return'])

/** Folds the mind anew when something is to be taken back; returns how many decisions that settles. */
export async function unlearnOnce (deps: UnlearnDeps): Promise<number> {
  const { db, rules } = deps
  const before = await findUnlearned(db)
  const fresh = (await listDecisions(db, { after: before?.decision ?? 0 })).filter(r => TAKES_BACK.has(r.decision.kind))
  const last = fresh.at(-1)
  if (last === undefined) return 0
  const startedMs = deps.nowMs()
  const upTo = last.decision.id
  const decisions = (await listDecisions(db, { upTo })).map(r => r.decision)
  const told: ToldBy[] = []
  const folding = {
    rules, without: { taken: takenBack(decisions), upTo: Number.MAX_SAFE_INTEGER },
    told: (seq: number, list: Told[]) => { if (list.length > 0) told.push({ seq, told: list }) }
  }
  const mind = emptyMind()
  let seq = await foldThoughts(db, mind, 0, folding)
  const done = await db.transaction().execute(async trx => {
    await lockMind(trx)
    if ((await findUnlearned(trx))?.seq !== before?.seq) return false           // somebody else was faster
    seq = await foldThoughts(trx, mind, seq, folding)
    seq = await recordLedgerThought(trx, upTo, 'unlearn', last.decision.at)
    await saveSnapshot(trx, 'main', MIND_VERSION, seq, mind)
    await saveFolded(trx, told, itemsOf(mind))
    return true
  })
  if (!done) return 0
  deps.keeper.forget()
  const seconds = (deps.nowMs() - startedMs) / 1000
  deps.log.info({ job: 'unlearn', decisions: fresh.length, seq, seconds, outcome: 'folded anew' })
  return fresh.length
}

function itemsOf (mind: Mind): Array<{ id: string, text: string, state: ItemState }> {
  return mind.ledger.ids.flatMap((id, answer) => {
    const known = mind.answers.list[answer]
    return known === undefined ? [] : [{ id, text: textOf(known), state: mind.ledger.out[answer] ?? 'active' }]
  })
}
