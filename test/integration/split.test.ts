// An anomaly that was two: a lead takes tickets out, in Slack or on its page. Its message, its issue and its links follow what
// is left; the part is told by a message of its own, gets what comes later of its kind, and merging puts it back.
import { sql } from 'kysely'
import type { FastifyInstance } from 'fastify'
import { anomalies } from '../../src/http/anomalies.ts'
import { openHttp } from '../../src/http/server.ts'
import { slackHook } from '../../src/http/slack.ts'
import { splits } from '../../src/http/splits.ts'
import { splitPage } from '../../src/dashboard/split-page.ts'
import { dashboard } from '../../src/dashboard/pages.ts'
import { beginLife, moveLife } from '../../src/learn/life.ts'
import { openBell } from '../../src/main-bell.ts'
import type { Bell } from '../../src/main-bell.ts'
import { addAnomaly, findAnomaly, listAnomalies, listAnomalyTickets, listChanges, moveAnomaly } from '../../src/store/anomalies.ts'
import type { Anomaly } from '../../src/store/anomalies.ts'
import { listFileable } from '../../src/store/filings.ts'
import { findPart } from '../../src/store/splits.ts'
import { effectsOnce } from '../../src/work/effects.ts'
import type { EffectPerformer } from '../../src/work/effects.ts'
import { makeFixedNotePerformer } from '../../src/work/fixed-notes.ts'
import { follow } from '../../src/work/follow.ts'
import { makeKnownIssuePerformer } from '../../src/work/known-issue.ts'
import { openLinear } from '../sandbox/linear.ts'
import type { PretendLinear } from '../sandbox/linear.ts'
import { openSlack } from '../sandbox/slack.ts'
import type { PretendSlack } from '../sandbox/slack.ts'
import { recordAsked } from '../support/asked.ts'
import { openTestDatabase } from '../support/database.ts'
import type { TestDatabase } from '../support/database.ts'
import { scriptDesk, silent } from '../support/house.ts'
import { press } from '../support/presses.ts'

const AT = '2026-11-20T09:10:00Z'

let base: TestDatabase
let slack: PretendSlack
let linear: PretendLinear
let bell: Bell
let app: FastifyInstance
let origin = ''

beforeAll(async () => {
  base = await openTestDatabase()
  slack = await openSlack()
  linear = await openLinear()
  const channel = slack.channels().find(c => c.name === 'support-alerts')?.id ?? ''
  const { SLACK_URL: url, SLACK_BOT_TOKEN: token, SLACK_SIGNING_SECRET: secret } = slack.settings
  const { LINEAR_URL, LINEAR_API_KEY: apiKey, LINEAR_WEBHOOK_SECRET: signed } = linear.settings
  const alerts = {
    falseAlarmsPerWeek: 1, timezone: 'UTC', verifyHours: 72, channel, channels: {}, linearTeam: '', linearPriority: 2,
    slack: { url, token, secret }, linear: { url: LINEAR_URL, apiKey, secrets: [signed] }, dailyCap: 100
  }
  bell = openBell({ db: base.db, log: silent, alerts, home: 'https://deskloop.example', now: async () => AT, notes: true })
  app = await openHttp({ adminToken: null, log: silent })
  const { presses } = bell
  await app.register(async scope => {
    await slackHook(scope, { log: silent, url, token, secret, nowMs: Date.now, presses })
  })
  await app.register(async scope => { await splits(scope, { db: base.db, presses, wake: () => {} }) })
  await app.register(async scope => { await splitPage(scope, { db: base.db, listChoices: bell.listChoices }) })
  await app.register(async scope => { await dashboard(scope, { db: base.db }) })
  await app.register(async scope => {
    await anomalies(scope, {
      db: base.db, now: async () => AT, wake: () => {}, follow: (trx, a, asks, at) => follow(trx, bell.to, a, asks, at)
    })
  })
  origin = await app.listen({ host: '127.0.0.1', port: 0 })
  slack.webhookUrl = `${origin}/hooks/slack`
})
afterAll(async () => { await app.close(); await base.close(); await slack.close(); await linear.close() })

