// A support desk that does not exist: weeks of tickets with a rhythm, restless days, holidays, growth, releases and
// accounts that repeat themselves; and, marked, what a watch should notice. It knows nothing of how the watch works.
import type { WatchTicket } from '../../src/learn/watched.ts'
import { hourOfWeek, offsetAt } from '../../src/learn/week-clock.ts'
import type { Chance } from './chance.ts'
import { makeChance } from './chance.ts'
import type { Intensity } from './intensity.ts'
import { confuse, emptyIntensity, gradeSpikes, setIntensity } from './intensity.ts'

export interface Shape {
  topics: number, perWeek: number, weeks: number
  spikes: number, novels: number, drifts: number    // per run
  floods: number                                    // single accounts that send one thing many times
  releases: number                                  // with harmless bumps
  unrest: number                                    // relative variance of topic-days
  zone: string
}

export interface Truth {
  kind: 'spike' | 'novel' | 'drift' | 'flood' | 'surge'
  topics: string[]
  metric?: 'esc' | 'cancel' | 'volume'
  strength?: 'strong' | 'medium' | 'weak'
  how?: 'copied' | 'words' | 'combination'
  from: number
  to: number
  tickets: number[]
}

export interface Simulation {
  tickets: WatchTicket[], truths: Truth[], t0: number, end: number, zone: string,
  deploys: number[], intensity: Intensity
}

const SHAPES: Record<string, Shape> = {
  base: {
    topics: 200, perWeek: 8000, weeks: 26, spikes: 60, novels: 40, drifts: 14, floods: 24, releases: 12,
    unrest: 0.08, zone: 'Europe/Berlin'
  },
  small: {
    topics: 30, perWeek: 500, weeks: 26, spikes: 40, novels: 26, drifts: 6, floods: 16, releases: 8,
    unrest: 0.08, zone: 'America/New_York'
  },
  quiet: {
    topics: 200, perWeek: 8000, weeks: 26, spikes: 0, novels: 0, drifts: 0, floods: 0, releases: 0,
    unrest: 0.08, zone: 'Europe/Berlin'
  },
  cold: {
    topics: 120, perWeek: 4000, weeks: 5, spikes: 20, novels: 8, drifts: 0, floods: 6, releases: 2,
    unrest: 0.08, zone: 'Europe/London'
  },
  bursty: {
    topics: 200, perWeek: 8000, weeks: 26, spikes: 40, novels: 20, drifts: 4, floods: 60, releases: 26,
    unrest: 0.3, zone: 'Europe/Berlin'
  }
}

export function shapeOf (name: string): Shape {
  const shape = SHAPES[name]
  if (shape === undefined) throw new Error(`there is no desk called ${name}: ${Object.keys(SHAPES).join(', ')}`)
  return shape
}

interface Topic {
  name: string, share: number, words: string[], page: string, err: string, esc: number,
  cancel: number, evening: number
}

type Extra = {
  at: number, topic: Topic, truth: Truth, text?: string, account?: string, err?: string, page?: string,
  label?: string
}

const HOUR = 3600
const WEEK = 7 * 24 * HOUR
const SYLLABLES = 'ba ke lo mi nu ra se ti vo du fa gi jo ha pe wi zo cu ly ne'.split(' ')

