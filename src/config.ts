// Everything that can be set: secrets and addresses from the environment, tuning from config/*.json. Read once, checked
// once, all faults told at once, frozen. `process.env` occurs nowhere else.
import { readConnections, readOutlets, readRules } from './config-files.ts'
import { settings } from './settings.ts'
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
  agentShare: number
  quorumAgents: number
  quorumDays: number
  coolDownDays: number
  reviewTopics: string[]
  reviewImpact: number
  halfLifeDays: number
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

function deepFreeze<T> (value: T): T {
  if (typeof value === 'object' && value !== null) {
    for (
      const inner of Object.values(Object.freeze(value))
    ) deepFreeze(inner)
  }
  return value
}
