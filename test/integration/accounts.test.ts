// The companies behind tickets, with the pretend HubSpot: found by address, kept fresh, told in notes without ever holding
// one back, their risk computed from their tickets and written there as properties of our own.
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { sql } from 'kysely'
import { openHubspot as openClient } from '../../src/bridge/hubspot.ts'
import { layOutAccounts } from '../../src/dashboard/accounts.ts'
import { GiveUp, RetryLater, Unclear } from '../../src/errors.ts'
import { accountApi } from '../../src/http/accounts.ts'
import { openHttp } from '../../src/http/server.ts'
import { readCancellation } from '../../src/learn/risk.ts'
import { plus } from '../../src/learn/story.ts'
import { listAccounts, listStalePeople } from '../../src/store/accounts.ts'
import { ensurePartitions } from '../../src/store/partitions.ts'
import { recordFacts } from '../../src/store/recorder.ts'
import type { EventFact, Note, TicketEvent } from '../../src/types.ts'
import type { CrmView } from '../../src/outside.ts'
import { accountsOnce, findAccountFor, makeRiskPerformer, PATIENCE_MS, withAccount } from '../../src/work/accounts.ts'
import type { AccountDeps } from '../../src/work/accounts.ts'
import { effectsOnce } from '../../src/work/effects.ts'
import { onTicket } from '../../src/work/ticket.ts'
import { openHubspot } from '../sandbox/hubspot.ts'
import type { PretendHubspot } from '../sandbox/hubspot.ts'
import { openTestDatabase } from '../support/database.ts'
import type { TestDatabase } from '../support/database.ts'
import { ROOT, silent, usualRules } from '../support/house.ts'

const NOW = '2026-11-20T10:00:00Z'
const shipped: CrmView = JSON.parse(readFileSync(join(ROOT, 'config/hubspot.json'), 'utf8'))
const VIEW: CrmView = {
  ...shipped, properties: { lifecycle: 'lifecyclestage', plan: 'plan_tier', renewal: 'renewal_date', health: 'health' }
}
const rules = usualRules()

let base: TestDatabase
let hubspot: PretendHubspot
let company: string
let deps: AccountDeps
let made: number

beforeAll(async () => { base = await openTestDatabase() })
afterAll(async () => { await base.close() })

beforeEach(async () => {
  await sql`truncate event, ticket, effect, draft, failure, account, person_account, ticket_person`.execute(base.db)
  made = 0
  hubspot = await openHubspot({ limits: true })
  hubspot.setNow(NOW)
  for (const name of ['plan_tier', 'health', 'renewal_date']) hubspot.addProperty('companies', { name })
  const owner = hubspot.addOwner({ at: NOW, email: 'mara@lanternworks.example', firstName: 'Mara', lastName: 'Quill' })
  company = hubspot.addCompany({
    at: NOW, properties: {
      name: 'Pell Mills', domain: 'pell.example', lifecyclestage: 'customer', hubspot_owner_id: owner, plan_tier: 'Growth', health: '34',
      renewal_date: '2026-12-12'
    }
  })
  const branch = hubspot.addCompany({ at: NOW, properties: { name: 'Pell Branch' } })
  hubspot.addContact({
    at: NOW, companies: [company, branch],
    properties: { email: 'ona@pell.example', firstname: 'Ona', hs_additional_emails: 'ona.pell@mail.example' }
  })
  hubspot.addContact({ at: NOW, companies: [], properties: { email: 'lone@pell.example' } })
  const token = hubspot.settings.HUBSPOT_ACCESS_TOKEN
  deps = {
    db: base.db, log: silent, view: VIEW, cancellation: readCancellation(VIEW.cancellation), writes: true,
    now: async () => NOW,
    crm: openClient({ url: hubspot.url, token, properties: Object.values(VIEW.properties) }, 500)
  }
})
afterEach(async () => { await hubspot.close() })

async function tell (email: string | null, ...facts: EventFact[]): Promise<string> {
  const ticketId = String(++made)
  const person = { id: `p-${email ?? made}`, ...(email === null ? {} : { email }) }
  const whole: EventFact[] = [{ kind: 'opened', subject: 'Roster', channel: 'email', person, tags: [] }, ...facts]
  const events = whole.map((fact, i): TicketEvent =>
    ({ key: `e-${i}`, connection: 'quay', ticketId, at: plus(NOW, -86_400 + i * 60), ...fact }))
  await ensurePartitions(base.db, [], events.map(e => e.at))
  const jobs = await base.db.transaction().execute(trx => recordFacts(trx, [{ connection: 'quay', facts: events }]))
  const ticket = { db: base.db, log: silent, helpdesks: new Map(), rules, wake: () => {}, people: true }
  for (const job of jobs) await onTicket(ticket, job)
  return ticketId
}

