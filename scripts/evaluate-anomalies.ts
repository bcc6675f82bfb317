// deskloop evaluate anomalies: the watch alone, fed from outside. Events on stdin, alerts on stdout after every tick; or
// counts by week; or a ticket archive with the topics that Deskloop finds itself.
import { createReadStream } from 'node:fs'
import { createInterface } from 'node:readline'
import { Ajv } from 'ajv'
import { countOne, emptyIndex } from '../src/learn/nearest.ts'
import { stemsOf } from '../src/learn/features.ts'
import type { Alert } from '../src/learn/incidents.ts'
import { nameOf } from '../src/learn/topic-names.ts'
import { emptyTopics, learnTopic } from '../src/learn/topics.ts'
import type { Watch, WatchRules } from '../src/learn/watched.ts'
import { emptyWatch, foldTicket, foldVerdict, tick } from '../src/learn/watch.ts'
import { judgeWeeks } from '../src/learn/weekly.ts'
import { plainText } from '../src/text.ts'
import { readArchive } from './archive.ts'

type Row =
  | { type: 'start', calendar: { t0: number, tz?: string, deploys?: unknown[] } }
  | {
    type: 'ticket', id: number, t: number, topic?: string | null, text?: string | null, page?: string | null,
    err?: string | null, account?: string | null, esc?: number | boolean | null, cancel?: number | boolean | null
  }
  | { type: 'tick', t: number }
  | { type: 'feedback', key: string, verdict: 'real' | 'noise', t: number }

const TICK = 300
const JUDGED_WEEKS = 49
const WEEK_ALARM = 0.01

const text = { type: ['string', 'null'] }
const flag = { type: ['number', 'boolean', 'null'] }
const isRow = new Ajv({ allowUnionTypes: true }).compile<Row>({
  type: 'object',
  required: ['type'],
  oneOf: [
    {
      properties: {
        type: { const: 'start' }, calendar: {
          type: 'object', required: ['t0'],
          properties: { t0: { type: 'number' }, tz: { type: 'string' }, deploys: { type: 'array' } }
        }
      },
      required: ['calendar']
    },
    {
      properties: {
        type: { const: 'ticket' }, id: { type: 'number' }, t: { type: 'number' }, topic: text, text,
        page: text, err: text, account: text, esc: flag, cancel: flag
      }, required: ['id', 't']
    },
    { properties: { type: { const: 'tick' }, t: { type: 'number' } }, required: ['t'] },
    {
      properties: {
        type: { const: 'feedback' }, key: { type: 'string' }, verdict: { enum: ['real', 'noise'] },
        t: { type: 'number' }
      }, required: ['key', 'verdict', 't']
    }
  ]
})

export async function evaluateAnomalies (o: {
  weekly: string | null, tickets: string | null,
  budget: number
}): Promise<void> {
  const rules = { spikesPerWeek: o.budget, novelPerWeek: o.budget / 2, driftsPerWeek: o.budget / 10 }
  if (o.weekly !== null) return await evaluateWeeks(o.weekly)
  if (o.tickets !== null) return await evaluateArchive(o.tickets, rules)
  let watch: Watch | null = null
  let line = 0
  for await (const raw of createInterface({ input: process.stdin, crlfDelay: Infinity })) {
    line++
    if (raw.trim() === '') continue
    const row = readRow(raw)
    if (row === null) {
      process.stderr.write(`line ${line} is no event and was skipped\n`)
      continue
    }
    if (row.type === 'start') watch = begin(row, rules)
    // A stream without a beginning begins with its first event
    else watch ??= emptyWatch({ t0: row.t, zone: 'UTC', deploys: [] }, rules)
    const told = watch === null ? null : fold(watch, row)
    if (told !== null) await write([...told.map(alert => JSON.stringify(sized(alert))), '.', ''].join('\n'))
  }
}

function fold (watch: Watch, row: Row): Alert[] | null {
  if (row.type === 'tick') return tick(watch, row.t)
  if (row.type === 'feedback') foldVerdict(watch, row.key, row.verdict, row.t)
  if (row.type !== 'ticket') return null
  const { page, err, account } = row
  foldTicket(watch, {
    id: row.id, t: row.t, topic: row.topic ?? 'unknown', text: row.text ?? '', ...(page == null ? {} : { page }),
    ...(err == null ? {} : { err }),
    ...(account == null ? {} : { account }), esc: Number(row.esc ?? 0) > 0, cancel: Number(row.cancel ?? 0) > 0
  })
  return null
}

