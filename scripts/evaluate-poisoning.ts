// deskloop evaluate poisoning: what a flood, compromised agents and dishonest praise do to what was learned, with the
// guard and without it, and how long an honest change takes. Labelled texts stand for tickets, their labels for what the
// agents answered; who answered and when is drawn by the seed. Same input and seed, same output.
import { readFileSync } from 'node:fs'
import { scoreOne } from '../src/learn/classify/classifier.ts'
import { featuresOf } from '../src/learn/classify/hashed.ts'
import type { GuardRules } from '../src/learn/guard.ts'
import { makeChance } from './demo/chance.ts'
import { copyGuarded, emptyGuarded, learnGuarded } from './evaluate/guarded.ts'
import type { Guarded, Lesson } from './evaluate/guarded.ts'
import { measurePraise, measureRename, measureStaleness } from './evaluate/honest.ts'
import type { LearnRules } from '../src/learn/steps.ts'

export interface PoisoningArgs {
  train: string | null, test: string | null, seed: number, rules: LearnRules
  parts: string[]                                   // which of the table; all when empty
  now: () => number, say: (line: string) => void
}

interface Labelled { text: string, label: string }

const AGENTS = 20
const PER_DAY = 100                                 // tickets
const ATTACKED = 3_300                              // tickets during which an attack lasts
const WRONG = 300                                   // wrong labels among them
const FLOOD = 1_500
const VICTIMS = 3                                   // topics that are attacked in turn: each has only 40 test texts
const START_MS = Date.UTC(2026, 0, 5)

export async function evaluatePoisoning (args: PoisoningArgs): Promise<Record<string, unknown>> {
  if (args.train === null || args.test === null) throw new Error('evaluate poisoning needs --train FILE and --test FILE')
  const chance = makeChance(args.seed)
  const train = read(args.train).map(row => ({ row, at: chance.next() }))
    .sort((a, b) => a.at - b.at).map(({ row }) => row)
  const test = read(args.test)
  if (train.length < 2 * ATTACKED) throw new Error(`--train needs at least ${2 * ATTACKED} labelled texts`)
  const world: World = { train, test, seed: args.seed, rules: args.rules, say: args.say }
  const startedMs = args.now()
  let begun: Begun | null = null
  const begin = (): Begun => {
    begun ??= beginBoth(world, train.slice(0, train.length - ATTACKED))
    return begun
  }
  const table: Record<string, () => unknown> = {
    flood: () => flood(world),
    compromised_1_of_20: () => compromised(world, begin(), 1),
    compromised_3_of_20: () => compromised(world, begin(), 3),
    honest_change: () => honestChange(world, begin()),
    swap_of_six: () => swapOfSix(world),
    stale_answer: () => measureStaleness(args.seed),
    dishonest_praise: () => measurePraise(),
    renamed_feature: () => measureRename(train, args.seed, args.rules)
  }
  const parts = args.parts.length === 0 ? Object.keys(table) : args.parts
  const unknown = parts.filter(part => !Object.hasOwn(table, part))
  if (unknown.length > 0) throw new Error(`the table has no ${unknown.join(', ')}: it has ${Object.keys(table).join(', ')}`)
  const report = {
    protocol: {
      tickets: train.length, tested: test.length, agents: AGENTS, tickets_per_day: PER_DAY, victims: VICTIMS,
      wrong_labels: WRONG, among: ATTACKED, flood: FLOOD
    },
    ...Object.fromEntries(parts.map(part => [part, table[part]?.()]))
  }
  return { ...report, seconds: Math.round((args.now() - startedMs) / 1000) }
}

interface World { train: Labelled[], test: Labelled[], seed: number, rules: GuardRules, say: (line: string) => void }

interface Accuracy { overall: number, victim: number }

interface Begun { open: Guarded, guarded: Guarded }

// The same honest beginning, without the guard and with it.
function beginBoth (world: World, honest: Labelled[]): Begun {
  const begin = (rules: GuardRules | null): Guarded => {
    const g = emptyGuarded(world.seed)
    for (const lesson of ticketsOf(world, honest, 0)) learnGuarded(g, lesson, rules)
    return g
  }
  return { open: begin(null), guarded: begin(world.rules) }
}

