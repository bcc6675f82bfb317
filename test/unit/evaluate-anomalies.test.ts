// The command line of the watch, as another program sees it: lines in, alerts and a dot out, after every tick.
import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { shapeOf, simulate } from '../simulator/desk.ts'

const ROOT = join(import.meta.dirname, '../..')

function evaluate (args: string[], input = ''): { out: string, err: string, status: number | null } {
  const done = spawnSync(process.execPath, ['--no-warnings', join(ROOT, 'scripts/deskloop.ts'), 'evaluate', 'anomalies', ...args], {
    input, encoding: 'utf8', maxBuffer: 1 << 28
  })
  return { out: done.stdout, err: done.stderr, status: done.status }
}

test('each tick is answered with its alerts and a dot; a line that is no event is named and skipped', () => {
  const desk = simulate({ ...shapeOf('quiet'), topics: 20, perWeek: 700, weeks: 3 }, 4)
  const noon = desk.t0 + 16 * 86_400 + 36_000
  const extra = Array.from({ length: 30 }, (_, i) => ({ id: 90_000 + i, t: noon + i * 100, topic: 'T012', text: 'mira', account: `n${i}` }))
  const tickets = [...desk.tickets, ...extra].sort((a, b) => a.t - b.t)
  const lines: string[] = [JSON.stringify({ type: 'start', calendar: { t0: desk.t0, tz: 'Europe/Berlin' } }), 'no event']
  let next = 0
  let ticks = 0
  for (let t = desk.t0 + 300; t <= desk.end; t += 300) {
    for (let one = tickets[next]; one !== undefined && one.t <= t; one = tickets[++next]) {
      const { id, t: at, topic, text, account } = one
      lines.push(JSON.stringify({ type: 'ticket', id, t: at, topic, text, account }))
    }
    lines.push(JSON.stringify({ type: 'tick', t }))
    ticks++
  }
  const { out, err, status } = evaluate([], lines.join('\n') + '\n')
  expect(status).toBe(0)
  expect(err).toContain('line 2 ')
  const answers = out.trimEnd().split('\n')
  expect(answers.filter(line => line === '.')).toHaveLength(ticks)
  const alerts: unknown[] = answers.filter(line => line !== '.').map(line => JSON.parse(line))
  expect(alerts).toContainEqual(expect.objectContaining({ kind: 'spike', topic: 'T012', action: 'open', p: expect.any(Number) }))
})

test('counts by week: the last 49 of each series, and the outbreak is found', () => {
  const folder = mkdtempSync(join(tmpdir(), 'weekly-'))
  try {
    const counts = Array.from({ length: 150 }, (_, i) => i === 140 ? 40 : 6 + (i * 7) % 5)
    writeFileSync(join(folder, 'counts.csv'), `series,${counts.map((_, i) => `w${i + 1}`).join(',')}\ncalm,${counts.join(',')}\n`)
    const rows = evaluate(['--weekly', join(folder, 'counts.csv')]).out.trimEnd().split('\n')
    expect(rows[0]).toBe('series,week,alarm,p:deskloop')
    expect(rows).toHaveLength(50)
    const called = rows.filter(row => row.split(',')[2] === '1').map(row => Number(row.split(',')[1]))
    expect(called).toContain(141)
    // An outbreak lasts: right behind one a week is called more easily, elsewhere none of these is
    expect(called.every(week => week >= 141 && week <= 143)).toBe(true)
  } finally { rmSync(folder, { recursive: true }) }
})
