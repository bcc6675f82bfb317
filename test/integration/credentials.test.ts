// Tokens that nobody has to think about: granted, shared, renewed ahead of their end, and told in time when they cannot be.
import { mkdtempSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { sql } from 'kysely'
import freshdesk from '../../connectors/freshdesk/index.ts'
import intercom from '../../connectors/intercom/index.ts'
import zendesk from '../../connectors/zendesk/index.ts'
import { openLog } from '../../src/log.ts'
import type { Log } from '../../src/log.ts'
import { layOutCredential, layOutCredentialNeeds } from '../../src/dashboard/credential.ts'
import { judgeCredential, listCredentialHealth } from '../../src/store/credentials.ts'
import type { CredentialHealth, CredentialRow } from '../../src/store/credentials.ts'
import { makeKept } from '../../src/store/kept.ts'
import { openVault } from '../../src/store/vault.ts'
import type { Vault } from '../../src/store/vault.ts'
import type { Grant, Helpdesk, Settings } from '../../src/types.ts'
import { checkCredential } from '../../src/work/credential.ts'
import { openFreshdesk } from '../sandbox/freshdesk.ts'
import { openIntercom } from '../sandbox/intercom.ts'
import { openZendesk } from '../sandbox/zendesk.ts'
import type { PretendZendesk } from '../sandbox/zendesk.ts'
import { openTestDatabase } from '../support/database.ts'
import type { TestDatabase } from '../support/database.ts'

const KEY = '5c'.repeat(32)
const vault = openVault([KEY], mkdtempSync(join(tmpdir(), 'deskloop-credentials-')))
let database: TestDatabase
let desk: PretendZendesk
beforeAll(async () => { database = await openTestDatabase() })
beforeEach(async () => { desk = await openZendesk() })
afterEach(async () => {
  await desk.close()
  await sql`truncate oauth_grant, credential, webhook_secret`.execute(database.db)
})
afterAll(async () => { await database.close() })

describe('zendesk by an OAuth client', () => {
  test('a token is asked for with its life, used by everybody, and never kept in the open', async () => {
    const both = [open(), open()]
    await Promise.all(both.flatMap(one => [one.fetchSelf(), one.fetchSelf(), one.countTickets('2026-05-04T00:00:00Z', '2026-05-05T00:00:00Z')]))
    expect(desk.oauth.granted).toHaveLength(1)
    const form = desk.requests.find(({ path }) => path === '/oauth/tokens')?.body
    expect(form).toMatchObject({ grant_type: 'client_credentials', expires_in: 86_400, scope: 'read write' })
    const { rows } = await sql<{ row: string }>`select g::text as row, encode(sealed, 'escape') as bytes from oauth_grant g`.execute(database.db)
    expect(JSON.stringify(rows)).not.toContain(desk.oauth.granted[0]?.access)
    const { rows: [kept] } = await sql<{ sealed: Buffer }>`select sealed from oauth_grant`.execute(database.db)
    expect(kept?.sealed.toString('latin1')).not.toContain('access')
  })

  test('it is renewed before it ends, by one of many, and no call is refused', async () => {
    desk.oauth.life = 4
    const many = Array.from({ length: 4 }, () => open())
    const untilMs = Date.now() + 9_000
    await Promise.all(many.map(async one => {
      while (Date.now() < untilMs) { await one.fetchSelf(); await sleep(50) }
    }))
    const refused = desk.requests.filter(({ status }) => status === 401)
    expect(refused).toEqual([])
    // A life of 4 s is used for 3: nine seconds see three or four tokens, not one for each of the four who ask.
    expect(desk.oauth.granted.length).toBeGreaterThanOrEqual(3)
    expect(desk.oauth.granted.length).toBeLessThanOrEqual(4)
  }, 20_000)

  test('what is not told is taken for short', async () => {
    desk.oauth.tellsLife = false
    await open().fetchSelf()
    const grant = await makeKept(database.db, vault, 'zendesk').grants.find()
    expect((Date.parse(grant?.expiresAt ?? '') - Date.parse(grant?.grantedAt ?? '')) / 1000).toBe(1800)
  })

  test('a token that was revoked is replaced at the next call, and a write is applied once', async () => {
    const helpdesk = open()
    const ticket = desk.openTicket({ at: '2026-05-04T09:00:00Z', subject: 'No light', text: 'Dark.', person: { id: 'p', name: 'Ada Bell', email: 'ada@example.org' } })
    await helpdesk.fetchSelf()
    await age(60)
    desk.oauth.revokeAll()
    expect((await helpdesk.fetchTicket(ticket)).length).toBeGreaterThan(0)
    await age(60)
    desk.oauth.revokeAll()
    const [first] = (await open().fetchTicket(ticket)).filter(event => event.kind === 'asked')
    await age(60)
    desk.oauth.revokeAll()
    await helpdesk.postNote(ticket, { key: 'dl-4q8m2x7v1c9zk', basis: first?.kind === 'asked' ? first.messageId : '', parts: [{ kind: 'footer', hint: 'a note', links: [], key: 'dl-4q8m2x7v1c9zk' }] })
    expect(desk.journal.filter(({ kind }) => kind === 'note')).toHaveLength(1)
    expect(desk.oauth.granted).toHaveLength(4)
  })

  test('one that stays refused is not asked for again and again', async () => {
    const helpdesk = open()
    await helpdesk.fetchSelf()
    desk.oauth.revokeAll()
    for (let i = 0; i < 5; i++) await expect(helpdesk.fetchSelf()).rejects.toThrow(/401.*renew ZENDESK_OAUTH_CLIENT_SECRET/)
    expect(desk.oauth.granted).toHaveLength(1)      // it is younger than half a minute: another would be refused too
  })

  test('a false client is told in words', async () => {
    const error = await open({ ZENDESK_OAUTH_CLIENT_SECRET: 'wrong' }).fetchSelf().catch((thrown: unknown) => thrown)
    expect(error).toMatchObject({ name: 'GiveUp', message: expect.stringMatching(/refused to grant a token \(401 .*invalid_client\): renew ZENDESK_OAUTH_CLIENT_SECRET/) })
  })

  test('while no token is given the one that lives is used, and its end is told', async () => {
    const helpdesk = open()
    await helpdesk.fetchSelf()
    await wear()
    const wrong = open({ ZENDESK_OAUTH_CLIENT_SECRET: 'drawn anew over there' })
    expect((await wrong.fetchSelf()).name).toBe('Deskloop')
    expect(await wrong.credential?.()).toMatchObject({ renews: false, expiresAt: expect.any(String) })
    expect(desk.requests.filter(({ path }) => path === '/oauth/tokens')).toHaveLength(2)   // it rests before it asks again
  })

  test('a refresh token works once: the next one is kept, and another process goes on with it', async () => {
    const first = desk.oauth.signIn()
    const settings = { ZENDESK_OAUTH_REFRESH_TOKEN: first }
    await open(settings).fetchSelf()
    await wear()
    await open(settings).fetchSelf()
    await wear()
    expect(await open(settings).credential?.()).toMatchObject({ renews: true, expiresAt: expect.any(String) })
    expect(desk.oauth.granted.map(({ by }) => by)).toEqual(['refresh_token', 'refresh_token', 'refresh_token'])
    const forms = desk.requests.filter(({ path }) => path === '/oauth/tokens').map(({ body }) => body)
    expect(forms[0]).toMatchObject({ refresh_token: first, refresh_token_expires_in: 7_775_999 })
    expect(forms[1]).not.toMatchObject({ refresh_token: first })
  })

  test('a dead refresh token is never replaced by somebody else: a person is asked', async () => {
    const settings = { ZENDESK_OAUTH_REFRESH_TOKEN: desk.oauth.signIn() }
    await open(settings).fetchSelf()
    await age(60)
    desk.oauth.revokeAll()
    await expect(open(settings).fetchSelf()).rejects.toThrow(/invalid_grant.*sign in again and renew ZENDESK_OAUTH_REFRESH_TOKEN/)
    const again = { ZENDESK_OAUTH_REFRESH_TOKEN: desk.oauth.signIn() }
    expect((await open(again).fetchSelf()).name).toBe('Deskloop')
    expect(desk.oauth.granted.every(({ by }) => by === 'refresh_token')).toBe(true)
  })

  test('with another master key another token is granted, and nothing breaks', async () => {
    await open().fetchSelf()
    await open({}, openVault(['7d'.repeat(32)], '/nowhere')).fetchSelf()
    expect(desk.oauth.granted).toHaveLength(2)
  })
})

test('pages name those that a person has to see to, and escape what a helpdesk wrote', () => {
  const base = { kind: 'an API token', expiresAt: null, daysLeft: null, lastUsedAt: null, says: 'signs in with an API token' }
  const credentials = new Map<string, CredentialHealth>([
    ['quiet', { ...base, state: 'good', todo: null }],
    ['ending', { ...base, state: 'soon', todo: 'it ends in 3 days: put a new one into ZENDESK_API_TOKEN and start again' }],
    ['gone', { ...base, state: 'refused', todo: 'renew <b>it</b>' }]
  ])
  const needs = layOutCredentialNeeds(credentials)
  expect(needs).toHaveLength(2)
  expect(needs[0]).toContain('<b>ending</b> will soon not be able to sign in: it ends in 3 days')
  expect(needs[1]).toContain('<b>gone</b> cannot sign in: renew &#60;b&#62;it&#60;/b&#62;')
  expect(layOutCredential(credentials.get('gone'))).toMatch(/refused<\/span> signs in with an API token<br><small>renew &#60;b/)
  expect(layOutCredential(undefined)).toContain('not tried yet')
})

describe('the health of a credential', () => {
  const now = '2026-05-04T09:00:00Z'
  const row: CredentialRow = {
    connection: 'zendesk', kind: 'an API token', setting: 'ZENDESK_API_TOKEN', renews: false, expiresAt: null,
    usedAt: '2026-05-04T08:55:00Z', refusedAt: null, refusedWhy: null
  }
  test.each([
    [null, 'good', null],
    ['2026-05-18T09:00:00Z', 'good', null],         // two weeks to the second
    ['2026-05-18T08:59:59Z', 'soon', 'it ends in 13 days: put a new one into ZENDESK_API_TOKEN'],
    ['2026-05-05T09:00:00Z', 'soon', 'it ends in 1 day:'],
    ['2026-05-04T08:00:00Z', 'soon', 'it has ended:']
  ])('that ends %s is %s', (expiresAt, state, todo) => {
    const health = judgeCredential({ ...row, expiresAt }, now)
    expect(health.state).toBe(state)
    if (todo === null) expect(health.todo).toBeNull()
    else expect(health.todo).toContain(todo)
  })

  test('is written down for every helpdesk, refused and taken again, and told once a day', async () => {
    const lines: Array<Record<string, unknown>> = []
    const other = { freshdesk: await openFreshdesk(), intercom: await openIntercom() }
    const helpdesks = new Map<string, Helpdesk>([
      ['zendesk', zendesk.open(desk.settings, 'zendesk')],
      ['freshdesk', freshdesk.open(other.freshdesk.settings, 'freshdesk')],
      ['intercom', intercom.open(other.intercom.settings, 'intercom')]
    ])
    const deps = { db: database.db, log: logInto(lines), helpdesks, now: async () => '2027-04-20T09:00:00Z' }
    const check = async (): Promise<string[]> =>
      await Promise.all([...helpdesks.keys()].map(name => checkCredential(deps, name)))
    expect(await check()).toEqual(['taken', 'taken', 'taken'])
    expect(lines.map(({ connection, outcome, daysLeft }) => [connection, outcome, daysLeft]).toSorted()).toEqual([
      ['freshdesk', 'good', null], ['intercom', 'good', null], ['zendesk', 'soon', 9]
    ])
    await check()
    expect(lines).toHaveLength(3)
    desk.credentials.apiToken = null
    expect(await checkCredential(deps, 'zendesk')).toBe('refused')
    expect(await checkCredential(deps, 'zendesk')).toBe('refused')
    expect(lines.slice(3)).toEqual([expect.objectContaining({ connection: 'zendesk', outcome: 'refused', todo: expect.stringContaining('renew ZENDESK_API_TOKEN') })])
    expect((await listCredentialHealth(database.db, '2026-05-04T09:00:00Z')).get('zendesk')).toMatchObject({ state: 'refused', lastUsedAt: expect.any(String) })
    desk.credentials.apiToken = 'harborline-api-token'
    expect(await checkCredential(deps, 'zendesk')).toBe('taken')
    expect(lines.slice(4)).toEqual([expect.objectContaining({ connection: 'zendesk', outcome: 'soon' })])
    await desk.close()
    expect(await checkCredential(deps, 'zendesk')).toBe('no answer')
    expect((await listCredentialHealth(database.db, '2026-05-04T09:00:00Z')).get('zendesk')?.state).toBe('good')
    await Promise.all(Object.values(other).map(one => one.close()))
    desk = await openZendesk()
  })
})

function open (more: Settings = {}, by: Vault = vault): Helpdesk {
  const { ZENDESK_API_TOKEN: _, ZENDESK_EMAIL: __, ...rest } = desk.settings
  const { id, secret } = desk.oauth.client
  const client = { ZENDESK_OAUTH_CLIENT_ID: id, ZENDESK_OAUTH_CLIENT_SECRET: secret }
  return zendesk.open({ ...rest, ...client, ...more }, 'zendesk', undefined, makeKept(database.db, by, 'zendesk'))
}

/** As if the token had been granted so many seconds earlier. */
async function age (seconds: number): Promise<void> {
  await change(grant => ({ ...grant, grantedAt: new Date(Date.parse(grant.grantedAt) - seconds * 1000).toISOString().slice(0, 19) + 'Z' }))
}

/** As if four fifths of its life were over. */
async function wear (): Promise<void> {
  const at = (seconds: number): string => new Date(Date.now() + seconds * 1000).toISOString().slice(0, 19) + 'Z'
  await change(grant => ({ ...grant, grantedAt: at(-800), expiresAt: at(200) }))
}

async function change (edit: (grant: Grant) => Grant): Promise<void> {
  const grant = await makeKept(database.db, vault, 'zendesk').grants.find()
  if (grant === null) throw new Error('nothing was granted')
  const { sealed, keyId } = vault.seal(JSON.stringify(edit(grant)), 'zendesk/grant')
  await database.db.updateTable('oauth_grant').set({ sealed, key_id: keyId }).execute()
}

function logInto (lines: Array<Record<string, unknown>>): Log {
  const log = openLog('silent')
  const keep = (line: unknown): void => { lines.push(typeof line === 'object' && line !== null ? { ...line } : {}) }
  const warn = (line: { outcome?: string }): void => { if (line.outcome !== 'no answer') keep(line) }
  return Object.assign(Object.create(log), { info: keep, warn, error: keep })
}
