// What a watch that knew the truth, and two rules out of textbooks, tell of the same invented desks.
import { simulateDesk } from '../../test/simulator/table.ts'
import { REFERENCES, scoreReference } from '../../test/simulator/references.ts'
import type { Reference } from '../../test/simulator/references.ts'
import { median } from '../../test/simulator/score.ts'

export interface ReferenceRow {
  desk: string, reference: Reference, falsePerWeek: number, strong: number, medium: number, weak: number
  strongMinutes: number | null, strongHour: number, spikes: number
}

export function isReference (name: string): name is Reference {
  return REFERENCES.some(known => known === name)
}

/** Shares are percent of the spikes of that strength; NaN where there are none. */
export function playReference (
  reference: Reference, desk: string, seeds: number[], budget: number, weeks: number | null
): ReferenceRow {
  const replies = seeds.map(seed => scoreReference(reference, simulateDesk(desk, seed, weeks), budget))
  const spikes = replies.flatMap(r => r.findings).filter(f => f.truth.kind === 'spike')
  const of = (strength: string): typeof spikes => spikes.filter(f => f.truth.strength === strength)
  const told = (strength: string): number =>
    percent(of(strength).filter(f => f.told !== null).length, of(strength).length)
  const strong = of('strong')
  const minutes = median(strong.flatMap(f => f.delayMinutes ?? []))
  const wrong = replies.reduce((sum, r) => sum + r.false.length, 0) / replies.reduce((sum, r) => sum + r.weeks, 0)
  return {
    desk, reference, falsePerWeek: Math.round(wrong * 100) / 100, strong: told('strong'), medium: told('medium'),
    weak: told('weak'), strongMinutes: minutes === null ? null : Math.round(minutes),
    strongHour: percent(strong.filter(f => (f.delayMinutes ?? 1e9) <= 60).length, strong.length), spikes: spikes.length
  }
}

function percent (n: number, of: number): number {
  return Math.round(1000 * n / of) / 10
}
