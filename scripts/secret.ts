// deskloop secret NAME: the secrets that a connection's webhooks are signed with, changed while the service runs. A new
// one is believed everywhere within seconds, an ended one is refused within five; no delivery is refused in between.
import { randomBytes } from 'node:crypto'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { setTimeout as sleep } from 'node:timers/promises'
import { messageOf } from '../src/errors.ts'
import type { Connector, Settings } from '../src/types.ts'
import { readConfig } from '../src/config.ts'
import type { Config } from '../src/config.ts'
import { findDoor } from '../src/store/connections.ts'
import { migrate, openDb } from '../src/store/db.ts'
import type { Db } from '../src/store/db.ts'
import { openEmbedded } from '../src/store/embedded.ts'
import { makeKept } from '../src/store/kept.ts'
import { openVault } from '../src/store/vault.ts'
import type { Vault } from '../src/store/vault.ts'
import { addSecret, endSecret, fingerprintOf, listKeptSecrets } from '../src/store/webhook-secrets.ts'
import { sayChange } from '../src/work/provision.ts'

export interface SecretWish {
  add: boolean                                      // one that is read from standard input
  draw: boolean                                     // a new one of ours, told to the helpdesk where a program can
  end: string | null                                // fingerprint of one that shall be refused
  inSeconds: number                                 // from when on
}

export interface SecretDeps {
  db: Db, vault: Vault, connector: Connector, say: (line: string) => void, read: () => Promise<string>
}

const BELIEVED_WITHIN_MS = 5_000                    // by every process, before anything is signed with it

/** What is done for one connection; `settings` are those of the connection. */
export async function changeSecret (
  { db, vault, connector, say, read }: SecretDeps, name: string, settings: Settings, wish: SecretWish
): Promise<void> {
  if (wish.add || wish.draw) {
    const secret = wish.draw ? randomBytes(32).toString('hex') : (await read()).trim()
    if (secret === '' || secret.includes(',')) throw new Error('the secret comes by standard input, and holds no comma')
    say(`ADDED   ${await addSecret(db, vault, name, secret)}: every process believes it within ${BELIEVED_WITHIN_MS / 1000} s`)
    if (wish.draw) await tellHelpdesk()
  }
  if (wish.end !== null) {
    const known = [...await listKeptSecrets(db, vault, name), ...setSecrets()].map(one => one.fingerprint)
    if (!known.includes(wish.end)) throw new Error(`${name} has no secret ${wish.end}: it has ${known.join(', ') || 'none'}`)
    await endSecret(db, name, wish.end, wish.inSeconds)
    say(`ENDED   ${wish.end}: refused ${wish.inSeconds === 0 ? 'within 5 s' : `in ${wish.inSeconds} s`}`)
  }
  const kept = await listKeptSecrets(db, vault, name)
  const ended = new Map(kept.map(one => [one.fingerprint, one.endsAtMs]))
  for (const one of kept.filter(({ secret }) => secret !== null)) say(`SECRET  ${one.fingerprint}  added ${one.addedAt}${sayEnd(one.endsAtMs)}`)
  for (const { fingerprint } of setSecrets()) say(`SECRET  ${fingerprint}  set in ${connector.signature.secret}${sayEnd(ended.get(fingerprint) ?? null)}`)

  function setSecrets (): Array<{ fingerprint: string }> {
    return (settings[connector.signature.secret] ?? '').split(',').map(one => one.trim()).filter(one => one !== '')
      .map(secret => ({ fingerprint: fingerprintOf(secret) }))
  }

  // Only when every process believes it may anything be signed with it.
  async function tellHelpdesk (): Promise<void> {
    const door = await findDoor(db, name)
    const provision = connector.open(settings, name, undefined, makeKept(db, vault, name)).provision
    if (door === null || provision === undefined) return
    await sleep(BELIEVED_WITHIN_MS)
    for (const change of await provision.apply(door, 'connected')) say(`DONE    ${sayChange(change)}`)
  }
}

function sayEnd (endsAtMs: number | null): string {
  if (endsAtMs === null) return ''
  return endsAtMs <= Date.now() ? ', refused' : `, refused from ${new Date(endsAtMs).toISOString().slice(0, 19)}Z`
}

interface Command extends SecretWish { root: string, connectors: Connector[], config: Config, name: string }

export async function secretCommand ({ root, connectors, config, name, ...wish }: Command): Promise<void> {
  const set = config.connections.find(one => one.name === name)
  const connector = connectors.find(one => one.name === set?.connector)
  if (set === undefined || connector === undefined) {
    throw new Error(`secret needs one of these names: ${config.connections.map(one => one.name).join(', ') || 'none is connected'}`)
  }
  if (wish.draw && connector.signature.kind !== 'shared') {
    throw new Error(`${connector.name} draws its secrets itself: give the one it shows with --add`)
  }
  const server = config.databaseUrl === null
    ? await openEmbedded(config.dataFolder)
    : { url: config.databaseUrl, close: async () => {} }
  const db = openDb(server.url, 'deskloop-secret', 2)
  try {
    await migrate(db, join(root, 'migrations'))
    const vault = openVault(config.masterKeys, config.dataFolder)
    const say = (line: string): void => { process.stdout.write(`${line}\n`) }
    await changeSecret({ db, vault, connector, say, read: () => text(process.stdin) }, name, set.settings, wish)
  } catch (error) {
    throw new Error(messageOf(error), { cause: error })
  } finally {
    await db.destroy()
    await server.close()
  }
}

/** Reads the settings as the service does, but without asking for what this command brings about. */
export function lenientConfig (
  env: Readonly<Record<string, string | undefined>>, root: string, connectors: Connector[]
): Config {
  const lenient = connectors.map(c => ({ ...c, optional: [...c.optional, c.signature.secret] }))
  return readConfig(env, join(root, 'config'), lenient)
}
