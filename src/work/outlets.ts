// Tells each outlet the stream, in order and at least once. An event that is not taken is tried again by the schedule and
// holds back those after it; after the last attempt the outlet is paused, and goes on there when a person resumes it.
import { createHash, randomUUID } from 'node:crypto'
import type { Outlet, OutletAnswer, OutletMessage } from '../outside.ts'
import type { Log } from '../log.ts'
import { toCloudEvent } from '../store/cloud-event.ts'
import type { Db } from '../store/db.ts'
import { claimOutlet, pauseOutlet, releaseOutlet, saveFailed, savePlace, saveRefused } from '../store/outlets.ts'
import type { OutletState } from '../store/outlets.ts'
import { listStream } from '../store/stream.ts'
import type { StreamEvent } from '../store/stream.ts'
import { waitAfter } from './schedule.ts'

export interface OutletDeps {
  db: Db
  log: Log
  outlets: Outlet[]
  post: (outlet: Outlet, message: OutletMessage) => Promise<OutletAnswer>
}

const AT_A_TIME = 100
const MOST_MS = 20_000                              // with one more call still within the lease
const REFUSED_IN_A_ROW = 5                          // that many are no accident: something is set up wrongly

/** Sends what each outlet may be sent now; returns how many events were done with. */
export async function outletsOnce (deps: OutletDeps): Promise<number> {
  const done = await Promise.all(deps.outlets.map(outlet => tellOutlet(deps, outlet)))
  return done.reduce((sum, n) => sum + n, 0)
}

async function tellOutlet (deps: OutletDeps, outlet: Outlet): Promise<number> {
  const startedMs = performance.now()
  const lease = randomUUID()
  const state = await claimOutlet(deps.db, outlet.name, lease)
  if (state === null) return 0
  let done = 0
  try {
    const events = await listStream(deps.db, state.place, AT_A_TIME)
    for (const event of events) {
      const wanted = outlet.kinds === null || outlet.kinds.includes(event.event.kind)
      const next = wanted
        ? await tellOne(deps, outlet, lease, state, event)
        : await savePlace(deps.db, outlet.name, lease, event.place, false)
      if (!next) break
      state.attempts = 0
      done++
      if (performance.now() - startedMs > MOST_MS) break
    }
    return done
  } finally {
    await releaseOutlet(deps.db, outlet.name, lease)
  }
}

// True when the outlet goes on with the next event.
async function tellOne (
  deps: OutletDeps, outlet: Outlet, lease: string, state: OutletState, event: StreamEvent
): Promise<boolean> {
  const { db, log } = deps
  const { name } = outlet
  const startedMs = performance.now()
  const cloud = toCloudEvent(event)
  const answer = await deps.post(outlet, { id: cloud.id, route: `${event.event.connection}.${event.event.kind}`, body: JSON.stringify(cloud) })
  const attempts = state.attempts + 1
  const tell = (outcome: string): void => {
    const line = { job: 'outlet', outlet: name, event: cloud.id, attempts, outcome, ms: Math.round(performance.now() - startedMs) }
    if (answer.kind === 'taken') log.debug(line)
    else log.warn({ ...line, message: answer.message })
  }
  if (answer.kind === 'taken') {
    tell('taken')
    state.refused = 0
    return await savePlace(db, name, lease, event.place, true)
  }
  if (answer.kind === 'gone') {
    await pauseOutlet(db, name, answer.message)
    tell('paused')
    return false
  }
  if (answer.kind === 'refused') {
    const refusal = { place: event.place, eventId: cloud.id, attempts, error: answer.message }
    const goesOn = await saveRefused(db, name, lease, refusal)
    if (++state.refused >= REFUSED_IN_A_ROW) {
      await pauseOutlet(db, name, `${answer.message}, ${state.refused} times in a row: it refuses what it is sent`)
      tell('paused')
      return false
    }
    tell('refused')
    return goesOn
  }
  const waitMs = waitAfter(attempts, createHash('sha256').update(`${name} ${cloud.id}`).digest('hex'))
  await saveFailed(db, name, lease, Math.max(waitMs ?? 0, answer.waitMs), answer.message)
  if (waitMs === null) await pauseOutlet(db, name, `${answer.message}, and so ${attempts} times over about three days`)
  tell(waitMs === null ? 'paused' : 'later')
  return false
}
