// The files of config/: connections, outlets and the learner's rules. Each is checked against its schema, and every fault
// is told with the name of its file.
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { Ajv } from 'ajv'
import type { AlertsConfig, ConnectionConfig, ModelConfig, RateConfig, Rules } from './config.ts'
import type { Connector, EscalationRule } from './types.ts'
import type { CrmView, NatsTarget, Outlet } from './outside.ts'

// One connection per helpdesk whose settings are there; config/connections.json names more. A value that begins with $
// is read from the environment, so that no secret stands in the file.
export function readConnections (
  env: Readonly<Record<string, string | undefined>>, folder: string, connectors: Connector[], faults: string[]
): ConnectionConfig[] {
  const found: ConnectionConfig[] = []
  for (const c of connectors) {
    const given = Object.fromEntries(Object.keys(c.settings).flatMap(n => env[n] ? [[n, env[n] ?? '']] : []))
    if (Object.keys(given).length === 0) continue
    const missing = Object.keys(c.settings).filter(n => !c.optional.includes(n) && given[n] === undefined)
    if (missing.length > 0) {
      faults.push(
      `${c.name} is half set up: ${missing.map(n => `${n} (${c.settings[n]})`).join(', ')}`
      )
    } else found.push({ name: c.name, connector: c.name, settings: given })
  }
  const file = join(folder, 'connections.json')
  if (!existsSync(file)) return found
  const more = readJson(file, faults)
  if (!checkConnections(more)) {
    faults.push(`${file}: ${new Ajv().errorsText(checkConnections.errors)}`)
    return found
  }
  for (const { name, connector: type, settings: raw } of more) {
    const connector = connectors.find(c => c.name === type)
    if (connector === undefined) {
      faults.push(
      `${file}: ${name} wants the connector ${type}; there is ${connectors.map(c => c.name).join(', ')}`
      ); continue
    }
    const resolved = Object.fromEntries(
      Object.entries(raw).map(([k, v]) => [k, v.startsWith('$') ? env[v.slice(1)] ?? '' : v])
    )
    const missing = Object.keys(connector.settings).filter(n => !connector.optional.includes(n) && !resolved[n])
    if (missing.length > 0) faults.push(`${file}: ${name} lacks ${missing.join(', ')}`)
    if (found.some(c => c.name === name)) faults.push(`${file}: there are two connections called ${name}`)
    found.push({ name, connector: type, settings: resolved })
  }
  return found
}

const checkConnections = new Ajv().compile<Array<{
  name: string, connector: string, settings: Record<string, string>
}>>({
  type: 'array',
  items: {
    type: 'object',
    required: ['name', 'connector', 'settings'],
    additionalProperties: false,
    properties: {
      name: { type: 'string', pattern: '^[a-z][a-z0-9-]{0,40}$' },
      connector: { type: 'string' },
      settings: { type: 'object', additionalProperties: { type: 'string' } }
    }
  }
})

// A secret of Standard Webhooks: 24 to 64 bytes in base64. https://github.com/standard-webhooks/standard-webhooks
const OUTLET_SECRET = /^whsec_(?=.{32,88}$)[A-Za-z0-9+/]+={0,2}$/

interface OutletEntry {
  name: string, url: string, secrets?: string[], kinds?: Outlet['kinds'], from?: Outlet['from']
  stream?: string, subject?: string, keepDays?: number, token?: string, credentials?: string
}

/** Where an entry is for NATS: what else it says. A token that is named and not set is a fault. */
function readNats (env: Readonly<Record<string, string | undefined>>, entry: OutletEntry): NatsTarget | string | null {
  const { stream, subject, keepDays = 30, token, credentials } = entry
  if (stream === undefined || subject === undefined) return null
  const read = (value: string): string => value.startsWith('$') ? env[value.slice(1)] ?? '' : value
  for (const value of [token, credentials]) if (value !== undefined && read(value) === '') return `${entry.name} wants ${value}, and it is not set`
  return {
    stream, subject, keepDays, ...(token === undefined ? {} : { token: read(token) }),
    ...(credentials === undefined ? {} : { credentials: read(credentials) })
  }
}