async function work (): Promise<void> {
  for (let rounds = 0; rounds < 20 && await accountsOnce(deps) > 0; rounds++) { /* until there is nothing left */ }
}

async function carryOut (home = ''): Promise<void> {
  await effectsOnce({ db: base.db, log: silent, performers: [makeRiskPerformer({ db: base.db, crm: deps.crm, home })] })
}

const asked = (path: RegExp): number => hubspot.requests.filter(r => path.test(r.path)).length
const propertyOf = (name: string): string | null | undefined =>
  hubspot.companies().find(c => c.id === company)?.properties[name]

describe('who it is', () => {
  test('by the contact, by a second address, by the domain; and nobody by a free-mail address', async () => {
    const stranger = hubspot.addCompany({ at: NOW, properties: { name: 'Gmail', domain: 'gmail.com' } })
    const found = await deps.crm.findCompanies([
      'Ona@Pell.example', 'ona.pell@mail.example', 'new@pell.example', 'lone@pell.example', 'x@gmail.com', 'y@nowhere.example'
    ])
    expect(Object.fromEntries(found)).toEqual({
      'ona@pell.example': company, 'ona.pell@mail.example': company, 'new@pell.example': company, 'lone@pell.example': company,
      'x@gmail.com': null, 'y@nowhere.example': null
    })
    expect([...found.values()]).not.toContain(stranger)
  })

  test('two hundred and fifty people are asked in batches, and searches keep within the limit', async () => {
    const emails = Array.from({ length: 250 }, (_, i) => `n${i}@firm${i}.example`)
    for (const [i, email] of emails.slice(0, 230).entries()) {
      const id = hubspot.addCompany({ at: NOW, properties: { name: `Firm ${i}`, domain: `firm${i}.example` } })
      hubspot.addContact({ at: NOW, companies: [id], properties: { email } })
    }
    const found = await deps.crm.findCompanies(emails)
    expect([...found.values()].filter(id => id !== null)).toHaveLength(230)
    expect(asked(/contacts\/batch\/read/)).toBe(3)
    expect(asked(/associations/)).toBe(3)
    expect(asked(/search/)).toBe(5)                 // twenty strangers, five to a search, and their domains at once
    expect(hubspot.requests.some(r => r.status === 429)).toBe(false)
  })

  test('a property that the config names and HubSpot has not is told once', async () => {
    const token = hubspot.settings.HUBSPOT_ACCESS_TOKEN
    const crm = openClient({ url: hubspot.url, token, properties: ['plan_tier', 'planned_tier'] }, 500)
    expect(await crm.findMissing()).toEqual(['planned_tier'])
    const before = hubspot.requests.length
    expect(await crm.findMissing()).toEqual(['planned_tier'])
    expect(hubspot.requests.length).toBe(before)
    deps = { ...deps, crm }
    await tell('ona@pell.example')
    await work()
    expect(await base.db.selectFrom('failure').select('message').execute()).toEqual([
      { message: 'HubSpot has no company property planned_tier, which config/hubspot.json names' }
    ])
    expect(await listAccounts(base.db, 1)).toHaveLength(1)
  })

  test('what HubSpot refuses is said with what to do, and nothing is sent twice by the library', async () => {
    const wrong = openClient({ url: hubspot.url, token: 'wrong', properties: [] }, 500)
    await expect(wrong.findCompanies(['ona@pell.example'])).rejects.toThrow(/401 .*renew HUBSPOT_ACCESS_TOKEN/)
    await expect(wrong.findCompanies(['ona@pell.example'])).rejects.toBeInstanceOf(GiveUp)
    const before = hubspot.requests.length
    hubspot.faults = { ...hubspot.faults, error500: 1, onlyWrites: false }
    await expect(deps.crm.findCompanies(['ona@pell.example'])).rejects.toBeInstanceOf(Unclear)
    expect(hubspot.requests.length - before).toBe(1)
    hubspot.faults = { ...hubspot.faults, error500: 0, rateLimited: 1 }
    await expect(deps.crm.findCompanies(['ona@pell.example'])).rejects.toMatchObject({ waitMs: 10_000 })
    await expect(deps.crm.findCompanies(['ona@pell.example'])).rejects.toBeInstanceOf(RetryLater)
    hubspot.faults = { ...hubspot.faults, rateLimited: 0, hang: 1, onlyWrites: false }
    await expect(deps.crm.findCompanies(['ona@pell.example'])).rejects.toThrow(/within 500 ms/)
  })

  test('a ticket brings its person, the background its company, and nothing is asked again while it is fresh', async () => {
    await tell('ona@pell.example')
    await tell(null)
    await work()
    expect(await listAccounts(base.db, 10)).toMatchObject([{
      id: company, name: 'Pell Mills', people: 1, health: 34, renewalAt: '2026-12-12T00:00:00Z', risk: 0, tickets: 1, open: 1,
      facts: ['Pell Mills', 'customer', 'plan Growth', 'renewal 12 Dec', 'health 34', 'owner Mara Quill']
    }])
    const before = hubspot.requests.length
    await work()
    expect(hubspot.requests.length).toBe(before)
    await sql`update person_account set fetched_at = now() - interval '31 minutes'`.execute(base.db)
    hubspot.edit('companies', company, { at: NOW, properties: { health: '88' } })
    await work()
    expect((await listAccounts(base.db, 10))[0]?.health).toBe(88)
    hubspot.archive('companies', company)
    await sql`update person_account set fetched_at = now() - interval '31 minutes'`.execute(base.db)
    await work()
    expect(await listAccounts(base.db, 10)).toEqual([])
    expect(JSON.stringify(await base.db.selectFrom('person_account').selectAll().execute())).not.toContain('@')
  })

  test('while HubSpot is away people wait, and are asked again', async () => {
    await tell('ona@pell.example')
    hubspot.faults = { ...hubspot.faults, error500: 1, onlyWrites: false }
    await work()
    expect(await listAccounts(base.db, 10)).toEqual([])
    expect(await listStalePeople(base.db, 30, 30, 10)).toEqual([])
    hubspot.faults = { ...hubspot.faults, error500: 0 }
    await sql`update person_account set next_at = now()`.execute(base.db)
    await work()
    expect(await listAccounts(base.db, 10)).toHaveLength(1)
  })
})

