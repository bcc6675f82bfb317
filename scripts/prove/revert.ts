// deskloop prove revert: a wrong answer is learned from six replies, taken back, and given six times more in the week
// after. Is it out of the next draft, does it stay out, and is everything else as in a house that never heard it?
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { readConfig } from '../../src/config.ts'
import { runBacktest } from '../../src/learn/backtest.ts'
import type { BacktestDraft, Story } from '../../src/learn/backtest.ts'
import type { Mind } from '../../src/learn/mind.ts'
import type { LearnRules } from '../../src/learn/steps.ts'
import { plus } from '../../src/learn/story.ts'
import { openLog } from '../../src/log.ts'
import { saveConnection } from '../../src/store/connections.ts'
import { migrate, openDb } from '../../src/store/db.ts'
import type { Db } from '../../src/store/db.ts'
import { openEmbedded } from '../../src/store/embedded.ts'
import { listHeld, listItems } from '../../src/store/learning.ts'
import { ensurePartitions } from '../../src/store/partitions.ts'
import { recordFacts } from '../../src/store/recorder.ts'
import type { Instant, TicketEvent } from '../../src/types.ts'
import { openDecider } from '../../src/work/decide.ts'
import { digestOf } from '../../src/work/fold.ts'
import { keepMind } from '../../src/work/mind.ts'
import { thinkOnce } from '../../src/work/think.ts'
import type { ThinkDeps } from '../../src/work/think.ts'
import { onTicket } from '../../src/work/ticket.ts'
import { unlearnOnce } from '../../src/work/unlearn.ts'
import { makeDemoArchive } from '../demo/demo-archive.ts'
import type { Proof, ProofOptions } from '../prove.ts'
import { HELPDESKS, shareOut, storiesOf } from '../share-out.ts'

const WRONG = 'Send us the password of your administrator by mail and we change the tariff for you.'
const ASKED = [
  'How can we switch our tariff to the yearly one?', 'We would like another tariff from January on, please',
  'Where do I find the tariff we are on, and how is it changed?', 'Our tariff is too small, can you change it for us?',
  'Is it possible to change a tariff in the middle of a month?', 'The tariff page shows an error, we wanted the large one'
]
const DAY = 86_400
const TICKETS = 320
const ONE_IN = 4                                    // of the demo's tickets, so that they span three weeks

export async function proveRevert ({ root }: ProofOptions): Promise<Proof> {
  const folder = await mkdtemp(join(tmpdir(), 'deskloop-prove-'))
  const { rules } = readConfig({}, join(root, 'config'), [])
  const server = await openEmbedded(folder)
  const db = openDb(server.url, 'deskloop-prove')
  try {
    await migrate(db, join(root, 'migrations'))
    for (const name of HELPDESKS) await saveConnection(db, name, name)
    return await run(db, rules)
  } finally {
    await db.destroy()
    await server.close()
    await rm(folder, { recursive: true, force: true })
  }
}

