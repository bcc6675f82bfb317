// deskloop prove mind: what is drafted live is what a backtest drafts over the same stories, and the stored mind is the fold
// of what was written down, also after something was taken back, merged, held in quarantine, released and reinstated.
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { readConfig } from '../../src/config.ts'
import { openBacktest } from '../../src/learn/backtest.ts'
import type { BacktestDraft, Story } from '../../src/learn/backtest.ts'
import { plus } from '../../src/learn/story.ts'
import { viewTopics } from '../../src/learn/topic-view.ts'
import { openLog } from '../../src/log.ts'
import { recordTopicChange } from '../../src/store/articles.ts'
import { saveConnection } from '../../src/store/connections.ts'
import { migrate, openDb } from '../../src/store/db.ts'
import type { Db } from '../../src/store/db.ts'
import { openEmbedded } from '../../src/store/embedded.ts'
import { listItems } from '../../src/store/learning.ts'
import { ensurePartitions } from '../../src/store/partitions.ts'
import { recordFacts } from '../../src/store/recorder.ts'
import type { Instant } from '../../src/types.ts'
import { openDecider } from '../../src/work/decide.ts'
import { checkMind, digestOf } from '../../src/work/fold.ts'
import { keepMind } from '../../src/work/mind.ts'
import { thinkOnce } from '../../src/work/think.ts'
import type { ThinkDeps } from '../../src/work/think.ts'
import { onTicket } from '../../src/work/ticket.ts'
import { unlearnOnce } from '../../src/work/unlearn.ts'
import { makeDemoArchive } from '../demo/demo-archive.ts'
import type { Proof, ProofOptions } from '../prove.ts'
import { HELPDESKS, shareOut, storiesOf } from '../share-out.ts'

type Rules = ThinkDeps['rules']

const TICKETS = 240
const log = openLog('silent')

export async function proveMind ({ root, tickets = TICKETS }: ProofOptions): Promise<Proof> {
  const { rules } = readConfig({}, join(root, 'config'), [])
  const stories = storiesOf(shareOut(makeDemoArchive(1).slice(0, tickets)))
  const live = await withDatabase(root, async db => await compareDrafts(db, rules, stories))
  const stored = await withDatabase(root, async db => await checkAfterDecisions(db, rules, stories))
  const isSame = live.compared > 0 && live.different === 0 && live.sameMind
  const kept = isSame && stored.length > 6 && stored.every(s => s.same)
  return {
    kept,
    figures: { tickets: stories.length, live, stored },
    lines: [
      `live = backtest: ${live.compared} drafts of ${stories.length} tickets compared, ${live.different} differ; ` +
        `largest difference of scores ${live.gap.toExponential(1)}; ${live.withContext} asked from a known place`,
      `the minds at the end are ${live.sameMind ? 'the same' : 'NOT THE SAME'} (${live.mind})`,
      'stored mind = fold of what was written down:',
      ...stored.map(s => `  ${s.same ? 'same  ' : 'DIFFER'} ${s.after}: ${s.thoughts} thoughts, ${s.stored} and ${s.folded}`),
      kept ? 'kept' : 'NOT KEPT'
    ]
  }
}

interface Compared {
  compared: number, different: number, gap: number, withContext: number, sameMind: boolean, mind: string
}

// Everything is told, and thought in ten parts with the mind forgotten between them; then the archive is told again.
async function compareDrafts (db: Db, rules: Rules, stories: Story[]): Promise<Compared> {
  await tell(db, rules, stories)
  const end = lastOf(stories)
  const keeper = keepMind(rules)
  for (let part = 1; part <= 10; part++) {
    await think(db, rules, keeper, momentOf(stories, part / 10))
    if (part % 3 === 0) await keeper.save(db, true)
    if (part % 4 === 0) keeper.forget()
  }
  const rows = await db.selectFrom('draft').selectAll().execute()
  const live = new Map(rows.map(r => [`${r.connection}/${r.ticket_id}/${r.question_id}`, r]))
  const { drafts, mind } = backtested(stories, rules, end)
  let different = Math.abs(drafts.length - rows.length)
  let gap = 0
  for (const d of drafts) {
    const row = live.get(`${d.where.connection}/${d.where.ticketId}/${d.questionId}`)
    const isSame = row !== undefined && row.text === d.draft.text && row.action === d.draft.action &&
      row.topic === d.draft.topic && row.score === d.draft.score && row.outcome === d.outcome
    if (!isSame) different++
    gap = Math.max(gap, Math.abs((row?.score ?? Infinity) - d.draft.score))
  }
  const mine = digestOf(plain(await db.transaction().execute(trx => keeper.current(trx))))
  const withContext = stories.filter(s => s.events.some(e => e.kind === 'context')).length
  return { compared: drafts.length, different, gap, withContext, sameMind: mine === digestOf(plain(mind)), mind: mine }
}

