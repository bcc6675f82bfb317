// A second desk that does not exist, made by other laws than the first, so that nothing is tuned to one: log-normal
// topics, days that resemble the day before, clumps, a rhythm of each topic's own, seasons, surges of everything, a router
// that confuses neighbours, few accounts that write a lot.
import type { WatchTicket } from '../../src/learn/watched.ts'
import { upperTail } from '../../src/learn/tail.ts'
import { hourOfWeek, offsetAt } from '../../src/learn/week-clock.ts'
import type { Chance } from './chance.ts'
import { makeChance } from './chance.ts'
import type { Simulation, Truth } from './desk.ts'
import { confuse, emptyIntensity, gradeSpikes, setIntensity } from './intensity.ts'

export interface Town {
  topics: number, perWeek: number, weeks: number
  spikes: number, novels: number, drifts: number, surges: number, floods: number, releases: number
  sway: number                                      // standard deviation of a topic-day's logarithm
  clump: number                                     // tickets that a ticket brings along, on average
  zone: string
}

const TOWNS: Record<string, Town> = {
  'town-base': {
    topics: 200, perWeek: 8000, weeks: 26, spikes: 60, novels: 40, drifts: 14, surges: 3, floods: 24, releases: 12,
    sway: 0.25, clump: 0.06, zone: 'Europe/Madrid'
  },
  'town-small': {
    topics: 24, perWeek: 420, weeks: 26, spikes: 36, novels: 24, drifts: 6, surges: 2, floods: 16, releases: 8,
    sway: 0.25, clump: 0.06, zone: 'America/Chicago'
  },
  'town-quiet': {
    topics: 180, perWeek: 7000, weeks: 26, spikes: 0, novels: 0, drifts: 0, surges: 0, floods: 6, releases: 8,
    sway: 0.25, clump: 0.06, zone: 'Australia/Sydney'
  },
  'town-cold': {
    topics: 120, perWeek: 4000, weeks: 5, spikes: 24, novels: 8, drifts: 0, surges: 0, floods: 6, releases: 2,
    sway: 0.25, clump: 0.06, zone: 'Europe/London'
  },
  'town-bursty': {
    topics: 150, perWeek: 6000, weeks: 26, spikes: 40, novels: 20, drifts: 4, surges: 2, floods: 60, releases: 40,
    sway: 0.5, clump: 0.25, zone: 'Europe/Madrid'
  },
  'town-large': {
    topics: 400, perWeek: 30_000, weeks: 12, spikes: 50, novels: 30, drifts: 6, surges: 1, floods: 24, releases: 20,
    sway: 0.25, clump: 0.06, zone: 'Europe/Madrid'
  },
  'town-vast': {
    topics: 2000, perWeek: 30_000, weeks: 8, spikes: 50, novels: 30, drifts: 0, surges: 1, floods: 24, releases: 20,
    sway: 0.25, clump: 0.06, zone: 'Europe/Madrid'
  }
}

export function townOf (name: string): Town {
  const town = TOWNS[name]
  if (town === undefined) throw new Error(`there is no town called ${name}: ${Object.keys(TOWNS).join(', ')}`)
  return town
}

interface Topic {
  name: string, share: number, words: string[], page: string, err: string, esc: number, cancel: number,
  rhythm: number[], sway: number, mood: number, monthly: number, neighbour: number
}

interface Extra {
  at: number, topic: Topic, truth: Truth, words?: string[], text?: string, account?: string, label?: string,
  err?: string, page?: string
}

const HOUR = 3600
const DAY = 24 * HOUR
const WEEK = 7 * DAY
const SOUNDS = 'mar lin tor sen vik pol dra que shi bon cre fal gus hel jun kir nes oma prit rul stu tam ulo wex yor zan'.split(' ')

