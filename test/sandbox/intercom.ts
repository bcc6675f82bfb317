// The pretend intercom: one workspace, its REST interface and its webhooks, as strict as the vendor's public pages say.
// Merging and spam are as near as the vendor has them: a merged conversation is closed and gets a
// merged_primary_conversation part, spam is a conversation closed by the bot, for there is no mark for either.
import type { Booth } from './booth.ts'
import { addConversationRoutes, refusePath } from './intercom-conversations.ts'
import {
  answer, answerByBot, ask, assign, close, escalate, jot, merge, open, rate, record, redactMessage, remove, tag
} from './intercom-desk.ts'
import type { Act, Desk } from './intercom-desk.ts'
import { openDoor } from './intercom-door.ts'
import { addOtherRoutes } from './intercom-others.ts'
import { toHtml } from './intercom-text.ts'
import { makeWebhooks } from './intercom-webhooks.ts'
import {
  authorOfAdmin, getAdmin, getContact, getTag, getTeam, makeConversation, makeWorld, touch
} from './intercom-world.ts'
import type { Author, Conversation, PayloadVersion } from './intercom-model.ts'
import { makeRandom } from './random.ts'
import type { Instant, Person, PretendHelpdesk } from './types.ts'

export interface IntercomOptions {
  port?: number
  payloadVersion?: PayloadVersion                   // the app's version: form of webhooks, and of REST without a header
  rateLimit?: number                                // requests per ten seconds, refused beyond; default: counted only
}

/** What a pretend intercom can do beyond every helpdesk. */
export interface PretendIntercom extends PretendHelpdesk {
  booth: Booth
  agentReplies (ticketId: string, o: { at: Instant, text: string, agentId: string, assign?: boolean }): string
  solve (ticketId: string, o: { at: Instant, agentId?: string, text?: string }): void
  convertToTicket (ticketId: string, o: { at: Instant, title: string }): void
  addArticle (o: { at: Instant, title: string, text: string, draft?: boolean }): string
  addMacro (o: { at: Instant, name: string, html: string }): string
  addCompany (o: { at: Instant, name: string, companyId: string, plan?: string, person: Person }): string
  addAttribute (name: string): void
  mergeContact (person: Person, into: Person): void
  /** Asks the address with HEAD, as the Developer Hub does when it is entered: is it accepted? */
  validate (url: string): Promise<boolean>
  ping (): void
}

