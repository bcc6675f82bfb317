// The pretend Freshdesk: an account on loopback that people use through functions and programs through
// its API v2. It is written from what the vendor publishes (https://developers.freshdesk.com/api/).
import { createHash } from 'node:crypto'
import type { Booth } from './booth.ts'
import { openBooth } from './booth.ts'
import type { Instant, PretendHelpdesk } from './types.ts'
import type { Conversation, Desk, Ticket } from './freshdesk-model.ts'
import { addCompany, agentOf, groupOf } from './freshdesk-model.ts'
import { installDefaults } from './freshdesk-rules.ts'
import type { Plan } from './freshdesk-gate.ts'
import { dialect, keepGate } from './freshdesk-gate.ts'
import type { Actor, Patch } from './freshdesk-changes.ts'
import {
  addMessage, agentActor, botActor, changeTicket, customerWrites, moveOut, openTicket, rate
} from './freshdesk-changes.ts'
import { mergeTickets, redact } from './freshdesk-edits.ts'
import { toHtml } from './freshdesk-html.ts'
import type { Audience } from './freshdesk-knowledge.ts'
import { addArticle, addCanned, addKnowledgeReads, fillKnowledge } from './freshdesk-knowledge.ts'
import { addTicketReads } from './freshdesk-tickets.ts'
import { addTicketWrites } from './freshdesk-writes.ts'
import { addMessageWrites } from './freshdesk-messages.ts'
import { addPeopleReads } from './freshdesk-people.ts'
import { addAutomations } from './freshdesk-automations.ts'

export interface FreshdeskOptions {
  port?: number
  plan?: Plan
  // Count calls per minute and refuse what is over (default no); with a number: that many in all
  limits?: boolean | { perMinute: number }
  quotes?: boolean                                  // customers' mails carry the history they answer to; default no
  rules?: boolean                                   // Deskloop's two rules are installed; default yes
  rulesAsArray?: boolean                            // the rules' list is a bare array; default an envelope
  runsAllRules?: boolean                            // every matching rule for new tickets runs; default yes
  automations?: Desk['automations']                 // whether the key may manage rules; default yes
}

export interface PretendFreshdesk extends PretendHelpdesk {
  booth: Booth
  addArticle (o: { at: Instant, title: string, text: string, audience?: Audience, draft?: boolean }): string
  addCanned (o: { at: Instant, title: string, text: string }): string
}

export async function openFreshdesk (options: FreshdeskOptions = {}): Promise<PretendFreshdesk> {
  const plan = options.plan ?? 'pro'
  const key = derive(`key ${plan} ${options.port ?? 0}`).slice(0, 20)
  const secret = derive(`secret ${plan} ${options.port ?? 0}`)
  const booth = openBooth(dialect)
  const desk = makeDesk(booth, options)
  if (options.rules !== false) installDefaults(desk, secret)
  const scaled = typeof options.limits === 'object' ? options.limits : null
  keepGate(booth.app, key, plan, options.limits === true || scaled !== null, scaled)
  addTicketReads(booth.app, desk)
  addTicketWrites(booth.app, desk)
  addMessageWrites(booth.app, desk)
  addPeopleReads(booth.app, desk)
  addKnowledgeReads(booth.app, desk)
  addAutomations(booth.app, desk)
  const url = await booth.listen(options.port ?? 0)
  desk.origin = url

  const ticketOf = (id: string): Ticket => {
    const ticket = desk.tickets.get(Number(id))
    if (ticket === undefined) throw new Error(`the pretend Freshdesk has no ticket ${id}`)
    return ticket
  }
  const change = (id: string, at: Instant, patch: Patch, actor: Actor = agentActor(desk)): void =>
    changeTicket(desk, ticketOf(id), at, actor, patch)

  return {
    name: 'freshdesk',
    url,
    settings: { FRESHDESK_URL: url, FRESHDESK_API_KEY: key, FRESHDESK_WEBHOOK_SECRET: secret },
    booth,
    openTicket (o) {
      const source = sourceOf(o.channel ?? 'email', o.page)
      const page = o.page === undefined ? {} : { page: o.page }
      const { at, subject, text, person } = o
      return String(openTicket(desk, { at, subject, text, person, tags: o.tags ?? [], source, ...page }).row.id)
    },
    customerWrites: (id, o) => String(customerWrites(desk, ticketOf(id), o).id),
    agentReplies: (id, o) => reply(desk, ticketOf(id), o, agentActor(desk, o.agentId)),
    botReplies: (id, o) => reply(desk, ticketOf(id), o, botActor(desk)),
    agentNotes (id, o) {
      const actor = agentActor(desk, o.agentId)
      const note = addMessage(desk, ticketOf(id), actor, {
        ...written(o, actor, desk), incoming: false, private: true, source: 2, kind: 'note'
      })
      return String(note.id)
    },
    assign (id, o) {
      const responder = o.agentId === undefined ? {} : { responder_id: agentOf(desk, o.agentId).id }
      const group = o.group === undefined ? {} : { group_id: groupOf(desk, o.group).id }
      change(id, o.at, { ...responder, ...group })
    },
    tag: (id, o) => change(id, o.at, { tags: [...new Set([...ticketOf(id).row.tags, ...o.tags])] }),
    escalate: (id, o) => change(id, o.at, { priority: 4 }),
    solve: (id, o) => change(id, o.at, { status: 4 }, agentActor(desk, o.agentId)),
    reopen: (id, o) => change(id, o.at, { status: 2 }),
    rate: (id, o) => rate(desk, ticketOf(id), o),
    merge: (id, o) => mergeTickets(desk, ticketOf(o.into), ticketOf(id), o.at, agentActor(desk, SUPERVISOR)),
    spam: (id, o) => moveOut(desk, ticketOf(id), o.at, agentActor(desk), 'spam'),
    remove: (id, o) => moveOut(desk, ticketOf(id), o.at, agentActor(desk), 'deleted'),
    redact: (id, o) => redact(desk, ticketOf(id), o.messageId, o.at, agentActor(desk)),
    addArticle: o => addArticle(desk, o),
    addCanned: o => addCanned(desk, o),
    setNow: at => booth.setNow(at),
    get webhookUrl () { return booth.webhookUrl },
    set webhookUrl (to) { booth.webhookUrl = to },
    get pending () { return booth.pending },
    get sent () { return booth.sent },
    send: sending => booth.send(sending),
    get journal () { return booth.journal },
    get faults () { return booth.faults },
    set faults (faults) { booth.faults = faults },
    get requests () { return booth.requests },
    ticketIds: () => [...desk.tickets.keys()].map(String),
    close: () => booth.close()
  }
}

