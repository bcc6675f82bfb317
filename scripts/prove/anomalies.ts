// deskloop prove anomalies: invented desks are played to the watch, tickets and ticks only, and what it told is compared
// with what was hidden in them. Nothing here is shared with the watch but its entrance.
import type { Proof, ProofOptions } from '../prove.ts'
import type { Play, Row } from '../../test/simulator/table.ts'
import { playDesk } from '../../test/simulator/table.ts'
import { isReference, playReference } from './anomalies-references.ts'
import type { ReferenceRow } from './anomalies-references.ts'

export const DESKS = ['base', 'small', 'quiet', 'cold', 'bursty', 'town-base', 'town-small', 'town-quiet', 'town-cold', 'town-bursty']

interface Wish {
  desks: string[], seeds: number[], budget: number, clicks: number, weeks: number | null
  show: string, against: string[]
}

/** Words: names of desks, and `seeds=1,2`, `budget=1`, `clicks=0.7`, `weeks=8`, `show=false|missed`, `against=oracle,nb,day`. */
export async function proveAnomalies (options: ProofOptions): Promise<Proof> {
  const wish = readWords(options.words ?? [])
  const rows: Row[] = []
  const lines: string[] = []
  const references: ReferenceRow[] = []
  for (const desk of wish.desks) {
    const play = playDesk(desk, wish.seeds, wish.budget, desk.endsWith('bursty') ? wish.clicks : 0, wish.weeks)
    rows.push(play.row)
    lines.push(...linesOf(play, wish.show))
    for (const name of wish.against) {
      if (!isReference(name)) throw new Error(`there is no reference called ${name}`)
      const { desk: _, ...figures } = playReference(name, desk, wish.seeds, wish.budget, wish.weeks)
      references.push({ desk, ...figures })
      lines.push(`  ${Object.entries(figures).map(([key, value]) => `${key} ${String(value ?? '-')}`).join(', ')}`)
    }
    process.stderr.write(`anomalies: ${desk} is done\n`)
  }
  return { kept: rows.every(isKept), lines, figures: { desks: rows, references } }
}

function readWords (words: string[]): Wish {
  const read = (name: string, otherwise: string): string => words.find(w => w.startsWith(`${name}=`))?.slice(name.length + 1) ?? otherwise
  const number = (name: string, otherwise: string): number => {
    const n = Number(read(name, otherwise))
    if (!Number.isFinite(n) || n < 0) throw new Error(`${name} is a number that is not negative`)
    return n
  }
  const desks = words.filter(word => !word.includes('='))
  const seeds = read('seeds', '1').split(',').map(Number)
  if (!seeds.every(Number.isInteger)) throw new Error('seeds are whole numbers, separated by commas')
  return {
    desks: desks.length === 0 ? DESKS : desks, seeds, budget: number('budget', '1'), clicks: number('clicks', '0.7'),
    weeks: read('weeks', '') === '' ? null : number('weeks', ''), show: read('show', ''),
    against: read('against', '').split(',').filter(name => name !== '')
  }
}

// What is promised whatever the desk: one account never rings, an incident rings once, and the budget is about kept
function isKept (row: Row): boolean {
  return row.floodsTold === 0 && row.duplicates <= 0.2 && row.falsePerWeek <= 2.5 * Math.max(1, row.budget)
}

function linesOf ({ row, scores }: Play, show: string): string[] {
  const { desk, weeks, ...figures } = row
  const lines = [`${desk}: ` + Object.entries(figures).map(([name, value]) => `${name} ${String(value ?? '-')}`).join(', ')]
  if (desk.endsWith('cold')) lines.push(`  false alarms by week: ${weeks.map(([week, n]) => `${week + 1}: ${n}`).join(', ')}`)
  for (const s of scores) {
    if (show === 'false') {
      for (const a of s.false) {
        lines.push(`  ${new Date(a.at * 1000).toISOString()} ${a.kind} ${a.topic} ${a.metric ?? ''} ${a.p.toExponential(1)} ${a.title}`)
      }
    }
    if (show === 'missed') {
      for (const { truth } of s.findings.filter(f => f.told === null && f.truth.kind !== 'flood')) {
        lines.push(`  ${truth.kind} ${truth.topics.join()} ${truth.strength ?? truth.how ?? truth.metric ?? ''} ` +
          `${truth.tickets.length} tickets in ${((truth.to - truth.from) / 3600).toFixed(1)} h`)
      }
    }
  }
  return lines
}