/** Four tickets about the one thing and three about the other. */
async function tell (id: string, kind = 'spike'): Promise<void> {
  const rows = Array.from({ length: 7 }, (_, n) => ({
    ticketId: `${id}-${n}`, at: AT, person: `p${n}`, name: `Odo${n} Brandt`, topic: n < 4 ? 'login' : 'billing',
    text: n < 4 ? `The okta login loops back to the start, says Odo${n} Brandt` : `My invoice shows a doubled amount, write to odo${n}@harbour.example`
  }))
  await recordAsked(base, rows)
  await base.db.transaction().execute(async trx => {
    const found = {
      id, key: id, kind, topic: 'login', metric: null, title: `Something breaks ${id}`, p: 1e-6, usual: 1, terms: [], at: AT, topicNumber: 3,
      tickets: rows.map(r => ({ connection: 'zendesk', ticketId: r.ticketId, at: AT, person: r.person }))
    }
    const asks = await addAnomaly(trx, found, beginLife())
    const anomaly = await findAnomaly(trx, { id })
    if (asks !== null && anomaly !== null) await follow(trx, bell.to, anomaly, asks, AT)
  })
  await settle()
}

async function settle (): Promise<void> {
  for (let i = 0; i < 300; i++) {
    await sql`update effect set not_before = now() where state = 'pending'`.execute(base.db)
    if (await effectsOnce({ db: base.db, log: silent, performers: bell.performers }) === 0) return
  }
  throw new Error('the effects do not come to rest')
}

async function until (check: () => boolean | Promise<boolean>): Promise<void> {
  for (let i = 0; i < 1_000; i++) {
    if (await check()) return
    await new Promise(resolve => { setTimeout(resolve, 20) })
  }
  throw new Error('it did not come to that')
}

async function get (id: string): Promise<Anomaly> {
  const anomaly = await findAnomaly(base.db, { id })
  if (anomaly === null) throw new Error(`${id} is gone`)
  return anomaly
}
const partOf = async (id: string): Promise<Anomaly[]> => {
  const { rows } = await sql<{ id: string }>`select id from anomaly where split_from = ${id} order by opened_at, id`.execute(base.db)
  return await Promise.all(rows.map(r => get(r.id)))
}
const messagesOf = (id: string): ReturnType<PretendSlack['messages']> => slack.messages().filter(m => m.threadTs === null && JSON.stringify(m.blocks).includes(id))
const ticketsOf = async (id: string): Promise<string[]> =>
  (await listAnomalyTickets(base.db, id)).map(t => t.ticketId.slice(-1)).sort()
const split = async (id: string, numbers: string[], source: string, by = 'Ana', title = ''): Promise<string | null> => {
  const choice = { refs: numbers.map(n => `zendesk/${id}-${n}`), groups: [], words: '' }
  return await press(bell.presses, id, { kind: 'split', choice, title }, by, source)
}

test('from Slack: a modal with what its tickets fall into, refused while nothing or everything is meant', async () => {
  await tell('an_modal')
  const open = async (): Promise<string> => {
    const known = slack.modals().length
    slack.pressButton(messagesOf('an_modal')[0]?.ts ?? '', 'more', undefined, 'split')
    await slack.send()
    await until(() => slack.modals().length > known)
    return slack.modals().at(-1)?.id ?? ''
  }
  const submit = async (values: Record<string, Record<string, string>>): Promise<string> => {
    slack.submitView(await open(), values)
    const [delivery] = slack.pending.splice(0)
    const answer = await fetch(`${origin}/hooks/slack`, { method: 'POST', body: delivery?.body ?? '', headers: delivery?.headers(new Date()) ?? {} })
    return await answer.text()
  }
  expect(await submit({})).toContain('None of its tickets are meant')
  expect(await submit({ words: { words: 'o' } })).toContain('all of its tickets')
  expect(await partOf('an_modal')).toEqual([])
  expect(await submit({ groups: { groups: 'topic:billing' }, title: { title: 'Invoices are doubled' } })).toBe('')
  await until(async () => (await partOf('an_modal')).length === 1)
  await settle()
  const [part] = await partOf('an_modal')
  expect(part).toMatchObject({ state: 'open', title: 'Invoices are doubled', tickets: 3, hasIssue: false })
  expect([await ticketsOf('an_modal'), await ticketsOf(part?.id ?? '')]).toEqual([['0', '1', '2', '3'], ['4', '5', '6']])
  expect(messagesOf(part?.id ?? '')).toHaveLength(1)
  expect(messagesOf(part?.id ?? '')[0]?.text).toContain('Invoices are doubled')
  expect(JSON.stringify(messagesOf('an_modal')[0])).toContain('3 tickets split off: “Invoices are doubled”')
  expect(JSON.stringify(messagesOf('an_modal')[0])).toContain('*4 tickets*')
  // Nobody's name or address is in what was offered.
  const offered = JSON.stringify(slack.requests.filter(r => r.path.includes('views.open')))
  expect(offered).toContain('3 of 7 about billing')
  expect(offered).not.toMatch(/Brandt|harbour\.example|odo\d/i)
  expect(slack.violations()).toEqual([])
})

