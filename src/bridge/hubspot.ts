// Reads the companies behind addresses from HubSpot, and writes properties of our own. Each call goes out once and has a
// deadline; searches keep their distance. https://developers.hubspot.com/docs/api-reference
import { Client } from '@hubspot/api-client'
import type { Company, CompanyRisk, Crm } from '../outside.ts'
import { GiveUp, Refused, RetryLater, Unclear, messageOf } from '../errors.ts'

export interface HubspotSettings { url: string, token: string, properties: string[] }

const DEADLINE_MS = 10_000
const BATCH = 100                                   // the most that a batch read takes
const GROUPS = 5                                    // the most filter groups of one search
const MOST_VALUES = 100
// Four or five searches a second are allowed, shared with every other program of the account; 250 ms leave some to them.
// https://developers.hubspot.com/docs/api-reference/search/guide#limits
const BETWEEN_SEARCHES_MS = 300
const PRIMARY = 1                                   // contact to company, the primary one
const NO_COMPANY = /^(gmail|googlemail|outlook|hotmail|live|yahoo|ymail|icloud|me|gmx|web|aol|proton|protonmail|mail|t-online|orange|free|libero|qq|163)\./
const GROUP = 'deskloop'
const OURS = [
  { name: 'deskloop_support_risk', label: 'Deskloop support risk', type: 'number', fieldType: 'number', says: 'From 0 (none) to 100, from the support tickets of the last 30 days. Written by Deskloop.' },
  { name: 'deskloop_support_risk_reasons', label: 'Deskloop support risk: reasons', type: 'string', fieldType: 'textarea', says: 'Why, the weightiest first. Written by Deskloop.' },
  { name: 'deskloop_support_risk_changed', label: 'Deskloop support risk: last change', type: 'datetime', fieldType: 'date', says: 'When Deskloop last wrote it.' }
] as const

type Method = 'GET' | 'POST' | 'PATCH'