describe('in a note', () => {
  const NOTE: Note = {
    key: 'dl-aaaaaaaaaaaaa', basis: 'm', parts: [
      { kind: 'headline', label: 'AI draft · private', text: 'High confidence (91%) · roster' }, { kind: 'draft', paragraphs: ['Hello'] },
      { kind: 'facts', items: [{ label: 'Why', text: 'because' }] }
    ]
  }

  test('an account at risk stands in line one, with what may be shown below', async () => {
    const id = await tell('ona@pell.example')
    await work()
    const account = await findAccountFor(deps, { connection: 'quay', ticketId: id })
    const { parts } = withAccount(NOTE, account, VIEW, NOW)
    expect(parts[0]).toMatchObject({ text: 'High confidence (91%) · roster · Account at risk (HubSpot 34, renewal 12 Dec)' })
    expect(parts[2]).toMatchObject({ items: [{ label: 'Why' }, { label: 'At risk', text: expect.stringContaining('plan Growth') }] })
    const calm = account === null ? null : { ...account, health: 80 }
    expect(withAccount(NOTE, calm, VIEW, NOW).parts[0]).toEqual(NOTE.parts[0])
    expect(withAccount(NOTE, calm, VIEW, NOW).parts[2]).toMatchObject({ items: [{ label: 'Why' }, { label: 'Account' }] })
    expect(withAccount(NOTE, null, VIEW, NOW)).toBe(NOTE)
    expect(withAccount(NOTE, calm === null ? null : { ...calm, facts: [] }, VIEW, NOW)).toBe(NOTE)
  })

  test('a person who is not known yet is asked for at once', async () => {
    const id = await tell('ona@pell.example')
    expect((await findAccountFor(deps, { connection: 'quay', ticketId: id }))?.name).toBe('Pell Mills')
  })

  test('a slow HubSpot holds a note back by 300 ms and no more; the next one finds what came too late', async () => {
    const id = await tell('ona@pell.example')
    hubspot.faults = { ...hubspot.faults, slowMs: 150, onlyWrites: false }      // each of its four calls
    const startedMs = performance.now()
    expect(await findAccountFor(deps, { connection: 'quay', ticketId: id })).toBeNull()
    const tookMs = performance.now() - startedMs
    expect(tookMs).toBeGreaterThanOrEqual(PATIENCE_MS - 20)
    expect(tookMs).toBeLessThan(PATIENCE_MS + 150)
    for (let tries = 0; tries < 100 && (await listAccounts(base.db, 1)).length === 0; tries++) await pause(30)
    await pause(60)
    const againMs = performance.now()
    expect((await findAccountFor(deps, { connection: 'quay', ticketId: id }))?.name).toBe('Pell Mills')
    expect(performance.now() - againMs).toBeLessThan(PATIENCE_MS)
  })

  test('what is old is still told when HubSpot is away', async () => {
    const id = await tell('ona@pell.example')
    await work()
    await sql`update person_account set fetched_at = now() - interval '2 hours'`.execute(base.db)
    hubspot.faults = { ...hubspot.faults, error500: 1, onlyWrites: false }
    expect((await findAccountFor(deps, { connection: 'quay', ticketId: id }))?.name).toBe('Pell Mills')
  })

  test('a ticket without an address asks nobody', async () => {
    const id = await tell(null)
    expect(await findAccountFor(deps, { connection: 'quay', ticketId: id })).toBeNull()
    expect(hubspot.requests).toHaveLength(0)
  })
})

