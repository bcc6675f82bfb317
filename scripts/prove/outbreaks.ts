// deskloop prove outbreaks: weekly counts with outbreaks (42 published scenarios, invented counts), judged week by week, each
// from what came before it: how many outbreaks are found, how many calm weeks are called one; textbook methods beside it.
import type { Proof, ProofOptions } from '../prove.ts'
import { sizeOf, upperTail } from '../../src/learn/tail.ts'
import { judgeWeeks } from '../../src/learn/weekly.ts'
import type { Series } from '../../test/simulator/outbreaks.ts'
import { JUDGED, WEEKS, makeOutbreaks } from '../../test/simulator/outbreaks.ts'
import { farrington, regression } from '../../test/simulator/weekly-references.ts'

type Method = (series: Series) => number[]          // p of each judged week

interface Judged { family: string, p: number, ill: boolean, begun: boolean, outbreak: number | null, first: boolean }

const weekNumbers = Array.from({ length: JUDGED }, (_, k) => WEEKS - JUDGED + k)

const METHODS: Record<string, Method> = {
  deskloop: ({ counts }) => judgeWeeks(counts, JUDGED).map(verdict => verdict.p),
  farrington: ({ counts }) => weekNumbers.map(week => farrington(counts.slice(0, week + 1))),
  regression: ({ counts }) => weekNumbers.map(week => regression(counts.slice(0, week + 1))),
  // Knows the law of every week, and looks at one week at a time
  oracle: ({ counts, means, dispersion }) => weekNumbers.map(week =>
    upperTail(counts[week] ?? 0, means[week] ?? 1, sizeOf((dispersion - 1) / (means[week] ?? 1))))
}

/** Words: `seeds=1,2`, `alarm=0.01` (the p below which a week is an alarm), `alone` (without the textbook methods). */
export async function proveOutbreaks (options: ProofOptions): Promise<Proof> {
  const words = options.words ?? []
  const read = (name: string, otherwise: string): string =>
    words.find(w => w.startsWith(`${name}=`))?.slice(name.length + 1) ?? otherwise
  const seeds = read('seeds', '1').split(',').map(Number)
  const alarm = Number(read('alarm', '0.01'))
  if (!seeds.every(Number.isInteger) || !(alarm > 0 && alarm < 1)) {
    throw new Error('seeds are whole numbers, alarm lies between 0 and 1')
  }
  const series = seeds.flatMap(makeOutbreaks)
  const names = words.includes('alone') ? ['deskloop'] : Object.keys(METHODS)
  const judge = (name: string): Row => rowOf(judgeAll(series, METHODS[name] ?? (() => [])), alarm)
  const rows = Object.fromEntries(names.map(name => [name, judge(name)]))
  const own = rows['deskloop']
  const lines = [
    `${series.length} series, each method at its own threshold for 0.7 % of the calm weeks; the last part at p < ${alarm}`,
    ...Object.entries(rows).map(([name, { atSevenInThousand: at, calledOutbreak, byLevel }]) => `${name.padEnd(10)} ` +
      `found ${at.found} %, first week ${at.firstWeek} %, F1 ${at.f1} | calm weeks called ${calledOutbreak} %: ` +
      Object.entries(byLevel).map(([level, rate]) => `${level} ${rate}`).join(', '))
  ]
  return { kept: Math.max(...Object.values(own?.byLevel ?? {})) <= 2, lines, figures: { seeds, alarm, methods: rows } }
}

interface Found { found: number, firstWeek: number, f1: number }

interface Row {
  calmWeeks: number, calledOutbreak: number, byLevel: Record<string, number>
  nominal: Found, atSevenInThousand: Found & { p: number }
}

function rowOf (weeks: Judged[], alarm: number): Row {
  const byLevel = Object.fromEntries([...new Set(weeks.map(w => w.family.split(' ')[0] ?? ''))].map(name =>
    [name, rateOf(weeks.filter(w => w.family.startsWith(`${name} `)), alarm)]))
  const at = atRate(weeks, 0.007)
  return {
    calmWeeks: weeks.filter(w => !w.ill).length, calledOutbreak: rateOf(weeks, alarm), byLevel,
    nominal: foundOf(weeks, alarm), atSevenInThousand: { p: at, ...foundOf(weeks, at) }
  }
}

function judgeAll (all: Series[], method: Method): Judged[] {
  return all.flatMap((series, i) => {
    const { family, ill, outbreaks } = series
    return method(series).map((p, k): Judged => {
      const week = WEEKS - JUDGED + k
      const at = outbreaks.findIndex(o => week >= o.from && week <= o.to)
      return {
        family, p, ill: ill[week] === true || at >= 0, begun: outbreaks.some(o => o.from <= week),
        outbreak: at < 0 ? null : i * 10 + at, first: outbreaks.some(o => o.from === week)
      }
    })
  })
}

// Percent of calm weeks with p below; what follows an outbreak is no calm week by these rules
function rateOf (weeks: Judged[], alarm: number): number {
  const calm = weeks.filter(w => !w.begun)
  return percent(calm.filter(w => w.p < alarm).length / Math.max(1, calm.length), 2)
}

// The p at which so many calm weeks are called an outbreak
function atRate (weeks: Judged[], rate: number): number {
  const calm = weeks.filter(w => !w.ill).map(w => w.p).sort((a, b) => a - b)
  return calm[Math.floor(rate * calm.length)] ?? 0
}

function foundOf (weeks: Judged[], alarm: number): Found {
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