function makeDesk (booth: Booth, options: FreshdeskOptions): Desk {
  const bot = { id: 61000000098, name: 'Northwharf Bot', email: 'bot@northwharf.example' }
  const self = { id: 61000000099, name: 'Deskloop Assistant', email: 'deskloop@northwharf.example' }
  const desk: Desk = {
    booth,
    origin: '',
    quotes: options.quotes === true,
    rulesAsArray: options.rulesAsArray === true,
    runsAllRules: options.runsAllRules !== false,
    automations: options.automations ?? 'yes',
    self,
    bot,
    tickets: new Map(),
    byUpdate: [],
    byDay: new Map(),
    byRequester: new Map(),
    conversations: new Map(),
    ratings: [],
    contacts: new Map(),
    contactKeys: new Map(),
    contactIds: new Map(),
    agents: new Map([[self.id, self], [bot.id, bot]]),
    agentKeys: new Map(),
    groups: new Map(),
    groupNames: new Map(),
    companies: new Map(),
    companyDomains: new Map(),
    rules: [],
    knowledge: { articles: [], canned: [] },
    jobs: new Map(),
    counters: new Map()
  }
  groupOf(desk, 'First line')
  groupOf(desk, 'Escalations')
  addCompany(desk, 'brightlathe.example', 'Bright Lathe')
  fillKnowledge(desk)
  return desk
}

function written (o: { at: Instant, text: string }, actor: Actor, desk: Desk) {
  return { at: o.at, html: toHtml(o.text), plain: o.text.trim(), userId: actor.id ?? desk.self.id }
}

// Who merges tickets: the note needs an author, and it must not be the owner of the key.
const SUPERVISOR = 'Northwharf supervisor'
const BOT_RULE = 61000163900

function reply (desk: Desk, ticket: Ticket, o: { at: Instant, text: string }, actor: Actor): string {
  const to = desk.contacts.get(ticket.row.requester_id)?.email
  const automation = actor.by === 'bot' ? { automation: BOT_RULE } : {}
  const sent: Conversation = addMessage(desk, ticket, actor, {
    ...written(o, actor, desk),
    incoming: false,
    private: false,
    source: 0,
    kind: 'message',
    to: to == null ? [] : [to],
    ...automation
  })
  return String(sent.id)
}

/** The widget of a page is a source of its own: https://developers.freshdesk.com/api/#ticket_attributes */
function sourceOf (channel: 'email' | 'web' | 'chat', page: string | undefined): number {
  if (channel === 'email') return 1
  if (channel === 'chat') return 7
  return page === undefined ? 2 : 9
}

function derive (text: string): string {
  return createHash('sha256').update(`pretend freshdesk ${text}`).digest('hex')
}