export function simulate (shape: Shape, seed: number): Simulation {
  const chance = makeChance(seed * 7919 + 17)
  const t0 = Date.UTC(2025, 8, 1) / 1000            // a Monday; the clocks change within two months
  const end = t0 + shape.weeks * WEEK
  const common = Array.from({ length: 350 }, () => word(chance, 2))
  const rare = Array.from({ length: 4000 }, () => word(chance, 3))
  const topics = makeTopics(shape, chance, common)
  const holidays = [4, 11, 16, 17, 23].map(w => t0 + w * WEEK + chance.below(5) * 24 * HOUR).filter(t => t < end)
  const deploys = Array.from({ length: shape.releases }, () => t0 + chance.next() * (end - t0)).sort((a, b) => a - b)
  const bumps = deploys.map(at => ({ at, topic: pick(chance, topics), times: 1.3 + chance.next() * 0.5 }))
  const truths: Truth[] = []
  const extras: Extra[] = []
  const offsets = new Map<number, number>()
  const offset = (t: number): number => {
    const hour = Math.floor(t / HOUR)
    const known = offsets.get(hour) ?? offsetAt(shape.zone, t)
    offsets.set(hour, known)
    return known
  }
  const rate = (topic: Topic, t: number): number => {
    const h = hourOfWeek(t, offset(t))
    const day = new Date(t * 1000).getUTCDate()
    const holiday = holidays.find(at => t >= at && t < at + 48 * HOUR)
    const off = holiday === undefined ? 1 : t < holiday + 24 * HOUR ? 0.35 : 1.25
    const grown = 1 + 0.006 * (t - t0) / WEEK
    return shape.perWeek * topic.share * rhythm(h, topic.evening) * 1.12 * grown * (day <= 2 ? 1.12 : 1) * off
  }
  // What should be noticed is laid after the first four weeks, in a cold desk after one
  const start = t0 + (shape.weeks > 8 ? 4 : 1) * WEEK
  const when = (last = 4 * 24 * HOUR): number => start + chance.next() * (end - start - last)
  const awake = (): number => {
    for (;;) {
      const t = when(); if (chance.next() < rhythm(hourOfWeek(t,
        offsetAt(shape.zone, t)), 0) * 100) return t
    }
  }
  for (let i = 0; i < shape.spikes; i++) addSpike(chance, topics, awake(), rate, shape, truths, extras)
  for (let i = 0; i < shape.novels; i++) addNovel(chance, topics, common, awake(), truths, extras)
  for (let i = 0; i < shape.floods; i++) addFlood(chance, topics, awake(), truths, extras)
  const drifting = new Map<Topic, Truth>()
  for (let i = 0; i < shape.drifts; i++) {
    const from = t0 + (9 + chance.next() * Math.max(1, shape.weeks - 16)) * WEEK
    const big = topics.slice(0, Math.ceil(topics.length / 4))
    const topic = pick(chance, big)
    const metric = pick(chance, ['esc', 'cancel', 'volume'] as const)
    if (drifting.has(topic)) continue
    const truth: Truth = { kind: 'drift', topics: [topic.name], metric, from, to: end, tickets: [] }
    drifting.set(topic, truth)
    truths.push(truth)
  }
  const unrest = new Map<string, number>()
  const tickets: Array<Omit<WatchTicket, 'id'> & { truth?: Truth }> = []
  const make = (topic: Topic, t: number, extra?: Extra): void => {
    const truth = drifting.get(topic)
    const risen = truth === undefined || t < truth.from ? 1 : 1 + 1.4 * Math.min(1, (t - truth.from) / (4 * WEEK))
    const r = chance.next()
    const wrong = r < 0.06 ? pick(chance, topics).name : r < 0.12 ? 'unknown' : topic.name
    const own = Array.from({ length: 4 + chance.below(4) }, () => zipf(chance, topic.words))
    const rest = Array.from({ length: 6 + chance.below(8) }, () => chance.next() < 0.08
      ? pick(chance,
        rare)
      : zipf(chance, common))
    tickets.push({
      t: Math.floor(t), topic: extra?.label ?? wrong, text: [...own, extra?.text ?? '', ...rest].join(' '),
      page: extra?.page ?? (chance.next() < 0.7 ? topic.page : `/${pick(chance, common)}`),
      err: extra?.err ?? (chance.next() < 0.15 ? topic.err : ''),
      account: extra?.account ?? `A${chance.below(Math.ceil(shape.perWeek / 4))}`,
      esc: chance.next() < topic.esc * (truth?.metric === 'esc' ? risen : 1),
      cancel: chance.next() < topic.cancel * (truth?.metric === 'cancel' ? risen : 1),
      ...(extra === undefined ? {} : { truth: extra.truth })
    })
  }
  const intensity = emptyIntensity(topics.map(topic => topic.name), (end - t0) / HOUR, 1)
  for (let t = t0; t < end; t += HOUR) {
    const day = Math.floor((t - t0) / (24 * HOUR))
    for (const [i, topic] of topics.entries()) {
      const key = `${topic.name} ${day}`
      let restless = unrest.get(key)
      if (restless === undefined) {
        restless = chance.gamma(1 / shape.unrest) * shape.unrest; unrest.set(key,
          restless)
      }
      const truth = drifting.get(topic)
      const grown = truth?.metric === 'volume' && t > truth.from
        ? 1 + 0.9 * Math.min(1,
          (t - truth.from) / (5 * WEEK))
        : 1
      const bump = bumps.find(b => b.topic === topic && t >= b.at && t < b.at + 5 * HOUR)?.times ?? 1
      const mean = rate(topic, t) * restless * grown * bump
      setIntensity(intensity, (t - t0) / HOUR, i, mean)
      const n = chance.poisson(mean)
      for (let k = 0; k < n; k++) make(topic, t + chance.next() * HOUR)
    }
    confuse(intensity, (t - t0) / HOUR, 0.88, () => null, 0.06)
    if (t % (24 * HOUR) === 0) unrest.clear()
  }
  for (const extra of extras) if (extra.at < end) make(extra.topic, extra.at, extra)
  tickets.sort((a, b) => a.t - b.t)
  const numbered = tickets.map(({ truth, ...ticket }, id) => { truth?.tickets.push(id); return { id, ...ticket } })
  gradeSpikes(truths, numbered, t0, intensity)
  return {
    tickets: numbered, truths: truths.filter(t => t.kind === 'drift' || t.tickets.length > 0), t0, end,
    zone: shape.zone, deploys, intensity
  }
}

