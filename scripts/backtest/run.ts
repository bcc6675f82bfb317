// Runs a backtest to its end and says how far it is. With a folder it can be killed at any moment and goes on from there.
import { openBacktest } from '../../src/learn/backtest.ts'
import type { BacktestDraft, Story } from '../../src/learn/backtest.ts'
import type { EscalationRules } from '../../src/learn/escalation.ts'
import type { LearnRules } from '../../src/learn/steps.ts'
import type { Lesson } from '../../src/learn/taught.ts'
import { fingerprintOf, openCheckpoint } from './checkpoint.ts'
import { openProgress } from './progress.ts'

export interface Run {
  stories: Story[], lessons: Lesson[], rules: LearnRules, escalation: EscalationRules
  folder: string | null                             // null: nothing is kept
  depends: string[]                                 // files that decide what comes out
  settings: unknown                                 // and what else does
  now: () => number
  say: (line: string) => void
}

const LEAST_PAUSE_MS = 1_000
const SHARE_OF_SAVING = 10                          // a tenth of the time at most goes into saving

/** All drafts, in the order in which they were settled; the same whether it was interrupted or not. */
export async function runKept (run: Run): Promise<BacktestDraft[]> {
  const kept = run.folder === null
    ? null
    : await openCheckpoint(run.folder, await fingerprintOf(run.depends, run.settings))
  const { stories, lessons, rules, escalation, now, say } = run
  const from = kept?.place ?? undefined
  const told = openBacktest(stories, rules, undefined, escalation, lessons, [], from)
  if (from !== undefined) say(`going on after ${from.step} of ${told.steps} steps\n`)
  const drafts = kept?.drafts ?? []
  const progress = openProgress(now, say)
  let saveAt = now() + LEAST_PAUSE_MS
  for (let done = from?.step ?? 0; told.at !== null; done++) {
    progress.tell(done, told.steps, told.at)
    const settled = told.take()
    for (const draft of settled) drafts.push(draft)
    kept?.add(settled)
    if (kept === null || now() < saveAt) continue
    const startedMs = now()
    kept.save(told.place)
    saveAt = now() + Math.max(LEAST_PAUSE_MS, (now() - startedMs) * SHARE_OF_SAVING)
  }
  const { open } = told.place
  kept?.save(told.place)
  kept?.close()
  return [...drafts, ...open.map(([, draft]) => draft)]
}
