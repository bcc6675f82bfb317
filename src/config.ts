// Everything that can be set: secrets and addresses from the environment, tuning from config/*.json. Read once, checked
// once, all faults told at once, frozen. `process.env` occurs nowhere else.
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { Ajv } from 'ajv'
import type { Connector, Outlet, Settings } from './types.ts'

export interface ConnectionConfig { name: string, connector: string, settings: Settings }

export interface Rules {
  quietSeconds: number
  quietCapSeconds: number
  seenSeconds: number
  risk: number
  doubt: number
  leastScore: number
  highScore: number
  gateWindow: number
  neighbours: number
  candidates: number
  durableHours: number
  reopenDays: number
  notesPerTicketAndHour: number
}

export interface Config {
  databaseUrl: string | null
  dataFolder: string
  host: string
  port: number
  publicUrl: string
  adminToken: string | null
  mode: 'observe' | 'draft'
  clock: 'wall' | 'replay'
  logLevel: string
  catchUpMinutes: number
  connections: ConnectionConfig[]
  outlets: Outlet[]
  contextKeys: string[]
  rules: Rules
}

interface Setting { name: string, says: string, fallback: string, pattern?: RegExp, must?: string }

export const settings: Setting[] = [
  {
    name: 'DATABASE_URL', says: 'PostgreSQL 15 or newer; empty: our own server under DESKLOOP_DATA', fallback: '',
    pattern: /^(postgres(ql)?:\/\/.+)?$/, must: 'begin with postgres://'
  },
  { name: 'DESKLOOP_DATA', says: 'folder of our own PostgreSQL server', fallback: './data' },
  {
    name: 'DESKLOOP_HOST', says: 'address to listen on; anything but 127.0.0.1 needs DESKLOOP_ADMIN_TOKEN',
    fallback: '127.0.0.1'
  },
  {
    name: 'DESKLOOP_PORT', says: 'port to listen on; 0 takes a free one', fallback: '8080', pattern: /^\d{1,5}$/,
    must: 'be a port number'
  },
  {
    name: 'DESKLOOP_URL',
    says: 'where agents and helpdesks reach Deskloop from outside, such as https://deskloop.example.com',
    fallback: '', pattern: /^(https?:\/\/.+)?$/, must: 'be an http(s) address'
  },
  {
    name: 'DESKLOOP_ADMIN_TOKEN',
    says: 'opens the dashboard and the API (as bearer token, or as password with any user name)', fallback: '',
    pattern: /^(.{16,})?$/, must: 'have at least 16 characters'
  },
  {
    name: 'DESKLOOP_MODE',
    says: 'observe: drafts are scored and shown here, nothing is written; draft: drafts are written as internal notes',
    fallback: 'observe', pattern: /^(observe|draft)$/, must: 'be observe or draft'
  },
  {
    name: 'DESKLOOP_CLOCK',
    says: 'wall: the present is now; replay: the present is told by whoever replays an archive (POST /v1/clock)',
    fallback: 'wall', pattern: /^(wall|replay)$/, must: 'be wall or replay'
  },
  {
    name: 'DESKLOOP_LOG', says: 'least level that is logged: debug, info, warn, error or silent', fallback: 'info',
    pattern: /^(debug|info|warn|error|silent)$/, must: 'be debug, info, warn, error or silent'
  },
  {
    name: 'DESKLOOP_RULES', says: 'what differs from config/learning.json, as JSON such as {"risk":0.2}',
    fallback: '', pattern: /^(\{.*\})?$/, must: 'be a JSON object'
  },
  {
    name: 'DESKLOOP_CATCH_UP_MINUTES', says: 'how often each helpdesk is asked what has changed; 0: only when told',
    fallback: '5', pattern: /^\d{1,4}$/, must: 'be a number of minutes'
  },
  {
    name: 'DESKLOOP_CONTEXT_KEYS',
    says: 'write keys of the product that tells what people do in it (POST /v1/context), separated by commas; empty: it is closed',
    fallback: '', pattern: /^([\w-]{16,100}(\s*,\s*[\w-]{16,100})*)?$/,
    must: 'be keys of 16 to 100 letters, digits, - and _, separated by commas'
  }
]

