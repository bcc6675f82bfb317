// What is said of an anomaly: whom it hits, in which words, after which release, and its course beside what was expected.
import * as fc from 'fast-check'
import { drawCourse, slackLook } from '../../src/dashboard/anomaly-chart.ts'
import { drawPng } from '../../src/bridge/picture.ts'
import { NO_FACTS, nearRelease, readFacts, tellFacts, traceWords } from '../../src/learn/facts.ts'
import { chanceOf, errorOf, pathOf, segmentsOf, sizeBand } from '../../src/learn/segments.ts'
import type { Customer } from '../../src/learn/segments.ts'
import { sayingsOf } from '../../src/learn/sayings.ts'
import { HOURS_SHOWN, quantile, seenOf } from '../../src/learn/trace.ts'
import { emptyWatch, foldTicket, tick } from '../../src/learn/watch.ts'
import type { Alert } from '../../src/learn/incidents.ts'
import { makeRandom } from '../sandbox/random.ts'

const customers = (n: number, is: (i: number) => Customer['is'], from = 0): Customer[] =>
  Array.from({ length: n }, (_, i) => ({ person: `p${from + i}`, is: is(i) }))

describe('segments', () => {
  test('the chance is that of drawing without putting back', () => {
    // Five aces or more in thirteen cards cannot be; four are 0.2641 %.
    expect(chanceOf(5, 13, 4, 52)).toBe(0)
    expect(chanceOf(4, 13, 4, 52)).toBeCloseTo(0.00264106, 8)
    expect(chanceOf(0, 13, 4, 52)).toBeCloseTo(1, 12)
  })

  test('it is the share of shuffled draws, whatever the numbers', () => {
    const random = makeRandom(5)
    const [all, marked, drawn, hits] = [40, 12, 10, 5]
    let seen = 0
    const draws = 20_000
    for (let d = 0; d < draws; d++) {
      const deck = Array.from({ length: all }, (_, i) => i < marked)
      let here = 0
      for (let i = 0; i < drawn; i++) {
        const j = i + Math.floor(random() * (all - i))
        const taken = deck[j] ?? false
        deck[j] = deck[i] ?? false
        if (taken) here++
      }
      if (here >= hits) seen++
    }
    expect(Math.abs(seen / draws - chanceOf(hits, drawn, marked, all))).toBeLessThan(0.01)
  })

  test('what stands out is told with its counts; one customer who writes often is one', () => {
    const others = customers(400, i => ({ plan: i % 4 === 0 ? 'Growth' : 'Starter', language: 'en' }), 1000)
    const mine = customers(23, i => ({ plan: i < 17 ? 'Growth' : 'Starter', language: 'en', ...(i < 19 ? { error: 'E42' } : {}) }))
    const { segments, tested } = segmentsOf([...mine, ...mine], others)
    expect(segments.map(s => [s.kind, s.value, s.hits, s.of])).toEqual([['error', 'E42', 19, 23], ['plan', 'Growth', 17, 23]])
    expect(segments[1]?.ratio).toBeCloseTo(17 / 23 / 0.25, 6)
    expect(tested).toBe(4)
    const loud = Array.from({ length: 20 }, () => ({ person: 'p1', is: { plan: 'Scale' } }))
    expect(segmentsOf(loud, others).segments).toEqual([])
  })

  test('nothing is told of too little, and nothing of what is usual', () => {
    const others = customers(400, i => ({ plan: `plan ${i % 4}` }), 1000)
    expect(segmentsOf(customers(2, () => ({ plan: 'plan 1' })), others).segments).toEqual([])
    expect(segmentsOf(customers(20, i => ({ plan: `plan ${i % 4}` })), others).segments).toEqual([])
    expect(segmentsOf(customers(20, () => ({ plan: 'odd' })), customers(10, () => ({ plan: 'usual' }), 1000)).segments).toEqual([])
  })

  test('of anomalies that are drawn by lot, at most one in twenty is told a segment', () => {
    const random = makeRandom(11)
    const pick = (list: string[]): string => list[Math.floor(random() ** 2 * list.length)] ?? ''
    const plans = ['Starter', 'Growth', 'Scale', 'Free']
    const pages = Array.from({ length: 30 }, (_, i) => `/page/${i}`)
    let told = 0
    const rounds = 300
    for (let r = 0; r < rounds; r++) {
      const draw = (): Customer['is'] => ({ plan: pick(plans), page: pick(pages), version: pick(['4.10', '4.11', '4.12']), language: pick(['en', 'de']) })
      const { segments } = segmentsOf(customers(15, draw), customers(300, draw, 1000))
      if (segments.length > 0) told++
    }
    expect(told / rounds).toBeLessThanOrEqual(0.05)
  })

  test('never a share beyond its whole, whatever comes', () => {
    const is = fc.record({ plan: fc.string(), error: fc.string() }, { requiredKeys: [] })
    const one = fc.record({ person: fc.string({ maxLength: 3 }), is })
    const [few, many] = [fc.array(one, { maxLength: 30 }), fc.array(one, { minLength: 20, maxLength: 60 })]
    fc.assert(fc.property(few, many, (mine, others) => {
      for (const s of segmentsOf(mine, others).segments) {
        expect(s.hits).toBeLessThanOrEqual(s.of)
        expect(s.p).toBeLessThan(0.05)
        expect(s.hits).toBeGreaterThanOrEqual(3)
      }
    }))
  })

  test('codes, pages and sizes are read', () => {
    expect(['error E42 again', 'Fehler: 503', 'it says ERR_TOKEN_GONE', 'we have 500 users', 'code inv-77 shown'].map(errorOf))
      .toEqual(['E42', '503', 'ERR_TOKEN_GONE', null, 'INV-77'])
    expect([pathOf('https://app.example/a/123/b?x=1'), pathOf('/settings/sso#top'), pathOf('')]).toEqual(['/a/…/b', '/settings/sso', '/'])
    expect([7, '120', 5000, 'many', 0].map(sizeBand)).toEqual(['up to 10', '51 to 200', 'over 1000', null, null])
  })
})