export function simulateTown (town: Town, seed: number): Simulation {
  const chance = makeChance(seed * 104_729 + 41)
  const t0 = Date.UTC(2024, 1, 5) / 1000 + chance.below(20) * WEEK    // a Monday; clocks change on the way
  const end = t0 + town.weeks * WEEK
  const common = Array.from({ length: 500 }, () => word(chance, 2))
  const rare = Array.from({ length: 9000 }, () => word(chance, 3))
  const topics = makeTopics(town, chance, common)
  const offsets = new Map<number, number>()
  const hourAt = (t: number): number => {
    const day = Math.floor(t / (6 * HOUR))
    const known = offsets.get(day) ?? offsetAt(town.zone, t)
    offsets.set(day, known)
    return hourOfWeek(t, known)
  }
  const truths: Truth[] = []
  const extras: Extra[] = []
  const calendar = makeCalendar(town, chance, t0, end, truths)
  const rate = (topic: Topic, t: number): number => {
    const date = new Date(t * 1000).getUTCDate()
    const month = date <= 3 ? topic.monthly : 1
    return town.perWeek * topic.share * (topic.rhythm[hourAt(t)] ?? 0) * month * calendar(t)
  }
  const start = t0 + (town.weeks > 8 ? 5 : 1) * WEEK
  const desk = topics[0]?.rhythm ?? []
  const awake = (): number => {
    for (;;) {
      const t = start + chance.next() * (end - start - 4 * DAY)
      if (chance.next() < 100 * (desk[hourAt(t)] ?? 0)) return t
    }
  }
  for (let i = 0; i < town.spikes; i++) addSpike(chance, topics, awake(), rate, town, truths, extras)
  for (let i = 0; i < town.novels; i++) addNovel(chance, topics, common, awake(), truths, extras)
  for (let i = 0; i < town.floods; i++) addFlood(chance, topics, awake(), truths, extras)
  const drifting = makeDrifts(town, chance, topics, t0, end, truths)
  const bumps = Array.from({ length: town.releases }, () => {
    const at = t0 + chance.next() * (end - t0)
    return Array.from({ length: 1 + chance.below(3) }, () =>
      ({ at, topic: pick(chance, topics), hours: 4 + chance.below(14), times: 1.15 + chance.next() * 0.5 }))
  }).flat()
  const accounts = Math.ceil(town.perWeek / 3)
  const tickets: Array<Omit<WatchTicket, 'id'> & { truth?: Truth }> = []
  const make = (topic: Topic, t: number, extra?: Extra): void => {
    const r = chance.next()
    const near = chance.next() < 0.6 ? topics[topic.neighbour] ?? topic : pick(chance, topics)
    const label = r < 0.07 ? near.name : r < 0.13 ? 'unknown' : topic.name
    const own = Array.from({ length: 2 + chance.below(5) }, () => often(chance, topic.words))
    const rest = Array.from({ length: 4 + chance.below(16) }, () =>
      chance.next() < 0.1 ? pick(chance, rare) : often(chance, common))
    const risen = (metric: 'esc' | 'cancel'): number => drifting
      .filter(d => d.truth.metric === metric && (d.topic === null || d.topic === topic))
      .reduce((times, d) => times * d.at(t), 1)
    tickets.push({
      t: Math.floor(t), topic: extra?.label ?? label,
      text: shuffle(chance, [...own, ...rest, ...(extra?.words ?? [])]).join(' ') + ` ${extra?.text ?? ''}`,
      page: extra?.page ?? (chance.next() < 0.6 ? topic.page : chance.next() < 0.5 ? '' : pick(chance, topics).page),
      err: extra?.err ?? (chance.next() < 0.2 ? topic.err : ''),
      account: extra?.account ?? `C${Math.floor(accounts * chance.next() ** 1.8)}`,
      esc: chance.next() < topic.esc * risen('esc'), cancel: chance.next() < topic.cancel * risen('cancel'),
      ...(extra === undefined ? {} : { truth: extra.truth })
    })
  }
  const phi = 1 + town.clump + town.clump / (1 + town.clump)
  const intensity = emptyIntensity(topics.map(topic => topic.name), (end - t0) / HOUR, phi)
  for (let t = t0; t < end; t += HOUR) {
    for (const [i, topic] of topics.entries()) {
      // Tomorrow is somewhat like today
      if ((t - t0) % DAY === 0) topic.mood = 0.6 * topic.mood + 0.8 * topic.sway * chance.normal()
      const grown = drifting.find(d => d.topic === topic && d.truth.metric === 'volume')?.at(t) ?? 1
      const bump = bumps.find(b => b.topic === topic && t >= b.at && t < b.at + b.hours * HOUR)?.times ?? 1
      const mean = rate(topic, t) * grown * bump * Math.exp(topic.mood - topic.sway ** 2 / 2)
      setIntensity(intensity, (t - t0) / HOUR, i, mean)
      for (let n = chance.poisson(mean / (1 + town.clump)); n > 0; n--) {
        const at = t + chance.next() * HOUR
        make(topic, at)
        for (let more = chance.poisson(town.clump); more > 0; more--) make(topic, at + chance.next() * 1500)
      }
    }
    confuse(intensity, (t - t0) / HOUR, 0.87, i => topics[i]?.neighbour ?? null, 0.07 * 0.4, 0.07 * 0.6)
  }
  for (const extra of extras) if (extra.at < end) make(extra.topic, extra.at, extra)
  tickets.sort((a, b) => a.t - b.t)
  const numbered = tickets.filter(ticket => ticket.t < end)
    .map(({ truth, ...ticket }, id) => { truth?.tickets.push(id); return { id, ...ticket } })
  gradeSpikes(truths, numbered, t0, intensity)
  return {
    tickets: numbered, truths: truths.filter(t => t.kind === 'drift' || t.kind === 'surge' || t.tickets.length > 0),
    t0, end, zone: town.zone, deploys: [...new Set(bumps.map(b => b.at))].sort((a, b) => a - b),
    intensity
  }
}