export async function openIntercom (options: IntercomOptions = {}): Promise<PretendIntercom> {
  const world = makeWorld(options.payloadVersion ?? '2.16')
  const secret = 'fernhollow-client-secret-0001'
  const token = 'dG9rOmZlcm5ob2xsb3dfMDAwMQ=='
  const { booth, methodsOf } = openDoor({ token, world, rateLimit: options.rateLimit ?? null })
  const desk: Desk = { booth, world, webhooks: makeWebhooks(booth, world, secret) }
  const limits = { luck: makeLuck(booth) }
  addConversationRoutes(desk, limits)
  addOtherRoutes(desk, limits)
  booth.app.setNotFoundHandler((request, reply) => { throw refusePath(request, reply, methodsOf(request.url)) })
  const url = await booth.listen(options.port ?? 0)

  const at = (instant: Instant): number => { booth.tell(instant); return secondsOf(instant) }
  const find = (id: string): Conversation => {
    const found = world.conversations.get(id)
    if (found === undefined) throw new Error(`the pretend intercom has no conversation ${id}`)
    return found
  }
  const agent = (id: string): Author => authorOfAdmin(getAdmin(world, id))
  // Who does what nobody is named for: the assignee, or else the workflow
  const someone = (c: Conversation): Author => c.adminId === null ? world.bot : agent(c.adminId)
  const act = (c: Conversation, o: { at: Instant, agentId?: string }): Act =>
    ({ at: at(o.at), author: o.agentId === undefined ? someone(c) : agent(o.agentId) })

  return {
    name: 'intercom',
    url,
    booth,
    settings: {
      INTERCOM_URL: url, INTERCOM_ACCESS_TOKEN: token, INTERCOM_CLIENT_SECRET: secret,
      INTERCOM_ADMIN_ID: world.self.id
    },
    openTicket (o) {
      const { subject, text, person, tags = [], page = null, channel } = o
      const time = at(o.at)
      const email = channel === 'email'
      const c = makeConversation(world, { at: time, subject, text, person, tags, page, email })
      const { source } = c
      const said = { messageId: source.id, authorId: source.author.id, text }
      booth.record({ at: o.at, ticketId: c.id, kind: 'opened', by: 'customer', public: true, ...said })
      desk.webhooks.conversation('conversation.user.created', c, null, time)
      return c.id
    },
    customerWrites (id, o) {
      const c = find(id)
      const contact = world.contacts.get(c.contactId)
      if (contact === undefined) throw new Error(`conversation ${id} has lost its contact`)
      return ask(desk, c, contact, { at: at(o.at), author: c.source.author, body: toHtml(o.text) }).id
    },
    agentReplies (id, o) {
      const c = find(id)
      return answer(desk, c, { ...act(c, o), body: toHtml(o.text), assign: o.assign === true }).id
    },
    agentNotes (id, o) {
      const c = find(id)
      return jot(desk, c, { ...act(c, o), body: toHtml(o.text) }).id
    },
    botReplies: (id, o) => answerByBot(desk, find(id), at(o.at), toHtml(o.text)).id,
    assign (id, o) {
      const c = find(id)
      const by = act(c, o)
      if (o.group !== undefined) assign(desk, c, { type: 'team', id: getTeam(world, o.group).id }, by)
      if (o.agentId !== undefined) assign(desk, c, { type: 'admin', id: by.author.id }, by)
      if (o.group === undefined && o.agentId === undefined) assign(desk, c, { type: 'nobody_admin', id: null }, by)
    },
    tag (id, o) {
      const c = find(id)
      for (const name of o.tags) tag(desk, c, getTag(world, name), act(c, o))
    },
    escalate (id, o) { const c = find(id); escalate(desk, c, act(c, o)) },
    solve (id, o) {
      const c = find(id)
      close(desk, c, { ...act(c, o), ...o.text === undefined ? {} : { body: toHtml(o.text) } })
    },
    reopen (id, o) { const c = find(id); open(desk, c, act(c, o)) },
    rate (id, o) {
      const c = find(id)
      const contact = world.contacts.get(c.contactId)
      if (contact === undefined) throw new Error(`conversation ${id} has lost its contact`)
      rate(desk, c, contact, { at: at(o.at), rating: o.good ? 5 : 1, remark: o.comment ?? null })
    },
    merge (id, o) { const c = find(id); merge(desk, c, find(o.into), act(c, o)) },
    spam (id, o) { close(desk, find(id), { at: at(o.at), author: world.bot }, 'spam') },
    remove (id, o) { const c = find(id); remove(desk, c, act(c, o)) },
    redact (id, o) {
      const c = find(id)
      if (!redactMessage(desk, c, o.messageId, act(c, o))) throw new Error(`nothing to redact in ${o.messageId}`)
    },
    convertToTicket (id, o) {
      const c = find(id)
      c.ticket = { ticketId: String(66100000 + world.next('ticket')), title: o.title, category: 'submitted' }
      touch(world, c, at(o.at))
      record(desk, c, act(c, o), 'updated', false)
    },
    addArticle (o) {
      const [id, time] = [String(1190000 + world.next('article')), at(o.at)]
      const { title, text } = o
      const state = o.draft === true ? 'draft' : 'published'
      const [body, times] = [toHtml(text), { created_at: time, updated_at: time }]
      world.articles.set(id, { id, title, description: '', body, state, ...times })
      return id
    },
    addMacro (o) {
      const [id, time] = [String(229000 + world.next('macro')), at(o.at)]
      world.macros.set(id, { id, name: o.name, body: o.html, created_at: time, updated_at: time })
      return id
    },
    addCompany (o) {
      const id = '69f0' + world.next('company').toString(16).padStart(20, '0')
      const time = at(o.at)
      world.companies.set(id, { id, companyId: o.companyId, name: o.name, plan: o.plan ?? null, at: time })
      getContact(world, o.person, time).companyIds.push(id)
      return id
    },
    addAttribute (name) { world.attributeNames.add(name) },
    mergeContact (person, into) {
      const time = secondsOf(booth.now())
      getContact(world, person, time).mergedInto = getContact(world, into, time).id
    },
    async validate (address) {
      const answered = await fetch(address, { method: 'HEAD', redirect: 'manual', signal: AbortSignal.timeout(5000) })
      return answered.status === 200
    },
    ping () { desk.webhooks.ping(secondsOf(booth.now())) },
    setNow: booth.setNow,
    get webhookUrl () { return booth.webhookUrl },
    set webhookUrl (address) { booth.webhookUrl = address },
    get faults () { return booth.faults },
    set faults (faults) { booth.faults = faults },
    pending: booth.pending,
    sent: booth.sent,
    journal: booth.journal,
    requests: booth.requests,
    send: booth.send,
    ticketIds: () => [...world.conversations.keys()],
    close: booth.close
  }
}

/** Whether the private flag of the next note is lost: a draw of its own, so that the other faults stay as they are. */
function makeLuck (booth: Booth): () => boolean {
  let seeded: number | null = null
  let random = makeRandom(0)
  return () => {
    if (seeded !== booth.faults.seed) {
      seeded = booth.faults.seed
      random = makeRandom(seeded ^ 0x2545F491)
    }
    return random() < booth.faults.publicNotes
  }
}

function secondsOf (instant: Instant): number {
  const ms = Date.parse(instant)
  if (Number.isNaN(ms)) throw new Error(`${instant} is no instant`)
  return Math.floor(ms / 1000)
}
