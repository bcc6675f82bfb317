// One life of an anomaly, by the people and machines around it: customers write, a lead presses and files, more customers
// write, an engineer repairs. Whatever they do is doubled, reordered, forged and repeated late on the way.
import { setTimeout as sleep } from 'node:timers/promises'
import { plus } from '../../src/learn/story.ts'
import type { Instant } from '../../src/types.ts'
import type { Delivery, Sending } from '../../test/sandbox/types.ts'
import { rowsOf } from '../demo/checks.ts'
import { MORNING, tellFault } from './bell-history.ts'
import type { Scene } from './bell-scene.ts'
import type { Moment } from './bell-terms.ts'
import { fieldOf } from './house.ts'

export const STEPS = ['burst', 'press', 'file', 'growth', 'done', 'verify'] as const
export type Step = typeof STEPS[number]

/** `pressedAgain`: without an answer Slack shows a warning; `lost`: acknowledged, and nothing came of it. */
export interface Life { id: string, pressedAgain: number, lost: number, deliveries: number }

const FIRST = 8
const LATER = 11
const LEAST = 3
const PATIENCE_MS = 120_000
const PRESS_PATIENCE_MS = 5_000

/**
 * `downAt`: the step at whose beginning both vendors go down; null: they stay up. `silent`: no webhook of Linear about the
 * issue's end gets through. `life` is filled on the way.
 */
