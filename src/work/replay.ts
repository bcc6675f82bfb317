// What stopped is tried anew, one of it or all of a kind. Nothing is done twice by that: effects look first where their
// fate was unclear, events stop at their keys, and a wake-up only says "look again".
import type { Queue } from '../queue.ts'
import type { Db } from '../store/db.ts'
import { listUnreadable, saveRead } from '../store/deliveries.ts'
import type { KeptDelivery } from '../store/deliveries.ts'
import { findUnreadable, replayDead, replayEffects, replayLooks } from '../store/failures.ts'
import type { FailureKind } from '../store/failures.ts'
import type { Arrival } from '../store/recorder.ts'

export interface ReplayDeps {
  db: Db
  queue: Queue
  /** What a delivery says, read as it would be today; null when its connection is gone. */
  read: (delivery: KeptDelivery) => Arrival | null
}

/** How many were taken up again, and how many deliveries still cannot be read. */
export interface Replayed { replayed: number, still: number }

const UUID = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i

/** `id` as listed, such as `effect:…`. Zero and zero: there is no such failure. */
export async function replayOne (deps: ReplayDeps, id: string): Promise<Replayed> {
  const { db, queue } = deps
  const [, kind = '', rest = ''] = /^([a-z-]+):(.{1,300})$/s.exec(id) ?? []
  const number = /^\d{1,18}$/.test(rest)
  if (kind === 'effect' && UUID.test(rest)) return { replayed: await replayEffects(db, rest), still: 0 }
  if (kind === 'look' && number) return { replayed: await replayLooks(db, queue, rest), still: 0 }
  if (kind === 'wake-up' && rest.includes('/')) {
    const at = rest.indexOf('/')
    const ticket = { connection: rest.slice(0, at), ticketId: rest.slice(at + 1) }
    return { replayed: await replayDead(db, queue, ticket), still: 0 }
  }
  const delivery = kind === 'delivery' && number ? await findUnreadable(db, rest) : null
  return delivery === null ? { replayed: 0, still: 0 } : await readAgain(deps, [delivery])
}

export async function replayAll (deps: ReplayDeps, kind: FailureKind): Promise<Replayed> {
  const { db, queue } = deps
  switch (kind) {
    case 'effect': return { replayed: await replayEffects(db, null), still: 0 }
    case 'look': return { replayed: await replayLooks(db, queue, null), still: 0 }
    case 'wake-up': return { replayed: await replayDead(db, queue, null), still: 0 }
    case 'delivery': return await readAgain(deps, await listUnreadable(db))
  }
}

async function readAgain ({ db, queue, read }: ReplayDeps, deliveries: KeptDelivery[]): Promise<Replayed> {
  let replayed = 0
  for (const delivery of deliveries) {
    const arrival = read(delivery)
    if (arrival?.state !== 'read') continue
    await saveRead(db, queue, delivery, arrival)
    replayed++
  }
  return { replayed, still: deliveries.length - replayed }
}
