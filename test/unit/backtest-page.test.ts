// The report of a backtest: the same archive gives the same file, nothing in it is loaded, nothing a customer wrote acts.
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { backtest } from '../../scripts/backtest.ts'
import { coverageCurve, reliability, samplesOf, suggestedOf, topicLines } from '../../scripts/backtest/measures.ts'
import { readinessOf } from '../../scripts/backtest/readiness.ts'
import { spanInWeeks, weekLines } from '../../scripts/backtest/weeks.ts'
import type { BacktestDraft } from '../../src/learn/backtest.ts'
import { plus } from '../../src/learn/story.ts'
import { EAGER, usualRules } from '../support/house.ts'

const HOSTILE = '<script>alert("x")</script><img src=https://evil.example/p.png>'
const USUAL = 'Loosen the two screws below the lid, lift the filter out and rinse it with warm water: the light goes off by itself.'
const ASKED = ['The filter light of the washer is on, what do I do?', 'Why is the red filter light on at the washer?', 'Our washer shows the filter light, how do I clean it?']

let folder: string
beforeAll(() => { folder = mkdtempSync(join(tmpdir(), 'deskloop-test-')) })
afterAll(() => { rmSync(folder, { recursive: true }) })

function writeArchive (): string {
  const file = join(folder, 'archive.ndjson')
  const lines = Array.from({ length: 160 }, (_, i) => {
    const at = plus('2026-03-02T08:00:00Z', i * 7200)
    const odd = i % 7 === 3
    return JSON.stringify({
      id: `T-${i}`,
      customer_id: `c${i}`,
      opened_at: at,
      subject: i === 150 ? HOSTILE : 'Filter',
      messages: [
        { role: 'customer', text: `${ASKED[i % 3]} ${i === 150 ? HOSTILE : ''}`, at },
        { role: 'agent', text: odd ? `We send somebody on day ${i}.` : USUAL, at: plus(at, 900), agent_id: `a${i % 4}` }
      ],
      ...(i % 2 === 0 ? { solved_at: plus(at, 1800) } : {})
    })
  })
  writeFileSync(file, [...lines, 'no json'].join('\n'))
  return file
}

async function run (file: string, html: string): Promise<{ json: string, html: string }> {
  const out: string[] = []
  const write = process.stdout.write
  const tell = process.stderr.write
  process.stdout.write = (text: string | Uint8Array) => { out.push(String(text)); return true }
  process.stderr.write = () => true
  try {
    const prices = { pricePerMillionIn: 1, pricePerMillionOut: 2, currency: 'EUR' }
    const rules = usualRules(EAGER)
    await backtest({ file, articles: null, json: true, dump: null, html, rules, escalation: [], prices, now: () => 0 })
  } finally { process.stdout.write = write; process.stderr.write = tell }
  return { json: out.join(''), html: readFileSync(html, 'utf8') }
}

test('the page tells all, is the same twice, loads nothing and lets nothing act', async () => {
  const file = writeArchive()
  const first = await run(file, join(folder, 'a.html'))
  const second = await run(file, join(folder, 'b.html'))
  expect(second).toEqual(first)
  for (const part of ['Is the archive ready?', 'Coverage against accuracy', 'Reliability', 'Learning curve', 'Suggested threshold', 'Expected wrong a week', 'Hatched', 'prefers-color-scheme:dark', 'var(--main)', 'What a language model would cost', 'EUR', 'What the agent sent', '1 bad lines']) {
    expect(first.html).toContain(part)
  }
  expect(first.html).not.toMatch(/(fill|stroke)="#(1d5f79|5d6970|7fb3c8)"/i)   // or it would be dark on dark
  expect(first.html).not.toMatch(/<script|<img|<link|src=|@import|<a /i)
  expect(first.html.match(/<svg/g)).toHaveLength(3)
  const report = JSON.parse(first.json)
  expect(report).toMatchObject({ tickets: 160, answered: 160, bad_lines: [{ line: 161 }] })
  expect(report.samples.bad.length).toBeGreaterThan(0)
  expect(report.samples.good.every((s: { reply: string }) => s.reply === USUAL)).toBe(true)
})

