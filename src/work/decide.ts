// What people may decide about the learned: it is written down with its thought, and the next draft is made with it. Also
// the question before: which of last month's drafts would be others?
import { BadRequest } from '../errors.ts'
import type { Instant } from '../types.ts'
import { printsOf } from '../learn/guard-hash.ts'
import { mindWith } from '../learn/decisions.ts'
import type { Ref } from '../learn/ledger.ts'
import { ask } from '../learn/loop.ts'
import { commonLength, coreOf } from '../learn/reward.ts'
import { questionOf } from '../learn/steps.ts'
import type { LearnRules } from '../learn/steps.ts'
import { plus, sortStory, turnsOf } from '../learn/story.ts'
import type { Decider, Preview, Wish } from '../store/wish.ts'
import { words } from '../text.ts'
import type { Transaction } from 'kysely'
import type { Db } from '../store/db.ts'
import type { Database } from '../store/schema.ts'
import { listTaught, recordDecision, recordTold } from '../store/ledger.ts'
import type { NewDecision, ToldBy } from '../store/ledger.ts'
import { findItem, findItemQuestions } from '../store/learning.ts'
import type { ItemLine } from '../store/learning.ts'
import { readStories, refOf } from '../store/stories.ts'
import { lockMind } from '../store/thoughts.ts'
import type { MindKeeper } from './mind.ts'

export interface DecideDeps {
  db: Db, keeper: MindKeeper, rules: LearnRules, now: () => Promise<Instant>, wake: () => void
}

const MOST_TEXTS = 12
const MOST_ASKED = 300
const MOST_SHOWN = 10
const MONTH = 30 * 86_400
const LEADS_TO: Readonly<Record<string, { from: string[], to: string }>> = {
  approve: { from: ['review', 'watch', 'active'], to: 'active' },
  edit: { from: ['review', 'watch', 'active'], to: 'active' },
  reject: { from: ['review', 'watch', 'active'], to: 'rejected' },
  revert: { from: ['review', 'watch', 'active'], to: 'reverted' },
  reinstate: { from: ['reverted', 'rejected', 'retired'], to: 'active' }
}

export function openDecider (deps: DecideDeps): Decider {
  return {
    async item (id, wish) {
      const item = await getItem(deps.db, id)
      const leads = Object.hasOwn(LEADS_TO, wish.action) ? LEADS_TO[wish.action] : undefined
      if (leads === undefined) throw new BadRequest(`an item can be given ${Object.keys(LEADS_TO).join(', ')}`)
      const { action } = wish
      if (!leads.from.includes(item.state)) throw new BadRequest(`${id} is ${item.state}: it cannot be given ${action}`, 409)
      const made = async (decision: NewDecision): Promise<{ decision: number, state: string }> =>
        ({ decision: await decide(decision, wish), state: leads.to })
      const at = await deps.now()
      if (action === 'approve' || action === 'reinstate') return await made({ kind: action, item: id, at })
      if (action === 'edit') {
        const text = wish.text?.trim() ?? ''
        if (words(text).length < 3) throw new BadRequest('an edited answer needs a text of three words or more')
        return await made({ kind: 'edit', item: id, text, at })
      }
      if (action !== 'revert' && action !== 'reject') throw new BadRequest(`there is no ${action}`)
      const evidence = await listTaught(deps.db, id)
      const prints = await printsFor(deps.db, item, evidence.slice(0, MOST_TEXTS))
      const until = action === 'reject' ? null : plus(at, deps.rules.coolDownDays * 86_400)
      const { language } = item
      return await made({ kind: action, item: id, language, prints, evidence, until, at })
    },
    async goBack (wish) {
      const at = await deps.now()
      if (wish.to === undefined || wish.to >= at) {
        throw new BadRequest('to must be an instant in the past, such as 2026-11-20T18:00:00Z')
      }
      return { decision: await decide({ kind: 'return', to: wish.to, at }, wish) }
    },
    admit: async (group, wish) => ({ decision: await decide({ kind: 'admit', group, at: await deps.now() }, wish) }),
    async topic (topic, wish) {
      if (wish.action !== 'quarantine' && wish.action !== 'release') {
        throw new BadRequest('a topic can be given quarantine or release')
      }
      return { decision: await decide({ kind: wish.action, topic, why: wish.reason, at: await deps.now() }, wish) }
    },
    preview: id => previewOf(deps, id)
  }

  // Under the lock of the mind, so that it stands in one place among the thoughts.
  async function decide (decision: NewDecision, wish: Wish): Promise<number> {
    try {
      return await deps.db.transaction().execute(async trx => {
        await lockMind(trx)
        await deps.keeper.current(trx)
        return await decideIn(trx, deps.keeper, decision, wish)
      })
    } catch (error) {
      deps.keeper.forget()                          // it may have folded what was rolled back
      throw error
    } finally {
      deps.wake()
    }
  }
}

