// Every setting that comes from the environment, with the sentence that explains it.
import type { Connector } from './types.ts'

export interface Setting { name: string, says: string, fallback: string, pattern?: RegExp, must?: string }

export const settings: Setting[] = [
  {
    name: 'DATABASE_URL', says: 'PostgreSQL 15 or newer; empty: our own server under DESKLOOP_DATA', fallback: '',
    pattern: /^(postgres(ql)?:\/\/.+)?$/, must: 'begin with postgres://'
  },
  { name: 'DESKLOOP_DATA', says: 'folder of our own PostgreSQL server and of the master key', fallback: './data' },
  {
    name: 'DESKLOOP_MASTER_KEY',
    says: 'encrypts tokens and secrets in the database: 64 hexadecimal digits, older ones behind it by commas; empty: a key file under DESKLOOP_DATA, made when it is first needed',
    fallback: '', pattern: /^([0-9a-f]{64}(\s*,\s*[0-9a-f]{64})*)?$/i, must: 'be 64 hexadecimal digits, such as openssl rand -hex 32 gives'
  },
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
    name: 'DESKLOOP_CHECK_SECONDS',
    says: 'how often each connection is looked after: its webhook or rules mended, its credential checked and renewed',
    fallback: '600', pattern: /^[1-9]\d{0,4}$/, must: 'be a number of seconds'
  },
  {
    name: 'DESKLOOP_RATE',
    says: 'how much of a helpdesk\'s limit is used, by connection, such as {"zendesk":{"share":0.3,"limit":700}}: share is 0.5 and the limit is learned where nothing is said; off: no pace is kept',
    fallback: '', pattern: /^(off|\{.*\})?$/, must: 'be off or a JSON object'
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
  },
  { name: 'SLACK_BOT_TOKEN', says: 'bot token (xoxb-…) of your own Slack app; empty: nothing is told in Slack', fallback: '' },
  {
    name: 'SLACK_SIGNING_SECRET', says: 'signs what people press there (deliver to /hooks/slack); empty: buttons are not believed',
    fallback: ''
  },
  {
    name: 'SLACK_APP_TOKEN', says: 'app-level token (xapp-…, scope connections:write): presses come by a socket that we open; for desks that Slack cannot reach',
    fallback: '', pattern: /^(xapp-\S+)?$/, must: 'begin with xapp-'
  },
  { name: 'SLACK_CHANNEL', says: 'id of the channel for alerts, such as C0123456789', fallback: '' },
  {
    name: 'SLACK_URL', says: 'where Slack is reached', fallback: 'https://slack.com', pattern: /^https?:\/\/.+$/,
    must: 'be an http(s) address'
  },
  { name: 'LINEAR_API_KEY', says: 'API key of a Linear workspace; empty: no issues are filed', fallback: '' },
  {
    name: 'LINEAR_WEBHOOK_SECRET', says: 'of the webhook for issues to /hooks/linear, several by commas; empty: it is not read',
    fallback: ''
  },
  {
    name: 'LINEAR_URL', says: 'where Linear is reached', fallback: 'https://api.linear.app', pattern: /^https?:\/\/.+$/,
    must: 'be an http(s) address'
  },
  {
    name: 'DESKLOOP_CHAT_MODEL',
    says: 'language model that words the drafts, such as gpt-4.1-mini or a local one; empty: they stay as they were learned', fallback: ''
  },
  {
    name: 'DESKLOOP_EMBEDDING_MODEL',
    says: 'model that picks the sources nearest in meaning; empty, or a server without embeddings: by words alone', fallback: ''
  },
  {
    name: 'OPENAI_BASE_URL',
    says: "any OpenAI-compatible server, with /v1; empty: OpenAI's own. Plain http only to this machine or a private network",
    fallback: '', pattern: /^(https:\/\/\S+|http:\/\/(localhost|127\.\d+\.\d+\.\d+|\[::1\]|10\.\d+\.\d+\.\d+|192\.168\.\d+\.\d+|172\.(1[6-9]|2\d|3[01])\.\d+\.\d+|[a-z0-9-]+)(:\d+)?(\/\S*)?)?$/i,
    must: 'begin with https://, or with http:// for this machine or a private network'
  },
  { name: 'OPENAI_API_KEY', says: 'its key; local servers need none', fallback: '' },
  {
    name: 'DESKLOOP_MODEL_HEADERS', says: 'further headers for it, as JSON such as {"x-team":"support"}', fallback: '',
    pattern: /^(\{.*\})?$/, must: 'be a JSON object'
  },
  {
    name: 'DESKLOOP_LANGUAGE', says: 'language of what stands around a draft in a note: en, de, fr, es, it, pt or nl; the draft speaks the customer\'s',
    fallback: 'en', pattern: /^(en|de|fr|es|it|pt|nl)$/, must: 'be en, de, fr, es, it, pt or nl'
  },
  { name: 'DESKLOOP_TIME_ZONE', says: 'time zone of the times in notes, such as Europe/Berlin', fallback: 'UTC' },
  {
    name: 'DESKLOOP_LINK_KEY',
    says: 'signs the links in notes; empty: a key of our own, kept in the database. A new key ends all links',
    fallback: '', pattern: /^(.{32,})?$/, must: 'have at least 32 characters'
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
