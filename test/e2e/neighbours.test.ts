// The house beside its neighbours, as it is started: a customer of a company that HubSpot knows asks at Zendesk, says that
// all is lost and that he will leave. The agents are told in a private note, customer success at HubSpot, and both pages.
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { readConfig } from '../../src/config.ts'
import { findConnectors } from '../../src/connectors.ts'
import { openService } from '../../src/main.ts'
import type { Service } from '../../src/main.ts'
import { openHubspot } from '../sandbox/hubspot.ts'
import type { PretendHubspot } from '../sandbox/hubspot.ts'
import { openZendesk } from '../sandbox/zendesk.ts'
import type { PretendHelpdesk } from '../sandbox/types.ts'
import { openTestDatabase } from '../support/database.ts'
import type { TestDatabase } from '../support/database.ts'
import { EAGER, ROOT, silent } from '../support/house.ts'

let database: TestDatabase
let hubspot: PretendHubspot
let desk: PretendHelpdesk
let service: Service
let company: string

const nowAt = (): string => new Date().toISOString().slice(0, 19) + 'Z'

beforeAll(async () => {
  database = await openTestDatabase()
  hubspot = await openHubspot({ limits: true })
  desk = await openZendesk()
  company = hubspot.addCompany({ at: nowAt(), properties: { name: 'Pell Mills', domain: 'pell.example', lifecyclestage: 'customer' } })
  hubspot.addContact({ at: nowAt(), companies: [company], properties: { email: 'ona@pell.example' } })
  const config = readConfig({
    ...desk.settings, ...hubspot.settings, HUBSPOT_IN_NOTES: 'on', HUBSPOT_WRITE_RISK: 'on', DATABASE_URL: database.url,
    DESKLOOP_PORT: '0', DESKLOOP_MODE: 'draft', DESKLOOP_CATCH_UP_MINUTES: '0', DESKLOOP_URL: 'https://deskloop.example',
    DESKLOOP_RULES: JSON.stringify(EAGER)
  }, join(ROOT, 'config'), await findConnectors(join(ROOT, 'connectors')))
  service = await openService({ config, connectors: await findConnectors(join(ROOT, 'connectors')), log: silent, root: ROOT, only: null })
  desk.webhookUrl = `${service.url}/hooks/zendesk`
})

afterAll(async () => {
  await service?.close()
  await Promise.all([desk?.close(), hubspot?.close()])
  await database?.close()
})

test('a customer who has lost data and wants to leave is told to the agents and to customer success', async () => {
  const ticket = desk.openTicket({
    at: nowAt(), subject: 'Roster', text: 'We lost all our data. We will cancel our contract.',
    person: { id: 'ona', name: 'Ona', email: 'ona@pell.example' }
  })
  await desk.send({ retries: 20, retryMs: 100 })
  const note = await until(() => desk.journal.find(e => e.kind === 'note' && e.by === 'api'))
  expect(note).toMatchObject({ ticketId: ticket, public: false })
  expect(note.text).toContain('Suggest escalation · private')
  expect(note.text).toContain('rule "data-loss"')

  // Data loss is an escalation, and he speaks of leaving: 1 − .65 · .85
  const told = await until(() => {
    const found = hubspot.companies().find(c => c.id === company)?.properties
    return found?.['deskloop_support_risk'] === undefined ? undefined : found
  })
  expect(told['deskloop_support_risk']).toBe('45')
  expect(told['deskloop_support_risk_reasons']).toContain(`https://deskloop.example/v1/tickets/zendesk/${ticket}/events`)

  const accounts = await page('/accounts')
  expect(accounts).toContain('Pell Mills')
  expect(accounts).toContain('1 ticket speaks of leaving')
  expect(await page('/escalation')).toContain(`zendesk #${ticket}`)
  expect(await page('/v1/accounts')).toContain('"risk":45')
  expect(await page('/v1/events')).toContain('rule data-loss v1')
  expect(desk.journal.filter(e => e.kind === 'note')).toHaveLength(1)
  expect(desk.journal.filter(e => e.by === 'api' && e.public)).toEqual([])
})

async function page (path: string): Promise<string> {
  const answer = await fetch(service.url + path)
  expect([path, answer.status]).toEqual([path, 200])
  return await answer.text()
}

async function until<T> (find: () => T | undefined): Promise<T> {
  for (let tries = 0; tries < 300; tries++) {
    const found = find()
    if (found !== undefined) return found
    await sleep(100)
  }
  throw new Error('it has not come to pass within half a minute')
}