describe('the risk', () => {
  const leaves: EventFact = { kind: 'asked', messageId: 'm', text: 'We want to cancel our contract', person: { id: 'p-ona@pell.example' } }
  const bad: EventFact = { kind: 'rated', good: false }

  test('is written as properties of our own group, with reasons, and only on a jump', async () => {
    await tell('ona@pell.example', leaves)
    await work()
    await carryOut('https://deskloop.example')
    expect(propertyOf('deskloop_support_risk')).toBe('35')
    expect(propertyOf('deskloop_support_risk_reasons'))
      .toBe('1 ticket speaks of leaving (+35): https://deskloop.example/v1/tickets/quay/1/events')
    expect(propertyOf('deskloop_support_risk_changed')).toMatch(/^\d{4}-/)
    expect(propertyOf('health')).toBe('34')
    const ours = hubspot.properties('companies').filter(p => p.groupName === 'deskloop').map(p => p.name)
    expect(ours).toEqual(['deskloop_support_risk', 'deskloop_support_risk_reasons', 'deskloop_support_risk_changed'])

    await tell('ona@pell.example', { kind: 'reopened' })     // 41: no jump
    await work()
    await carryOut()
    expect((await listAccounts(base.db, 1))[0]).toMatchObject({ risk: 41, toldRisk: 35 })
    expect(propertyOf('deskloop_support_risk')).toBe('35')

    await tell('ona@pell.example', bad, bad)                 // 63
    await work()
    await carryOut()
    expect(propertyOf('deskloop_support_risk')).toBe('63')
    const effects = await base.db.selectFrom('effect').select(['kind', 'state', 'account']).execute()
    expect(effects).toEqual([1, 2].map(() => ({ kind: 'hubspot-property', state: 'done', account: 'hubspot' })))
  })

  test('an answer that was lost is sent again, and the newest risk wins over one that waited', async () => {
    await tell('ona@pell.example', leaves)
    await work()
    hubspot.faults = { ...hubspot.faults, lostAnswer: 1, onlyWrites: true }
    await carryOut()
    expect(await base.db.selectFrom('effect').select('state').execute()).toEqual([{ state: 'pending' }])
    await tell('ona@pell.example', bad, bad)
    await work()
    hubspot.faults = { ...hubspot.faults, lostAnswer: 0 }
    await sql`update effect set not_before = now()`.execute(base.db)
    await carryOut()
    expect(await base.db.selectFrom('effect').select('state').execute()).toEqual([{ state: 'done' }, { state: 'done' }])
    expect(propertyOf('deskloop_support_risk')).toBe('58')
  })

  test('a property of our name that is somebody’s own is left alone, and a person is told', async () => {
    hubspot.addProperty('companies', { name: 'deskloop_support_risk' })
    hubspot.edit('companies', company, { at: NOW, properties: { deskloop_support_risk: 'theirs' } })
    await tell('ona@pell.example', leaves)
    await work()
    await carryOut()
    expect(propertyOf('deskloop_support_risk')).toBe('theirs')
    expect(await base.db.selectFrom('effect').select(['state', 'reason']).execute())
      .toEqual([{ state: 'parked', reason: expect.stringMatching(/not ours: rename it/) }])
  })

  test('nothing is written while it is not allowed', async () => {
    deps = { ...deps, writes: false }
    await tell('ona@pell.example', leaves)
    await work()
    expect((await listAccounts(base.db, 1))[0]).toMatchObject({ risk: 35, toldRisk: null })
    expect(await base.db.selectFrom('effect').selectAll().execute()).toEqual([])
  })

  test('the page and the API tell company, risk and why, and escape what they are given', async () => {
    hubspot.edit('companies', company, { at: NOW, properties: { name: '<script>alert(1)</script>' } })
    await tell('ona@pell.example', leaves)
    await work()
    const page = layOutAccounts(await listAccounts(base.db, 10))
    expect(page).toContain('1 ticket speaks of leaving <small>+35</small>: <a href="/v1/tickets/quay/1/events">quay #1</a>')
    expect(page).not.toContain('<script>')
    expect(layOutAccounts([])).toContain('HUBSPOT_ACCESS_TOKEN')
    const app = await openHttp({ adminToken: null, log: silent })
    await app.register(async scope => { await accountApi(scope, { db: base.db }) })
    const answer = await app.inject('/v1/accounts?limit=1')
    expect(answer.json()).toMatchObject([{ id: company, risk: 35, reasons: [{ sign: 'cancellation', points: 35 }] }])
    expect((await app.inject('/v1/accounts?limit=0')).statusCode).toBe(400)
    await app.close()
  })
})

async function pause (ms: number): Promise<void> {
  await new Promise(resolve => setTimeout(resolve, ms))
}
