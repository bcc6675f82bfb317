// Freshdesk. Its webhooks carry no signature, no id and no time, and our own template sends little more than a ticket
// number: they only say "look". Every fact is read from its REST API.
import type { Connector } from '../../src/types.ts'
import { openHelpdesk } from './helpdesk.ts'
import { normalize } from './normalize.ts'

const connector: Connector = {
  name: 'freshdesk',
  settings: {
    FRESHDESK_URL: 'The address of the account, such as https://acme.freshdesk.com, never a custom domain.',
    FRESHDESK_API_KEY: 'The API key of the agent who writes the notes, best one that is called Deskloop (AI draft).',
    FRESHDESK_WEBHOOK_SECRET: 'What the automation rules send in the header X-Deskloop-Secret; several by commas.',
    FRESHDESK_CONTEXT_FIELDS: 'Custom ticket fields that say where a customer asked from, by their keys, such as plan=cf_plan,version=cf_version; known are page, error, plan, language, version, region.'
  },
  optional: ['FRESHDESK_CONTEXT_FIELDS'],
  // The rule editor knows custom headers, but no signature.
  // https://support.freshdesk.com/support/solutions/articles/132589
  signature: { kind: 'shared', header: 'x-deskloop-secret', secret: 'FRESHDESK_WEBHOOK_SECRET' },
  // Two different replies send identical bodies, so no two deliveries are the same one. A look may happen twice.
  identify: () => null,
  rate: { limit: 200, windowMs: 60_000 },           // Growth: https://developers.freshdesk.com/api/#ratelimit
  normalize,
  open: (settings, connection, pace, kept) => openHelpdesk(settings, connection, undefined, pace, kept)
}

export default connector
