// deskloop evaluate: figures worked out by hand, time that is not looked into ahead, and one small archive of each kind.
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { readArchive } from '../../scripts/archive.ts'
import type { ArchiveTicket } from '../../scripts/archive.ts'
import {
  auroc, brier, calibrationError, coverageAt, falseAt95, inWindows, riskOverCoverage
} from '../../scripts/evaluate/measures.ts'
import { customerOf, momentsOf, repliesOf } from '../../scripts/evaluate/moments.ts'
import { stepsOf } from '../../scripts/evaluate/topics-plot.ts'
import { evaluateReplies } from '../../scripts/evaluate-replies.ts'
import { evaluateTopics } from '../../scripts/evaluate-topics.ts'
import { addressOf, articlesIn, stemsOfAddress } from '../../src/learn/links.ts'

const folder = mkdtempSync(join(tmpdir(), 'evaluate-'))
afterAll(() => rmSync(folder, { recursive: true }))

function write (name: string, rows: unknown[]): string {
  const file = join(folder, name)
  writeFileSync(file, rows.map(r => JSON.stringify(r) + '\n').join(''))
  return file
}

const world = { now: () => performance.now(), say: () => {}, seed: 7 }

const HAND = [[0.9, true], [0.8, false], [0.7, true], [0.2, false]] as const
const JUDGED = HAND.map(([score, correct]) => ({ score, correct }))

test('the figures are those worked out by hand', () => {
  expect(auroc(JUDGED)).toBe(0.75)
  expect(auroc(JUDGED.map(j => ({ ...j, score: 1 })))).toBe(0.5)
  expect(falseAt95(JUDGED)).toBe(0.5)
  expect(brier(JUDGED)).toBeCloseTo((0.01 + 0.64 + 0.09 + 0.04) / 4)
  expect(riskOverCoverage(JUDGED)).toBeCloseTo((0 + 1 / 2 + 1 / 3 + 2 / 4) / 4)
  expect(coverageAt(JUDGED, 0.6)).toBe(0.75)
  expect(calibrationError([{ score: 1, correct: true }, { score: 0, correct: false }])).toBe(0)
  expect(calibrationError([{ score: 1, correct: false }])).toBe(1)
  const numbers = Array.from({ length: 600 }, (_, i) => i)
  expect(inWindows(numbers, part => part.length)).toEqual({ 250: 250, 500: 250, 600: 100 })
  const ofNothing = [auroc([]), brier([]), calibrationError([]), falseAt95([]), coverageAt([], 0.9)]
  expect(ofNothing).toEqual([null, null, null, null, null])
})

test('a line separator inside a text does not cut a ticket in two', async () => {
  const ticket = {
    id: '1', customer_id: 'c', opened_at: '2026-03-01T10:00:00Z',
    messages: [{ role: 'customer', text: 'one\u2028two', at: '2026-03-01T10:00:00Z' }]
  }
  const { tickets, faults } = await readArchive(write('separator.ndjson', [ticket, { ...ticket, id: '2' }]))
  expect([tickets.map(t => t.id), faults]).toEqual([['1', '2'], []])
})

test('a reply is due when the last thing before it was said, and heard when it was sent', () => {
  const at = (minute: number): string => `2026-03-01T10:${String(minute).padStart(2, '0')}:00Z`
  const ticket: ArchiveTicket = {
    id: 't', customer_id: 'c', opened_at: at(0), messages: [
      { role: 'customer', text: 'the kiln is cold', at: at(0) }, { role: 'note', text: 'internal', at: at(1) },
      { role: 'customer', text: 'since noon', at: at(2) }, { role: 'agent', text: 'switch it on', at: at(9), label: 'switch_on' },
      { role: 'customer', text: 'it works', at: at(12) }, { role: 'agent', text: 'good', at: at(12) }
    ]
  }
  const replies = repliesOf(ticket)
  expect(replies.map(r => [r.dueAt, r.at, customerOf(r)])).toEqual([
    [at(2), at(9), { said: 'the kiln is cold\nsince noon', earlier: '' }],
    [at(12), at(12), { said: 'it works', earlier: 'the kiln is cold\nsince noon' }]
  ])
  const early: ArchiveTicket = { ...ticket, id: 'u', messages: [{ role: 'customer', text: 'hello', at: at(5) }, { role: 'agent', text: 'hi', at: at(6) }] }
  expect(momentsOf([...replies, ...repliesOf(early)]).map(m => `${m.kind} ${m.reply.id}`))
    .toEqual(['ask t/3', 'ask u/1', 'hear u/1', 'hear t/3', 'ask t/5', 'hear t/5'])
})