test('readiness names each gap and what it costs', () => {
  const ticket = (i: number): Parameters<typeof readinessOf>[0][number] => ({
    id: `${i}`, customer_id: 'c', opened_at: plus('2026-03-02T08:00:00Z', i * 3600), messages: [{ role: 'agent', text: 'x', at: '2026-03-02T08:00:00Z', agent_id: 'one' }]
  })
  const lines = readinessOf(Array.from({ length: 50 }, (_, i) => ticket(i)), [])
  const gaps = lines.filter(l => l.state === 'gap').map(l => l.what)
  expect(gaps).toEqual(expect.arrayContaining(['Answered tickets', 'Time covered', 'Solutions told', 'Ratings', 'Agents named']))
  expect(lines.every(l => l.cost !== '')).toBe(true)
})

function draftsOf (n: number, goodFrom: number, topic = 'filter'): BacktestDraft[] {
  return Array.from({ length: n }, (_, i) => {
    const score = (i + 0.5) / n
    const light = score > goodFrom
    return {
      where: { connection: 'zendesk', ticketId: String(i) },
      questionId: 'q',
      turnId: 'q',
      at: plus('2026-03-02T08:00:00Z', i),
      answeredAt: plus('2026-03-02T09:00:00Z', i),
      outcome: light ? 'as_is' as const : 'replaced' as const,
      similarity: light ? 1 : 0,
      light,
      draft: { text: `draft ${i}`, language: 'en', topic, score, threshold: 0.5, action: score > 0.5 ? 'note' as const : 'silent' as const, reason: '', sources: [], articles: [], item: null, facts: { replies: 1, agents: 1, lastAt: null } }
    }
  })
}

test('a suggested threshold holds the bound, and none is suggested where the history is too short', () => {
  const rules = { ...usualRules(), risk: 0.1, leastScore: 0 }
  const [line] = topicLines(draftsOf(600, 0.5), rules, 2)
  expect(line?.threshold).toBeGreaterThan(0.4)
  expect(line?.threshold).toBeLessThan(0.6)
  expect(topicLines(draftsOf(60, 0.5), rules, 2)[0]?.threshold).toBeNull()
  expect(topicLines([...draftsOf(100, 0.5), ...draftsOf(5, 0.5, 'rare')], rules, 2).map(t => [t.topic, t.answered])).toEqual([['filter', 100], ['all smaller topics', 5]])
})

test('what a suggested threshold would have meant is counted from the drafts over it', () => {
  const rules = { ...usualRules(), risk: 0.3, leastScore: 0, gateWindow: 600 }
  const drafts = draftsOf(600, 0.5)
  const found = suggestedOf(drafts, rules, 2)
  const over = drafts.filter(d => d.draft.score >= (found?.threshold ?? 2))
  expect(over.length).toBeGreaterThan(300)
  expect(found).toMatchObject({
    drafts: over.length, good: 300, drafts_per_week: over.length / 2, wrong_per_week: (over.length - 300) / 2
  })
  expect(suggestedOf(drafts.slice(0, 300), rules, 2)).toBeNull()
})

test('a week is maturing while its tickets may still come back, and the line of a week counts by the answer', () => {
  const days = [0, 1, 8, 15, 22]
  const drafts = draftsOf(5, 0.5).map((d, i) => ({ ...d, answeredAt: plus('2026-03-02T09:00:00Z', (days[i] ?? 0) * 86_400) }))
  const weeks = weekLines(drafts, 7)
  expect(weeks.map(w => [w.week, w.answered, w.maturing])).toEqual([
    ['2026-03-02', 2, false], ['2026-03-09', 1, false], ['2026-03-16', 1, true], ['2026-03-23', 1, true]
  ])
  expect(spanInWeeks(drafts)).toBeCloseTo(22 / 7, 6)
  expect(weekLines([], 7)).toEqual([])
})

test('curves go from strict to loose, bins hold what lies in them, the surest mistakes come first', () => {
  const heard = draftsOf(400, 0.5)
  const curve = coverageCurve(heard)
  expect(curve.at(-1)).toMatchObject({ coverage: 1, precision: 0.5 })
  expect(curve[0]).toMatchObject({ precision: 1 })
  expect(curve.every(p => p.worst <= p.precision)).toBe(true)
  const thresholds = curve.map(p => p.threshold)
  expect(thresholds).toEqual([...thresholds].sort((a, b) => b - a))
  const bins = reliability(heard)
  expect(bins.reduce((n, b) => n + b.n, 0)).toBe(400)
  expect(bins.every(b => b.score >= b.from && b.score <= b.to)).toBe(true)
  const { bad } = samplesOf(draftsOf(400, 0.8), d => ({ id: d.where.ticketId, question: '', reply: '' }))
  expect(bad.map(s => s.score)).toEqual([...bad.map(s => s.score)].sort((a, b) => b - a))
})
