// Plays an archive through the pretend helpdesks as people would have: each does what the archive says, the helpdesks
// send their webhooks, and the service is told how late it is. The next act begins when the service has done its part.
import { setTimeout as sleep } from 'node:timers/promises'
import type { Instant } from '../../src/types.ts'
import { FIRST } from '../../src/learn/gate.ts'
import { plus } from '../../src/learn/story.ts'
import { makeRandom } from '../../test/sandbox/random.ts'
import type { Delivery, PretendHelpdesk } from '../../test/sandbox/types.ts'
import type { Happening } from '../archive.ts'
import type { HelpdeskName, Shared } from '../share-out.ts'
import type { RunningService } from './service.ts'

export type Desks = Record<HelpdeskName, PretendHelpdesk>

export interface PlayOptions {
  disorder: boolean                                 // deliveries come 1 to 3 times, shuffled, late, 5 % not at all
  kills: number                                     // the service is killed this often on the way
  seed: number
  onProgress: (done: number, all: number, at: Instant) => void
  /** What others do at this moment, once the service has done its part. */
  meanwhile?: (now: Instant) => Promise<void>
}

export interface Played { ids: Map<number, string>, until: Instant, acts: number, dropped: number, catchUps: number }

const MOST_IN_ONE_ACT = 60

export async function play (
  shared: Shared[], desks: Desks, service: RunningService, options: PlayOptions
): Promise<Played> {
  const byNumber = new Map(shared.map(s => [s.n, s]))
  const line = shared.flatMap(s => s.happenings.map((h, i) => ({ h, i })))
    .sort((a, b) => a.h.at < b.h.at ? -1 : a.h.at > b.h.at ? 1 : a.h.n - b.h.n || a.i - b.i).map(({ h }) => h)
  const acts = cutIntoActs(line)
  const random = makeRandom(options.seed)
  const played: Played = { ids: new Map(), until: '', acts: acts.length, dropped: 0, catchUps: 0 }
  const solved = new Set<number>()
  const held: Array<{ desk: PretendHelpdesk, delivery: Delivery, act: number }> = []
  const killAt = new Set(
    Array.from({ length: options.kills }, (_, i) => Math.floor(acts.length * (i + 1) / (options.kills + 1)))
  )
  let done = 0
  for (const [n, act] of acts.entries()) {
    for (const h of act) perform(h, byNumber, desks, played.ids, solved)
    if (options.disorder) shuffleAcrossActs(desks, held, n, random)
    const now = plus(acts[n + 1]?.[0]?.at ?? plus(act.at(-1)?.at ?? '', 1), -1)
    const sending = Promise.all(Object.values(desks).map(desk => desk.send(options.disorder
      ? {
          concurrency: 6, copies: [1, 3], shuffle: true, drop: 0.05, seed: options.seed + n, retries: 100, retryMs: 200
        }
      : { concurrency: 6, retries: 100, retryMs: 200 })))
    if (killAt.has(n)) setTimeout(() => service.kill(), Math.floor(random() * 40))
    for (const sent of await sending) played.dropped += sent.dropped
    // No webhook tells of a rating in Freshdesk: in life the catch-up of every few minutes finds it.
    const rated = act.some(h => h.kind === 'rate' && byNumber.get(h.n)?.connection === 'freshdesk')
    if (options.disorder) played.catchUps += await catchUp(desks, service, now, Object.keys(desks))
    else if (rated) played.catchUps += await catchUp(desks, service, now, ['freshdesk'])
    await service.post('/v1/clock', { at: now })
    await untilIdle(service)
    await options.meanwhile?.(now)
    played.until = now
    done += act.length
    options.onProgress(done, line.length, now)
  }
  if (options.disorder) {                           // what was held back arrives at last, and changes nothing
    for (const { desk, delivery } of held.splice(0)) desk.pending.push(delivery)
    for (const desk of Object.values(desks)) await desk.send({ concurrency: 6, retries: 100, retryMs: 200 })
    await untilIdle(service)
  }
  return played
}

/** Waits until everything up to the clock is done, and what had to be looked for again after a crash, too. */
export async function untilSettled (service: RunningService): Promise<void> {
  const until = Date.now() + 150_000
  for (;;) {
    const stats = await service.get('/v1/stats')
    const waiting = typeof stats === 'object' && stats !== null && 'waiting' in stats ? Number(stats.waiting) : 0
    if (waiting === 0 || Date.now() > until) return
    await sleep(500)
  }
}

async function untilIdle (service: RunningService): Promise<void> {
  const until = Date.now() + 120_000
  for (;;) {
    const state = await service.get('/v1/clock?wait=1')
    if (typeof state === 'object' && state !== null && 'idle' in state && state.idle === true) return
    if (Date.now() > until) throw new Error('the service has not come to rest within two minutes: see its log')
    await sleep(5)
  }
}