describe('sayings', () => {
  const say = (...texts: string[]): Array<{ person: string, text: string }> => texts.map((text, i) => ({ person: `p${i}`, text }))

  test('phrases of several customers are counted, and what one wrote alone is never told', () => {
    const found = sayingsOf(say(
      'We see a redirect loop after Okta. My secret is opensesame.', 'Redirect loop after Okta again!', 'there is a redirect loop after okta today'
    ), [])
    expect(found[0]).toEqual({ text: 'redirect loop after Okta', people: 3 })
    expect(JSON.stringify(found)).not.toMatch(/secret|opensesame/)
    expect(sayingsOf([{ person: 'p', text: 'redirect loop' }, { person: 'p', text: 'redirect loop' }], [])).toEqual([])
  })

  test('what everybody says anyway is no sign', () => {
    const others = Array.from({ length: 40 }, () => 'kind colleagues, the export button broke')
    const found = sayingsOf(say('export button broke, plan locked', 'export button broke, plan locked'), others)
    expect(found.map(s => s.text)).toEqual(['plan locked'])
  })

  test('what was redacted breaks a phrase', () => {
    const found = sayingsOf(say('login of [EMAIL_1] fails always', 'login of [EMAIL_1] fails always'), [])
    expect(JSON.stringify(found)).not.toContain('EMAIL')
    expect(found.map(s => s.text)).toEqual(['fails always'])
  })

  test('hostile text costs no more than its length', () => {
    const text = 'a'.repeat(50_000) + ' ' + '!? '.repeat(20_000) + 'word '.repeat(20_000)
    const found = sayingsOf(say(text, text), [text])
    expect(found.every(s => s.text.length <= 5 * 31)).toBe(true)
  })
})

test('the release before its first ticket is named, when it was near', () => {
  const releases = [{ version: 'v4.11', at: '2026-11-20T03:00:00Z' }, { version: 'v4.12', at: '2026-11-20T08:30:00Z' }, { version: 'v4.13', at: '2026-11-20T10:00:00Z' }]
  expect(nearRelease(releases, '2026-11-20T09:10:00Z')).toEqual({ name: 'v4.12', at: '2026-11-20T08:30:00Z', minutes: 40 })
  expect(nearRelease(releases, '2026-11-20T02:00:00Z')).toBeNull()
  expect(nearRelease(releases.slice(0, 1), '2026-11-20T10:00:00Z')).toBeNull()
})

test('the bounds of a band are those of its law', () => {
  // Poisson with mean 4: P(X > 8) = 0.0214, P(X > 7) = 0.0511 (tables)
  expect([quantile(4, 4, 0.95), quantile(4, 4, 0.05), quantile(0, 0, 0.95)]).toEqual([8, 1, 0])
  expect(quantile(4, 12, 0.95)).toBeGreaterThan(8)
})

