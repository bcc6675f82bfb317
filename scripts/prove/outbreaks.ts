// deskloop prove outbreaks: weekly counts with outbreaks (42 published scenarios, invented counts), judged week by week, each
// from what came before it: how many outbreaks are found, how many calm weeks are called one.
import type { Proof, ProofOptions } from '../prove.ts'
import { judgeWeek } from '../../src/learn/weekly.ts'
import { JUDGED, WEEKS, makeOutbreaks } from '../../test/simulator/outbreaks.ts'

interface Judged { family: string, p: number, ill: boolean, outbreak: number | null, first: boolean }

/** Words: `seeds=1,2`, `alarm=0.01` (the p below which a week is an alarm). */
export async function proveOutbreaks (options: ProofOptions): Promise<Proof> {
  const words = options.words ?? []
  const read = (name: string, otherwise: string): string => words.find(w => w.startsWith(`${name}=`))?.slice(name.length + 1) ?? otherwise
  const seeds = read('seeds', '1').split(',').map(Number)
  const alarm = Number(read('alarm', '0.01'))
  if (!seeds.every(Number.isInteger) || !(alarm > 0 && alarm < 1)) throw new Error('seeds are whole numbers, alarm lies between 0 and 1')
  const weeks = seeds.flatMap(judgeAll)
  const families = Object.fromEntries([...new Set(weeks.map(w => w.family.split(' ')[0] ?? ''))].map(name =>
    [name, rateOf(weeks.filter(w => w.family.startsWith(`${name} `)), alarm)]))
  const at = atRate(weeks, 0.007)
  const figures = {
    seeds, alarm, calmWeeks: weeks.filter(w => !w.ill).length, calledOutbreak: rateOf(weeks, alarm), byLevel: families,
    nominal: foundOf(weeks, alarm), atSevenInThousand: { p: at, ...foundOf(weeks, at) }
  }
  const lines = [
    `of ${figures.calmWeeks} calm weeks ${figures.calledOutbreak} % are called an outbreak at p < ${alarm}; by level: ` +
      Object.entries(families).map(([name, rate]) => `${name} ${rate}`).join(', '),
    ...(['nominal', 'atSevenInThousand'] as const).map(name => `${name}: ` +
      Object.entries(figures[name]).map(([key, value]) => `${key} ${value}`).join(', '))
  ]
  return { kept: Math.max(...Object.values(families)) <= 2, lines, figures }
}

function judgeAll (seed: number): Judged[] {
  return makeOutbreaks(seed).flatMap(({ family, counts, ill, outbreaks }, i) => {
    let before = 1
    return Array.from({ length: JUDGED }, (_, k): Judged => {
      const week = WEEKS - JUDGED + k
      const { p, alone } = judgeWeek(counts.slice(0, week + 1), before)
      before = alone
      const at = outbreaks.findIndex(o => week >= o.from && week <= o.to)
      return {
        family, p, ill: ill[week] === true || at >= 0, outbreak: at < 0 ? null : (seed * 1000 + i) * 10 + at,
        first: outbreaks.some(o => o.from === week)
      }
    })
  })
}

// Percent of calm weeks with p below
function rateOf (weeks: Judged[], alarm: number): number {
  const calm = weeks.filter(w => !w.ill)
  return percent(calm.filter(w => w.p < alarm).length / Math.max(1, calm.length), 2)
}

// The p at which so many calm weeks are called an outbreak
function atRate (weeks: Judged[], rate: number): number {
  const calm = weeks.filter(w => !w.ill).map(w => w.p).sort((a, b) => a - b)
  return calm[Math.floor(rate * calm.length)] ?? 0
}

function foundOf (weeks: Judged[], alarm: number): { found: number, firstWeek: number, f1: number } {
  const all = new Set(weeks.flatMap(w => w.outbreak ?? []))
  const found = new Set(weeks.filter(w => w.p < alarm).flatMap(w => w.outbreak ?? []))
  const firsts = weeks.filter(w => w.first)
  const hits = weeks.filter(w => w.ill && w.p < alarm).length
  const called = weeks.filter(w => w.p < alarm).length
  const ill = weeks.filter(w => w.ill).length
  return {
    found: percent(found.size / Math.max(1, all.size), 1),
    firstWeek: percent(firsts.filter(w => w.p < alarm).length / Math.max(1, firsts.length), 1),
    f1: percent(2 * hits / Math.max(1, called + ill), 1)
  }
}

function percent (share: number, places: number): number {
  return Math.round(share * 100 * 10 ** places) / 10 ** places
}
