// What HubSpot knows of the companies that an anomaly hits, told in its alert and its issue: each company once, sums of what
// is known, money only where nobody but ourselves reads it, and nothing at all where nothing is configured.
import { sql } from 'kysely'
import { renderImpact } from '../../src/bridge/linear-issue.ts'
import { renderAlert } from '../../src/bridge/slack-message.ts'
import { beginLife } from '../../src/learn/life.ts'
import { worthOf } from '../../src/learn/worth.ts'
import { openBell } from '../../src/main-bell.ts'
import type { Bell } from '../../src/main-bell.ts'
import type { AnomalyView, Worth } from '../../src/outside.ts'
import { saveAccounts, savePeople, savePerson } from '../../src/store/accounts.ts'
import { addAnomaly, findAnomaly } from '../../src/store/anomalies.ts'
import { effectsOnce } from '../../src/work/effects.ts'
import { follow } from '../../src/work/follow.ts'
import { openLinear } from '../sandbox/linear.ts'
import type { PretendLinear } from '../sandbox/linear.ts'
import { openSlack } from '../sandbox/slack.ts'
import type { PretendSlack } from '../sandbox/slack.ts'
import { recordAsked } from '../support/asked.ts'
import { openTestDatabase } from '../support/database.ts'
import type { TestDatabase } from '../support/database.ts'
import { silent } from '../support/house.ts'
import { press } from '../support/presses.ts'

const AT = '2026-11-20T09:10:00Z'
const SOON = '2026-12-12T00:00:00Z'
const LATE = '2027-09-01T00:00:00Z'

test('each sum says of how many it is, and only near renewals are told', () => {
  expect(worthOf([], AT, 90)).toBeNull()
  const three = [{ arr: 100_000, renewalAt: SOON }, { arr: 112_000, renewalAt: SOON }, { arr: null, renewalAt: LATE }]
  expect(worthOf(three, AT, 90)).toEqual({
    companies: 3, arr: 212_000, arrKnown: 2, renewals: 2, renewalArr: 212_000, renewalKnown: 2, withinDays: 90
  })
  expect(worthOf([{ arr: null, renewalAt: null }], AT, 90))
    .toEqual({ companies: 1, arr: null, arrKnown: 0, renewals: 0, renewalArr: null, renewalKnown: 0, withinDays: 90 })
  // Past ones, and what is no amount, count for nothing.
  expect(worthOf([{ arr: -5, renewalAt: '2026-11-10T00:00:00Z' }, { arr: 0, renewalAt: '2026-11-19T12:00:00Z' }], AT, 0))
    .toMatchObject({ arr: null, renewals: 1 })
})

const worth: Worth = {
  companies: 14, arr: 540_000, arrKnown: 12, renewals: 3, renewalArr: 212_400, renewalKnown: 3, withinDays: 60
}
const view: AnomalyView = {
  id: 'an_w', state: 'open', kind: 'spike', topic: 'SSO', title: 'SSO: 23 tickets', tickets: 23, people: 20, usual: 4,
  openedAt: AT, terms: [], facts: [], chance: 0.001, precision: { right: 0, judged: 0 }, issue: null,
  filing: false, assignee: null, approvedBy: null, reason: null, release: null, home: ''
}

test('in words: companies, revenue and renewals beside the size; in the issue as a band', () => {
  const line = (w: Worth | null): string => JSON.stringify(renderAlert({ ...view, worth: w }, null, '').blocks[1])
  expect(line(worth)).toContain('*14 companies* (ARR at least 540k), 3 of them renew within 60 days (ARR 212k)')
  expect(line({ ...worth, companies: 1, arrKnown: 1, arr: 9_500, renewals: 1, renewalArr: null, renewalKnown: 0 }))
    .toContain('*1 company* (ARR 9,500), 1 of them renews within 60 days ·')
  expect(line({ ...worth, arr: null, renewals: 0 })).toContain('*14 companies* ·')
  expect(line(null)).not.toContain('compan')
  const block = renderImpact({ ...view, worth: { ...worth, arr: 212_400 }, toldAt: '2026-11-22T11:05:33Z', rate: { now: 11, low: 1, high: 4 } })
  expect(block).toContain('### Impact (updated 2026-11-22 11:05 UTC)')
  expect(block).toContain('| tickets | customers | companies | ARR band | usual in that time | this hour so far / usual | first seen | state |')
  expect(block).toContain('| 23 | 20 | 14, 3 renewals in 60 d | 200–250k | about 4 | 11 / 1–4 | 2026-11-20T09:10:00Z | open |')
  const bands = [90, 999, 1_000, 9_500, 95_000, 540_000, 999_999, 1_300_000, 23_000_000].map(arr =>
    /\| ([^|]*) \| about 4/.exec(renderImpact({ ...view, worth: { ...worth, renewals: 0, arr } }))?.[1])
  expect(bands).toEqual(['90–95', '950–1000', '1–1.5k', '9.5–10k', '95–100k', '500–550k', '950–1000k', '1–1.5M', '20–25M'])
  expect(renderImpact(view)).toContain('| tickets | customers | usual in that time | first seen | state |')
})