export async function liveOnce (
  scene: Scene, life: Life,
  { moments, downAt, silent, seed }: { moments: Moment[], downAt: Step | null, silent: boolean, seed: number }
): Promise<void> {
  const { slack, linear, desk } = scene
  const again: Delivery[] = []
  let id = ''
  const messy = (more: Partial<Sending> = {}): Partial<Sending> =>
    ({ copies: [1, 3], shuffle: true, concurrency: 4, seed, ...more })
  const begin = (step: Step): void => {
    scene.arm(moments.filter(m => STEP_OF[m.name] === step))
    if (step === downAt) scene.goDown()
  }
  const anomaly = async (): Promise<unknown> => await scene.get(`/v1/anomalies/${id}`)
  const clock = async (at: Instant): Promise<void> => { await scene.post('/v1/clock', { at }) }

  begin('burst')
  for (let i = 0; i < FIRST; i++) tellFault(desk, plus(MORNING, i * 90), i)
  life.deliveries += (await desk.send(messy({ retries: 100, retryMs: 300 }))).attempts
  await clock(plus(MORNING, 900))
  await until('an anomaly with its tickets', async () => {
    const found = rowsOf(await scene.get('/v1/anomalies'))
      .filter(a => String(a['openedAt']) >= MORNING).sort((a, b) => Number(b['tickets']) - Number(a['tickets']))[0]
    id = Number(found?.['tickets'] ?? 0) >= LEAST ? String(found?.['id']) : ''
    return id !== ''
  })
  life.id = id
  await until('its message', async () => messageOf() !== '')

  begin('press')
  await press('ack', async () => fieldOf(await anomaly(), 'state') !== 'open')

  begin('file')
  await press('file_linear', async () => modalOf() !== '' || fieldOf(await anomaly(), 'filing') === true)
  for (;;) {
    const modal = modalOf()
    // Where the gate would not have an issue yet, the lead says why she wants one.
    const asked = JSON.stringify(slack.modals().find(one => one.id === modal)?.view ?? {}).includes('all the same')
    if (modal !== '') slack.submitView(modal, asked ? { why: { why: 'seen by myself' } } : {})
    const isFiling = async (): Promise<boolean> => {
      const one = await anomaly()
      return fieldOf(one, 'filing') === true || fieldOf(one, 'hasIssue') === true
    }
    if (await isHeard(await deliver(), isFiling)) break
    if (modal !== '') life.pressedAgain++
    await press('file_linear', async () => modalOf() !== '')
  }
  await until('its issue', async () => fieldOf(await anomaly(), 'issueId') !== null)

  begin('growth')
  for (let i = 0; i < LATER; i++) tellFault(desk, plus(MORNING, 3_600 + i * 150), FIRST + i)
  life.deliveries += (await desk.send(messy({ retries: 100, retryMs: 300 }))).attempts
  await clock(plus(MORNING, 2 * 3_600))
  await until('its growth in the issue', async () => impactOf() > FIRST)

  begin('done')
  const issue = String(fieldOf(await anomaly(), 'issueId'))
  const at = plus(MORNING, 3 * 3_600)
  await clock(at)
  linear.setState(issue, 'started', { at })
  const started = linear.pending.slice()
  linear.setState(issue, 'completed', { at })
  const [first] = linear.pending
  if (first !== undefined) await scene.forge('/hooks/linear', first)
  again.push(...linear.pending)
  if (silent) linear.pending.splice(0)              // a minute, an hour, six hours: nobody was there
  else {
    life.deliveries += (await linear.send(messy({ retries: 3, retryMs: 3_000 }))).attempts
    linear.pending.push(...started)                 // what was first comes once more, last
    life.deliveries += (await linear.send(messy({ retries: 3, retryMs: 3_000 }))).attempts
  }
  await until('the fix', async () => fieldOf(await anomaly(), 'fixedAt') !== null)
  await until('the notes', async () => await waiting() === 0)

  begin('verify')
  await clock(plus(at, 73 * 3_600))
  await until('the verification', async () => fieldOf(await anomaly(), 'state') === 'verified')
  await until('rest', async () => await waiting() === 0 && !scene.isDown())

  // Hours later, everything that was ever pressed or told comes once more.
  for (const vendor of [slack, linear]) {
    vendor.pending.push(...again.filter(d => d.id.startsWith(vendor.name)))
    life.deliveries += (await vendor.send(messy({ retries: 3, retryMs: 500 }))).attempts
  }
  await until('rest', async () => await waiting() === 0)

  function messageOf (): string {
    return slack.messages(scene.channel).find(m => m.threadTs === null && JSON.stringify(m.blocks).includes(id))?.ts ?? ''
  }
  function modalOf (): string {
    return slack.modals().find(modal => JSON.stringify(modal.view).includes('deskloop_file'))?.id ?? ''
  }
  function impactOf (): number {
    const found = linear.issues().find(one => one.description?.includes(id) === true)
    return Number(/\| (\d+) \| \d+ \|/.exec(found?.description ?? '')?.[1] ?? 0)
  }
  async function waiting (): Promise<number> {
    return Number(fieldOf(await scene.get('/v1/stats'), 'waiting') ?? 1)
  }
  // Whether Slack got an answer that says that all is well.
  async function deliver (): Promise<boolean> {
    const sent = slack.pending.slice()
    again.push(...sent)
    life.deliveries += (await slack.send(messy())).attempts
    return sent.length > 0 && sent.every(d => d.attempts.some(a => a.status === 200))
  }
  // What was acknowledged is not pressed again: it comes, however late. Without an answer it may have come all the same.
  async function isHeard (acknowledged: boolean, isDone: () => Promise<boolean>): Promise<boolean> {
    if (await soon(isDone, acknowledged ? PATIENCE_MS : PRESS_PATIENCE_MS)) return true
    if (acknowledged) life.lost++
    return false
  }
  // Slack sends a press once: whoever sees a warning, or nothing at all, presses again.
  async function press (action: string, isDone: () => Promise<boolean>): Promise<void> {
    for (let tries = 0; ; tries++) {
      try {
        slack.pressButton(messageOf(), action, slack.users()[tries % 2]?.id)
      } catch {
        if (await isDone()) return                  // the button is gone, because it was pressed
      }
      const [pending] = slack.pending
      if (pending !== undefined && tries === 0) await scene.forge('/hooks/slack', pending)
      const acknowledged = await deliver()
      if (await isHeard(acknowledged, isDone)) return
      if (!acknowledged) life.pressedAgain++
      if (tries > 20) throw new Error(`${action} has no effect`)
    }
  }
}

const STEP_OF: Record<string, Step> = {
  'before the watch tells': 'burst',
  'message recorded': 'burst',
  'in the call to Slack': 'burst',
  'after the call to Slack': 'burst',
  'at the press': 'press',
  'after the answer to a press': 'press',
  'issue recorded': 'file',
  'in the call to Linear': 'file',
  'after the call to Linear': 'file',
  'at growth': 'growth',
  'at done': 'done',
  'in the notes': 'done',
  'at verification': 'verify'
}

async function soon (isSo: () => Promise<boolean>, mostMs: number): Promise<boolean> {
  const untilMs = performance.now() + mostMs
  while (performance.now() < untilMs) {
    if (await isSo()) return true
    await sleep(100)
  }
  return false
}

async function until (what: string, isSo: () => Promise<boolean>): Promise<void> {
  const untilMs = performance.now() + PATIENCE_MS
  while (!await isSo()) {
    if (performance.now() > untilMs) throw new Error(`${what} did not come within ${PATIENCE_MS / 1000} s`)
    await sleep(100)
  }
}