function makeTopics (town: Town, chance: Chance, common: string[]): Topic[] {
  const weights = Array.from({ length: town.topics }, () => Math.exp(1.15 * chance.normal())).sort((a, b) => b - a)
  const all = weights.reduce((a, b) => a + b, 0)
  return weights.map((w, i) => {
    const opens = 6.5 + chance.next() * 3
    const shuts = 16 + chance.next() * 5
    const idle = 0.02 + chance.next() * 0.08
    const weekend = chance.next() < 0.1 ? 0.9 : 0.1 + chance.next() * 0.25
    const raw = Array.from({ length: 168 }, (_, h) => {
      const hour = h % 24
      const open = 1 / (1 + Math.exp(-(hour - opens) * 1.5)) / (1 + Math.exp((hour - shuts) * 1.2))
      const noon = 1 - 0.25 * Math.exp(-((hour - 13) ** 2))
      const monday = h < 24 ? 1.2 : h >= 96 && h < 120 ? 0.85 : 1
      return (open * noon * monday + idle) * (h >= 120 ? weekend : 1)
    })
    const sum = raw.reduce((a, b) => a + b, 0)
    return {
      name: `Q${i}`, share: w / all, rhythm: raw.map(x => x / sum), neighbour: chance.below(town.topics),
      words: Array.from({ length: 10 }, () => chance.next() < 0.4 ? pick(chance, common) : word(chance, 3)),
      page: `/${word(chance, 2)}/${word(chance, 1)}`, err: `ERR_${word(chance, 2)}_${i}`, mood: 0,
      sway: town.sway * (0.5 + chance.next()), monthly: chance.next() < 0.15 ? 1.5 : 1,
      esc: 0.02 + chance.next() * 0.1, cancel: 0.008 + chance.next() * 0.03
    }
  })
}

// How busy everything is: seasons, growth, holidays with what was left lying, and surges, which are told once.
function makeCalendar (town: Town, chance: Chance, t0: number, end: number, truths: Truth[]): (t: number) => number {
  const weekly: number[] = [0]
  for (let w = 1; w <= town.weeks; w++) weekly.push(0.8 * (weekly[w - 1] ?? 0) + 0.05 * chance.normal())
  const holidays = Array.from({ length: Math.ceil(town.weeks / 6) }, () =>
    t0 + (2 + chance.below(town.weeks - 2)) * WEEK + chance.below(5) * DAY)
  const surges = Array.from({ length: town.surges }, () => {
    const from = t0 + (5 + chance.next() * Math.max(1, town.weeks - 6)) * WEEK
    const at = from - from % DAY + (8 + chance.below(6)) * HOUR
    const hours = 4 + chance.below(8)
    truths.push({ kind: 'surge', topics: ['__all__'], from: at, to: at + hours * HOUR, tickets: [] })
    return { at, to: at + hours * HOUR, times: 2.2 + chance.next() * 1.5 }
  })
  return t => {
    const week = (t - t0) / WEEK
    const k = Math.floor(week)
    const season = Math.exp((weekly[k] ?? 0) * (1 - week + k) + (weekly[k + 1] ?? 0) * (week - k))
    const free = holidays.some(at => t >= at && t < at + DAY)
    const after = holidays.some(at => t >= at + DAY && t < at + 2 * DAY)
    const surge = surges.find(s => t >= s.at && t < s.to)?.times ?? 1
    return season * (1 + 0.008 * week) * (free ? 0.3 : after ? 1.3 : 1) * surge
  }
}

function addSpike (chance: Chance, topics: Topic[], from: number, rate: (topic: Topic, t: number) => number,
  town: Town, truths: Truth[], extras: Extra[]): void {
  const hours = Math.max(1, Math.round(72 ** chance.next()))
  const several = chance.next() < 0.2 ? 2 + chance.below(3) : 1
  const hit = [...new Set(Array.from({ length: several }, () => pick(chance, topics)))]
  const form = pick(chance, ['fading', 'ramp', 'plateau', 'twice'] as const)
  const aim = 3 + chance.next() * 15                // -log10 p under the true law of the first topic
  const first = hit[0]
  if (first === undefined) return
  let usual = 0
  for (let k = 0; k < hours; k++) usual += rate(first, from + k * HOUR)
  const size = 1 / (first.sway ** 2 + town.clump / Math.max(usual, 0.05))
  let n = 3
  const unlikely = (more: number): number =>
    -Math.log10(Math.max(1e-300, upperTail(Math.round(usual) + more, Math.max(0.01, usual), size)))
  while (unlikely(n) < aim && n < 2000) n++
  const named = hit.map(t => t.name)
  const truth: Truth = { kind: 'spike', topics: named, from, to: from + hours * HOUR, tickets: [] }
  truths.push(truth)
  for (const topic of hit) {
    for (let k = 0; k < n; k++) {
      const u = chance.next()
      const part = form === 'fading'
        ? Math.min(1, -0.25 * Math.log(1 - u))
        : form === 'ramp' ? Math.sqrt(u) : form === 'plateau' ? u : u < 0.5 ? u * 0.4 : 0.6 + u * 0.4
      extras.push({ at: from + part * hours * HOUR, topic, truth })
    }
  }
}

