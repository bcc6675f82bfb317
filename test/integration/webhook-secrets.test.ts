// Secrets of webhooks that change while the service runs: a new one is believed, an ended one refused, in every process,
// and what stands in the database is of no use to whoever copies it.
import { createHmac } from 'node:crypto'
import { mkdtempSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { sql } from 'kysely'
import { changeSecret } from '../../scripts/secret.ts'
import type { SecretWish } from '../../scripts/secret.ts'
import freshdesk from '../../connectors/freshdesk/index.ts'
import intercom from '../../connectors/intercom/index.ts'
import { readConfig } from '../../src/config.ts'
import { openLog } from '../../src/log.ts'
import { openService } from '../../src/main.ts'
import type { Service } from '../../src/main.ts'
import { openSecrets } from '../../src/http/secrets.ts'
import { saveDoor } from '../../src/store/connections.ts'
import { openVault } from '../../src/store/vault.ts'
import { addSecret, endSecret, fingerprintOf, listKeptSecrets } from '../../src/store/webhook-secrets.ts'
import type { KeptSecret } from '../../src/store/webhook-secrets.ts'
import type { Connector } from '../../src/types.ts'
import { openFreshdesk } from '../sandbox/freshdesk.ts'
import { openTestDatabase } from '../support/database.ts'
import type { TestDatabase } from '../support/database.ts'

const ROOT = join(import.meta.dirname, '../..')
const KEY = 'e7'.repeat(32)
const vault = openVault([KEY], mkdtempSync(join(tmpdir(), 'deskloop-secrets-')))
let database: TestDatabase
beforeAll(async () => { database = await openTestDatabase() })
afterEach(async () => { await sql`truncate webhook_secret, cursor`.execute(database.db) })
afterAll(async () => { await database.close() })

test('added, ended and added again; the newest comes first', async () => {
  await addSecret(database.db, vault, 'desk', 'one')
  await sql`update webhook_secret set added_at = added_at - interval '1 minute'`.execute(database.db)
  const two = await addSecret(database.db, vault, 'desk', 'two')
  expect((await kept()).map(({ secret }) => secret)).toEqual(['two', 'one'])
  await endSecret(database.db, 'desk', two, 3600)
  await endSecret(database.db, 'desk', two, 7200)    // an earlier end stays
  const [first] = await kept()
  expect(((first?.endsAtMs ?? 0) - Date.now()) / 1000).toBeLessThan(3700)
  await addSecret(database.db, vault, 'desk', 'two')
  expect((await kept())[0]?.endsAtMs).toBeNull()
  const { rows } = await sql<{ row: string }>`select encode(sealed, 'escape') || fingerprint as row from webhook_secret`.execute(database.db)
  expect(JSON.stringify(rows)).not.toMatch(/one|two/)
  expect(await listKeptSecrets(database.db, vault, 'another')).toEqual([])
  expect((await listKeptSecrets(database.db, openVault(['00'.repeat(32)], '/nowhere'), 'desk')).map(({ secret }) => secret)).toEqual([null, null])
})

describe('at one door', () => {
  let nowMs = 0
  let listed: KeptSecret[] = []
  let told: string[] = []
  let asked = 0
  const fetchSecrets = async (): Promise<string[]> => { asked++; return told }
  const row = (secret: string | null, fingerprint: string, endsAtMs: number | null = null): KeptSecret =>
    ({ secret, fingerprint, endsAtMs, addedAt: '2026-05-04T09:00:00Z' })
  const open = (fetch: (() => Promise<string[]>) | null = fetchSecrets): ReturnType<typeof openSecrets> => openSecrets({
    settings: { HOOK_SECRET: 'set-a, set-b' }, setting: 'HOOK_SECRET', fetchSecrets: fetch, listKept: async () => listed,
    log: openLog('silent'), nowMs: () => nowMs
  })
  const live = (secrets: ReturnType<typeof openSecrets>): string[] => (secrets.current().HOOK_SECRET ?? '').split(',').map(one => one.trim())
  beforeEach(() => { nowMs = 1_000_000; listed = []; told = []; asked = 0 })

  test('what was added stands before what was set, until its end to the millisecond', async () => {
    const secrets = open(null)
    listed = [row('added', fingerprintOf('added'), nowMs + 10_000)]
    expect(live(secrets)).toEqual(['set-a', 'set-b'])
    await secrets.reload()
    expect(live(secrets)).toEqual(['added', 'set-a', 'set-b'])
    nowMs += 9_999
    expect(live(secrets)).toContain('added')
    nowMs += 1
    expect(live(secrets)).toEqual(['set-a', 'set-b'])
  })

  test('what was set is refused once its end was told, wherever else it stands', async () => {
    const secrets = open()
    told = ['set-a']
    await secrets.refresh()
    listed = [row(null, fingerprintOf('set-a'), nowMs)]
    await secrets.reload()
    expect(live(secrets)).toEqual(['set-b'])
  })

  test('the one before is believed for ten minutes after the helpdesk has drawn another', async () => {
    const secrets = open()
    told = ['drawn-1']
    await secrets.refresh()
    nowMs += 60_000
    told = ['drawn-2']
    await secrets.refresh()
    expect(live(secrets)).toEqual(['drawn-2', 'drawn-1', 'set-a', 'set-b'])
    nowMs += 599_999
    expect(live(secrets)).toContain('drawn-1')
    nowMs += 1
    expect(live(secrets)).toEqual(['drawn-2', 'set-a', 'set-b'])
  })

  test('two changes right after each other are both learned, and false knocks make nobody busy', async () => {
    const secrets = open()
    told = ['drawn-1']
    await secrets.refresh()
    told = ['drawn-2']
    await secrets.refresh()
    expect(live(secrets)[0]).toBe('drawn-2')
    for (let i = 0; i < 10; i++) await secrets.refresh()
    expect(asked).toBe(3)                           // the third in vain: then it rests
    nowMs += 5_000
    await secrets.refresh()
    expect(asked).toBe(4)
  })

  test('a helpdesk that tells nothing for a moment takes nothing away', async () => {
    const secrets = open()
    told = ['drawn-1']
    await secrets.refresh()
    nowMs += 6_000
    told = []
    await secrets.refresh()
    nowMs += 700_000
    expect(asked).toBe(2)
    expect(live(secrets)).toContain('drawn-1')
  })

  test('while the list cannot be read, what was known goes on', async () => {
    const failing = openSecrets({
      settings: { HOOK_SECRET: 'set-a' }, setting: 'HOOK_SECRET', fetchSecrets: null, log: openLog('silent'), nowMs: () => nowMs,
      listKept: async () => { if (listed.length === 0) throw new Error('the database is away'); return listed }
    })
    listed = [row('added', 'x')]
    await failing.reload()
    listed = []
    await failing.reload()
    expect(live(failing)).toEqual(['added', 'set-a'])
  })
})

test('a running service believes and refuses within five seconds of the command', async () => {
  const settings = { INTERCOM_URL: 'http://127.0.0.1:9', INTERCOM_ACCESS_TOKEN: 'x', INTERCOM_CLIENT_SECRET: 'old-secret' }
  const service = await start(intercom, settings)
  try {
    const knock = (secret: string): Promise<number> => deliver(service.url, secret)
    expect([await knock('old-secret'), await knock('new-secret')]).toEqual([200, 401])
    await change(intercom, settings, { add: true }, 'new-secret\n')
    expect(await within(5_000, async () => await knock('new-secret') === 200)).toBe(true)
    expect(await knock('old-secret')).toBe(200)
    const said = await change(intercom, settings, { end: fingerprintOf('old-secret') })
    expect(said).toMatch(new RegExp(`SECRET {2}${fingerprintOf('old-secret')} {2}set in INTERCOM_CLIENT_SECRET, refused`))
    expect(said).not.toMatch(/old-secret|new-secret/)
    expect(await within(5_000, async () => await knock('old-secret') === 401)).toBe(true)
    expect(await knock('new-secret')).toBe(200)
  } finally {
    await service.close()
  }
})

test('a secret of ours is drawn, believed first, and then put into the rules', async () => {
  const desk = await openFreshdesk({ rules: false })
  await saveDoor(database.db, 'freshdesk', 'https://desk.harbour.example/hooks/freshdesk')
  const said = await change(freshdesk, desk.settings, { draw: true })
  expect(said).toMatch(/ADDED {3}\w{12}[\s\S]*DONE {4}create automation rule/)
  const [drawn] = await listKeptSecrets(database.db, vault, 'freshdesk')
  expect(drawn?.secret).toMatch(/^[0-9a-f]{64}$/)
  const bodies = desk.requests.filter(({ method }) => method === 'POST').map(({ body }) => JSON.stringify(body))
  expect(bodies).toHaveLength(2)
  expect(bodies.every(body => body.includes(drawn?.secret ?? '?'))).toBe(true)
  await desk.close()
}, 20_000)

test('what nobody knows cannot be ended, and nothing empty is added', async () => {
  await expect(change(intercom, { INTERCOM_CLIENT_SECRET: 'a' }, { end: 'ffffffffffff' })).rejects.toThrow(`intercom has no secret ffffffffffff: it has ${fingerprintOf('a')}`)
  await expect(change(intercom, {}, { add: true }, ' \n')).rejects.toThrow('comes by standard input')
  await expect(change(intercom, {}, { add: true }, 'a,b')).rejects.toThrow('holds no comma')
})

async function change (
  connector: Connector, settings: Record<string, string>, wish: Partial<SecretWish>, given = ''
): Promise<string> {
  const said: string[] = []
  const say = (line: string): void => { said.push(line) }
  const deps = { db: database.db, vault, connector, say, read: async () => given }
  await changeSecret(deps, connector.name, settings, { add: false, draw: false, end: null, inSeconds: 0, ...wish })
  return said.join('\n')
}

async function start (connector: Connector, settings: Record<string, string>): Promise<Service> {
  const env = { ...settings, DATABASE_URL: database.url, DESKLOOP_PORT: '0', DESKLOOP_CATCH_UP_MINUTES: '0', DESKLOOP_MASTER_KEY: KEY }
  const config = readConfig(env, join(ROOT, 'config'), [connector])
  return await openService({ config, connectors: [connector], log: openLog('silent'), root: ROOT, only: 'web' })
}

async function deliver (url: string, secret: string): Promise<number> {
  const body = JSON.stringify({ type: 'notification_event', topic: 'ping', id: `notif_${Math.random()}`, data: {} })
  const signature = 'sha1=' + createHmac('sha1', secret).update(body).digest('hex')
  const answer = await fetch(`${url}/hooks/intercom`, { method: 'POST', headers: { 'x-hub-signature': signature }, body })
  return answer.status
}

async function within (ms: number, isSo: () => Promise<boolean>): Promise<boolean> {
  const untilMs = performance.now() + ms
  while (performance.now() < untilMs) if (await isSo()) return true
  return false
}

function kept (): Promise<KeptSecret[]> {
  return listKeptSecrets(database.db, vault, 'desk')
}