export function openHubspot (settings: HubspotSettings, deadlineMs = DEADLINE_MS): Crm {
  // Retries and limits of the library are one for the whole process and would send writes again: both stay off.
  const client = new Client({ accessToken: settings.token, basePath: settings.url, numberOfApiCallRetries: 0 })
  const owners = new Map<string, string | null>()
  let nextSearchMs = 0
  let isReady = false
  let missing: string[] | null = null

  // By the library's general door: one way for all answers, also for those (404, 409) that are no errors to us. It knows
  // no deadline: what comes later than ours is not waited for.
  async function call (method: Method, path: string, body?: unknown): Promise<{ status: number, body: unknown }> {
    const sent = client.apiRequest({ method, path, ...(body === undefined ? {} : { body }) })
    let timer: NodeJS.Timeout | undefined
    const late = new Promise<never>((_resolve, reject) => {
      timer = setTimeout(() => { reject(new Unclear(`HubSpot did not answer ${method} ${path} within ${deadlineMs} ms`)) }, deadlineMs)
    })
    try {
      const answer = await Promise.race([sent, late])
      const text = await Promise.race([answer.text(), late])
      return accept(method, path, answer.status, answer.headers.get('retry-after'), parse(text))
    } catch (error) {
      if (error instanceof GiveUp || error instanceof RetryLater || error instanceof Unclear) throw error
      throw new Unclear(`HubSpot gave no answer to ${method} ${path}: ${messageOf(error)}`, { cause: error })
    } finally {
      clearTimeout(timer)
      sent.catch(() => { /* it was told above, or came too late to matter */ })
    }
  }

  async function search (type: 'contacts' | 'companies', filterGroups: unknown[], properties: string[]): Promise<Row[]> {
    const nowMs = performance.now()
    const startMs = Math.max(nowMs, nextSearchMs)
    nextSearchMs = startMs + BETWEEN_SEARCHES_MS
    if (startMs > nowMs) await new Promise(resolve => setTimeout(resolve, startMs - nowMs))
    const asked = { filterGroups, properties, limit: MOST_VALUES, after: '0', sorts: [] }
    return rowsOf((await call('POST', `/crm/v3/objects/${type}/search`, asked)).body)
  }

  async function findContacts (emails: string[]): Promise<Map<string, string>> {
    const found = new Map<string, string>()
    const properties = ['email', 'hs_additional_emails']
    const note = (rows: Row[]): void => {
      for (const row of rows) for (const email of addressesOf(row)) if (emails.includes(email)) found.set(email, row.id)
    }
    for (const part of partsOf(emails, BATCH)) {
      const inputs = part.map(id => ({ id }))
      const wanted = { idProperty: 'email', inputs, properties, propertiesWithHistory: [] }
      note(rowsOf((await call('POST', '/crm/v3/objects/contacts/batch/read', wanted)).body))
    }
    // Only a search knows people by their second addresses.
    for (const part of partsOf(emails.filter(email => !found.has(email)), GROUPS)) {
      note(await search('contacts', part.map(value => ({ filters: [{ propertyName: 'email', operator: 'EQ', value }] })), properties))
    }
    return found
  }

  async function findPrimary (contactIds: string[]): Promise<Map<string, string>> {
    const found = new Map<string, string>()
    for (const part of partsOf([...new Set(contactIds)], BATCH)) {
      const { body } = await call('POST', '/crm/v4/associations/contacts/companies/batch/read', { inputs: part.map(id => ({ id })) })
      for (const row of listOf(fieldOf(body, 'results'))) {
        const links = listOf(fieldOf(row, 'to'))
        const primary = links.find(l => listOf(fieldOf(l, 'associationTypes')).some(t => fieldOf(t, 'typeId') === PRIMARY)) ?? links[0]
        if (primary !== undefined) found.set(String(fieldOf(fieldOf(row, 'from'), 'id')), String(fieldOf(primary, 'toObjectId')))
      }
    }
    return found
  }

  async function findByDomain (domains: string[]): Promise<Map<string, string>> {
    const found = new Map<string, string>()
    for (const values of partsOf([...new Set(domains)], MOST_VALUES)) {
      const groups = [{ filters: [{ propertyName: 'domain', operator: 'IN', values }] }]
      for (const row of await search('companies', groups, ['domain'])) {
        const domain = row.properties['domain']?.toLowerCase()
        if (domain !== undefined && !found.has(domain)) found.set(domain, row.id)
      }
    }
    return found
  }

  async function nameOwner (id: string): Promise<string | null> {
    if (!owners.has(id)) {
      const { body } = await call('GET', `/crm/v3/owners/${encodeURIComponent(id)}`)
      const name = [fieldOf(body, 'firstName'), fieldOf(body, 'lastName')].filter(part => typeof part === 'string' && part !== '').join(' ')
      const email = fieldOf(body, 'email')
      owners.set(id, name !== '' ? name : typeof email === 'string' ? email : null)
    }
    return owners.get(id) ?? null
  }

  // Made once, in a group of our own. A property of our name in another group is somebody's own: it is left alone.
  async function ensureProperties (): Promise<void> {
    if (isReady) return
    for (const { says, ...property } of OURS) {
      const path = `/crm/v3/properties/companies/${property.name}`
      const known = await call('GET', path)
      if (known.status === 404) {
        await call('POST', '/crm/v3/properties/companies/groups', { name: GROUP, label: 'Deskloop', displayOrder: -1 })
        await call('POST', '/crm/v3/properties/companies', { ...property, groupName: GROUP, description: says })
      } else if (fieldOf(known.body, 'groupName') !== GROUP) {
        throw new GiveUp(`HubSpot has a company property ${property.name} that is not ours: rename it, or turn HUBSPOT_WRITE_RISK off`)
      }
    }
    isReady = true
  }

  return {
    async findCompanies (given) {
      const emails = [...new Set(given.map(email => email.trim().toLowerCase()))]
      const contacts = await findContacts(emails)
      const primary = await findPrimary([...contacts.values()])
      const companyOf = (email: string): string | null => primary.get(contacts.get(email) ?? '') ?? null
      const without = emails.filter(email => companyOf(email) === null && !NO_COMPANY.test(domainOf(email)))
      const byDomain = await findByDomain(without.map(domainOf))
      return new Map(emails.map(email => [email, companyOf(email) ?? byDomain.get(domainOf(email)) ?? null]))
    },
    async findMissing () {
      if (missing !== null) return missing
      const absent: string[] = []
      for (const name of settings.properties) {
        const asked = call('GET', `/crm/v3/properties/companies/${encodeURIComponent(name)}`)
        // A token without the scope for definitions cannot know; it can still read the values.
        const known = await asked.catch((error: unknown) => { if (!(error instanceof GiveUp)) throw error })
        if (known?.status === 404) absent.push(name)
      }
      missing = absent
      return absent
    },
    async fetchCompanies (ids) {
      const properties = [...new Set(['name', 'hubspot_owner_id', ...settings.properties])]
      const found: Company[] = []
      for (const part of partsOf([...new Set(ids)], BATCH)) {
        const wanted = { inputs: part.map(id => ({ id })), properties, propertiesWithHistory: [] }
        const { body } = await call('POST', '/crm/v3/objects/companies/batch/read', wanted)
        for (const row of rowsOf(body)) {
          const ownerId = row.properties['hubspot_owner_id'] ?? null
          const owner = ownerId === null ? null : await nameOwner(ownerId)
          found.push({ id: row.id, name: row.properties['name'] ?? `company ${row.id}`, properties: row.properties, owner })
        }
      }
      return found
    },
    async saveRisk (companyId, { score, reasons, at }: CompanyRisk) {
      await ensureProperties()
      const [risk, why, changed] = OURS
      const properties = { [risk.name]: String(score), [why.name]: reasons, [changed.name]: at }
      const { status } = await call('PATCH', `/crm/v3/objects/companies/${encodeURIComponent(companyId)}`, { properties })
      if (status === 404) throw new GiveUp(`skipped: HubSpot no longer has the company ${companyId}`)
    }
  }
}