test('pressed twice, by two leads at once and after a restart it is one split; who did it is kept', async () => {
  await tell('an_twice')
  const told = await Promise.all([
    split('an_twice', ['4', '5', '6'], 'one'), split('an_twice', ['4', '5', '6'], 'one'), split('an_twice', ['4', '5', '6'], 'two', 'Ben')
  ])
  expect((await partOf('an_twice')).length).toBe(1)
  expect(told.filter(said => said !== null)).toEqual(['None of its tickets are meant by that any more: choose others.'])
  const again = openBell({ db: base.db, log: silent, alerts: { falseAlarmsPerWeek: 1, timezone: 'UTC', verifyHours: 72, channel: '', channels: {}, linearTeam: '', linearPriority: 2, slack: null, linear: null }, home: '', now: async () => AT, notes: false })
  await press(again.presses, 'an_twice', { kind: 'split', choice: { refs: ['zendesk/an_twice-3'], groups: [], words: '' }, title: '' }, 'Ana', 'one')
  expect((await partOf('an_twice')).length).toBe(1)
  await settle()
  const [part] = await partOf('an_twice')
  expect(messagesOf(part?.id ?? '')).toHaveLength(1)
  expect(part?.title).toMatch(/^Customers say “/)
  const changes = (await listChanges(base.db, 'an_twice')).map(c => [c.by, c.move, c.applied])
  expect(changes.filter(([, move]) => move === 'split').sort()).toHaveLength(2)
  expect((await listChanges(base.db, part?.id ?? '')).map(c => [c.move, c.detail])).toEqual([['opened', 'split off from an_twice']])
  const audit = await base.db.selectFrom('audit').select(['who', 'action', 'subject', 'why']).where('subject', '=', 'an_twice').execute()
  expect(audit).toEqual([{ who: expect.stringMatching(/Ana|Ben/), action: 'split', subject: 'an_twice', why: `3 of 7 tickets into ${part?.id}` }])
})

test('all, none and one ticket cannot be split, nor what is over; a part is filed by people only', async () => {
  await tell('an_edge', 'novel')
  expect(await split('an_edge', ['0', '1', '2', '3', '4', '5', '6'], 'all')).toContain('nothing would remain')
  expect(await split('an_edge', ['9'], 'none')).toContain('None of its tickets')
  expect(await split('an_edge', ['6'], 'one-ticket')).toBeNull()
  const [part] = await partOf('an_edge')
  expect(await split(part?.id ?? '', ['6'], 'only')).toContain('one ticket')
  expect(await listFileable(base.db, ['novel'])).toEqual(['an_edge'])
  await press(bell.presses, 'an_edge', { kind: 'move', move: { kind: 'noise', reason: 'a mailing' } }, 'Ana', 'noise-edge')
  expect(await split('an_edge', ['5'], 'late')).toContain('cannot be split any more')
})