test('an article is the same in every language, and a link to something else is none', () => {
  expect(articlesIn('see https://help.lumen.example/hc/en-us/articles/771-Pairing?x=1#top, https://lumen.example/shop')).toEqual(['help.lumen.example/771'])
  expect(articlesIn('https://ask.lumen.example/de/kb/battery. https://ask.lumen.example/en-US/kb/battery')).toEqual(['ask.lumen.example/battery'])
  expect(articlesIn('https://lumen.example/support/solutions/articles/4400-care http://[broken/kb/x')).toEqual(['lumen.example/4400'])
  expect(articlesIn('https://help.lumen.example/hc/de/articles/771 https://help.lumen.example/hc/en-us/articles/771-New-title')).toEqual(['help.lumen.example/771'])
  expect(addressOf('https://lumen.example/de/care/lamps/?x=1')).toBe('lumen.example/care/lamps')
  expect(stemsOfAddress('ask.lumen.example/change-battery_2')).toEqual(['~change', '~batter'])
})

const WORDS: Record<string, string> = { heat: 'kiln cold heat element', glaze: 'glaze cracked colour dull', wheel: 'wheel spins motor belt' }

function tickets (count: number, labelled: boolean): unknown[] {
  const kinds = Object.keys(WORDS)
  return Array.from({ length: count }, (_, i) => {
    const kind = kinds[i % 3] ?? ''
    const at = (second: number): string => new Date(Date.UTC(2026, 2, 1) + i * 600_000 + second * 1000).toISOString()
    const reply = { role: 'agent', agent_id: 'a1', at: at(60), text: `about ${kind}: read https://clay.example/kb/${kind} and check the ${WORDS[kind]}` }
    return {
      id: `k${i}`, customer_id: `c${i}`, opened_at: at(0), topic_label: kind, context: { locale: 'en' },
      messages: [{ role: 'customer', text: `please help, ${WORDS[kind]} since day ${i % 5}`, at: at(0) }, labelled ? { ...reply, label: `say_${kind}` } : reply]
    }
  })
}

test('canned replies: the right one is soon proposed, and the dump says the same as the report', async () => {
  const dump = join(folder, 'dump.ndjson')
  const report = await evaluateReplies({ ...world, stream: write('labelled.ndjson', tickets(90, true)), articles: null, dump })
  const rows: Array<{ correct: boolean }> = readFileSync(dump, 'utf8').trim().split('\n').map(line => JSON.parse(line))
  expect(rows).toHaveLength(90)
  expect(rows[0]).toEqual({ id: 'k0/1', at: '2026-03-01T00:00:00Z', predicted: null, score: 0, correct: false })
  expect(report['top1']).toBeCloseTo(rows.filter(r => r.correct).length / 90)
  expect(report['top1']).toBeGreaterThan(0.9)
  expect(report).toMatchObject({ turns: 90, guarantee: { alpha: 0.1 }, by_fifth: { length: 5 } })
})

test('free text: drafts share words with what was sent, and the article is found', async () => {
  const stream = write('free.ndjson', tickets(90, false))
  const report = await evaluateReplies({ ...world, stream, articles: null, dump: null })
  expect(report['f1_at_1']).toBeGreaterThan(0.8)
  expect(report['article']).toMatchObject({ cited: report['scored'] })
  expect(report['article']).toHaveProperty('hit3', 87 / 89)    // of three articles two had not been cited before
  expect(report).toMatchObject({ median_ms: { by_fifth: { length: 5 } } })
})

test('topics: one pass over the training rows, and what belongs to none is new', async () => {
  const rows = tickets(60, false).map((_, i) => {
    const label = Object.keys(WORDS)[i % 3] ?? ''
    return { label, text: `${WORDS[label]} ${i % 4}` }
  })
  const strange = [{ label: null, text: 'opera tickets tomorrow evening' }, { label: null, text: 'which planet has rings' }]
  const files = { train: write('train.ndjson', rows), val: write('val.ndjson', [...rows, ...strange]), test: write('test.ndjson', [...rows, ...strange]) }
  const plot = join(folder, 'plot.svg')
  const args = { ...world, ...files, stream: null, shots: [1], draws: 2, shuffle: 1, dump: null, plot }
  const report = await evaluateTopics(args)
  expect(report).toMatchObject({ accuracy: 1, oos: { auroc: 1, in_scope_at_threshold: 1, recall_at_threshold: 1 } })
  expect(report).toHaveProperty(['shots', '1', 'mean'])
  expect(report).toHaveProperty(['by_examples', 'from_0'], 0)
  expect(readFileSync(plot, 'utf8')).toContain('by examples of it seen before (dashed: on rows apart)')
  expect(stepsOf([0, 1, 1, 3, 700].map((examples, i) => ({ examples, correct: i > 1 })))).toEqual([
    { from: 0, rows: 1, right: 0 }, { from: 1, rows: 2, right: 1 },
    { from: 2, rows: 1, right: 1 }, { from: 500, rows: 1, right: 1 }
  ])
  const { learn_per_s: _, ...same } = await evaluateTopics(args)
  expect(report).toMatchObject(same)
})