interface Row { id: string, properties: Record<string, string | null> }

// What is missing (404) and what is there already (409) are answers; 207 holds what was found of a batch.
function accept (
  method: Method, path: string, status: number, retryAfter: string | null, body: unknown
): { status: number, body: unknown } {
  if ((status >= 200 && status < 300) || status === 404 || status === 409) return { status, body }
  const said = fieldOf(body, 'message')
  const message = `HubSpot answered ${status} to ${method} ${path}: ${typeof said === 'string' ? said.slice(0, 200) : 'no reason'}`
  if (status === 401) throw new Refused(`${message}: renew HUBSPOT_ACCESS_TOKEN`, status)
  if (status === 403) throw new Refused(`${message}: give the private app the scope that this needs`, status)
  if (status === 429 || status === 477) throw new RetryLater(message, waitOf(retryAfter, fieldOf(body, 'policyName')))
  if (status >= 500) throw new Unclear(message)
  throw new GiveUp(message)
}

// https://developers.hubspot.com/docs/developer-tooling/platform/usage-guidelines: ten seconds, one second, or a day.
function waitOf (retryAfter: string | null, policy: unknown): number {
  if (retryAfter !== null && /^\d+$/.test(retryAfter)) return Math.min(3_600_000, Number(retryAfter) * 1000)
  if (policy === 'DAILY') return 3_600_000
  return policy === 'SECONDLY' ? 1_000 : 10_000
}

function addressesOf (row: Row): string[] {
  const all = [row.properties['email'], ...(row.properties['hs_additional_emails'] ?? '').split(';')]
  return all.flatMap(email => email === null || email === undefined || email.trim() === '' ? [] : [email.trim().toLowerCase()])
}

function domainOf (email: string): string {
  return email.slice(email.lastIndexOf('@') + 1)
}

function partsOf<T> (all: T[], most: number): T[][] {
  const parts: T[][] = []
  for (let at = 0; at < all.length; at += most) parts.push(all.slice(at, at + most))
  return parts
}

function rowsOf (body: unknown): Row[] {
  return listOf(fieldOf(body, 'results')).map(row => {
    const given = fieldOf(row, 'properties')
    const entries = typeof given === 'object' && given !== null ? Object.entries(given) : []
    return {
      id: String(fieldOf(row, 'id')),
      properties: Object.fromEntries(entries.map(([name, value]) => [name, value === null || value === '' ? null : String(value)]))
    }
  })
}

function listOf (value: unknown): unknown[] {
  return Array.isArray(value) ? value : []
}

function fieldOf (value: unknown, name: string): unknown {
  return typeof value === 'object' && value !== null ? Object.entries(value).find(([key]) => key === name)?.[1] : undefined
}

function parse (text: string): unknown {
  try { return text === '' ? null : JSON.parse(text) } catch { return null }     // an html page of some proxy says nothing
}