describe('the course of a burst', () => {
  const T0 = Date.parse('2026-09-07T00:00:00Z') / 1000        // a Monday
  const DAY = 86_400
  function feed (): { seen: ReturnType<typeof seenOf>, alert: Alert | undefined, at: number } {
    const random = makeRandom(3)
    const watch = emptyWatch({ t0: T0, zone: 'UTC', deploys: [] }, { spikesPerWeek: 1, novelPerWeek: 0.5, driftsPerWeek: 0.1 })
    const burst = T0 + 28 * DAY + 10 * 3600
    const tickets = []
    for (let day = 0; day < 29; day++) {
      for (
        let i = 0; i < (day % 7 < 5 ? 30 : 8); i++
      ) tickets.push(T0 + day * DAY + Math.floor((8 + random() * 9) * 3600))
    }
    const all = [
      ...tickets.map((t, i) => ({ t, topic: ['keys', 'crane', 'berths'][i % 3] ?? '' })), ...Array.from({ length: 15 }, (_, i) => ({ t: burst + i * 100, topic: 'crane' }))
    ].sort((a, b) => a.t - b.t).filter(one => one.t <= burst + 3000)
    let next = T0
    let alert: Alert | undefined
    all.forEach((one, id) => {
      for (; next <= one.t; next += 300) alert = tick(watch, next).find(a => a.kind === 'spike' && next > burst) ?? alert
      foldTicket(watch, { id, t: one.t, topic: one.topic, text: 'it stands still', account: `a${id}` })
    })
    const incident = watch.incidents.list.find(i => i.key === alert?.key)
    return { seen: incident === undefined ? null : seenOf(watch, incident, next), alert, at: next }
  }
  const { seen, at } = feed()

  test('has 48 hours, the burst above its band, quiet nights below it, and what was usual in its own time', () => {
    const trace = seen?.trace
    expect(trace?.counts).toHaveLength(HOURS_SHOWN)
    expect(trace?.until).toBe(at)
    const last = HOURS_SHOWN - 1
    expect(trace?.counts[last]).toBeGreaterThan(trace?.high[last] ?? Infinity)
    const above = (trace?.counts ?? []).slice(0, last).filter((n, i) => n > (trace?.high[i] ?? 0)).length
    const sum = (list: number[]): number => list.reduce((a, b) => a + b, 0)
    const day = (list: number[] = []): number => sum(list.slice(20, 30)) // Sunday, eight tickets over three topics
    expect(day(trace?.mean)).toBeGreaterThan(1)
    expect(day(trace?.mean)).toBeLessThan(6)
    expect(above).toBeLessThanOrEqual(4)                       // nine of ten usual hours lie inside
    expect(seen?.usual).toBeGreaterThan(0)
    expect(seen?.usual).toBeLessThan(3)
  })

  test('is drawn as a picture of 800 by 320 with its numbers, and told in words', () => {
    const facts = { ...NO_FACTS, trace: seen?.trace ?? null, releases: [{ version: 'v{4}|<b>', at: '2026-10-05T09:20:00Z' }] }
    const svg = drawCourse(facts, slackLook, 'UTC') ?? ''
    expect(svg).toContain('This hour so far')
    expect(svg).not.toContain('<b>')
    const png = Buffer.from(drawPng(svg, slackLook.width))
    expect(png.subarray(0, 8).toString('hex')).toBe('89504e470d0a1a0a')
    expect([png.readUInt32BE(16), png.readUInt32BE(20)]).toEqual([800, 320])
    expect(traceWords('crane', facts.trace ?? { from: 0, until: 0, counts: [], mean: [], low: [], high: [] })).toMatch(/over 48 h\. This hour so far: \d+; expected \d+ to \d+/)
    expect(drawCourse(NO_FACTS, slackLook, 'UTC')).toBeNull()
  })
})

test('facts of an older form are made whole, and told as lines', () => {
  expect(readFacts({})).toEqual(NO_FACTS)
  expect(readFacts({ segments: 'no' })).toEqual(NO_FACTS)
  expect(readFacts(null)).toEqual(NO_FACTS)
  const facts = { ...NO_FACTS, sayings: [{ text: 'plan locked', people: 8 }], segments: [{ kind: 'plan' as const, value: 'Growth', hits: 17, of: 23, usual: 0.24, ratio: 3.1, p: 1e-6 }] }
  expect(tellFacts(facts)).toEqual([
    { label: 'Mostly', text: 'plan Growth: 17 of 23 customers, 3.1 times its usual share' }, { label: 'Customers say', text: '“plan locked” (8)' }
  ])
})
