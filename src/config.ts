// Everything that can be set: secrets and addresses from the environment, tuning from config/*.json. Read once, checked
// once, all faults told at once, frozen. `process.env` occurs nowhere else.
import {
  readAlerts, readConnections, readCrmView, readEscalationRules, readModel, readOutlets, readRates, readRules
} from './config-files.ts'
import { readScopes } from './config-scopes.ts'
import { settings } from './settings.ts'
import type { Connector, EscalationRule, Scope, Settings } from './types.ts'
import type { CrmView, Outlet } from './outside.ts'

export interface ConnectionConfig { name: string, connector: string, settings: Settings }

/** How much of the helpdesk's limit a connection uses, and the limit where its headers do not tell the truth. */
export interface RateConfig { share?: number, limit?: number }

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
  holdout: number
  neverHeldOut: string[]
  leastAgents: number
  leastCustomers: number
  topics?: { tags: string[], sure: number }
}

/** How the language model is spoken to. Null: there is none. */
export interface ModelConfig {
  url: string
  key: string
  chatModel: string
  embeddingModel: string
  headers: Record<string, string>
  hourlyTokens: number
  timeoutSeconds: number
  maxReplyTokens: number
  tokenField: 'max_tokens' | 'max_completion_tokens'
  structured: 'json_schema' | 'json_object' | 'none'
  pricePerMillionIn: number
  pricePerMillionOut: number
  currency: string
}

/** What is told outside, where, and how often it may be wrong. */
export interface AlertsConfig {
  falseAlarmsPerWeek: number
  timezone: string
  verifyHours: number
  channel: string
  channels: Partial<Record<string, string>>
  revenueWords?: string[]
  quiet?: { from: string, to: string } | null
  loudFrom?: number
  dailyCap?: number
  digests?: string[]
  linearTeam: string
  linearPriority: number
  /** What an issue must have; absent: whatever is asked for is filed. */
  filing?: { leastTickets: number, leastCustomers: number, perDay: number, automatic: string[] }
  urgentFrom?: number                               // customers from which an issue that a person approved is urgent
  safetyRules?: string[]                            // escalation rules that make it urgent, such as data-loss
  internalChannels?: string[]                       // Slack channels in which revenue and renewals may be told
  linearCustomers?: boolean                         // companies behind tickets become customer requests in Linear
  slack: { url: string, token: string, secret: string, appToken?: string } | null
  linear: { url: string, apiKey: string, secrets: string[] } | null
}

export interface HubspotConfig { url: string, token: string, inNotes: boolean, writesRisk: boolean, view: CrmView }

export interface Config {
  databaseUrl: string | null
  dataFolder: string
  masterKeys: string[]                              // newest first; empty: the key file
  host: string
  port: number
  publicUrl: string
  adminToken: string | null
  mode: 'observe' | 'draft'
  clock: 'wall' | 'replay'
  logLevel: string
  catchUpMinutes: number
  checkSeconds: number
  rates: Record<string, RateConfig> | null          // null: no pace is kept
  connections: ConnectionConfig[]
  outlets: Outlet[]
  contextKeys: string[]
  model: ModelConfig | null
  alerts: AlertsConfig
  scopes: Record<string, Scope>
  language: string
  timeZone: string
  linkKey: string | null
  escalation: EscalationRule[]
  hubspot: HubspotConfig | null
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
    masterKeys: value('DESKLOOP_MASTER_KEY').split(',').map(key => key.trim()).filter(key => key !== ''),
    host: value('DESKLOOP_HOST'),
    port: Number(value('DESKLOOP_PORT')),
    publicUrl: value('DESKLOOP_URL').replace(/\/+$/, ''),
    adminToken: value('DESKLOOP_ADMIN_TOKEN') || null,
    mode: value('DESKLOOP_MODE') === 'draft' ? 'draft' : 'observe',
    clock: value('DESKLOOP_CLOCK') === 'replay' ? 'replay' : 'wall',
    logLevel: value('DESKLOOP_LOG'),
    catchUpMinutes: Number(value('DESKLOOP_CATCH_UP_MINUTES')),
    checkSeconds: Number(value('DESKLOOP_CHECK_SECONDS')),
    connections: readConnections(env, folder, connectors, faults),
    rates: readRates(value('DESKLOOP_RATE'), faults),
    outlets: readOutlets(env, folder, faults),
    contextKeys: value('DESKLOOP_CONTEXT_KEYS').split(',').map(key => key.trim()).filter(key => key !== ''),
    model: readModel(value, folder, faults),
    alerts: readAlerts(value, folder, faults),
    scopes: readScopes(folder, faults),
    language: value('DESKLOOP_LANGUAGE'),
    timeZone: readTimeZone(value('DESKLOOP_TIME_ZONE'), faults),
    linkKey: value('DESKLOOP_LINK_KEY') || null,
    escalation: readEscalationRules(folder, faults),
    hubspot: value('HUBSPOT_ACCESS_TOKEN') === ''
      ? null
      : {
          url: value('HUBSPOT_URL').replace(/\/+$/, ''), token: value('HUBSPOT_ACCESS_TOKEN'),
          inNotes: value('HUBSPOT_IN_NOTES') === 'on', writesRisk: value('HUBSPOT_WRITE_RISK') === 'on', view: readCrmView(folder, faults)
        },
    rules: readRules(folder, value('DESKLOOP_RULES'), faults)
  }
  const unknown = Object.keys(config.scopes).filter(name => !config.connections.some(c => c.name === name))
  if (unknown.length > 0) faults.push(`config/scopes.json names connections that are not there: ${unknown.join(', ')}`)
  if (config.adminToken === null && !['127.0.0.1', '::1', 'localhost'].includes(config.host)) {
    faults.push(
      'DESKLOOP_ADMIN_TOKEN must be set before DESKLOOP_HOST may be anything but 127.0.0.1: the dashboard would be open'
    )
  }
  if (faults.length > 0) throw new Error(`the settings have ${faults.length} fault(s):\n- ${faults.join('\n- ')}`)
  return deepFreeze(config)
}

function readTimeZone (name: string, faults: string[]): string {
  try {
    return new Intl.DateTimeFormat('en', { timeZone: name }).resolvedOptions().timeZone
  } catch {
    faults.push(`DESKLOOP_TIME_ZONE must be a name of the IANA time zone database, such as Europe/Berlin, and is ${name}`)
    return 'UTC'
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
