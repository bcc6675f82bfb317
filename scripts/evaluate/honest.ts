// What the poisoning table measures on the mind itself: how soon a stale answer is noticed, what praise can do, and how
// long the old answer is still drafted after a feature got another name.
import { ask, foldAsk, foldHear } from '../../src/learn/loop.ts'
import { customerWeight, emptyLimits, passesVote } from '../../src/learn/guard.ts'
import { emptyMind } from '../../src/learn/mind.ts'
import { emptyStaleness, isStale, learnOne } from '../../src/learn/staleness.ts'
import type { LearnRules } from '../../src/learn/steps.ts'
import { words } from '../../src/text.ts'
import type { Question } from '../../src/types.ts'
import { makeChance } from '../demo/chance.ts'

const DAY_MS = 86_400_000
const START_MS = Date.UTC(2026, 0, 5)

/** An answer accepted in .8 of cases, then in .4. */
export function measureStaleness (seed: number): Record<string, number> {
  const chance = makeChance(seed)
  const delays: number[] = []
  let before20 = 0
  let alarms = 0
  let judged = 0
  for (let run = 0; run < 2_000; run++) {
    let state = emptyStaleness()
    for (let i = 0; i < 100; i++, judged++) {
      state = learnOne(state, chance.happens(0.8) ? 1 : 0)
      if (isStale(state)) { alarms++; state = { ...state, sum: 0 } }
    }
    let bad = 0
    let n = 0
    while (!isStale(state) && n < 500) {
      const verdict = chance.happens(0.4) ? 1 : 0
      bad += 1 - verdict
      n++
      state = learnOne(state, verdict)
    }
    delays.push(n)
    if (bad <= 20) before20++
  }
  let state = emptyStaleness()
  let late = 0
  for (let i = 0; i < 1_000_000; i++) {
    state = learnOne(state, chance.happens(0.8) ? 1 : 0)
    if (isStale(state)) { late++; state = { ...state, sum: 0 } }
  }
  delays.sort((a, b) => a - b)
  return {
    median_delay: delays[delays.length / 2] ?? 0, in_watch_before_20th_bad_use: before20 / delays.length,
    false_alarms_per_10k: alarms / judged * 1e4, false_alarms_per_10k_of_old_answers: late / 100
  }
}

/** An answer of truth .30 after 200 verdicts of agents, and customers who praise it twenty times each. */
export function measurePraise (): Record<string, { estimate: number, raw: number }> {
  return Object.fromEntries([5, 20, 60].map(attackers => {
    const limits = emptyLimits()
    const agents = 200
    let good = 60
    const bad = 140
    let customers = 0
    let raw = 60
    for (let event = 0; event < 20; event++) {
      for (let who = 0; who < attackers; who++) {
        raw++
        const at = new Date(START_MS + event * DAY_MS).toISOString()
        if (!passesVote(limits, `praise-${who}`, 'a', at)) continue
        const weight = customerWeight(agents, customers, 0.5)
        customers += weight
        good += weight
      }
    }
    const estimate = round((good + 1) / (good + bad + 2))
    return [String(attackers), { estimate, raw: round((raw + 1) / (agents + attackers * 20 + 2)) }]
  }))
}

const TOPICS = 12
const PER_TOPIC = 110
const AGENTS = 20
const CHANGED_AT = 50                               // tickets of its topic after which a feature has another name

/** Canned replies by topic, one of which changes in the middle: tickets until the old one is no longer drafted. */
export function measureRename (
  rows: Array<{ text: string, label: string }>, seed: number, rules: LearnRules
): Record<string, unknown> {
  const labels = [...new Set(rows.map(r => r.label))]
    .filter(l => rows.filter(r => r.label === l).length >= PER_TOPIC).slice(0, TOPICS)
  const renamed = labels.slice(0, 6)
  const chance = makeChance(seed)
  const stream = labels.flatMap(label => rows.filter(r => r.label === label).slice(0, PER_TOPIC))
    .map(row => ({ row, place: chance.next() })).sort((a, b) => a.place - b.place).map(({ row }) => row)
  const replies = writeReplies(rows, labels, seed)
  const mind = emptyMind()
  const seen = new Map<string, number>()
  const judged = new Map<string, Array<'old' | 'new' | 'other'>>()
  for (const [i, { text, label }] of stream.entries()) {
    const at = instantOf(START_MS + i * 1_800_000)
    const n = (seen.get(label) ?? 0) + 1
    seen.set(label, n)
    const isNew = renamed.includes(label) && n > CHANGED_AT
    const question: Question = {
      connection: 'desk', ticketId: String(i), questionId: 'm1', at, text, personId: `p-${i}`, language: 'en', channel: 'web'
    }
    if (isNew) {
      const draft = ask(mind, rules, question).text
      judged.set(label, [...judged.get(label) ?? [], kindOf(draft, replies[label])])
    }
    foldAsk(mind, rules, question)
    foldHear(mind, rules, question, {
      text: (isNew ? replies[label]?.now : replies[label]?.old) ?? '', agentId: `agent-${chance.int(0, AGENTS - 1)}`,
      at: instantOf(START_MS + i * 1_800_000 + 600_000)
    })
  }
  const lists = [...judged.values()]
  const untilOld = lists.map(list => list.lastIndexOf('old') + 1).sort((a, b) => a - b)
  const drafts = lists.map(list => list.filter(d => d === 'old').length).sort((a, b) => a - b)
  const late = lists.flatMap(list => list.slice(-20))
  return {
    features: lists.length, tickets_of_each_after: lists[0]?.length ?? 0,
    median_tickets_until_never_drafted: untilOld[Math.floor(untilOld.length / 2)] ?? 0, most: untilOld.at(-1) ?? 0,
    median_old_drafts: drafts[Math.floor(drafts.length / 2)] ?? 0,
    last_20: { old: shareOf(late, 'old'), new: shareOf(late, 'new') }, caught: mind.ledger.caught
  }
}

// Canned replies of words drawn by the seed: no two have three words in a row in common.
function writeReplies (rows: Array<{ text: string }>, labels: string[], seed: number): Replies {
  const chance = makeChance(seed + 99)
  const known = [...new Set(rows.slice(0, 500).flatMap(r => words(r.text)))].filter(w => w.length > 3)
  const write = (): string => Array.from({ length: 16 }, () => chance.pick(known)).join(' ')
  return Object.fromEntries(labels.map(label => [label, { old: write(), now: write() }]))
}

type Replies = Record<string, { old: string, now: string }>

function kindOf (draft: string, reply: Replies[string] | undefined): 'old' | 'new' | 'other' {
  if (draft === reply?.old) return 'old'
  return draft === reply?.now ? 'new' : 'other'
}

function shareOf (list: string[], what: string): number {
  return round(list.filter(d => d === what).length / (list.length || 1))
}

function round (n: number): number {
  return Math.round(n * 1e4) / 1e4
}

function instantOf (ms: number): string {
  return new Date(ms).toISOString().slice(0, 19) + 'Z'
}