function bothWays<T> (
  world: World, begun: Begun, run: (g: Guarded, rules: GuardRules | null) => T
): { without: T, with: T } {
  return { without: run(begun.open, null), with: run(begun.guarded, world.rules) }
}

function flood (world: World): unknown {
  const cut = world.train.length - 2_000
  const victim = victimsOf(world)[0] ?? ''
  const one = world.train.find(r => r.label === victim)?.text ?? ''
  const chance = makeChance(world.seed + 1)
  const copies = Array.from({ length: FLOOD }, () => ({ text: reworded(one, chance), label: 'incident' }))
  const rest = world.train.slice(cut, cut + 1_000)
  world.say('flood')
  return bothWays(world, beginBoth(world, world.train.slice(0, cut)), (g, rules) => {
    const before = accuracy(world, g, victim)
    // All of it within six hours.
    for (const [i, copy] of copies.entries()) {
      learnGuarded(g, lessonOf(copy, `agent-${chance.int(0, AGENTS - 1)}`, cut / PER_DAY + i / FLOOD / 4), rules)
    }
    const after = accuracy(world, g, victim)
    for (const lesson of ticketsOf(world, rest, cut + PER_DAY)) learnGuarded(g, lesson, rules)
    const learned = g.state.examples[g.state.numbers.get('incident') ?? -1] ?? 0
    return { before, after, recovered: accuracy(world, g, victim), learned_of_it: learned, caught: g.caught }
  })
}

function compromised (world: World, begun: Begun, rogues: number): unknown {
  const cut = world.train.length - ATTACKED
  world.say(`${rogues} of ${AGENTS} agents`)
  const victims = victimsOf(world)
  const labels = [...new Set(world.train.map(r => r.label))]
  return bothWays(world, begun, (start, rules) => {
    const runs = victims.map((victim, v) => {
      const g = copyGuarded(start)
      const chance = makeChance(world.seed + 10 + v)
      const target = labels[(labels.indexOf(victim) + 7) % labels.length] ?? ''
      const texts = world.train.slice(0, cut).filter(r => r.label === victim).map(r => r.text)
      const before = accuracyOf(g, world.test.filter(r => r.label === victim))
      for (const lesson of ticketsOf(world, world.train.slice(cut), cut)) {
        learnGuarded(g, lesson, rules)
        if (!chance.happens(WRONG / ATTACKED)) continue
        const wrong = { text: reworded(chance.pick(texts), chance), label: target }
        learnGuarded(g, { ...lessonOf(wrong, `agent-${chance.int(0, rogues - 1)}`, 0), at: lesson.at }, rules)
      }
      return { before, after: accuracyOf(g, world.test.filter(r => r.label === victim)), caught: g.caught }
    })
    const each = runs.map(r => r.after)
    return { victim_before: mean(runs.map(r => r.before)), victim_after: mean(each), each, caught: runs[0]?.caught }
  })
}

// Every agent gives the answers of two topics the other way round from some day on, and they come as often as an attack.
function honestChange (world: World, begun: Begun): unknown {
  const cut = world.train.length - ATTACKED
  world.say('honest change')
  const victims = victimsOf(world)
  return bothWays(world, begun, (start, rules) => {
    const runs = victims.map((a, v) => {
      const b = victims[(v + 1) % victims.length] ?? a
      const g = copyGuarded(start)
      const chance = makeChance(world.seed + 30 + v)
      const other = (label: string): string => label === a ? b : label === b ? a : label
      const pool = world.train.slice(0, cut).filter(r => r.label === a || r.label === b)
      for (const lesson of ticketsOf(world, world.train.slice(cut), cut)) {
        learnGuarded(g, { ...lesson, label: other(lesson.label) }, rules)
        if (!chance.happens(WRONG / ATTACKED)) continue
        const extra = chance.pick(pool)
        const row = { text: reworded(extra.text, chance), label: other(extra.label) }
        learnGuarded(g, { ...lessonOf(row, `agent-${chance.int(0, AGENTS - 1)}`, 0), at: lesson.at }, rules)
      }
      const tested = world.test.filter(r => r.label === a || r.label === b)
      const said = tested.map(r => ({ r, first: firstOf(g, r.text) }))
      return {
        old: mean(said.map(s => s.first === s.r.label ? 1 : 0)),
        now: mean(said.map(s => s.first === other(s.r.label) ? 1 : 0))
      }
    })
    return { still_old: mean(runs.map(r => r.old)), new_way: mean(runs.map(r => r.now)) }
  })
}