function makeTopics (shape: Shape, chance: Chance, common: string[]): Topic[] {
  const weights = Array.from({ length: shape.topics }, (_, i) => 1 / (i + 4) ** 0.9 * (0.5 + chance.next()))
  const all = weights.reduce((a, b) => a + b, 0)
  return weights.map((w, i) => ({
    name: `T${String(i + 1).padStart(3, '0')}`, share: w / all,
    words: Array.from({ length: 14 }, () => chance.next() < 0.3 ? pick(chance, common) : word(chance, 3)),
    page: `/${word(chance, 2)}/${i % 40}`, err: `E${1000 + i * 7}`,
    esc: 0.03 + chance.next() * 0.08, cancel: 0.01 + chance.next() * 0.03, evening: chance.next() * 0.5
  }))
}

function rhythm (h: number, evening: number): number {
  const hour = h % 24
  const office = Math.exp(-(((hour - 10.5) / 2.2) ** 2) / 2) + 0.8 * Math.exp(-(((hour - 15) / 2.4) ** 2) / 2)
  const late = evening * Math.exp(-(((hour - 20) / 1.8) ** 2) / 2)
  return (office + late + 0.04) * (h >= 120 ? 0.25 : 1) / 70
}

function addSpike (chance: Chance, topics: Topic[], from: number, rate: (topic: Topic, t: number) => number,
  shape: Shape, truths: Truth[], extras: Extra[]): void {
  const hours = pick(chance, [1, 2, 4, 8, 24, 48, 72])
  const several = chance.next() < 0.15 ? 3 : 1
  const hit = Array.from({ length: several }, () => pick(chance, topics))
  const form = pick(chance, ['burst', 'ramp', 'plateau'] as const)
  const first = hit[0]
  if (first === undefined) return
  let usual = 0
  for (let k = 0; k < hours; k++) usual += rate(first, from + k * HOUR)
  const sigmas = 3 + chance.next() * 14
  const n = Math.max(3, Math.round(sigmas * Math.sqrt(usual + shape.unrest * usual * usual + 0.2)))
  const truth: Truth = {
    kind: 'spike', topics: hit.map(t => t.name), from, to: from + hours * HOUR,
    tickets: []
  }
  truths.push(truth)
  for (const topic of hit) {
    for (let k = 0; k < n; k++) {
      const u = chance.next()
      const part = form === 'burst' ? u * u : form === 'ramp' ? Math.sqrt(u) : u
      extras.push({ at: from + part * hours * HOUR, topic, truth })
    }
  }
}

function addNovel (chance: Chance, topics: Topic[], common: string[], from: number, truths: Truth[],
  extras: Extra[]): void {
  const how = pick(chance, ['copied', 'words', 'combination'] as const)
  const n = 4 + chance.below(22)
  const hours = pick(chance, [1, 3, 8, 24, 48])
  const truth: Truth = { kind: 'novel', topics: [], how, from, to: from + hours * HOUR, tickets: [] }
  truths.push(truth)
  const fresh = Array.from({ length: 3 }, () => word(chance, 4))
  const old = [0, 1, 2, 3].map(() => pick(chance, pick(chance, topics).words))
  const copied = Array.from({ length: 12 }, () => chance.next() < 0.8
    ? pick(chance, common)
    : word(chance,
      4)).join(' ')
  const home = pick(chance, topics)
  for (let k = 0; k < n; k++) {
    const said = how === 'words' ? fresh : old
    const text = how === 'copied' ? copied : said.filter(() => chance.next() < 0.75).join(' ')
    const label = chance.next() < 0.5 ? 'unknown' : pick(chance, topics).name
    extras.push({
      at: from + chance.next() * hours * HOUR, topic: chance.next() < 0.5 ? home : pick(chance, topics),
      truth, text, label
    })
  }
}

function addFlood (chance: Chance, topics: Topic[], from: number, truths: Truth[], extras: Extra[]): void {
  const topic = pick(chance, topics)
  const truth: Truth = { kind: 'flood', topics: [topic.name], from, to: from + 6 * HOUR, tickets: [] }
  truths.push(truth)
  const account = `A${chance.below(500)}`
  const text = Array.from({ length: 6 }, () => word(chance, 4)).join(' ')
  for (let k = 0; k < 20; k++) extras.push({ at: from + chance.next() * 6 * HOUR, topic, truth, text, account })
}

function word (chance: Chance, syllables: number): string {
  return Array.from({ length: syllables }, () => pick(chance, SYLLABLES)).join('') + pick(chance, ['', 'n', 's', 'r'])
}

function zipf (chance: Chance, list: string[]): string {
  return list[Math.floor(list.length * chance.next() ** 1.7)] ?? ''
}

function pick<T> (chance: Chance, list: readonly T[]): T {
  const found = list[chance.below(list.length)]
  if (found === undefined) throw new Error('nothing to pick from')
  return found
}
