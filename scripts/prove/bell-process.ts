// A process of the real service, web or worker, which the proof of the bell may kill. What it shortens stands in
// bell-terms.ts; apart from that it is the service as it is.
import { flushCompileCache } from 'node:module'
import { join } from 'node:path'
import { open as openZendesk } from '../../connectors/zendesk/helpdesk.ts'
import { readConfig } from '../../src/config.ts'
import { findConnectors } from '../../src/connectors.ts'
import { openLog } from '../../src/log.ts'
import { openService } from '../../src/main.ts'
import type { Connector } from '../../src/types.ts'
import { DEADLINE_MS, RESEND_MS, tempo } from './bell-terms.ts'

const root = join(import.meta.dirname, '../..')
const only = process.argv[2] === 'web' ? 'web' : 'worker'
const quick: Pick<Connector, 'resendAfterMs' | 'open'> = {
  resendAfterMs: RESEND_MS, open: (settings, connection) => openZendesk(settings, connection, DEADLINE_MS)
}
const connectors = (await findConnectors(join(root, 'connectors')))
  .map((connector): Connector => connector.name === 'zendesk' ? { ...connector, ...quick } : connector)
const config = readConfig(process.env, join(root, 'config'), connectors)
const { slack, linear } = config.alerts
const deadline = { deadlineMs: DEADLINE_MS }        // both clients take one
const alerts = {
  ...config.alerts,
  slack: slack === null ? null : { ...slack, ...deadline },
  linear: linear === null ? null : { ...linear, ...deadline }
}
await openService({ config: { ...config, alerts }, connectors, log: openLog('info'), root, only, tempo })
flushCompileCache()                                 // whoever is killed writes none: the next one starts faster
process.stdout.write('the process is open\n')
