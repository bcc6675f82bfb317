// Signs in at each helpdesk every few minutes and writes down how that went: so a token is renewed ahead of its end also
// where nothing happens, and one that is refused or about to end is told before anybody misses it.
import { GiveUp, messageOf } from '../errors.ts'
import type { Log } from '../log.ts'
import { judgeCredential, listCredentials, saveCredential, saveRefusal, takeTelling } from '../store/credentials.ts'
import type { Db } from '../store/db.ts'
import type { Helpdesk, Instant } from '../types.ts'

export interface CredentialDeps {
  db: Db, log: Log, helpdesks: ReadonlyMap<string, Helpdesk>, now: () => Promise<Instant>
}

export type CredentialCheck = 'taken' | 'refused' | 'no answer' | 'nothing to check'

/** Never throws: what failed is said, and tried again the next time. */
export async function checkCredential (deps: CredentialDeps, connection: string): Promise<CredentialCheck> {
  const helpdesk = deps.helpdesks.get(connection)
  if (helpdesk?.credential === undefined) return 'nothing to check'
  try {
    const outcome = await signIn(deps, helpdesk, connection)
    if (await takeTelling(deps.db, connection)) await tell(deps, connection)
    return outcome
  } catch (error) {
    // An outage says nothing about the credential.
    deps.log.warn({ job: 'credential', connection, outcome: 'no answer', message: messageOf(error) })
    return 'no answer'
  }
}

async function signIn ({ db }: CredentialDeps, helpdesk: Helpdesk, connection: string): Promise<CredentialCheck> {
  try {
    const credential = await helpdesk.credential?.()
    if (credential === undefined) return 'nothing to check'
    await saveCredential(db, connection, credential)
    return 'taken'
  } catch (error) {
    if (!(error instanceof GiveUp)) throw error
    await saveRefusal(db, connection, messageOf(error))
    return 'refused'
  }
}

async function tell ({ db, log, now }: CredentialDeps, connection: string): Promise<void> {
  const row = (await listCredentials(db)).find(one => one.connection === connection)
  if (row === undefined) return
  const { state, says, todo, expiresAt, daysLeft } = judgeCredential(row, await now())
  const line = { job: 'credential', connection, outcome: state, expiresAt, daysLeft, message: says, todo }
  if (state === 'good') log.info(line)
  else if (state === 'soon') log.warn(line)
  else log.error(line)
}
