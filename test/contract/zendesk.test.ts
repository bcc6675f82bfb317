// Zendesk's connector against the pretend Zendesk.
import connector from '../../connectors/zendesk/index.ts'
import { open } from '../../connectors/zendesk/helpdesk.ts'
import { openZendesk } from '../sandbox/zendesk.ts'
import { describeHelpdesk } from './helpdesk.ts'

describeHelpdesk('zendesk', {
  async open () {
    const desk = await openZendesk()
    return { connector, desk, connection: 'zendesk', openWith: ms => open(desk.settings, 'zendesk', ms) }
  },
  tells: ['opened', 'asked', 'answered', 'assigned', 'escalated', 'solved', 'reopened', 'rated', 'tagged'],
  forgets: [],
  unheard: [],
  lateCopies: 1,
  solvedTakesNotes: true,
  spec: {
    file: new URL('../../../shared/vendor-specs/zendesk-support-openapi.yaml', import.meta.url),
    strip: /\.json$/,
    unknown: [/\/help_center\//],                   // the help centre is described elsewhere
    lax: [/incremental\/tickets\/cursor\?start_time/]   // a follow-up call carries the cursor instead
  }
})
