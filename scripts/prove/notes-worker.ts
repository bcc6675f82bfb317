// A worker of the real service, as a process that the proof of the notes may kill. What it shortens it is told by the
// proof; `blind` is the mistake that the proof must notice: nothing is looked for before it is sent again.
import { randomBytes } from 'node:crypto'
import { join } from 'node:path'
import { open as openZendesk } from '../../connectors/zendesk/helpdesk.ts'
import { openHelpdesk as openFreshdesk } from '../../connectors/freshdesk/helpdesk.ts'
import { openHelpdesk as openIntercom } from '../../connectors/intercom/helpdesk.ts'
import { readConfig } from '../../src/config.ts'
import { findConnectors } from '../../src/connectors.ts'
import { openLog } from '../../src/log.ts'
import { openService } from '../../src/main.ts'
import type { Connector, Helpdesk, Note, Settings } from '../../src/types.ts'
import { tempoOf } from './notes-terms.ts'
import type { Terms } from './notes-terms.ts'

const OPEN: Readonly<Record<string, (settings: Settings, connection: string, deadlineMs: number) => Helpdesk>> = {
  zendesk: openZendesk, freshdesk: openFreshdesk, intercom: openIntercom
}

const root = join(import.meta.dirname, '../..')
const terms: Terms = JSON.parse(process.argv[2] ?? '{}')
const found = await findConnectors(join(root, 'connectors'))
const connectors = found.map((connector): Connector => ({
  ...connector,
  resendAfterMs: terms.resendAfterMs,
  open (settings, connection) {
    const openWith = OPEN[connector.name]
    if (openWith === undefined) return connector.open(settings, connection)
    const helpdesk = openWith(settings, connection, terms.deadlineMs)
    return terms.blind ? blindfold(helpdesk) : helpdesk
  }
}))
const config = readConfig(process.env, join(root, 'config'), connectors)
await openService({ config, connectors, log: openLog('info'), root, only: 'worker', tempo: tempoOf(terms) })
process.stdout.write('the worker is open\n')

// It never finds anything, and each sending carries another key, so that the connector's own look finds nothing either.
function blindfold (helpdesk: Helpdesk): Helpdesk {
  return {
    ...helpdesk,
    findNote: async () => null,
    listNotes: async () => [],
    async postNote (ticketId, note, beforeWrite) {
      const key = `dl-${[...randomBytes(13)].map(byte => 'abcdefghijklmnopqrstuvwxyz234567'[byte % 32]).join('')}`
      const parts = note.parts.map((part): Note['parts'][number] => part.kind === 'footer' ? { ...part, key } : part)
      return await helpdesk.postNote(ticketId, { ...note, key, parts }, beforeWrite)
    }
  }
}
