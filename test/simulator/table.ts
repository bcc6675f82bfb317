// Prints what the watch reaches on simulated desks: node test/simulator/table.ts base,small 1,2 [spikes a week] [weeks] [share of clicks on bursty]
import { shapeOf, simulate } from './desk.ts'
import type { Finding } from './score.ts'
import { median, score, share } from './score.ts'

const [desks = 'base,small,quiet,cold,bursty', seeds = '1', budget = '1', weeks = '', clicks = '0.7'] = process.argv.slice(2)

for (const desk of desks.split(',')) {
  for (const seed of seeds.split(',').map(Number)) {
    const shape = shapeOf(desk)
    const simulation = simulate(weeks === '' ? shape : { ...shape, weeks: Number(weeks) }, seed)
    const rules = {
      spikesPerWeek: Number(budget), novelPerWeek: Number(budget) / 2,
      driftsPerWeek: Number(budget) / 10
    }
    const s = score(simulation, rules, desk === 'bursty' ? Number(clicks) : 0)
    const of = (test: (f: Finding) => boolean): Finding[] => s.findings.filter(test)
    const strong = of(f => f.truth.strength === 'strong')
    const novel = of(f => f.truth.kind === 'novel' && f.truth.tickets.length >= 5)
    const drift = of(f => f.truth.kind === 'drift')
    const soon = (list: Finding[]): number => Math.round(100 * list.filter(f => (f.delayMinutes ??
      1e9) <= 60).length / Math.max(1, list.length))
    const delay = (list: Finding[]): number | null => median(list.flatMap(f => f.delayMinutes ?? []))
    console.log(JSON.stringify({
      desk, seed, tickets: simulation.tickets.length, told: s.told, falsePerWeek: Number(s.falsePerWeek.toFixed(2)),
      kinds: ['spike', 'novel', 'drift'].map(kind => s.false.filter(a => a.kind === kind).length).join('/'),
      precision: Math.round(100 * (1 - s.false.length / Math.max(1, s.told))),
      strong: share(strong), medium: share(of(f => f.truth.strength === 'medium')), strongDelay: delay(strong),
      strongHour: soon(strong),
      novel: share(novel), novelHour: soon(novel), novelSeen: median(novel.flatMap(f => f.seen ?? [])),
      combinations: share(novel.filter(f => f.truth.how === 'combination')),
      drift: share(drift), driftDays: Math.round((delay(drift) ?? 0) / 1440),
      duplicates: s.duplicates, us: Math.round(s.perTicketUs)
    }))
    if (process.env.SHOW === 'false') {
      for (const a of s.false) {
        console.log('  ',
          new Date(a.at * 1000).toISOString(), a.kind, a.topic, a.metric ?? '', a.p.toExponential(1), a.title)
      }
    }
    if (process.env.SHOW === 'missed') {
      for (const f of s.findings.filter(f => f.told === null)) {
        console.log('  ',
          f.truth.kind, f.truth.topics.join(), f.truth.strength ?? f.truth.how ?? f.truth.metric,
          f.truth.tickets.length, (f.truth.to - f.truth.from) / 3600)
      }
    }
  }
}