function addNovel (chance: Chance, topics: Topic[], common: string[], from: number, truths: Truth[],
  extras: Extra[]): void {
  const how = pick(chance, ['copied', 'words', 'combination'] as const)
  const n = 3 + Math.floor(25 * chance.next() ** 2)
  const hours = 0.5 * 72 ** chance.next()
  const truth: Truth = { kind: 'novel', topics: [], how, from, to: from + hours * HOUR, tickets: [] }
  truths.push(truth)
  const fresh = Array.from({ length: 1 + chance.below(3) }, () => word(chance, 3) + 'q')
  const err = chance.next() < 0.4 ? `NEW_${word(chance, 2)}` : undefined
  const old = [0, 1, 2].map(() => pick(chance, pick(chance, topics).words.filter(w => !common.includes(w))) ?? '')
  const copied = Array.from({ length: 10 }, () => chance.next() < 0.75 ? pick(chance, common) : word(chance, 4))
  const homes = [pick(chance, topics), pick(chance, topics)]
  for (let k = 0; k < n; k++) {
    const said = how === 'words' ? fresh : how === 'copied' ? [] : old.filter(() => chance.next() < 0.85)
    extras.push({
      at: from + chance.next() * hours * HOUR, topic: pick(chance, homes), truth, words: said,
      ...(how === 'copied' ? { text: copied.join(' ') } : {}),
      ...(how === 'words' && err !== undefined && chance.next() < 0.8 ? { err } : {}),
      ...(chance.next() < 0.4 ? { label: 'unknown' } : {})
    })
  }
}

function addFlood (chance: Chance, topics: Topic[], from: number, truths: Truth[], extras: Extra[]): void {
  const topic = pick(chance, topics)
  const hours = 1 + chance.below(30)
  const truth: Truth = { kind: 'flood', topics: [topic.name], from, to: from + hours * HOUR, tickets: [] }
  truths.push(truth)
  const words = Array.from({ length: 5 }, () => word(chance, 4))
  const account = `C${chance.below(2000)}`
  for (let k = 0; k < 12 + chance.below(18); k++) {
    extras.push({ at: from + chance.next() * hours * HOUR, topic, truth, words, account })
  }
}

interface Drifting { topic: Topic | null, truth: Truth, at: (t: number) => number }

function makeDrifts (town: Town, chance: Chance, topics: Topic[], t0: number, end: number,
  truths: Truth[]): Drifting[] {
  const made: Drifting[] = []
  for (let i = 0; i < town.drifts; i++) {
    const from = t0 + (8 + chance.next() * Math.max(1, town.weeks - 14)) * WEEK
    const metric = pick(chance, ['esc', 'cancel', 'volume'] as const)
    const all = metric !== 'volume' && chance.next() < 0.12 && !made.some(d => d.topic === null)
    const topic = all ? null : pick(chance, topics.slice(0, Math.ceil(topics.length / 5)))
    if (made.some(d => d.topic !== null && d.topic === topic)) continue
    const weeks = 2 + chance.next() * 4
    const least = all ? 1.4 : metric === 'volume' ? 1.6 : 2
    const most = least + chance.next() * (all ? 0.4 : metric === 'volume' ? 0.8 : 1.5)
    const truth: Truth = { kind: 'drift', topics: [topic?.name ?? '__all__'], metric, from, to: end, tickets: [] }
    truths.push(truth)
    made.push({ topic, truth, at: t => 1 + (most - 1) * Math.max(0, Math.min(1, (t - from) / (weeks * WEEK))) })
  }
  return made
}

function word (chance: Chance, sounds: number): string {
  return Array.from({ length: sounds }, () => pick(chance, SOUNDS)).join('') + pick(chance, ['', 'e', 'i', 'us', 'ed'])
}

function often (chance: Chance, list: string[]): string {
  return list[Math.floor(list.length * chance.next() ** 2.2)] ?? ''
}

function shuffle (chance: Chance, list: string[]): string[] {
  return list.map(x => ({ x, by: chance.next() })).sort((a, b) => a.by - b.by).map(({ x }) => x)
}

function pick<T> (chance: Chance, list: readonly T[]): T {
  const found = list[chance.below(list.length)]
  if (found === undefined) throw new Error('nothing to pick from')
  return found
}