// The labels of the six biggest topics move on by one half-way; only tickets of these are judged, before they are learned.
function swapOfSix (world: World): unknown {
  const six = victimsOf(world, 6)
  const half = Math.floor(world.train.length / 2)
  const moved = (label: string): string =>
    six.includes(label) ? six[(six.indexOf(label) + 1) % six.length] ?? label : label
  const later = [...world.train.slice(half), ...world.train.slice(half), ...world.train.slice(half)]
  world.say('swap of six')
  return bothWays(world, beginBoth(world, world.train.slice(0, half)), (g, rules) => {
    const right: number[] = []
    for (const lesson of ticketsOf(world, later, half)) {
      const affected = six.includes(lesson.label)
      const now = { ...lesson, label: moved(lesson.label) }
      if (affected) right.push(firstOf(g, lesson.text) === now.label ? 1 : 0)
      learnGuarded(g, now, rules)
      if (right.length >= 1_000) break
    }
    return {
      to_250: mean(right.slice(0, 250)), to_500: mean(right.slice(250, 500)), to_1000: mean(right.slice(500, 1_000))
    }
  })
}

function ticketsOf (world: World, rows: Labelled[], from: number): Lesson[] {
  const chance = makeChance(world.seed + 3 + from)
  return rows.map((row, i) => lessonOf(row, `agent-${chance.int(0, AGENTS - 1)}`, (from + i) / PER_DAY))
}

function lessonOf (row: Labelled, agent: string, day: number): Lesson {
  const at = new Date(START_MS + day * 86_400_000).toISOString()
  return { text: row.text, label: row.label, features: featuresOf(row.text), agent, at }
}

const FILLERS = ['please', 'today', 'again', 'now', 'hello', 'urgent', 'thanks', 'here', 'still', 'just', 'help', 'really']

/** The same question in slightly other words: one word left out, one put in. */
function reworded (text: string, chance: ReturnType<typeof makeChance>): string {
  const list = text.split(' ')
  if (list.length > 4) list.splice(chance.int(0, list.length - 1), 1)
  list.splice(chance.int(0, list.length), 0, chance.pick(FILLERS))
  return list.join(' ')
}

function victimsOf (world: World, most = VICTIMS): string[] {
  const counts = new Map<string, number>()
  for (const { label } of world.train) counts.set(label, (counts.get(label) ?? 0) + 1)
  return [...counts].sort((a, b) => b[1] - a[1] || (a[0] < b[0] ? -1 : 1)).slice(0, most).map(([label]) => label)
}

function accuracy (world: World, g: Guarded, victim: string): Accuracy {
  return { overall: accuracyOf(g, world.test), victim: accuracyOf(g, world.test.filter(r => r.label === victim)) }
}

function accuracyOf (g: Guarded, rows: Labelled[]): number {
  return mean(rows.map(r => firstOf(g, r.text) === r.label ? 1 : 0))
}

function firstOf (g: Guarded, text: string): string | null {
  return scoreOne(g.state, featuresOf(text), 1).ranked[0]?.label ?? null
}

function mean (list: number[]): number {
  return Math.round(list.reduce((a, b) => a + b, 0) / (list.length || 1) * 1e4) / 1e4
}

function read (file: string): Labelled[] {
  return readFileSync(file, 'utf8').split('\n').filter(line => line.trim() !== '').flatMap((line, i) => {
    const row: unknown = JSON.parse(line)
    if (typeof row !== 'object' || row === null || !('text' in row) || typeof row.text !== 'string') {
      throw new Error(`${file}:${i + 1} has no text`)
    }
    return 'label' in row && typeof row.label === 'string' ? [{ text: row.text, label: row.label }] : []
  })
}
