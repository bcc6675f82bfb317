// A pretend Zendesk Support: people write, answer, solve and rate through the functions below, programs through the REST
// interface. Written from the vendor's public facts only (https://developer.zendesk.com/api-reference/).
import { openBooth } from './booth.ts'
import type { Booth } from './booth.ts'
import type { Instant, PretendHelpdesk } from './types.ts'
import { serveApi } from './zendesk-api.ts'
import type { Credentials } from './zendesk-api.ts'
import { brokenAnswer, makeLimits } from './zendesk-limits.ts'
import { makeOAuth } from './zendesk-oauth.ts'
import type { OAuth } from './zendesk-oauth.ts'
import { makeVia } from './zendesk-shapes.ts'
import { openHooks } from './zendesk-hooks.ts'
import type { Hooks } from './zendesk-hooks.ts'
import { makeState, PAGE_FIELD, STATUS_IDS, unix } from './zendesk-state.ts'
import type { State, Status, Ticket, User } from './zendesk-state.ts'
import { writtenAsText } from './zendesk-text.ts'
import type { Trigger } from './zendesk-triggers.ts'
import { beginTicket, redactComment, updateTicket } from './zendesk-update.ts'
import type { Edit } from './zendesk-update.ts'

export interface ZendeskOptions {
  port?: number
  subdomain?: string
  // true: the vendor's own rate limits are kept, in its own time; a number: that many calls a minute, in ours
  limits?: boolean | { perMinute: number }
}

export interface PretendZendesk extends PretendHelpdesk {
  booth: Booth
  oauthClient: { id: string, secret: string }       // for POST /oauth/tokens
  oauth: OAuth
  credentials: Credentials                          // what it lets in
  self: User                                        // as whom programs sign in
  triggers: Map<number, Trigger>
  hooks: Hooks
}

const REOPENING: ReadonlySet<Status> = new Set(['pending', 'hold', 'solved'])

