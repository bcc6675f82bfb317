// Every setting that comes from the environment, with the sentence that explains it.
import type { Connector } from './types.ts'

export interface Setting { name: string, says: string, fallback: string, pattern?: RegExp, must?: string }

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
    name: 'HUBSPOT_ACCESS_TOKEN', says: 'the token of a private app of HubSpot; empty: companies behind tickets are not looked up',
    fallback: ''
  },
  {
    name: 'HUBSPOT_URL', says: 'the address of HubSpot’s interface', fallback: 'https://api.hubapi.com',
    pattern: /^(https:\/\/[^\s@]+|http:\/\/(localhost|127\.0\.0\.1)(:\d+)?)$/, must: 'be an https address without a password in it'
  },
  {
    name: 'HUBSPOT_IN_NOTES', says: 'on: notes tell what config/hubspot.json lets be shown of the company', fallback: 'off',
    pattern: /^(on|off)$/, must: 'be on or off'
  },
  {
    name: 'HUBSPOT_WRITE_RISK',
    says: 'on: the support risk of a company is written to HubSpot, as properties of our own group', fallback: 'off',
    pattern: /^(on|off)$/, must: 'be on or off'
  },
  {
    name: 'DESKLOOP_CONTEXT_KEYS',
    says: 'write keys of the product that tells what people do in it (POST /v1/context), separated by commas; empty: it is closed',
    fallback: '', pattern: /^([\w-]{16,100}(\s*,\s*[\w-]{16,100})*)?$/,
    must: 'be keys of 16 to 100 letters, digits, - and _, separated by commas'
  }
]

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