/** Records a decision and folds it in, with what it told. Call it under the lock of the mind, which is up to date then. */
export async function decideIn (
  trx: Transaction<Database>, keeper: MindKeeper, decision: NewDecision, { by, reason }: Pick<Wish, 'by' | 'reason'>
): Promise<number> {
  const id = await recordDecision(trx, decision, by, reason)
  const told: ToldBy[] = []
  await keeper.current(trx, (seq, list) => { told.push({ seq, told: list }) })
  await recordTold(trx, told)
  return id
}

async function getItem (db: Db, id: string): Promise<ItemLine> {
  const item = await findItem(db, id)
  if (item === null) throw new BadRequest(`there is no item ${id}`, 404)
  if (item.kind !== 'answer') throw new BadRequest(`${id} follows from its answers: decide about one of them`, 409)
  return item
}

// Prints of what the item says now and of what its latest replies said; the texts themselves are not kept twice.
async function printsFor (db: Db, item: ItemLine, evidence: Ref[]): Promise<number[][]> {
  const stories = await readStories(db, evidence)
  const texts = evidence.flatMap(ref => {
    const turn = turnsOf(sortStory(stories.get(refOf(ref)) ?? [])).find(t => t.questionId === ref.questionId)
    return turn?.answer == null ? [] : [coreOf(turn.answer.text)]
  })
  const prints = new Map([item.text, ...texts].filter(t => t !== '').map(t => [t, printsOf(t)]))
  return [...prints.values()]
}

// The recorded questions asked again, with the item and without it.
async function previewOf (deps: DecideDeps, id: string): Promise<Preview> {
  const item = await getItem(deps.db, id)
  const now = await deps.now()
  const drafts = await findItemQuestions(deps.db, item, plus(now, -MONTH), MOST_ASKED)
  const stories = await readStories(deps.db, drafts)
  const mind = await deps.db.transaction().execute(async trx => {
    await lockMind(trx)
    return await deps.keeper.current(trx)
  })
  const without = mindWith(mind, id, 'reverted')
  const others: Array<Preview['most'][number] & { shown: boolean, kept: number }> = []
  let asked = 0
  for (const draft of drafts) {
    const events = stories.get(refOf(draft)) ?? []
    if (!turnsOf(sortStory(events)).some(t => t.questionId === draft.questionId)) continue
    const { question } = questionOf(draft, events, draft.questionId, deps.rules)
    const before = ask(without, deps.rules, question)
    const after = ask(mindWith(mind, id, 'active'), deps.rules, question)
    asked++
    // Long work on the only thread: others get their turn between two questions.
    if (asked % 10 === 0) await new Promise(resolve => setImmediate(resolve))
    if (before.text === after.text && before.action === after.action) continue
    const { key, connection, ticketId } = draft
    others.push({
      key, connection, ticketId, before: before.text, after: after.text, kept: keptOf(before.text, after.text),
      shown: before.action === 'note' || after.action === 'note'
    })
  }
  const most = others.sort((a, b) => a.kept - b.kept).slice(0, MOST_SHOWN)
    .map(({ kept: _kept, shown: _shown, ...rest }) => rest)
  return { asked, changed: others.length, shown: others.filter(o => o.shown).length, most }
}

function keptOf (before: string, after: string): number {
  const a = words(before).slice(0, 400)
  const b = words(after).slice(0, 400)
  return commonLength(a, b) / (Math.max(a.length, b.length) || 1)
}