// An act holds what can be done without waiting for the service: of each ticket one side only, and not too much. Before
// the gate's first test no note can be written, so there an answer need not wait for the draft of its question.
function cutIntoActs (line: Happening[]): Happening[][] {
  const acts: Happening[][] = []
  let act: Happening[] = []
  let sides = new Map<number, string>()
  let answers = 0
  for (const h of line) {
    const side = h.kind === 'open' || h.kind === 'customer' ? 'customer' : h.kind
    const before = sides.get(h.n)
    const waits = before !== undefined && before !== side && !(answers < FIRST && before === 'customer' && side === 'agent')
    const again = before !== undefined && before === side && side !== 'customer'
    if (act.length >= MOST_IN_ONE_ACT || waits || again) {
      acts.push(act)
      act = []
      sides = new Map()
    }
    act.push(h)
    sides.set(h.n, side)
    if (side === 'agent') answers++
  }
  if (act.length > 0) acts.push(act)
  return acts
}

function perform (
  h: Happening, tickets: ReadonlyMap<number, Shared>, desks: Desks, ids: Map<number, string>, solved: Set<number>
): void {
  const ticket = tickets.get(h.n)
  if (ticket === undefined) throw new Error(`the archive has no ticket ${h.n}`)
  const desk = desks[ticket.connection]
  if (h.kind === 'open') {
    // A conversation that is no mail has no subject in Intercom: there people say it in their first line.
    const bare = ticket.connection === 'intercom' && h.channel !== 'email' && !h.text.startsWith(h.subject)
    const said = bare ? { subject: '', text: `${h.subject}\n${h.text}` } : { subject: h.subject, text: h.text }
    const page = h.context?.find(c => c.name === 'page')?.value
    const on = page === undefined ? {} : { page: `https://app.example${page.startsWith('/') ? '' : '/'}${encodeURI(page)}` }
    const person = personOf(ticket, h.personId)
    ids.set(h.n, desk.openTicket({ at: h.at, ...said, person, channel: h.channel, ...on }))
    return
  }
  const id = ids.get(h.n) ?? ''
  switch (h.kind) {
    case 'customer': desk.customerWrites(id, { at: h.at, text: h.text }); solved.delete(h.n); break
    case 'agent': desk.agentReplies(id, { at: h.at, text: h.text, agentId: h.agentId }); break
    case 'note': desk.agentNotes(id, { at: h.at, text: h.text, agentId: h.agentId }); break
    case 'solve': if (!solved.has(h.n)) desk.solve(id, { at: h.at }); solved.add(h.n); break
    case 'reopen': if (solved.delete(h.n)) desk.reopen(id, { at: h.at }); break
    case 'rate': desk.rate(
      id, { at: h.at, good: h.good, ...(h.comment === undefined ? {} : { comment: h.comment }) }
    ); break
    case 'spam': desk.spam(id, { at: h.at }); break
  }
}

function personOf (ticket: Shared, id: string): { id: string, name: string, email: string } {
  const { name, email } = ticket.ticket.context ?? {}
  const plain = id.toLowerCase().replace(/[^a-z0-9]+/g, '-')
  return {
    id, name: typeof name === 'string' ? name : `Customer ${id}`,
    email: typeof email === 'string' ? email : `${plain}@customer.example`
  }
}

// One in ten deliveries is held back for one to five acts: by then the story has been caught up without it.
function shuffleAcrossActs (
  desks: Desks, held: Array<{ desk: PretendHelpdesk, delivery: Delivery, act: number }>, now: number,
  random: () => number
): void {
  for (const desk of Object.values(desks)) {
    const kept = desk.pending.splice(0).filter(delivery => {
      if (random() >= 0.1) return true
      held.push({ desk, delivery, act: now + 1 + Math.floor(random() * 5) })
      return false
    })
    desk.pending.push(...kept)
  }
  const due = held.filter(d => d.act <= now)
  held.splice(0, held.length, ...held.filter(d => d.act > now))
  for (const { desk, delivery } of due) desk.pending.push(delivery)
}

async function catchUp (desks: Desks, service: RunningService, now: Instant, names: string[]): Promise<number> {
  // An export leaves out the latest minute: the helpdesk's own time is a little ahead while it is read.
  for (const desk of Object.values(desks)) desk.setNow(plus(now, 120))
  await Promise.all(names.map(name => service.post(`/v1/connections/${name}/catch-up`)))
  for (const desk of Object.values(desks)) desk.setNow(null)
  return names.length
}
