// Zendesk: what it is called, what it needs, how its webhooks are signed and read, and how to speak to it.

import type { Connector } from '../../src/types.ts'
import { open } from './helpdesk.ts'
import { identify, normalize } from './normalize.ts'

const connector: Connector = {
  name: 'zendesk',
  settings: {
    ZENDESK_URL: 'The address of the account, such as https://acme.zendesk.com.',
    ZENDESK_OAUTH_CLIENT_ID: 'The unique identifier of a confidential OAuth client that the integration user owns: the best way to sign in, Deskloop gets and renews its tokens.',
    ZENDESK_OAUTH_CLIENT_SECRET: 'The secret of that OAuth client.',
    ZENDESK_OAUTH_REFRESH_TOKEN: 'A refresh token that was granted to that client for another user than its owner; Deskloop renews it from then on.',
    ZENDESK_OAUTH_TOKEN: 'An OAuth access token that nobody renews; needed unless a client or an API token is given.',
    ZENDESK_EMAIL: 'The e-mail address of the integration user; belongs to ZENDESK_API_TOKEN.',
    ZENDESK_API_TOKEN: 'An API token, the older way to sign in, which Zendesk ends on 30 April 2027.',
    ZENDESK_WEBHOOK_SECRET: 'The signing secret of the webhook, several by commas; after `deskloop connect` Zendesk itself is asked for it.',
    ZENDESK_CONTEXT_FIELDS: 'Ticket fields that say where a customer asked from, by their ids, such as plan=360001,version=360002; known are page, error, plan, language, version, region.'
  },
  optional: [
    'ZENDESK_OAUTH_CLIENT_ID', 'ZENDESK_OAUTH_CLIENT_SECRET', 'ZENDESK_OAUTH_REFRESH_TOKEN', 'ZENDESK_OAUTH_TOKEN', 'ZENDESK_EMAIL', 'ZENDESK_API_TOKEN', 'ZENDESK_WEBHOOK_SECRET',
    'ZENDESK_CONTEXT_FIELDS'
  ],
  // https://developer.zendesk.com/documentation/webhooks/verifying/
  signature: {
    kind: 'hmac',
    header: 'x-zendesk-webhook-signature',
    secret: 'ZENDESK_WEBHOOK_SECRET',
    hash: 'sha256',
    encoding: 'base64',
    timestamp: 'x-zendesk-webhook-signature-timestamp'
  },
  // A write depends on the ticket's stamp, so a late one fails once another was applied; stamps are whole seconds.
  resendAfterMs: 5_000,
  rate: { limit: 200, windowMs: 60_000 },           // Support Team: https://developer.zendesk.com/api-reference/introduction/rate-limits/
  identify,
  normalize,
  open: (settings, connection, pace, kept) => open(settings, connection, undefined, pace, kept)
}

export default connector
