// An account with new signs of leaving is told in Slack when its risk jumps: once, reasons first, also through lost answers;
// not for small steps, and not when it falls.
import { openSlack as openClient } from '../../src/bridge/slack.ts'
import { plus } from '../../src/learn/story.ts'
import type { Crm } from '../../src/outside.ts'
import { ensurePartitions } from '../../src/store/partitions.ts'
import { recordFacts } from '../../src/store/recorder.ts'
import type { EventFact, TicketEvent } from '../../src/types.ts'
import { accountsOnce } from '../../src/work/accounts.ts'
import type { AccountDeps } from '../../src/work/accounts.ts'
import { makeChurnPerformer } from '../../src/work/churn.ts'
import { effectsOnce } from '../../src/work/effects.ts'
import { onTicket } from '../../src/work/ticket.ts'
import { sql } from 'kysely'
import { openSlack } from '../sandbox/slack.ts'
import type { PretendSlack } from '../sandbox/slack.ts'
import { openTestDatabase } from '../support/database.ts'
import type { TestDatabase } from '../support/database.ts'
import { silent, usualRules } from '../support/house.ts'

const NOW = '2026-11-20T10:00:00Z'
const rules = usualRules()
// HubSpot in a few lines: one company, which everybody belongs to.
const crm: Crm = {
  findCompanies: async emails => new Map(emails.map(email => [email, '77'])),
  findMissing: async () => [],
  fetchCompanies: async () => [{ id: '77', name: 'Pell & <Mills>', properties: {}, owner: null }],
  saveRisk: async () => { throw new Error('nobody asked for that') }
}

let base: TestDatabase
let slack: PretendSlack
let deps: AccountDeps
let made = 0

beforeEach(async () => {
  base = await openTestDatabase()
  slack = await openSlack()
  deps = {
    db: base.db, log: silent, crm, cancellation: [], writes: false, churn: true, now: async () => NOW,
    view: { properties: {}, show: ['company'], atRisk: { healthBelow: 0, riskFrom: 100, renewalWithinDays: 0 }, cancellation: {} }
  }
})
afterEach(async () => { await base.close(); await slack.close() })

async function tell (days: number, ...facts: EventFact[]): Promise<void> {
  const ticketId = String(++made)
  const opened: EventFact = { kind: 'opened', subject: 'S', channel: 'email', person: { id: 'p', email: 'ona@pell.example' }, tags: [] }
  const events = [opened, ...facts].map((fact, i): TicketEvent =>
    ({ key: `e-${i}`, connection: 'quay', ticketId, at: plus(NOW, -days * 86_400 + i * 60), ...fact }))
  await ensurePartitions(base.db, [], events.map(e => e.at))
  const jobs = await base.db.transaction().execute(trx => recordFacts(trx, [{ connection: 'quay', facts: events }]))
  const ticket = { db: base.db, log: silent, helpdesks: new Map(), rules, wake: () => {}, people: true }
  for (const job of jobs) await onTicket(ticket, job)
  for (let rounds = 0; rounds < 20 && await accountsOnce(deps) > 0; rounds++) { /* until there is nothing left */ }
}

async function send (): Promise<void> {
  const { SLACK_URL: url, SLACK_BOT_TOKEN: token } = slack.settings
  const channel = slack.channels().find(c => c.name === 'support-alerts')?.id ?? ''
  const performers = [makeChurnPerformer({ db: base.db, channel, home: 'https://deskloop.example', slack: openClient({ url, token, deadlineMs: 400 }), resendMs: 0 })]
  for (let i = 0; i < 60; i++) {
    await sql`update effect set not_before = now() where state = 'pending'`.execute(base.db)
    if (await effectsOnce({ db: base.db, log: silent, performers }) === 0) return
  }
  throw new Error('the effects do not come to rest')
}

test('a jump is told once, reasons first; a small step and a fall are not', async () => {
  await tell(29, { kind: 'reopened' })              // 10: not far enough from nothing
  await send()
  expect(slack.messages()).toEqual([])
  await tell(2, { kind: 'rated', good: false }, { kind: 'escalated', how: 'priority' })
  slack.faults.lostAnswer = 0.5
  slack.faults.seed = 3
  await send()
  slack.faults.lostAnswer = 0
  await send()
  await tell(1, { kind: 'solved' })                 // something new, and the risk stays
  await send()
  expect(slack.messages()).toHaveLength(1)
  const said = JSON.stringify(slack.messages()[0])
  expect(said).toMatch(/\*1 bad rating, 1 ticket was escalated, 1 reopening\*\\nPell &amp; &lt;Mills&gt; · support risk 39 of 100, was 0/)
  deps = { ...deps, now: async () => plus(NOW, 40 * 86_400) }
  await tell(0, { kind: 'solved' })                 // forty days later all signs are old
  await send()
  expect(slack.messages()).toHaveLength(1)
  expect(await base.db.selectFrom('account').select(['risk', 'told_risk']).executeTakeFirst()).toEqual({ risk: 0, told_risk: 0 })
})

test('without a channel nothing is told', async () => {
  deps = { ...deps, churn: false }
  await tell(2, { kind: 'rated', good: false }, { kind: 'escalated', how: 'priority' })
  expect(await base.db.selectFrom('effect').select('kind').execute()).toEqual([])
})