export async function openZendesk (options: ZendeskOptions = {}): Promise<PretendZendesk> {
  const subdomain = options.subdomain ?? 'harborline'
  const scaled = typeof options.limits === 'object' ? options.limits : null
  const limits = scaled === null
    ? makeLimits(options.limits === true, () => unix(booth.now()))
    : makeLimits(true, () => Math.floor(Date.now() / 1000), scaled.perMinute)
  const booth: Booth = openBooth({ name: 'zendesk', rateLimited: limits.refuse, broken: brokenAnswer, headers: limits.headers })
  const email = `deskloop@${subdomain}.example`
  const settings: Record<string, string> = {}
  const state = makeState(booth, '', subdomain, email)
  const secret = Buffer.from(`${subdomain}-webhook-secret`).toString('base64')
  const hooks = openHooks(state, settings, secret)
  const oauth = makeOAuth(subdomain)
  const apiToken = `${subdomain}-api-token`
  const credentials: Credentials = { apiToken, oauth }
  serveApi(state, hooks, credentials, limits)
  state.url = await booth.listen(options.port)
  Object.assign(settings, { ZENDESK_URL: state.url, ZENDESK_EMAIL: email, ZENDESK_API_TOKEN: apiToken })

  const edit = (ticketId: string, change: Edit): ReturnType<typeof updateTicket> => {
    booth.tell(change.at)
    return updateTicket(state, hooks, openTicketOf(state, ticketId), change)
  }
  const write = (ticketId: string, change: Edit): string => {
    const comment = edit(ticketId, change)?.comment
    if (comment === null || comment === undefined) throw new Error(`nothing was written to ticket ${ticketId}`)
    return String(comment.id)
  }
  const actorOf = (ticket: Ticket): User => {
    const assignee = ticket.values.assignee_id
    return (assignee === null ? undefined : state.users.get(assignee)) ?? state.desk
  }
  const byAgent = (ticketId: string, at: Instant, agentId?: string): { at: Instant, actor: User, by: 'agent', channel: 'web' } => {
    const actor = agentId === undefined ? actorOf(openTicketOf(state, ticketId)) : state.makeAgent(agentId, at)
    return { at, actor, by: 'agent', channel: 'web' }
  }

  return {
    name: 'zendesk',
    url: state.url,
    settings,
    oauthClient: oauth.client,
    oauth,
    credentials,
    self: state.self,
    triggers: state.triggers,
    hooks,
    booth,
    openTicket (o) {
      const at = second(o.at)
      booth.tell(at)
      const requester = state.makePerson(o.person, at)
      const channel = o.channel ?? (o.page === undefined ? 'email' : 'web')
      const ticket: Ticket = {
        id: state.nextTicketId(),
        values: {
          subject: o.subject,
          status: 'new',
          custom_status_id: STATUS_IDS.new,
          priority: null,
          type: null,
          assignee_id: null,
          group_id: state.home.id,
          requester_id: requester.id,
          external_id: null,
          tags: (o.tags ?? []).map(tag => tag.toLowerCase().replace(/\s+/g, '_'))
        },
        fields: new Map(o.page === undefined ? [] : [[PAGE_FIELD, o.page]]),
        description: o.text,
        submitterId: requester.id,
        organizationId: requester.organizationId,
        via: makeVia(state, channel, requester, o.page),
        createdAt: at,
        updatedAt: at,
        stamp: unix(at),
        comments: [],
        audits: [],
        rating: null,
        deleted: null
      }
      const comment = { written: writtenAsText(o.text), author: requester, public: true, kind: 'message' as const }
      beginTicket(state, hooks, ticket, { at, actor: requester, by: 'customer', channel, comment })
      return String(ticket.id)
    },
    customerWrites (ticketId, o) {
      const at = second(o.at)
      const ticket = openTicketOf(state, ticketId)
      const author = state.users.get(ticket.values.requester_id) ?? state.desk
      // An answer of the requester opens a pending, held or solved ticket again.
      const set = REOPENING.has(ticket.values.status) ? { set: { status: 'open' as const } } : {}
      const comment = { written: writtenAsText(o.text), author, public: true, kind: 'message' as const }
      return write(ticketId, { at, actor: author, by: 'customer', channel: ticket.via.channel, comment, ...set })
    },
    agentReplies (ticketId, o) {
      const how = byAgent(ticketId, second(o.at), o.agentId)
      const isNew = openTicketOf(state, ticketId).values.status === 'new'
      const comment = { written: writtenAsText(o.text), author: how.actor, public: true, kind: 'message' as const }
      return write(ticketId, { ...how, comment, ...(isNew ? { set: { status: 'open' as const } } : {}) })
    },
    agentNotes (ticketId, o) {
      const how = byAgent(ticketId, second(o.at), o.agentId)
      return write(ticketId, { ...how, comment: { written: writtenAsText(o.text), author: how.actor, public: false, kind: 'note' } })
    },
    botReplies (ticketId, o) {
      const comment = { written: writtenAsText(o.text), author: state.bot, public: true, kind: 'message' as const }
      return write(ticketId, { at: second(o.at), actor: state.bot, by: 'bot', channel: 'rule', comment })
    },
    assign (ticketId, o) {
      const at = second(o.at)
      const how = byAgent(ticketId, at)
      const agent = o.agentId === undefined ? null : state.makeAgent(o.agentId, at).id
      // Another group takes the ticket away from its agent, unless one is named with it.
      const group = o.group === undefined ? {} : { group_id: state.makeGroup(o.group, at).id }
      const moves = group.group_id !== undefined && group.group_id !== openTicketOf(state, ticketId).values.group_id
      const set = agent !== null || moves ? { ...group, assignee_id: agent } : group
      edit(ticketId, { ...how, set })
    },
    tag (ticketId, o) {
      const tags = [...new Set([...openTicketOf(state, ticketId).values.tags, ...o.tags.map(tag => tag.toLowerCase())])]
      edit(ticketId, { ...byAgent(ticketId, second(o.at)), set: { tags } })
    },
    escalate (ticketId, o) {
      edit(ticketId, { ...byAgent(ticketId, second(o.at)), set: { priority: 'urgent' } })
    },
    solve (ticketId, o) {
      const how = byAgent(ticketId, second(o.at), o.agentId)
      // A ticket cannot be solved without an agent: who solves an unassigned one gets it.
      const agent = openTicketOf(state, ticketId).values.assignee_id ?? how.actor.id
      edit(ticketId, { ...how, set: { status: 'solved', assignee_id: agent } })
    },
    reopen (ticketId, o) {
      edit(ticketId, { ...byAgent(ticketId, second(o.at)), set: { status: 'open' } })
    },
    rate (ticketId, o) {
      const at = second(o.at)
      const ticket = openTicketOf(state, ticketId)
      const actor = state.users.get(ticket.values.requester_id) ?? state.desk
      const score = o.good ? 'good' : 'bad'
      if (ticket.rating === null) state.rated.push(ticket)
      const first = ticket.rating ?? { id: state.nextId(), createdAt: at }
      ticket.rating = { id: first.id, score, comment: o.comment ?? null, createdAt: first.createdAt, updatedAt: at }
      const text = o.comment === undefined ? {} : { text: o.comment }
      edit(ticketId, {
        at,
        actor,
        by: 'customer',
        channel: 'web',
        events: [{ type: 'SatisfactionRating', score, assignee_id: ticket.values.assignee_id, body: o.comment ?? null }],
        facts: [{ topic: 'csat_received', event: { satisfaction_score: { score: score.toUpperCase() } } }],
        journal: { at, ticketId, kind: 'rated', by: 'customer', public: true, authorId: String(actor.id), ...text }
      })
    },
    merge (ticketId, o) {
      const how = { ...byAgent(ticketId, second(o.at)), channel: 'merge' }
      const source = openTicketOf(state, ticketId)
      const target = openTicketOf(state, o.into)
      if (source === target) throw new Error(`ticket ${ticketId} cannot be merged into itself`)
      const about = `Request #${ticketId} "${source.values.subject}" was closed and merged into this request.`
      edit(o.into, { ...how, comment: { written: writtenAsText(about), author: how.actor, public: false, kind: 'note' } })
      const closing = `This request was closed and merged into request #${o.into} "${target.values.subject}".`
      edit(ticketId, {
        ...how,
        comment: { written: writtenAsText(closing), author: how.actor, public: false, kind: 'note' },
        set: {
          status: 'closed',
          assignee_id: source.values.assignee_id ?? how.actor.id,
          tags: [...new Set([...source.values.tags, 'closed_by_merge'])]
        },
        events: [{ type: 'TicketMergeAudit' }],
        facts: [{ topic: 'merged', event: { target_ticket_id: o.into } }],
        journal: { at: how.at, ticketId, kind: 'merged', by: 'agent', public: false, authorId: String(how.actor.id) }
      })
    },
    spam (ticketId, o) { removeTicket(ticketId, second(o.at), 'spam') },
    remove (ticketId, o) { removeTicket(ticketId, second(o.at), 'deleted') },
    redact (ticketId, o) {
      const ticket = liveTicketOf(state, ticketId)
      const comment = ticket.comments.find(one => String(one.id) === o.messageId)
      if (comment === undefined) throw new Error(`ticket ${ticketId} has no comment ${o.messageId}`)
      redactComment(comment, ticket.audits.find(audit => audit.id === comment.auditId))
      if (comment === ticket.comments[0]) ticket.description = comment.plain
      const how = { at: second(o.at), actor: actorOf(ticket), by: 'agent' as const, channel: 'web' }
      booth.tell(how.at)
      // Unlike every other change, this one is allowed on a closed ticket.
      updateTicket(state, hooks, ticket, {
        ...how,
        events: [{ type: 'CommentRedactionEvent', comment_id: comment.id }],
        facts: [{ topic: 'comment_redacted', event: { comment: { id: o.messageId } } }],
        journal: {
          at: how.at, ticketId, kind: 'redacted', by: 'agent', public: comment.public, messageId: o.messageId,
          authorId: String(how.actor.id)
        }
      })
    },
    setNow: booth.setNow,
    get webhookUrl () { return booth.webhookUrl },
    set webhookUrl (url) { booth.webhookUrl = url },
    get pending () { return booth.pending },
    get sent () { return booth.sent },
    get journal () { return booth.journal },
    get faults () { return booth.faults },
    set faults (faults) { booth.faults = faults },
    get requests () { return booth.requests },
    send: booth.send,
    ticketIds: () => [...state.tickets.keys()].map(String),
    close: booth.close
  }

  function removeTicket (ticketId: string, at: Instant, kind: 'spam' | 'deleted'): void {
    const ticket = liveTicketOf(state, ticketId)
    const how = { at, actor: actorOf(ticket), by: 'agent' as const, channel: 'web' }
    ticket.deleted = { at, by: how.actor, previous: ticket.values.status }
    state.removed.push(ticket)
    const requester = state.users.get(ticket.values.requester_id)
    // Marking as spam also suspends the requester.
    if (kind === 'spam' && requester !== undefined) requester.suspended = true
    booth.tell(at)
    updateTicket(state, hooks, ticket, {
      ...how,
      events: [{ type: 'Change', field_name: 'status', value: 'deleted', previous_value: ticket.values.status }],
      facts: [{ topic: kind === 'spam' ? 'marked_as_spam' : 'soft_deleted', event: {} }],
      journal: { at, ticketId, kind, by: 'agent', public: false, authorId: String(how.actor.id) }
    })
  }
}

/** A ticket that can still be changed. A closed one never can, not even by its requester (he makes a follow-up). */
function openTicketOf (state: State, ticketId: string): Ticket {
  const ticket = liveTicketOf(state, ticketId)
  if (ticket.values.status === 'closed') throw new Error(`ticket ${ticketId} is closed: only a follow-up ticket could be opened`)
  return ticket
}

function liveTicketOf (state: State, ticketId: string): Ticket {
  const ticket = state.tickets.get(Number(ticketId))
  if (ticket === undefined) throw new Error(`the pretend Zendesk has no ticket ${ticketId}`)
  if (ticket.deleted !== null) throw new Error(`ticket ${ticketId} is deleted`)
  return ticket
}

function second (at: Instant): Instant {
  const date = new Date(at)
  if (Number.isNaN(date.getTime())) throw new Error(`not an instant: ${at}`)
  return date.toISOString().slice(0, 19) + 'Z'
}