function readRow (raw: string): Row | null {
  try {
    const row: unknown = JSON.parse(raw)
    return isRow(row) ? row : null
  } catch { return null }                           // no JSON is no event
}

function begin (row: Row & { type: 'start' }, rules: WatchRules): Watch {
  const { t0, tz, deploys } = row.calendar
  const instants = (deploys ?? []).flatMap(at => typeof at === 'number' ? at : typeof at === 'string' ? Date.parse(at) / 1000 : [])
  return emptyWatch({ t0, zone: tz ?? 'UTC', deploys: instants.filter(Number.isFinite) }, rules)
}

async function evaluateWeeks (file: string): Promise<void> {
  await write('series,week,alarm,p:deskloop\n')
  for await (const line of createInterface({ input: createReadStream(file, 'utf8'), crlfDelay: Infinity })) {
    const [series = '', ...cells] = line.split(',').map(cell => cell.trim().replace(/^"|"$/g, ''))
    const counts = cells.map(Number)
    if (series === 'series' || counts.length === 0 || counts.some(n => !Number.isFinite(n))) continue
    const verdicts = judgeWeeks(counts, JUDGED_WEEKS)
    await write(verdicts.map(({ p }, i) =>
      `${series},${counts.length - verdicts.length + i + 1},${p < WEEK_ALARM ? 1 : 0},${p.toExponential(6)}\n`).join(''))
  }
}

async function evaluateArchive (file: string, rules: WatchRules): Promise<void> {
  const { tickets, faults } = await readArchive(file)
  for (const fault of faults) process.stderr.write(`line ${fault.line} was skipped: ${fault.why}\n`)
  const index = emptyIndex()
  const topics = emptyTopics()
  const ids = tickets.map(ticket => ticket.id)
  const first = tickets[0]
  if (first === undefined) return
  const t0 = Math.floor(Date.parse(first.opened_at) / 1000)
  const watch = emptyWatch({ t0, zone: 'UTC', deploys: [] }, rules)
  // A topic is counted by its number: its name changes while it learns
  const named = (topic: string): string => /^\d+$/.test(topic) ? nameOf(topics, index, Number(topic)) : topic
  let ticked = t0
  for (const [id, ticket] of tickets.entries()) {
    const asked = ticket.messages.find(m => m.role === 'customer')
    if (asked === undefined) continue
    const t = Math.floor(Date.parse(ticket.opened_at) / 1000)
    if (t - ticked >= TICK) {
      ticked = t - t % TICK
      await tell(tick(watch, ticked), ids, named)
    }
    const said = plainText(`${ticket.subject ?? ''}\n${asked.text}`)
    const stems = stemsOf(said)
    countOne(index, [...stems.keys()])
    const topic = learnTopic(topics, index, stems, 'und', ticket.opened_at)
    const page = ticket.context?.['page']
    foldTicket(watch, {
      id, t, topic: String(topic), text: said, account: ticket.customer_id,
      ...(typeof page === 'string' ? { page } : {})
    })
  }
  await tell(tick(watch, ticked + TICK), ids, named)
}

async function tell (alerts: Alert[], ids: string[], nameTopic: (topic: string) => string): Promise<void> {
  for (const alert of alerts) {
    if (alert.action !== 'close') {
      await write(JSON.stringify({
        ...sized(alert), topic: nameTopic(alert.topic),
        title: sized(alert).title.replace(/^\d+(?=:)/, nameTopic), tickets: alert.tickets.map(n => ids[n] ?? n)
      }) + '\n')
    }
  }
}

// One line says all: the size, which grows, behind the title
function sized ({ size, ...alert }: Alert): Alert {
  return size === undefined ? alert : { ...alert, title: `${alert.title} (${size})` }
}

// Waits until the reader has taken it: the other side answers line by line
function write (text: string): Promise<void> {
  return new Promise((resolve, reject) => process.stdout.write(text, error =>
    error == null ? resolve() : reject(error)))
}