interface Stored { after: string, same: boolean, thoughts: number, stored: string, folded: string }

// What people decide on the way, and after each of it the stored mind against all thoughts folded from the first.
async function checkAfterDecisions (db: Db, rules: Rules, stories: Story[]): Promise<Stored[]> {
  await tell(db, rules, stories)
  const keeper = keepMind(rules)
  let now: Instant = momentOf(stories, 0.4)
  const decider = openDecider({ db, keeper, rules, now: async () => now, wake: () => {} })
  const why = { by: 'prove', reason: 'to see whether the mind is still the fold' }
  const found: Stored[] = []
  const check = async (after: string, share: number): Promise<void> => {
    now = momentOf(stories, share)
    await think(db, rules, keeper, now)
    await unlearnOnce({ db, log, keeper, rules, nowMs: () => performance.now() })
    await db.transaction().execute(trx => keeper.current(trx))
    await keeper.save(db, true)
    const checked = await checkMind(db, rules, () => performance.now())
    if (checked === null) throw new Error(`no mind was stored ${after}`)
    const { same, thoughts, stored, folded } = checked
    found.push({ after, same, thoughts, stored, folded })
  }
  await check('before anything is decided', 0.4)
  const [item] = (await listItems(db, ['active'], 500)).sort((a, b) => b.tickets - a.tickets || (a.id < b.id ? -1 : 1))
  if (item === undefined) throw new Error('nothing was learned often enough to be taken back: use more tickets')
  await decider.item(item.id, { action: 'revert', ...why })
  await check(`after an answer of ${item.tickets} replies was reverted`, 0.5)
  const [one, other] = viewTopics(await db.transaction().execute(trx => keeper.current(trx)))
  if (one === undefined || other === undefined) throw new Error('there are no two topics to merge')
  await recordTopicChange(db, { kind: 'merge', topic: other.topic, into: one.topic }, now)
  await check('after two topics were merged', 0.6)
  await decider.topic(String(one.topic), { action: 'quarantine', ...why })
  await check('after their topic was put into quarantine', 0.7)
  await decider.topic(String(one.topic), { action: 'release', ...why })
  await recordTopicChange(db, { kind: 'split', topic: other.topic }, now)
  await check('after it was released and the topics were split again', 0.8)
  await decider.item(item.id, { action: 'reinstate', ...why })
  await check('after the answer was reinstated', 0.9)
  await decider.goBack({ action: 'return', to: momentOf(stories, 0.75), ...why })
  await check('after going back to a moment, at the end', 1)
  return found
}

async function think (db: Db, rules: Rules, keeper: ThinkDeps['keeper'], until: Instant): Promise<void> {
  const deps: ThinkDeps = { db, log, keeper, rules, mode: 'observe', replay: true }
  while (await thinkOnce(deps, until) > 0) { /* until nothing is due */ }
}

async function tell (db: Db, rules: Rules, stories: Story[]): Promise<void> {
  const facts = stories.flatMap(s => s.events)
  await ensurePartitions(db, [], facts.map(fact => fact.at))
  const groups = HELPDESKS.map(connection => ({ connection, facts: facts.filter(f => f.connection === connection) }))
  const jobs = await db.transaction().execute(trx => recordFacts(trx, groups))
  for (const job of jobs) await onTicket({ db, log, helpdesks: new Map(), rules, wake: () => {} }, job)
}

function backtested (stories: Story[], rules: Rules, end: Instant): { drafts: BacktestDraft[], mind: unknown } {
  const run = openBacktest(stories, rules, end)
  const drafts: BacktestDraft[] = []
  while (run.at !== null) drafts.push(...run.take())
  drafts.push(...run.place.open.map(([, draft]) => draft))
  return { drafts, mind: run.place.mind }
}

function lastOf (stories: Story[]): Instant {
  return stories.reduce((last, s) => s.events.reduce((l, e) => e.at > l ? e.at : l, last), '')
}

/** The instant at which this share of all events has happened; of all of them a moment more, so that nothing waits. */
function momentOf (stories: Story[], share: number): Instant {
  const instants = stories.flatMap(s => s.events.map(e => e.at)).sort()
  return share >= 1 ? lastOf(stories) : instants[Math.floor(instants.length * share)] ?? plus(lastOf(stories), 0)
}

async function withDatabase<T> (root: string, run: (db: Db) => Promise<T>): Promise<T> {
  const folder = await mkdtemp(join(tmpdir(), 'deskloop-prove-'))
  const server = await openEmbedded(folder)
  const db = openDb(server.url, 'deskloop-prove')
  try {
    await migrate(db, join(root, 'migrations'))
    for (const name of HELPDESKS) await saveConnection(db, name, name)
    return await run(db)
  } finally {
    await db.destroy()
    await server.close()
    await rm(folder, { recursive: true, force: true })
  }
}

function plain (mind: unknown): unknown {
  return JSON.parse(JSON.stringify(mind))
}