test('an issue stays with what is left, its links follow the tickets; done is told to those, and merging links them again', async () => {
  await tell('an_filed')
  await press(bell.presses, 'an_filed', { kind: 'move', move: { kind: 'file', reason: 'seen by myself' } }, 'Ana', 'file-filed')
  await settle()
  const { issueId } = await get('an_filed')
  const linked = (): string[] => linear.attachments(issueId ?? '').map(a => a.url.slice(-1)).sort()
  expect(linked()).toEqual(['0', '1', '2', '3', '4', '5', '6'])
  // The way back to where it is talked about, and in Slack the ways to look at it.
  const { description } = linear.issues().find(i => i.id === issueId) ?? {}
  expect(description).toMatch(/\[Slack\]\(https:\/\/[\w-]+\.slack\.com\/archives\/\w+\/p\d+\)/)
  expect(JSON.stringify(messagesOf('an_filed')[0])).toContain('"value":"split"')
  expect(await split('an_filed', ['4', '5', '6'], 'split-filed')).toBeNull()
  await settle()
  const [part] = await partOf('an_filed')
  const partId = part?.id ?? ''
  expect(linked()).toEqual(['0', '1', '2', '3'])
  expect(linear.issues().find(i => i.id === issueId)?.description).toMatch(/\| 4 \| 4 \|/)
  expect(part).toMatchObject({ state: 'open', hasIssue: false, issueId: null })
  expect(linear.issues()).toHaveLength(1)
  // Put back, and taken out once more.
  expect(await press(bell.presses, partId, { kind: 'merge', into: 'an_filed' }, 'Ana', 'merge-back')).toBeNull()
  await settle()
  expect(linked()).toEqual(['0', '1', '2', '3', '4', '5', '6'])
  expect(await get(partId)).toMatchObject({ state: 'merged', mergedInto: 'an_filed' })
  expect(await split('an_filed', ['4', '5', '6'], 'split-again')).toBeNull()
  await settle()
  expect(linked()).toEqual(['0', '1', '2', '3'])
  const second = (await partOf('an_filed')).find(a => a.id !== partId)
  // The part becomes an issue of its own, although its topic has one.
  await press(bell.presses, second?.id ?? '', { kind: 'move', move: { kind: 'file', reason: 'another fault' } }, 'Ana', 'file-part')
  await settle()
  const own = await get(second?.id ?? '')
  expect(own.issueId).not.toBe(issueId)
  expect(linear.attachments(own.issueId ?? '').map(a => a.url.slice(-1)).sort()).toEqual(['4', '5', '6'])
  await base.db.transaction().execute(async trx => {
    const moved = await moveAnomaly(trx, 'an_filed', { kind: 'done' }, { by: 'Linear', at: AT }, moveLife)
    if (moved?.asks != null) await follow(trx, bell.to, moved.after, moved.asks, AT)
  })
  const told = await base.db.selectFrom('effect').select('ticket_id').where('kind', '=', 'fixed').where('ticket_id', 'like', 'an_filed-%').execute()
  expect(told.map(t => t.ticket_id.slice(-1)).sort()).toEqual(['0', '1', '2', '3'])
})

test('a split and its undoing before Linear was told of either leave the links as they were', async () => {
  await tell('an_quick')
  await press(bell.presses, 'an_quick', { kind: 'move', move: { kind: 'file', reason: 'seen' } }, 'Ana', 'file-quick')
  await settle()
  await split('an_quick', ['4', '5'], 'split-quick')
  const [part] = await partOf('an_quick')
  await press(bell.presses, part?.id ?? '', { kind: 'merge', into: 'an_quick' }, 'Ana', 'merge-quick')
  await settle()
  const { issueId } = await get('an_quick')
  expect(linear.attachments(issueId ?? '').map(a => a.url.slice(-1)).sort()).toEqual(['0', '1', '2', '3', '4', '5', '6'])
})