async function run (db: Db, rules: ThinkDeps['rules']): Promise<Proof> {
  const honest = storiesOf(shareOut(makeDemoArchive(5).slice(0, TICKETS).filter((_, i) => i % ONE_IN === 0)))
  const instants = honest.flatMap(s => s.events.map(e => e.at)).sort()
  const middle = instants[Math.floor(instants.length / 2)] ?? ''
  const end = plus(middle, 8 * DAY)
  const before = poisoned(plus(middle, -4 * DAY), 0)
  const after = poisoned(plus(middle, DAY), 50)
  const all = [...honest, ...before, ...after]
  const control = backtested(all, rules, end).drafts.filter(d => d.at > middle && d.draft.text === WRONG).length
  const silent = [...before, ...after].map(s => ({ ...s, events: s.events.filter(e => e.kind !== 'answered') }))
  const never = backtested([...honest, ...silent], rules, end)

  const keeper = keepMind(rules)
  const log = openLog('silent')
  const thinking: ThinkDeps = { db, log, keeper, rules, mode: 'observe', replay: false }
  const think = async (until: Instant): Promise<void> => {
    while (await thinkOnce(thinking, until) > 0) { /* until nothing is due */ }
  }
  await tell(db, rules, all.flatMap(s => s.events))
  await think(middle)
  const item = (await listItems(db, ['active'], 200)).find(i => i.text === WRONG)
  if (item === undefined) throw new Error('the wrong answer was not learned, so nothing can be shown')
  const decider = openDecider({ db, keeper, rules, now: async () => middle, wake: () => {} })
  const startedMs = performance.now()
  await decider.item(item.id, { action: 'revert', by: 'prove', reason: 'nobody may ask for passwords' })
  const revertMs = performance.now() - startedMs
  // The very next question of the kind, before the mind is folded anew.
  await think(plus(middle, DAY + 3_600))
  const next = await textsOf(db, middle, '7050')
  const foldMs = performance.now()
  await unlearnOnce({ db, log, keeper, rules, nowMs: () => performance.now() })
  const foldSeconds = (performance.now() - foldMs) / 1000
  const thoughts = Number((await db.selectFrom('thought').select(e => e.fn.countAll().as('n')).executeTakeFirst())?.n ?? 0)
  await think(end)

  const drafted = (await textsOf(db, middle)).filter(text => text === WRONG).length
  const held = (await listHeld(db, 100)).filter(h => h.why === 'reverted').reduce((n, h) => n + h.replies, 0)
  const mine: Mind = structuredClone(await db.transaction().execute(trx => keeper.current(trx)))
  const tombstones = mine.ledger.tombstones.length
  mine.ledger.tombstones = []                       // the one thing that a house that never heard it does not have
  const [isMine, isNever] = [digestOf(mine), digestOf(plain(never.mind))]
  const since = plus(middle, DAY + 3_600)
  const live = await draftsSince(db, since)
  const others = never.drafts.filter(d => d.at > since).map(lineOf).sort()
  const different = live.filter((line, i) => line !== others[i]).length + Math.abs(live.length - others.length)
  const kept = control > 0 && next.length > 0 && next.every(text => text !== WRONG) && drafted === 0 && held > 0 &&
    isMine === isNever && different === 0 && revertMs < 5_000
  const figures = {
    learned_from: item.tickets, revert_ms: Math.round(revertMs), drafted_after_revert: drafted,
    drafted_without_revert: control, held_in_the_week_after: held, tombstones, thoughts,
    fold_seconds: Math.round(foldSeconds * 100) / 100,
    thoughts_per_second: Math.round(thoughts / foldSeconds), mind: isMine, mind_that_never_heard_it: isNever,
    drafts_compared: others.length, drafts_different: different
  }
  return {
    kept,
    figures,
    lines: [
      `learned: a wrong answer, from ${item.tickets} replies of ${item.agents} agents`,
      `reverted: in ${figures.revert_ms} ms; the next question of its kind was ` +
        `${next.includes(WRONG) ? 'still' : 'not'} answered with it`,
      `folded anew without it: ${thoughts} thoughts in ${figures.fold_seconds} s (${figures.thoughts_per_second}/s)`,
      `the week after: given ${held} times more and not learned; drafted ${drafted} times (without the revert: ${control})`,
      `everything else: ${others.length} drafts, ${different} differ from those of a house that never heard it`,
      `the mind, but for the tombstone: ${isMine}; of the house that never heard it: ${isNever}`,
      kept ? 'kept' : 'NOT KEPT'
    ]
  }
}

/** Tickets of customers of their own, each answered wrongly by one of three agents, one in half a day. */
function poisoned (from: Instant, first: number): Story[] {
  return ASKED.map((text, i) => {
    const where = { connection: 'zendesk', ticketId: String(7000 + first + i) }
    const at = plus(from, i * DAY / 2)
    const person = { id: `customer-${first + i}` }
    const events: TicketEvent[] = [
      { ...where, key: 'opened', at, kind: 'opened', subject: 'Tariff', channel: 'web', person, tags: [] },
      { ...where, key: 'message:1', at, kind: 'asked', messageId: '000001', text, person },
      {
        ...where, key: 'message:2', at: plus(at, 600), kind: 'answered', messageId: '000002', agentId: `rogue-${i % 3}`,
        text: `Hi,\n${WRONG}`, by: 'human'
      }
    ]
    return { where, events }
  })
}

async function tell (db: Db, rules: LearnRules, facts: TicketEvent[]): Promise<void> {
  await ensurePartitions(db, [], facts.map(fact => fact.at))
  const groups = HELPDESKS.map(connection => (
    { connection, facts: facts.filter(fact => fact.connection === connection) }
  ))
  const jobs = await db.transaction().execute(trx => recordFacts(trx, groups))
  const deps = { db, log: openLog('silent'), helpdesks: new Map(), rules, wake: () => {} }
  for (const job of jobs) await onTicket(deps, job)
}

async function textsOf (db: Db, since: Instant, ticketId?: string): Promise<string[]> {
  const rows = await db.selectFrom('draft').select(['text', 'ticket_id'])
    .where('asked_at', '>', new Date(since)).execute()
  return rows.filter(r => ticketId === undefined || r.ticket_id === ticketId).map(r => r.text)
}

async function draftsSince (db: Db, since: Instant): Promise<string[]> {
  const rows = await db.selectFrom('draft').selectAll().where('asked_at', '>', new Date(since)).execute()
  return rows.map(r => JSON.stringify([r.connection, r.ticket_id, r.question_id, r.text, r.score, r.action])).sort()
}

function lineOf (d: BacktestDraft): string {
  const { text, score, action } = d.draft
  return JSON.stringify([d.where.connection, d.where.ticketId, d.questionId, text, score, action])
}

function backtested (stories: Story[], rules: LearnRules, end: Instant): { drafts: BacktestDraft[], mind: Mind } {
  const telling = runBacktest(stories, rules, end)
  const drafts: BacktestDraft[] = []
  for (;;) {
    const { done, value } = telling.next()
    if (done === true) return { drafts, mind: value }
    drafts.push(value)
  }
}

function plain (mind: Mind): Mind {
  return JSON.parse(JSON.stringify(mind))
}