export function readOutlets (
  env: Readonly<Record<string, string | undefined>>, folder: string, faults: string[]
): Outlet[] {
  const file = join(folder, 'outlets.json')
  if (!existsSync(file)) return []
  const given = readJson(file, faults)
  const schema = readJson(join(folder, 'outlets.schema.json'), faults)
  const ajv = new Ajv({ allErrors: true })
  const check = ajv.compile<OutletEntry[]>(typeof schema === 'object' && schema !== null ? schema : {})
  if (!check(given)) {
    for (const e of check.errors ?? []) faults.push(`${file}: ${e.instancePath.slice(1) || 'the file'} ${e.message ?? 'is wrong'}`)
    return []
  }
  const found: Outlet[] = []
  for (const entry of given) {
    const { name, url, secrets: raw = [], kinds = null, from = 'now' } = entry
    if (found.some(o => o.name === name)) faults.push(`${file}: there are two outlets called ${name}`)
    const nats = readNats(env, entry)
    if (typeof nats === 'string') faults.push(`${file}: ${nats}`)
    else if (nats !== null) found.push({ name, url, secrets: [], kinds, from, nats })
    if (nats !== null) continue
    const secrets = raw.map(v => v.startsWith('$') ? env[v.slice(1)] ?? '' : v).filter(v => v !== '')
    if (secrets.length === 0) faults.push(`${file}: ${name} has no secret: set ${raw.map(v => v.startsWith('$') ? v.slice(1) : 'one').join(' or ')}`)
    if (!secrets.every(v => OUTLET_SECRET.test(v))) faults.push(`${file}: each secret of ${name} must be whsec_ and 24 to 64 bytes in base64`)
    found.push({ name, url, secrets, kinds, from })
  }
  return found
}

export function readModel (value: (name: string) => string, folder: string, faults: string[]): ModelConfig | null {
  const headers = parseObject('DESKLOOP_MODEL_HEADERS', value('DESKLOOP_MODEL_HEADERS') || '{}', faults)
  const place = {
    url: value('OPENAI_BASE_URL').replace(/\/+$/, ''),
    key: value('OPENAI_API_KEY'),
    chatModel: value('DESKLOOP_CHAT_MODEL'),
    embeddingModel: value('DESKLOOP_EMBEDDING_MODEL'),
    headers: Object.fromEntries(Object.entries(headers).map(([name, text]) => [name, String(text)]))
  }
  if (place.chatModel === '') return null
  const file = join(folder, 'model.json')
  const given = readJson(file, faults)
  const schema = readJson(join(folder, 'model.schema.json'), faults)
  const ajv = new Ajv({ allErrors: true })
  const check = ajv.compile<Omit<ModelConfig, keyof typeof place>>(typeof schema === 'object' && schema !== null ? schema : {})
  if (check(given)) return { ...place, ...given }
  for (const e of check.errors ?? []) faults.push(`${file}: ${e.instancePath.slice(1) || 'the file'} ${e.message ?? 'is wrong'}`)
  return null
}

function listOf (text: string): string[] {
  return text.split(',').map(part => part.trim()).filter(part => part !== '').slice(0, 5)
}

const USUAL_ALERTS: Omit<AlertsConfig, 'slack' | 'linear'> = {
  falseAlarmsPerWeek: 1, timezone: 'UTC', verifyHours: 72, channel: '', channels: {}, linearTeam: '', linearPriority: 2
}

export function readAlerts (value: (name: string) => string, folder: string, faults: string[]): AlertsConfig {
  const given = readChecked(folder, 'alerts', USUAL_ALERTS, faults)
  const token = value('SLACK_BOT_TOKEN')
  const appToken = value('SLACK_APP_TOKEN')
  try {
    Intl.DateTimeFormat('en', { timeZone: given.timezone })
  } catch {
    faults.push(`${join(folder, 'alerts.json')}: timezone must be a name such as Europe/Berlin, and is ${given.timezone}`)
  }
  const apiKey = value('LINEAR_API_KEY')
  return {
    ...given,
    channel: value('SLACK_CHANNEL') || given.channel,
    slack: token === '' ? null : { url: value('SLACK_URL').replace(/\/+$/, ''), token, secret: value('SLACK_SIGNING_SECRET'), ...(appToken === '' ? {} : { appToken }) },
    linear: apiKey === '' ? null : { url: value('LINEAR_URL').replace(/\/+$/, ''), apiKey, secrets: listOf(value('LINEAR_WEBHOOK_SECRET')) }
  }
}

