// Intercom: conversations are tickets, conversation parts are their messages, and a note is a part nobody else sees.
import type { Connector } from '../../src/types.ts'
import { openHelpdesk } from './helpdesk.ts'
import { identify, normalize } from './normalize.ts'

const connector: Connector = {
  name: 'intercom',
  settings: {
    INTERCOM_URL: 'The address of the REST interface: https://api.intercom.io, or the one of your region.',
    INTERCOM_ACCESS_TOKEN: 'The access token of the app, from the Developer Hub under Authentication.',
    INTERCOM_CLIENT_SECRET: 'The client secret of the app, which signs webhooks; several are separated by commas.',
    INTERCOM_ADMIN_ID: 'The id of the teammate who writes the notes; the owner of the token when it is not set.',
    INTERCOM_CONTEXT_FIELDS: 'Conversation attributes that say where a customer asked from, by their names, such as plan=Plan,version=App version; known are page, error, plan, language, version, region.'
  },
  optional: ['INTERCOM_URL', 'INTERCOM_ADMIN_ID', 'INTERCOM_CONTEXT_FIELDS'],
  // https://developers.intercom.com/docs/webhooks/setting-up-webhooks
  signature: {
    kind: 'hmac',
    header: 'x-hub-signature',
    secret: 'INTERCOM_CLIENT_SECRET',
    hash: 'sha1',
    encoding: 'hex',
    prefix: 'sha1='
  },
  // https://developers.intercom.com/docs/references/rest-api/errors/rate-limiting
  rate: { limit: 1666, windowMs: 10_000 },
  identify,
  normalize,
  open: (settings, connection, pace) => openHelpdesk(settings, connection, undefined, pace)
}

export default connector
