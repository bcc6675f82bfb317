// What happens when an account does not take our token: asked again with a harmless read, it is either refused as a whole,
// and then stops until it takes the token again, or it only forbids this one thing.
import type { Performer } from '../outside.ts'
import { Refused, messageOf } from '../errors.ts'
import type { Log } from '../log.ts'
import type { Db } from '../store/db.ts'
import { claimProbes, endRefused, pauseAccount } from '../store/pauses.ts'

export type Probe = (account: string) => Promise<unknown>

interface Deps { db: Db, log: Log }

/**
 * `account`: it takes nothing from us and is paused now, which is said once. `call`: the token works, only this was
 * refused. `unknown`: nobody can tell at present.
 */
export async function judgeRefusal (
  deps: Deps, account: string, error: Refused, probe: Probe | null
): Promise<'account' | 'call' | 'unknown'> {
  if (probe !== null) {
    const told = await probe(account).then(() => null, (failed: unknown) => failed)
    if (told === null) return 'call'
    if (!(told instanceof Refused)) return 'unknown'
  }
  if (await pauseAccount(deps.db, account, 'refused', error.message)) {
    deps.log.error({ job: 'pause', connection: account, outcome: 'refused', message: error.message })
  }
  return 'account'
}

/** Asks every refused account whether it takes our token now; returns how many write again. */
export async function probeOnce (deps: Deps, probes: Probe[], everyMs: number): Promise<number> {
  let resumed = 0
  for (const account of await claimProbes(deps.db, everyMs)) {
    for (const probe of probes) {
      const told = await probe(account).then(() => null, (failed: unknown) => failed)
      if (told !== null) {
        deps.log.debug({ job: 'probe', connection: account, outcome: 'still refused', message: messageOf(told) })
        continue
      }
      if (await endRefused(deps.db, account)) {
        resumed++
        deps.log.warn({ job: 'pause', connection: account, outcome: 'resumed' })
      }
      break
    }
  }
  return resumed
}

/** The probes of all performers that have one. A probe of an account it does not know must throw. */
export function probesOf (performers: readonly Performer[]): Probe[] {
  return performers.flatMap(p => p.probe === undefined ? [] : [p.probe.bind(p)])
}
