// Sets up a Zendesk account: one webhook that subscribes to ticket events and delivers to our door. Whatever went wrong
// before, a lost answer included, the next run finds the webhook by its mark, mends it, and removes what is too many.
// https://developer.zendesk.com/api-reference/webhooks/webhooks-api/webhooks/

import { GiveUp, Unclear } from '../../src/errors.ts'
import type { Finding, Goal, PlannedChange, Provision, Settings } from '../../src/types.ts'
import type { Api } from './client.ts'
import { endingToken, findLacking, findRulesInTheWay } from './findings.ts'
import { findMails } from './mails.ts'
import { SUBSCRIPTIONS } from './normalize.ts'
import { checkId } from './reading.ts'
import { idOf, recordOf, recordsOf, stringOf, wordsOf } from './shapes.ts'
import type { Json } from './shapes.ts'

interface Step { change: PlannedChange, run: () => Promise<void> }

const MARK = 'Deskloop · do not edit'
const FOR_TRIGGERS = 'conditional_ticket_events'
const RIGHTS = 'managing webhooks needs an admin, or a custom role that may manage webhooks; ' +
  'an OAuth token also needs the scopes webhooks:read and webhooks:write'

export function makeProvision (api: Api, settings: Settings): Provision {
  return {
    notesComeBack: true,
    check: async door => [...await check(api, door), ...endingToken(settings)],
    plan: async (door, goal) => (await listSteps(api, door, goal)).map(step => step.change),
    async apply (door, goal) {
      const steps = await listSteps(api, door, goal)
      for (const step of steps) await step.run()
      return steps.map(step => step.change)
    },
    async fetchSecrets (door) {
      const secrets: string[] = []
      for (const hook of (await listHooks(api)).filter(one => isOurs(one, door))) {
        const { signing_secret: signing } = await manage(api, 'GET', `${pathOf(hook)}/signing_secret`)
        secrets.push(stringOf(recordOf(signing).secret))
      }
      return secrets.filter(secret => secret !== '')
    },
    findMails: (ticketId, noteId) => findMails(api, ticketId, noteId),
    removeNote: (ticketId, noteId) => redactNote(api, ticketId, noteId)
  }
}

async function listSteps (api: Api, door: string, goal: Goal): Promise<Step[]> {
  const ours = (await listHooks(api)).filter(hook => isOurs(hook, door))
  if (goal === 'disconnected') return ours.map(hook => removal(api, hook, 'Deskloop is disconnected'))
  const wanted = wantedHook(door)
  // A webhook cannot be switched from triggers to events, so such a one is never kept.
  const usable = ours.filter(hook => !wordsOf(hook.subscriptions).includes(FOR_TRIGGERS))
  const kept = usable.find(hook => faultsOf(hook, wanted).length === 0) ?? usable[0]
  const extra = ours.filter(hook => hook !== kept).map(hook => removal(api, hook, 'there is more than one'))
  if (kept === undefined) {
    const details = [`delivers ${SUBSCRIPTIONS.length} kinds of ticket events to ${door}`, 'is signed with a secret that Zendesk draws']
    const change: PlannedChange = { action: 'create', what: `webhook "${MARK}"`, details }
    return [{ change, run: async () => { await manage(api, 'POST', '/webhooks', { webhook: wanted }) } }, ...extra]
  }
  const details = faultsOf(kept, wanted)
  if (details.length === 0) return extra
  const change: PlannedChange = { action: 'change', what: `webhook "${MARK}"`, id: stringOf(kept.id), details }
  return [{ change, run: async () => { await manage(api, 'PATCH', pathOf(kept), { webhook: wanted }) } }, ...extra]
}

function removal (api: Api, hook: Json, why: string): Step {
  const change: PlannedChange = { action: 'remove', what: `webhook "${stringOf(hook.name)}"`, id: stringOf(hook.id), details: [why] }
  return { change, run: async () => { await manage(api, 'DELETE', pathOf(hook)) } }
}

function wantedHook (door: string): Json {
  return {
    name: MARK,
    description: describe(door),
    status: 'active',
    endpoint: door,
    http_method: 'POST',
    request_format: 'json',
    subscriptions: SUBSCRIPTIONS
  }
}

function describe (door: string): string {
  return `Tells Deskloop at ${door} about tickets. Deskloop made it and mends it: disconnect there instead of editing here.`
}

