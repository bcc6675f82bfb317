// Intercom's connector against the pretend Intercom, in both forms in which apps receive its webhooks.
import connector from '../../connectors/intercom/index.ts'
import { openHelpdesk } from '../../connectors/intercom/helpdesk.ts'
import { openIntercom } from '../sandbox/intercom.ts'
import { describeHelpdesk } from './helpdesk.ts'
import { after } from './opened.ts'

for (const payloadVersion of ['2.14', '2.16'] as const) {
  describeHelpdesk(`intercom ${payloadVersion}`, {
    async open () {
      const desk = await openIntercom({ payloadVersion })
      desk.addArticle({ at: after(0), title: 'Opening hours', text: 'The shed opens at seven.' })
      desk.addArticle({ at: after(0), title: 'Keys', text: 'Where the keys hang.', draft: true })
      desk.addMacro({ at: after(0), name: 'Hello', html: '<p>Hello from the shed</p>' })
      return { connector, desk, connection: 'intercom', openWith: ms => openHelpdesk(desk.settings, 'intercom', ms) }
    },
    tells: ['opened', 'asked', 'answered', 'assigned', 'escalated', 'solved', 'reopened', 'rated', 'tagged'],
    forgets: [],
    unheard: [],
    lateCopies: 2,
    solvedTakesNotes: false,
    spec: {
      file: new URL('../../../shared/vendor-specs/intercom-api-2.16.yaml', import.meta.url),
      strip: /^$/,
      unknown: [],
      lax: []
    }
  })
}