export function readRules (folder: string, different: string, faults: string[]): Rules {
  const file = join(folder, 'learning.json')
  const schema = readJson(join(folder, 'learning.schema.json'), faults)
  const rules = readJson(file, faults)
  const ajv = new Ajv({ allErrors: true })
  const check = ajv.compile<Rules>(typeof schema === 'object' && schema !== null ? schema : {})
  if (
    different !== '' && typeof rules === 'object' && rules !== null
  ) Object.assign(rules, parseObject('DESKLOOP_RULES', different, faults))
  if (check(rules)) return rules                    // faults that were found before are told by the caller
  for (const e of check.errors ?? []) {
    faults.push(
    `${file}: ${e.instancePath.slice(1) || 'the file'} ${e.message ?? 'is wrong'}`
    )
  }
  throw new Error(`the settings have ${faults.length} fault(s):\n- ${faults.join('\n- ')}`)
}

/** A file of config/ that may be missing, checked against its schema; `fallback` where it is missing or wrong. */
function readChecked<T> (folder: string, name: string, fallback: T, faults: string[]): T {
  const file = join(folder, `${name}.json`)
  if (!existsSync(file)) return fallback
  const given = readJson(file, faults)
  const schema = readJson(join(folder, `${name}.schema.json`), faults)
  const check = new Ajv({ allErrors: true }).compile<T>(typeof schema === 'object' && schema !== null ? schema : {})
  if (check(given)) return given
  for (const e of check.errors ?? []) faults.push(`${file}: ${e.instancePath.slice(1) || 'the file'} ${e.message ?? 'is wrong'}`)
  return fallback
}

export function readEscalationRules (folder: string, faults: string[]): EscalationRule[] {
  const { rules } = readChecked<{ rules: EscalationRule[] }>(folder, 'escalation', { rules: [] }, faults)
  const twice = rules.find((rule, i) => rules.findIndex(other => other.id === rule.id) < i)
  if (twice !== undefined) faults.push(`${join(folder, 'escalation.json')}: there are two rules called ${twice.id}`)
  return rules
}

const NO_VIEW: CrmView = {
  properties: {}, show: [], atRisk: { healthBelow: 0, riskFrom: 100, renewalWithinDays: 0 }, cancellation: {}
}

export function readCrmView (folder: string, faults: string[]): CrmView {
  return readChecked(folder, 'hubspot', NO_VIEW, faults)
}

function parseObject (name: string, text: string, faults: string[]): object {
  try {
    const parsed: unknown = JSON.parse(text)
    if (typeof parsed === 'object' && parsed !== null) return parsed
  } catch { /* said below */ }
  faults.push(`${name} is no JSON object`)
  return {}
}

const checkRates = new Ajv({ allErrors: true }).compile<Record<string, RateConfig>>({
  type: 'object',
  additionalProperties: {
    type: 'object',
    additionalProperties: false,
    properties: {
      share: { type: 'number', exclusiveMinimum: 0, maximum: 1 },
      limit: { type: 'integer', minimum: 1, maximum: 1_000_000 }
    }
  }
})

/** What differs from the usual pace, by connection; null when none is kept at all. */
export function readRates (text: string, faults: string[]): Record<string, RateConfig> | null {
  if (text === 'off') return null
  try {
    const parsed: unknown = JSON.parse(text || '{}')
    if (checkRates(parsed)) return parsed
    for (const e of checkRates.errors ?? []) faults.push(`DESKLOOP_RATE: ${e.instancePath.slice(1) || 'it'} ${e.message ?? 'is wrong'}`)
  } catch {
    faults.push('DESKLOOP_RATE is no JSON object')
  }
  return {}
}

function readJson (file: string, faults: string[]): unknown {
  try {
    return JSON.parse(readFileSync(file, 'utf8'))
  } catch (error) {
    faults.push(`${file} cannot be read: ${error instanceof Error ? error.message : String(error)}`)
    return null
  }
}
