// A fourth helpdesk, made up for a test: what its connector is. The test copies this folder into connectors/ of a copy of
// the project, and nothing else. The vendor has one endpoint per thing and calls every happening of a ticket an entry.
import type { Connector } from '../../../src/types.ts'
import { openHelpdesk } from './client.ts'
import { normalize } from './normalize.ts'

const connector: Connector = {
  name: 'quayside',
  settings: {
    QUAYSIDE_URL: 'The address of the account.',
    QUAYSIDE_TOKEN: 'The token of the user who writes the notes.',
    QUAYSIDE_WEBHOOK_SECRET: 'What webhooks are signed with; several are separated by commas.',
    QUAYSIDE_DEADLINE_MS: 'How long an answer may take; 15000 when it is not set.'
  },
  optional: ['QUAYSIDE_DEADLINE_MS'],
  signature: {
    kind: 'hmac', header: 'x-quayside-signature', secret: 'QUAYSIDE_WEBHOOK_SECRET', hash: 'sha256', encoding: 'hex', prefix: 'v1='
  },
  identify: body => typeof body === 'object' && body !== null && 'delivery' in body && typeof body.delivery === 'string'
    ? body.delivery
    : null,
  normalize,
  open: openHelpdesk
}

export default connector
