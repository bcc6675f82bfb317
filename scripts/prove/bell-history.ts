// Three weeks of a quiet desk, told by webhooks to the service, and the bad morning after them. What is usual must be known
// before anything can be unusual.
import { sql } from 'kysely'
import { setTimeout as sleep } from 'node:timers/promises'
import { join } from 'node:path'
import { readConfig } from '../../src/config.ts'
import { findConnectors } from '../../src/connectors.ts'
import { plus } from '../../src/learn/story.ts'
import { openLog } from '../../src/log.ts'
import { openService } from '../../src/main.ts'
import { openDb } from '../../src/store/db.ts'
import type { Instant } from '../../src/types.ts'
import { withDatabase } from '../../src/store/embedded.ts'
import { makeRandom } from '../../test/sandbox/random.ts'
import type { PretendHelpdesk } from '../../test/sandbox/types.ts'

const FIRST_DAY = '2026-09-07T00:00:00Z'            // a Monday
const DAYS = 23
export const MORNING = plus(FIRST_DAY, DAYS * 86_400 + 9 * 3600)
const WEEKDAY = 26
const WEEKEND = 5
const TEMPLATE = 'quiet_weeks'

const SUBJECTS = [
  'mooring berth', 'crane booking', 'winter storage', 'harbour key card', 'diesel pump', 'shower tokens', 'guest permit',
  'insurance paper', 'sail loft', 'waste station', 'electric meter', 'slipway slot'
]
const WISHES = [
  'How do I change the date of my', 'Can I cancel the', 'What does it cost to extend the', 'Who can help me with a broken', 'Where do I find the bill for my'
]

export interface Quiet {
  /** A database of its own for one run, with the weeks in it. */
  copy (name: string): Promise<string>
}

export async function tellQuietWeeks (root: string, serverUrl: string, desk: PretendHelpdesk): Promise<Quiet> {
  await statement(serverUrl, `create database ${TEMPLATE}`)
  const connectors = await findConnectors(join(root, 'connectors'))
  const config = readConfig({
    ...desk.settings, DATABASE_URL: withDatabase(serverUrl, TEMPLATE), DESKLOOP_PORT: '0', DESKLOOP_MODE: 'draft',
    DESKLOOP_CLOCK: 'replay', DESKLOOP_CATCH_UP_MINUTES: '0', DESKLOOP_LOG: 'silent'
  }, join(root, 'config'), connectors)
  const service = await openService({ config, connectors, log: openLog('silent'), root, only: null })
  try {
    desk.webhookUrl = `${service.url}/hooks/${desk.name}`
    const random = makeRandom(29)
    for (let day = 0; day < DAYS; day++) {
      const midnight = plus(FIRST_DAY, day * 86_400)
      const count = day % 7 < 5 ? WEEKDAY : WEEKEND
      const moments = Array.from({ length: count }, () => 7 * 3600 + Math.floor(random() * 10 * 3600))
      for (const second of moments.sort((a, b) => a - b)) {
        const pick = (list: string[]): string => list[Math.floor(random() * list.length)] ?? ''
        const subject = pick(SUBJECTS)
        openTicket(desk, plus(midnight, second), `${pick(WISHES)} ${subject}?`, Math.floor(random() * 150))
      }
      await desk.send({ concurrency: 8 })
      await tellClock(service.url, plus(midnight, 86_399))
    }
  } finally {
    await service.close()
  }
  return {
    async copy (name) {
      await statement(serverUrl, `create database ${name} template ${TEMPLATE}`)
      return withDatabase(serverUrl, name)
    }
  }
}

/** What goes wrong on that morning: everybody says the same in words that nobody used before. */
export function tellFault (desk: PretendHelpdesk, at: Instant, customer: number): string {
  return openTicket(desk, at, 'The tide ledger export stops halfway with fault FX-9041. It worked yesterday.', 1_000 + customer)
}

function openTicket (desk: PretendHelpdesk, at: Instant, text: string, customer: number): string {
  return desk.openTicket({
    at, subject: text.slice(0, 40), text,
    person: { id: `p-${customer}`, name: `Boat owner ${customer}`, email: `owner${customer}@harbour.example` }
  })
}

async function tellClock (url: string, at: Instant): Promise<void> {
  const body = JSON.stringify({ at })
  await fetch(`${url}/v1/clock`, { method: 'POST', body, headers: { 'content-type': 'application/json' } })
  for (let tries = 0; tries < 600; tries++) {
    const said = await (await fetch(`${url}/v1/clock?wait=1`)).text()
    if (said.includes('"idle":true')) return
    await sleep(20)
  }
  throw new Error('the quiet weeks do not come to rest')
}

async function statement (url: string, text: string): Promise<void> {
  const db = openDb(url, 'deskloop-prove', 1)
  try {
    await sql.raw(text).execute(db)
  } finally {
    await db.destroy()
  }
}
