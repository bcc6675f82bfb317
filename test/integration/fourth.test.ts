// A helpdesk that Deskloop has never heard of: a folder is laid into connectors/ of a copy of the project, and that is
// all. It is found, passes the contract, can be set up, and is served, while no other file has changed.
import { createHmac } from 'node:crypto'
import { cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { readConfig } from '../../src/config.ts'
import { envExample } from '../../src/settings.ts'
import { findConnectors } from '../../src/connectors.ts'
import { openLog } from '../../src/log.ts'
import { openService } from '../../src/main.ts'
import type { Connector } from '../../src/types.ts'
import { describeHelpdesk } from '../contract/helpdesk.ts'
import { after, person } from '../contract/opened.ts'
import { openTestDatabase } from '../support/database.ts'
import { listFiles } from '../support/imports.ts'
import { knock } from '../support/knock.ts'
import { openQuayside } from '../support/quayside-desk.ts'

const ROOT = join(import.meta.dirname, '../..')
const SOURCE = join(ROOT, 'test/support/quayside')

let copy: string
let connectors: Connector[]

beforeAll(async () => {
  copy = mkdtempSync(join(tmpdir(), 'deskloop-fourth-'))
  for (const name of ['src', 'config', 'migrations', 'node_modules', 'package.json']) symlinkSync(join(ROOT, name), join(copy, name))
  cpSync(join(ROOT, 'connectors'), join(copy, 'connectors'), { recursive: true })
  const home = join(copy, 'connectors/quayside')
  mkdirSync(home)
  // The one difference between here and there: how far it is to src/.
  for (const name of readdirSync(SOURCE)) {
    writeFileSync(join(home, name), readFileSync(join(SOURCE, name), 'utf8').replaceAll("'../../../src/", "'../../src/"))
  }
  connectors = await findConnectors(join(copy, 'connectors'))
})

afterAll(() => { rmSync(copy, { recursive: true, force: true }) })

function fourth (): Connector {
  const found = connectors.find(connector => connector.name === 'quayside')
  if (found === undefined) throw new Error('the fourth helpdesk was not found')
  return found
}

describeHelpdesk('a fourth helpdesk', {
  async open () {
    const connector = fourth()
    const desk = await openQuayside()
    return {
      connector,
      desk,
      connection: 'quayside',
      openWith: ms => connector.open({ ...desk.settings, QUAYSIDE_DEADLINE_MS: String(ms) }, 'quayside')
    }
  },
  tells: ['opened', 'asked', 'answered', 'assigned', 'escalated', 'solved', 'reopened', 'rated', 'tagged'],
  forgets: [],
  unheard: [],
  lateCopies: 2,
  solvedTakesNotes: true
})

test('it is found by being there, and its settings are asked for like all others', () => {
  expect(connectors.map(connector => connector.name)).toEqual(['freshdesk', 'intercom', 'quayside', 'zendesk'])
  for (const [name, says] of Object.entries(fourth().settings)) {
    expect(envExample(connectors)).toContain(`# ${says}`)
    expect(envExample(connectors)).toContain(`\n${name}=\n`)
  }
  expect(() => readConfig({ QUAYSIDE_URL: 'http://127.0.0.1:9' }, join(copy, 'config'), connectors)).toThrow('QUAYSIDE_TOKEN')
})

test('nothing but its own folder is different from the project', () => {
  const [there, here] = [listFiles(copy, 'connectors'), listFiles(ROOT, 'connectors')]
  expect(there.filter(file => !here.includes(file)).every(file => file.startsWith('connectors/quayside/'))).toBe(true)
  expect(here.filter(file => !readFileSync(join(ROOT, file)).equals(readFileSync(join(copy, file))))).toEqual([])
  const known = [...listFiles(ROOT, 'src'), ...here, ...listFiles(ROOT, 'migrations'), ...listFiles(ROOT, 'config')]
  expect(known.filter(file => /quayside/i.test(readFileSync(join(ROOT, file), 'utf8')))).toEqual([])
})

test('it is served: its webhooks are believed, its tickets looked at, its history caught up', async () => {
  const opened: Array<() => Promise<unknown>> = []
  try {
    const database = await openTestDatabase()
    opened.push(database.close)
    const desk = await openQuayside()
    opened.push(desk.close)
    const ours = { DATABASE_URL: database.url, DESKLOOP_PORT: '0', DESKLOOP_CATCH_UP_MINUTES: '0', DESKLOOP_CLOCK: 'replay' }
    const config = readConfig({ ...desk.settings, ...ours }, join(copy, 'config'), connectors)
    const service = await openService({ config, connectors, log: openLog('silent'), root: copy, only: null })
    opened.push(service.close)
    const ticketId = desk.openTicket({ at: after(0), subject: 'Mooring', text: 'Is mooring seven free on Sunday?', person })
    desk.agentReplies(ticketId, { at: after(60), text: 'It is free.', agentId: 'mira' })
    desk.rate(ticketId, { at: after(90), good: true })
    const unheard = desk.openTicket({ at: after(100), subject: 'Key', text: 'The key of the gate is lost.', person })
    const told = desk.pending.splice(0).filter(delivery => delivery.ticketId === ticketId)
    const post = async (body: string, headers: Record<string, string>): Promise<number> =>
      (await knock(service.url, { method: 'POST', path: '/hooks/quayside', body, headers })).status
    for (const { body, headers } of told) expect(await post(body, headers(new Date()))).toBe(200)
    const forged = `v1=${createHmac('sha256', 'another secret').update(told[0]?.body ?? '').digest('hex')}`
    expect(await post(told[0]?.body ?? '', { 'x-quayside-signature': forged })).toBe(401)

    const kindsOf = async (id: string): Promise<string[]> => {
      const rows = await database.db.selectFrom('event').select('kind')
        .where('connection', '=', 'quayside').where('ticket_id', '=', id).execute()
      return rows.map(row => row.kind).sort()
    }
    // The rating came only as a look: the worker has to ask for it.
    for (let tries = 0; tries < 100 && !(await kindsOf(ticketId)).includes('rated'); tries++) await sleep(100)
    expect(await kindsOf(ticketId)).toEqual(['answered', 'asked', 'opened', 'rated'])

    const caught = await knock(service.url, { method: 'POST', path: '/v1/connections/quayside/catch-up' })
    expect([caught.status, JSON.parse(caught.body)]).toMatchObject([200, { tickets: expect.any(Number) }])
    expect(await kindsOf(unheard)).toEqual(['asked', 'opened'])
    expect(await kindsOf(ticketId)).toEqual(['answered', 'asked', 'opened', 'rated'])
  } finally {
    for (const close of opened.reverse()) await close()
  }
})