describe('from the database', () => {
  let base: TestDatabase
  let slack: PretendSlack
  let linear: PretendLinear
  let channel = ''

  beforeAll(async () => {
    base = await openTestDatabase()
    slack = await openSlack()
    linear = await openLinear()
    channel = slack.channels().find(c => c.name === 'support-alerts')?.id ?? ''
  })
  afterAll(async () => { await base.close(); await slack.close(); await linear.close() })

  function openOne (more: { internalChannels?: string[] }, renewalDays?: number): Bell {
    const { SLACK_URL: url, SLACK_BOT_TOKEN: token, SLACK_SIGNING_SECRET: secret } = slack.settings
    const { LINEAR_URL, LINEAR_API_KEY: apiKey } = linear.settings
    return openBell({
      db: base.db, home: '', now: async () => AT, notes: false, ...(renewalDays === undefined ? {} : { renewalDays }),
      alerts: {
        falseAlarmsPerWeek: 1, timezone: 'UTC', verifyHours: 72, channel, channels: {}, linearTeam: '', linearPriority: 2, dailyCap: 50,
        slack: { url, token, secret }, linear: { url: LINEAR_URL, apiKey, secrets: [] }, ...more
      }
    })
  }

  async function told (bell: Bell, id: string): Promise<{ alert: string, issue: string }> {
    const rows = Array.from({ length: 6 }, (_, n) => ({
      ticketId: `${id}-${n}`, at: AT, topic: 'export', text: 'the export stops', person: `p${n}`, email: `${id}${n}@quay${n % 3}.example`
    }))
    await recordAsked(base, rows)
    // Two people of each of three companies; of one it is not known what it pays.
    for (const { ticketId, email } of rows) await savePerson(base.db, { connection: 'zendesk', ticketId }, email)
    await saveAccounts(base.db, [0, 1, 2].map(n => ({
      id: `c${n}`, name: `Quay ${n}`, facts: [], health: null, renewalAt: n === 0 ? SOON : LATE, arr: n === 2 ? null : 100_000 + n * 12_000
    })))
    await savePeople(base.db, new Map(rows.map((r, n) => [r.email, `c${n % 3}`])))
    await base.db.transaction().execute(async trx => {
      const found = {
        id, key: id, kind: 'spike', topic: 'export', metric: null, title: `Export stops ${id}`, p: 1e-6, usual: 1, terms: [], at: AT,
        tickets: rows.map(r => ({ connection: 'zendesk', ticketId: r.ticketId, at: AT, person: r.person }))
      }
      const asks = await addAnomaly(trx, found, beginLife())
      const anomaly = await findAnomaly(trx, { id })
      if (asks !== null && anomaly !== null) await follow(trx, bell.to, anomaly, asks, AT)
    })
    await press(bell.presses, id, { kind: 'move', move: { kind: 'file' } }, 'Ana', `file ${id}`)
    for (let i = 0; i < 100; i++) {
      await sql`update effect set not_before = now() where state = 'pending'`.execute(base.db)
      if (await effectsOnce({ db: base.db, log: silent, performers: bell.performers }) === 0) break
    }
    return {
      alert: JSON.stringify(slack.messages().find(m => m.threadTs === null && JSON.stringify(m.blocks).includes(id))),
      issue: linear.issues().find(i => i.title.includes(id))?.description ?? ''
    }
  }

  test('told among ourselves: each company once, and never by name', async () => {
    const { alert, issue } = await told(openOne({ internalChannels: [channel] }, 60), 'an_inside')
    expect(alert).toContain('*3 companies* (ARR at least 212k), 1 of them renews within 60 days (ARR 100k)')
    expect(issue).toContain('| 6 | 6 | 3, 1 renewal in 60 d | 200–250k |')
    expect(alert + issue).not.toMatch(/Quay|quay/)
  })

  test('elsewhere in Slack the companies are counted, and no money is told', async () => {
    const { alert, issue } = await told(openOne({}, 60), 'an_outside')
    expect(alert).toContain('*3 companies* ·')
    expect(alert).not.toMatch(/ARR|renew/)
    expect(issue).toContain('200–250k')
  })

  test('without HubSpot nothing of it is told, whatever is left in the database', async () => {
    const { alert, issue } = await told(openOne({ internalChannels: [channel] }), 'an_without')
    expect(alert + issue).not.toMatch(/compan|ARR|renew/)
  })
})