/** Reads and checks everything. Throws one error that names every fault. */
export function readConfig (
  env: Readonly<Record<string, string | undefined>>, folder: string, connectors: Connector[]
): Config {
  const faults: string[] = []
  const value = (name: string): string => {
    const setting = settings.find(s => s.name === name)
    if (setting === undefined) throw new Error(`no setting is called ${name}`)
    const given = env[name]?.trim() || setting.fallback
    if (
      setting.pattern !== undefined && !setting.pattern.test(given)
    ) faults.push(`${name} must ${setting.must} (${setting.says})`)
    return given
  }
  const config: Config = {
    databaseUrl: value('DATABASE_URL') || null,
    dataFolder: value('DESKLOOP_DATA'),
    host: value('DESKLOOP_HOST'),
    port: Number(value('DESKLOOP_PORT')),
    publicUrl: value('DESKLOOP_URL').replace(/\/+$/, ''),
    adminToken: value('DESKLOOP_ADMIN_TOKEN') || null,
    mode: value('DESKLOOP_MODE') === 'draft' ? 'draft' : 'observe',
    clock: value('DESKLOOP_CLOCK') === 'replay' ? 'replay' : 'wall',
    logLevel: value('DESKLOOP_LOG'),
    catchUpMinutes: Number(value('DESKLOOP_CATCH_UP_MINUTES')),
    connections: readConnections(env, folder, connectors, faults),
    outlets: readOutlets(env, folder, faults),
    contextKeys: value('DESKLOOP_CONTEXT_KEYS').split(',').map(key => key.trim()).filter(key => key !== ''),
    rules: readRules(folder, value('DESKLOOP_RULES'), faults)
  }
  if (config.adminToken === null && !['127.0.0.1', '::1', 'localhost'].includes(config.host)) {
    faults.push(
      'DESKLOOP_ADMIN_TOKEN must be set before DESKLOOP_HOST may be anything but 127.0.0.1: the dashboard would be open'
    )
  }
  if (faults.length > 0) throw new Error(`the settings have ${faults.length} fault(s):\n- ${faults.join('\n- ')}`)
  return deepFreeze(config)
}

/** The text of .env.example: every setting with its sentence. */
export function envExample (connectors: Connector[]): string {
  const lines = ['# Every setting of Deskloop. Copy to .env, or set them in your environment. All are optional.', '']
  for (const s of settings) lines.push(`# ${s.says}`, `${s.name}=${s.fallback}`, '')
  for (const c of connectors) {
    lines.push(`# --- ${c.name}: connected as soon as these are set ---`, '')
    for (const [name, says] of Object.entries(c.settings)) {
      lines.push(`# ${says}${c.optional.includes(name) ? ' (optional)' : ''}`, `${name}=`, '')
    }
  }
  return lines.join('\n')
}

// One connection per helpdesk whose settings are there; config/connections.json names more. A value that begins with $
// is read from the environment, so that no secret stands in the file.
function readConnections (
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

interface OutletEntry { name: string, url: string, secrets: string[], kinds?: Outlet['kinds'], from?: Outlet['from'] }

function readOutlets (env: Readonly<Record<string, string | undefined>>, folder: string, faults: string[]): Outlet[] {
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
  for (const { name, url, secrets: raw, kinds = null, from = 'now' } of given) {
    const secrets = raw.map(v => v.startsWith('$') ? env[v.slice(1)] ?? '' : v).filter(v => v !== '')
    if (secrets.length === 0) faults.push(`${file}: ${name} has no secret: set ${raw.map(v => v.startsWith('$') ? v.slice(1) : 'one').join(' or ')}`)
    if (!secrets.every(v => OUTLET_SECRET.test(v))) faults.push(`${file}: each secret of ${name} must be whsec_ and 24 to 64 bytes in base64`)
    if (found.some(o => o.name === name)) faults.push(`${file}: there are two outlets called ${name}`)
    found.push({ name, url, secrets, kinds, from })
  }
  return found
}

function readRules (folder: string, different: string, faults: string[]): Rules {
  const file = join(folder, 'learning.json')
  const schema = readJson(join(folder, 'learning.schema.json'), faults)
  const rules = readJson(file, faults)
  const ajv = new Ajv({ allErrors: true })
  const check = ajv.compile<Rules>(typeof schema === 'object' && schema !== null ? schema : {})
  if (
    different !== '' && typeof rules === 'object' && rules !== null
  ) Object.assign(rules, parseRules(different, faults))
  if (check(rules)) return rules                    // faults that were found before are told by the caller
  for (const e of check.errors ?? []) {
    faults.push(
    `${file}: ${e.instancePath.slice(1) || 'the file'} ${e.message ?? 'is wrong'}`
    )
  }
  throw new Error(`the settings have ${faults.length} fault(s):\n- ${faults.join('\n- ')}`)
}

function parseRules (text: string, faults: string[]): object {
  try {
    const parsed: unknown = JSON.parse(text)
    if (typeof parsed === 'object' && parsed !== null) return parsed
  } catch { /* said below */ }
  faults.push('DESKLOOP_RULES is no JSON object')
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

function deepFreeze<T> (value: T): T {
  if (typeof value === 'object' && value !== null) {
    for (
      const inner of Object.values(Object.freeze(value))
    ) deepFreeze(inner)
  }
  return value
}