test('on its page: groups, a search, a double click; and what is merged back', async () => {
  await tell('an_page')
  const page = await (await fetch(`${origin}/anomalies/an_page/split`)).text()
  expect(page).toContain('3 of 7 about billing')
  expect(page).toContain('value="zendesk/an_page-6"')
  expect(page).not.toMatch(/Brandt|harbour\.example/)
  const before = (await listAnomalies(base.db, 200)).length
  const form = new URLSearchParams([['press', /name="press" value="([^"]+)"/.exec(page)?.[1] ?? ''], ['who', 'Ana'], ['ticket', 'zendesk/an_page-6'], ['ticket', 'zendesk/an_page-5'], ['words', 'doubled amount'], ['title', '<b>Invoices</b>']])
  const post = async (path: string, body: URLSearchParams): Promise<number> =>
    (await fetch(origin + path, { method: 'POST', body, redirect: 'manual' })).status
  expect(await Promise.all([post('/anomalies/an_page/split', form), post('/anomalies/an_page/split', form)])).toEqual([303, 303])
  expect((await listAnomalies(base.db, 200)).length).toBe(before + 1)
  const [part] = await partOf('an_page')
  expect(await ticketsOf(part?.id ?? '')).toEqual(['4', '5', '6'])
  const shown = await (await fetch(`${origin}/anomalies/${part?.id}`)).text()
  expect(shown).toContain('Split off from')
  expect(shown).toContain('&#60;b&#62;Invoices')
  expect(shown).toContain('Merge it back')
  expect(await (await fetch(`${origin}/anomalies/an_page`)).text()).toContain('Split off')
  const missing = await fetch(`${origin}/v1/anomalies/an_page/split`, { method: 'POST', body: JSON.stringify({ who: 'Ana' }), headers: { 'content-type': 'application/json' } })
  expect(missing.status).toBe(400)
  const refused = await fetch(`${origin}/v1/anomalies/an_page/split`, { method: 'POST', body: JSON.stringify({ who: 'Ana', ticket: 'zendesk/an_page-6' }), headers: { 'content-type': 'application/json' } })
  expect([refused.status, await refused.json()]).toEqual([409, { message: 'None of its tickets are meant by that any more: choose others.' }])
  expect(await post(`/anomalies/${part?.id}/merge`, new URLSearchParams({ who: 'Ana', into: 'an_page' }))).toBe(303)
  expect(await ticketsOf('an_page')).toEqual(['0', '1', '2', '3', '4', '5', '6'])
  expect((await fetch(`${origin}/anomalies/an_none/split`)).status).toBe(404)
})

test('a note that waited follows its ticket: to the part that it was split into, and back', async () => {
  await tell('an_note')
  await split('an_note', ['4', '5'], 'split-note')
  const [part] = await partOf('an_note')
  const where = async (n: number): Promise<string | null> =>
    await findPart(base.db, 'an_note', { connection: 'zendesk', ticketId: `an_note-${n}` })
  expect([await where(0), await where(4), await where(9)]).toEqual(['an_note', part?.id, null])
  const helpdesks = new Map([['zendesk', scriptDesk().helpdesk]])
  const known = makeKnownIssuePerformer({ db: base.db, helpdesks, home: '', resendAfterMs: () => 0 })
  const fixed = makeFixedNotePerformer({ db: base.db, helpdesks, home: '', resendAfterMs: () => 0 })
  const ask = async (performer: EffectPerformer, n: number): Promise<string> => {
    const payload = { anomaly: 'an_note', basis: 'm' }
    const effect = { id: 'e', kind: 'note', account: 'zendesk', ticketId: `an_note-${n}`, marker: 'dl-0123456789abc', payload }
    const sent = performer.send(effect, async () => {})
    return await sent.then(({ vendorId }) => vendorId, (error: unknown) => String(error))
  }
  await sql`update anomaly set state = 'filed', has_issue = true, issue_id = 'i-9', issue_identifier = 'ENG-9' where id = 'an_note'`.execute(base.db)
  expect(await ask(known, 0)).toMatch(/^n\d/)
  expect(await ask(known, 4)).toContain('GiveUp: skipped')         // the part has no issue of its own
  await sql`update anomaly set state = 'fixed', fixed_at = ${AT} where id = 'an_note'`.execute(base.db)
  expect(await ask(fixed, 1)).toMatch(/^n\d/)
  expect(await ask(fixed, 5)).toContain('was split off')
  await press(bell.presses, part?.id ?? '', { kind: 'merge', into: 'an_note' }, 'Ana', 'merge-note')
  expect([await where(4), await where(5)]).toEqual(['an_note', 'an_note'])
  expect(await ask(fixed, 5)).toMatch(/^n\d/)
})

test('of a long ticket the beginning is offered, and nothing personal that the cut goes through', async () => {
  await tell('an_long')
  const filler = 'The crane stands still and nobody knows why. '.repeat(40)
  for (const [n, at] of [[10, 770], [11, 585], [12, 595]] as const) {
    const text = `${filler.slice(0, at)} odo.brandt.${n}@harbour.example ${filler}`
    await recordAsked(base, [{ ticketId: `an_long-${n}`, at: AT, person: `p${n}`, topic: 'login', text }])
    await base.db.insertInto('anomaly_ticket').values({ anomaly_id: 'an_long', connection: 'zendesk', ticket_id: `an_long-${n}`, at: AT, person: `p${n}` }).execute()
  }
  const long = (await bell.listChoices('an_long')).filter(t => /-1[012]$/.test(t.ref))
  expect(long).toHaveLength(3)
  for (const { text } of long) expect([text.length <= 600, /odo|brandt|harbour/i.test(text)]).toEqual([true, false])
})
