// The whole house with an outlet and a write key: set up by files and environment, a delivery in, a signed event out, and
// a note that says what the customer did before asking.
import { copyFileSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { verifyMessage } from '../../src/bridge/standard-webhook.ts'
import { readConfig } from '../../src/config.ts'
import type { Config } from '../../src/config.ts'
import { openLog } from '../../src/log.ts'
import { openService } from '../../src/main.ts'
import { recordContext, hashEmail } from '../../src/store/context.ts'
import { recordDraft } from '../../src/store/drafts.ts'
import { recordEffect } from '../../src/store/effects.ts'
import { pauseOutlet } from '../../src/store/outlets.ts'
import { ensurePartitions } from '../../src/store/partitions.ts'
import { recordFacts } from '../../src/store/recorder.ts'
import type { Helpdesk, Note, TicketEvent } from '../../src/types.ts'
import { effectsOnce } from '../../src/work/effects.ts'
import { renderNoteText } from '../../src/work/note.ts'
import { makeNotePerformer } from '../../src/work/note-performer.ts'
import { openTestDatabase } from '../support/database.ts'
import type { TestDatabase } from '../support/database.ts'

const ROOT = join(import.meta.dirname, '../..')
const SECRET = `whsec_${Buffer.from('a secret of thirty-two letters..').toString('base64')}`
const AT = '2026-11-20T10:00:00Z'
const KEYS = { DESKLOOP_CONTEXT_KEYS: 'moorings-web-0001, moorings-app-0002' }

let database: TestDatabase
let folder: string

beforeAll(async () => {
  database = await openTestDatabase()
  await ensurePartitions(database.db, [], [AT])
  folder = mkdtempSync(join(tmpdir(), 'deskloop-outgoing-'))
  for (const name of ['learning.json', 'learning.schema.json', 'outlets.schema.json']) copyFileSync(join(ROOT, 'config', name), join(folder, name))
})

afterAll(async () => {
  await database.close()
  rmSync(folder, { recursive: true, force: true })
})

function configOf (outlets: unknown, env: Record<string, string> = {}): Config {
  writeFileSync(join(folder, 'outlets.json'), typeof outlets === 'string' ? outlets : JSON.stringify(outlets))
  const base = { DATABASE_URL: database.url, DESKLOOP_PORT: '0', DESKLOOP_CATCH_UP_MINUTES: '0' }
  return readConfig({ ...base, ...env }, folder, [])
}

function faultsOf (outlets: unknown, env: Record<string, string> = {}): string {
  try {
    configOf(outlets, env)
    return ''
  } catch (error) {
    return String(error)
  }
}

const berths = { name: 'berths', url: 'https://hooks.moorings.example/in', secrets: [SECRET] }

const bus = { name: 'bus', url: 'nats://127.0.0.1:4222', stream: 'QUAY', subject: 'quay.events' }

test('an outlet on NATS is read with its token from the environment, and is not signed', () => {
  expect(configOf([{ ...bus, token: '$BUS' }, berths], { BUS: 'a token' }).outlets).toEqual([
    { ...berths, kinds: null, from: 'now' },
    {
      name: 'bus', url: bus.url, secrets: [], kinds: null, from: 'now',
      nats: { stream: 'QUAY', subject: 'quay.events', keepDays: 30, token: 'a token' }
    }
  ].toReversed())
})

test('an outlet is read with its secrets from the environment', () => {
  const entry = { ...berths, secrets: ['$NEW', '$BEFORE'], kinds: ['solved'], from: 'start' }
  expect(configOf([entry], { ...KEYS, NEW: SECRET })).toMatchObject({
    outlets: [{ name: 'berths', secrets: [SECRET], kinds: ['solved'], from: 'start' }],
    contextKeys: ['moorings-web-0001', 'moorings-app-0002']
  })
  expect(configOf([berths])).toMatchObject({ outlets: [{ kinds: null, from: 'now' }], contextKeys: [] })
})

test.each<[string, unknown, RegExp]>([
  ['no JSON', '{', /outlets.json cannot be read/],
  ['an unknown field', [{ ...berths, colour: 'red' }], /0 must NOT have additional properties/],
  ['no https', [{ ...berths, url: 'http://hooks.moorings.example/' }], /0\/url must match/],
  ['a password in the address', [{ ...berths, url: 'https://ida:pw@hooks.moorings.example/' }], /0\/url must match/],
  ['an unknown kind', [{ ...berths, kinds: ['sung'] }], /0\/kinds\/0 must be equal to one of/],
  ['a secret of another form', [{ ...berths, secrets: ['secret'] }], /each secret of berths must be whsec_/],
  ['a short secret', [{ ...berths, secrets: ['whsec_c2hvcnQ='] }], /24 to 64 bytes/],
  ['a secret that is not set', [{ ...berths, secrets: ['$NOWHERE'] }], /berths has no secret: set NOWHERE/],
  ['two of one name', [berths, berths], /two outlets called berths/],
  ['NATS without a stream', [{ name: 'bus', url: 'nats://127.0.0.1:4222', subject: 'a' }], /property 'stream'/],
  ['NATS with a secret to sign with', [{ ...bus, secrets: [SECRET] }], /0\/secrets boolean schema is false/],
  ['NATS with a wild subject', [{ ...bus, subject: 'quay.>' }], /0\/subject must match/],
  ['NATS with a password in the address', [{ ...bus, url: 'nats://ida:pw@127.0.0.1:4222' }], /0\/url must match/],
  ['NATS with a token that is not set', [{ ...bus, token: '$NOWHERE' }], /bus wants \$NOWHERE, and it is not set/],
  ['a webhook with a stream', [{ ...berths, stream: 'QUAY' }], /0\/stream boolean schema is false/]
])('%s is told before anything starts', (_name, outlets, words) => {
  const said = faultsOf(outlets)
  expect(said).toMatch(words)
  expect(said).not.toContain(SECRET)
})

test('keys that are too short are told too', () => {
  expect(faultsOf([berths], { DESKLOOP_CONTEXT_KEYS: 'short' })).toMatch(/DESKLOOP_CONTEXT_KEYS must be keys of 16/)
})

test('what is recorded goes out signed, and the paused outlet is named on the overview', async () => {
  const got: Array<{ body: string, headers: Record<string, string> }> = []
  const receiver = createServer((request, response) => {
    const parts: Buffer[] = []
    request.on('data', (part: Buffer) => parts.push(part)).on('end', () => {
      const headers = Object.fromEntries(Object.entries(request.headers).map(([k, v]) => [k, String(v)]))
      got.push({ body: Buffer.concat(parts).toString('utf8'), headers })
      response.writeHead(204).end()
    })
  })
  await new Promise<void>(resolve => receiver.listen(0, '127.0.0.1', resolve))
  const address = receiver.address()
  const port = typeof address === 'object' && address !== null ? address.port : 0
  const config = configOf([{ ...berths, url: `http://127.0.0.1:${port}/in` }], KEYS)
  const service = await openService({ config, connectors: [], log: openLog('silent'), root: ROOT, only: null })
  try {
    const fact: TicketEvent = { kind: 'solved', key: 's', connection: 'moorings', ticketId: '1', at: AT }
    await database.db.transaction().execute(trx => recordFacts(trx, [{ connection: 'moorings', facts: [fact] }]))
    for (let tries = 0; tries < 500 && got.length === 0; tries++) await sleep(20)
    expect(got).toHaveLength(1)
    const { body, headers } = got[0] ?? { body: '', headers: {} }
    expect(JSON.parse(body)).toMatchObject({ type: 'deskloop.ticket.solved', source: '/connections/moorings', subject: '1', data: {} })
    expect(verifyMessage([SECRET], headers, body, Math.floor(Date.now() / 1000)).valid).toBe(true)
    const told = await fetch(`${service.url}/v1/verify`, {
      method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify({ outlet: 'berths', headers, body })
    })
    expect(await told.json()).toMatchObject({ valid: true, outlet: 'berths' })
    const call = await fetch(`${service.url}/v1/context`, {
      method: 'POST', headers: { authorization: 'Bearer moorings-web-0001' }, body: '{"type":"page","userId":"u","name":"Berths"}'
    })
    expect(await call.json()).toEqual({ accepted: 1, repeated: 0, rejected: [] })
    expect(await (await fetch(`${service.url}/context`)).text()).toContain('Berths')
    await pauseOutlet(database.db, 'berths', 'berths answered 410: it wants no more events')
    expect(await (await fetch(service.url)).text()).toContain('The outlet <b>berths</b> is sent no events: berths answered 410')
    const outlets = await (await fetch(`${service.url}/v1/outlets`)).text()
    expect(outlets).toContain('"delivered":1')
    expect(outlets).not.toContain('whsec_')
  } finally {
    await service.close()
    receiver.closeAllConnections()
    await new Promise(resolve => receiver.close(resolve))
  }
})

test('the note that is written says what the customer did before asking', async () => {
  const notes: Note[] = []
  const never = async (): Promise<never> => { throw new Error('nobody asks this here') }
  const helpdesk: Helpdesk = {
    fetchSelf: never,
    async postNote (_ticketId, note) { notes.push(note); return { noteId: 'n1', public: false, at: AT } },
    findNote: never,
    fetchTicket: never,
    fetchHistory: () => { throw new Error('nobody asks this here') },
    fetchKnowledge: () => { throw new Error('nobody asks this here') },
    countTickets: never
  }
  await database.db.insertInto('connection').values({ name: 'moorings', connector: 'moorings', paused_why: null }).execute()
  const person = { id: '991', email: 'ida@moorings.example' }
  const asked: TicketEvent = { kind: 'asked', key: 'a', connection: 'moorings', ticketId: '1', at: AT, messageId: 'a', text: 'Is it free?', person }
  const row = { messageId: 'm1', userId: null, anonymousId: 'b', emailHash: hashEmail(person.email), data: {}, at: '2026-11-20T09:56:00Z' }
  await recordContext(database.db, [{ ...row, kind: 'page', name: 'Berths' }])
  await database.db.transaction().execute(async trx => {
    await recordFacts(trx, [{ connection: 'moorings', facts: [asked] }])
    const ref = { connection: 'moorings', ticketId: '1' }
    await recordDraft(trx, {
      ...ref, questionId: 'a', key: 'dl-aaaaaaaaaaaaa', askedAt: AT, basis: 'a', language: 'en', text: 'Yes, it is.', topic: 'berths',
      score: 0.9, threshold: 0.5, action: 'note', reason: 'it scored enough', sources: [], articles: [], topicNumber: null
    })
    const id = '33333333-3333-4333-8333-333333333333'
    await recordEffect(trx, { ...ref, id, kind: 'note', cause: 'a', marker: 'dl-aaaaaaaaaaaaa', payload: {}, skipped: null })
  })
  const helpdesks = new Map([['moorings', helpdesk]])
  const performer = makeNotePerformer({ db: database.db, helpdesks, rules: { highScore: 0.8 }, home: '', resendAfterMs: () => 0, notedAt: () => AT })
  expect(await effectsOnce({ db: database.db, log: openLog('silent'), performers: [performer] })).toBe(1)
  expect(notes.map(renderNoteText).join()).toContain('\nContext on Berths, 4 min before asking\n')
})
