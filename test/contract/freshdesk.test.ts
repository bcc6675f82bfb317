// Freshdesk's connector against the pretend Freshdesk.
import connector from '../../connectors/freshdesk/index.ts'
import { openHelpdesk } from '../../connectors/freshdesk/helpdesk.ts'
import { openFreshdesk } from '../sandbox/freshdesk.ts'
import { describeHelpdesk } from './helpdesk.ts'
import { after } from './opened.ts'

describeHelpdesk('freshdesk', {
  async open () {
    const desk = await openFreshdesk()
    desk.addCanned({ at: after(0), title: 'Opening hours', text: 'The shed opens at seven.' })
    return { connector, desk, connection: 'freshdesk', openWith: ms => openHelpdesk(desk.settings, 'freshdesk', ms) }
  },
  // It gives no time for tags, priorities and assignments, so they make no events.
  tells: ['opened', 'asked', 'answered', 'solved', 'reopened', 'rated'],
  forgets: ['solved', 'reopened'],
  unheard: ['rated'],
  lateCopies: 2,
  solvedTakesNotes: true,
  spec: {
    file: new URL('../../../shared/vendor-specs/freshdesk-rest-openapi.thirdparty.yaml', import.meta.url),
    strip: /^\/api\/v2/,
    // Known gaps of this description, which the vendor did not write
    unknown: [/^\/tickets\/archived\//, /^\/canned_response_folders/, /^\/agents\/me$/, /^\/tickets\/\d+\/satisfaction_ratings$/],
    lax: []
  }
})
