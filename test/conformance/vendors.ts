// Where each vendor describes its interface, and where these descriptions are known to be wrong or silent. Each entry says
// why it is believed to be the description's fault and not ours; whatever has no entry here is ours to mend.
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { openSchema } from './graphql.ts'
import { openDescription } from './openapi.ts'
import type { Judge } from './openapi.ts'

export interface Excuse { where: RegExp, because: string }

export interface Vendor {
  name: string
  /** Null: none of its descriptions is in the folder. */
  open: (folder: string) => Promise<Judge | null>
  silent: Excuse[]                                  // method and path that no description names
  wrong: Excuse[]                                   // operation, a colon and the fault
  none?: string                                     // why this vendor has no description at all
}

const PAGING = 'the parameters of paging stand in the description\'s text (https://developer.zendesk.com/api-reference/introduction/pagination/), not among its parameters'

export const VENDORS: Vendor[] = [
  {
    name: 'zendesk',
    open: folder => openAll(folder, [['zendesk-support-openapi.yaml', ''], ['zendesk-shards/oauth.yml', '']]),
    silent: [
      { where: / \/api\/v2\/webhooks/, because: 'webhooks are described elsewhere: https://developer.zendesk.com/api-reference/webhooks/webhooks-api/webhooks/' },
      { where: / \/api\/v2\/help_center\//, because: 'the help centre is described elsewhere: https://developer.zendesk.com/api-reference/help_center/help-center-api/introduction/' }
    ],
    wrong: [
      { where: /^POST \/oauth\/tokens: a body is described nowhere/, because: 'its fields stand in a table of the text: https://developer.zendesk.com/api-reference/ticketing/oauth/grant_type_tokens/' },
      { where: /^PUT \/api\/v2\/comment_redactions\/.*: a body is described nowhere/, because: 'its fields stand in the text: https://developer.zendesk.com/api-reference/ticketing/tickets/ticket_comments/#redact-ticket-comment-in-agent-workspace' },
      { where: /make_private: a body is described nowhere/, because: 'what is sent is an empty object, as a PUT of JSON asks for: https://developer.zendesk.com/api-reference/ticketing/tickets/ticket_comments/#make-comment-private' },
      { where: /\/query must NOT have additional properties: (page\[(size|after)\]|sort)$/, because: PAGING },
      { where: /^GET \/api\/v2\/incremental\/tickets\/cursor: .*(required property 'start_time'|additional properties: (per_page|exclude_deleted|include))/, because: 'a follow-up call carries the cursor instead, and the other parameters stand in the text: https://developer.zendesk.com/api-reference/ticketing/ticket-management/incremental_exports/' },
      { where: /^GET \/api\/v2\/search: \/query must NOT have additional properties: (page|per_page)$/, because: 'offset paging, 100 a page and 1,000 in all, stands in the text: https://developer.zendesk.com/api-reference/ticketing/ticket-management/search/#pagination' },
      { where: /^GET \/api\/v2\/satisfaction_ratings: .*additional properties: (score|start_time|end_time)/, because: 'the filters stand in the text: https://developer.zendesk.com/api-reference/ticketing/ticket-management/satisfaction_ratings/#list-satisfaction-ratings' }
    ]
  },
  {
    name: 'intercom',
    open: folder => openAll(folder, [['intercom-api-2.16.yaml', '']]),
    silent: [],
    wrong: [
      { where: /^GET \/articles: \/query must NOT have additional properties: (page|per_page)$/, because: 'the vendor\'s own library pages this list so (ListArticlesRequest of intercom-client), and https://developers.intercom.com/docs/build-an-integration/learn-more/rest-apis/pagination describes both' }
    ]
  },
  {
    name: 'freshdesk', open: async () => null, silent: [], wrong: [],
    none: 'Freshworks publishes no description: only the pretend Freshdesk\'s own strictness was kept to'
  },
  {
    name: 'hubspot',
    open: folder => openAll(folder, [
      'contacts-v3', 'companies-v3', 'objects-v3', 'associations-v4', 'notes-v3', 'tasks-v3', 'properties-v3', 'owners-v3'
    ].map(name => [`hubspot-crm-${name}.json`, ''])),
    silent: [],
    wrong: []
  },
  {
    name: 'linear',
    open: async folder => {
      const file = join(folder, 'linear-schema.graphql')
      return existsSync(file) ? openSchema(file) : null
    },
    silent: [],
    wrong: []
  }
]

/** One judge for several descriptions: the first that knows the operation judges, the one with fewest faults wins. */
async function openAll (folder: string, files: Array<[name: string, prefix: string]>): Promise<Judge | null> {
  const there = files.filter(([name]) => existsSync(join(folder, name)))
  if (there.length === 0) return null
  const judges = await Promise.all(there.map(([name, prefix]) => openDescription(join(folder, name), prefix)))
  return request => {
    const known = judges.map(judge => judge(request)).filter(({ operation }) => operation !== null)
    return known.sort((a, b) => a.faults.length - b.faults.length)[0] ?? { operation: null, faults: [] }
  }
}