// Two Deskloops may share one account: one is ours if it carries the mark and either of the two places names our door,
// so that an edit of the other place is mended and not taken for somebody else's.
function isOurs (hook: Json, door: string): boolean {
  return stringOf(hook.name).startsWith(MARK) && (hook.endpoint === door || hook.description === describe(door))
}

function faultsOf (hook: Json, wanted: Json): string[] {
  const plain = ['name', 'description', 'status', 'endpoint', 'http_method', 'request_format']
    .filter(field => hook[field] !== wanted[field])
    .map(field => `${field} is "${stringOf(hook[field])}", must be "${stringOf(wanted[field])}"`)
  const topics = wordsOf(hook.subscriptions)
  const isSame = topics.join() === wordsOf(wanted.subscriptions).join()
  return isSame ? plain : [...plain, `subscribes to ${topics.length} kinds of events, must be the ${SUBSCRIPTIONS.length} that are read`]
}

/** Oldest first, so that of two equals every run keeps the same. */
async function listHooks (api: Api): Promise<Json[]> {
  const hooks: Json[] = []
  for (let after = ''; ;) {
    const cursor = after === '' ? '' : `&page%5Bafter%5D=${encodeURIComponent(after)}`
    const body = await manage(api, 'GET', `/webhooks?page%5Bsize%5D=100${cursor}`)
    hooks.push(...recordsOf(body.webhooks))
    const meta = recordOf(body.meta)
    const next = stringOf(meta.after_cursor)
    if (meta.has_more !== true || next === '' || next === after) break
    after = next
  }
  const age = (hook: Json): string => `${stringOf(hook.created_at)} ${stringOf(hook.id)}`
  return hooks.sort((a, b) => age(a) < age(b) ? -1 : 1)
}

async function check (api: Api, door: string): Promise<Finding[]> {
  const lacking = await findLacking(api)            // says itself what is wrong with the credentials
  const listed = await api.manage('GET', '/webhooks?page%5Bsize%5D=1')
  if (listed.status === 403) return [{ level: 'stop', what: 'these credentials may not manage webhooks', why: RIGHTS }, ...lacking]
  const elsewhere = (await listHooks(api)).filter(hook => stringOf(hook.name).startsWith(MARK) && !isOurs(hook, door))
  return [
    ...lacking,
    ...elsewhere.map((hook): Finding => ({
      level: 'look',
      what: `another Deskloop is set up here: webhook ${stringOf(hook.id)} delivers to ${stringOf(hook.endpoint)}`,
      why: 'it is left alone; if that Deskloop is gone, remove the webhook by hand or disconnect with its address as --url'
    })),
    ...await findRulesInTheWay(api)
  ]
}

/** https://developer.zendesk.com/api-reference/ticketing/tickets/ticket_comments/#redact-ticket-comment-in-agent-workspace */
async function redactNote (api: Api, ticketId: string, noteId: string): Promise<'redacted'> {
  const id = checkId(ticketId)
  const found = await api.findAll(`/tickets/${id}/comments?sort=-created_at&page%5Bsize%5D=25`, 'comments')
  const note = found?.rows.find(comment => idOf(comment.id) === noteId)
  const html = stringOf(note?.html_body)
  if (note === undefined || html === '') throw new GiveUp(`zendesk shows no note ${noteId} on ticket ${ticketId}`)
  if (note.public !== false) {
    // Success is an empty answer, which looks unclear; the redaction below is needed in any case.
    const hide = `/tickets/${id}/comments/${checkId(noteId)}/make_private`
    await api.write(hide, {}).catch((error: unknown) => { if (!(error instanceof Unclear)) throw error })
  }
  // What is marked becomes blocks; the marks may stand around text only.
  const marked = html.replace(/>([^<>]+)</g, (whole, text: string) => text.trim() === '' ? whole : `><redact>${text}</redact><`)
  await api.write(`/comment_redactions/${checkId(noteId)}`, { ticket_id: Number(id), html_body: marked })
  return 'redacted'
}

async function manage (api: Api, ...[method, path, body]: Parameters<Api['manage']>): Promise<Json> {
  const answer = await api.manage(method, path, body)
  if (answer.status !== 403) return answer.body
  throw new GiveUp(`zendesk does not let these credentials manage webhooks (403 on ${method} ${path.split('?')[0]}): ${RIGHTS}`)
}

// Ids of webhooks are letters and digits: anything else would lead to another address.
function pathOf (hook: Json): string {
  const id = stringOf(hook.id)
  if (!/^[A-Za-z0-9]{1,40}$/.test(id)) throw new Error('zendesk named a webhook without a usable id')
  return `/webhooks/${id}`
}
