// The pretend Linear: real GraphQL over a workspace in memory, signed webhooks, and the few things people do there.
// It refuses what Linear refuses. https://linear.app/developers
import { openBooth } from './booth.ts'
import type { Booth, Sent } from './booth.ts'
import type { Delivery, Faults, Instant, JournalEntry, Sending } from './types.ts'
import { budgetHeaders, queryOf, rateLimited, serveGraph } from './linear-graph.ts'
import type { Budget } from './linear-graph.ts'
import { changeIssue, createComment, createIssue, createRelation, stateOfType, trashIssue } from './linear-issues.ts'
import { getIssue, identifierOf, makeWorkspace, threadOf } from './linear-records.ts'
import type { Attachment, Comment, Customer, Issue, Need, Relation, State, User, Webhook } from './linear-records.ts'
import { uploadHeaders } from './linear-root.ts'
import { stampDeliveries, tellChange } from './linear-webhooks.ts'

export interface LinearOptions {
  port?: number
  limits?: boolean                                  // refuse beyond the limits of section "rate limiting"; default: only count
  webhook?: boolean                                 // is the webhook of the settings already there? default: yes
  errorStatus?: 200 | 400                           // of an error in a resolver, which the vendor does not document; default 200
}

/** Who did it: a user's id, one of `users()`; the first person who is not Deskloop when absent. */
export interface Act { at: Instant, by?: string }

export interface PretendLinear {
  name: 'linear'
  url: string
  settings: { LINEAR_URL: string, LINEAR_API_KEY: string, LINEAR_WEBHOOK_SECRET: string }
  booth: Booth
  // What people do; each makes the vendor's webhooks, held until `send`. Issues by id or identifier.
  openIssue (o: Act & { title: string, description?: string }): string
  setState (issue: string, type: string, o: Act): void
  edit (issue: string, o: Act & {
    title?: string, priority?: number, assigneeId?: string | null, labelIds?: string[]
  }): void
  comment (issue: string, o: Act & { text: string }): string
  markDuplicate (issue: string, o: Act & { of: string }): void
  remove (issue: string, o: Act): void
  // What is there now: copies, in order of creation.
  issues (): Array<Issue & { identifier: string, state: State }>
  comments (issue: string): Comment[]
  attachments (issue: string): Attachment[]
  needs (issue: string): Need[]
  relations (issue: string): Relation[]
  customers (): Customer[]
  users (): User[]
  webhooks (): Webhook[]
  uploads (): Array<{ id: string, filename: string, stored: number | null }>
  setNow (at: Instant | null): void
  webhookUrl: string | null
  faults: Faults
  readonly pending: Delivery[]
  readonly sent: Delivery[]
  readonly journal: JournalEntry[]
  readonly requests: Booth['requests']
  /** Stamps what is held with the present time of this machine, as the vendor does, unless another instant is given. */
  send (sending?: Partial<Sending> & { stampMs?: number }): Promise<Sent>
  close (): Promise<void>
}

const API_KEY = 'lin_api_sandbox_0000000000000000000000000000'
const SECRET = 'lin_wh_sandbox_000000000000000000000000000000'

export async function openLinear (options: LinearOptions = {}): Promise<PretendLinear> {
  const used: Budget = { since: Date.now(), requests: 0, complexity: 0, searches: [] }
  const booth = openBooth({
    name: 'linear',
    isWrite: request => request.method === 'PUT' || /^\s*mutation\b/m.test(queryOf(request.body)),
    rateLimited: reply => reply.header('x-ratelimit-requests-remaining', '0').code(400).send({ errors: [rateLimited] }),
    broken: reply => reply.code(502).type('text/html').send('<html><body><h1>502 Bad Gateway</h1></body></html>'),
    headers: reply => budgetHeaders(reply, used)
  })
  const ws = makeWorkspace(booth.now, options.webhook === false ? null : SECRET)
  let delivered = 0
  ws.changed = change => tellChange(ws, booth, change, () => ++delivered)

  serveGraph(booth.app, ws, used, {
    apiKey: API_KEY, limits: options.limits === true, errorStatus: options.errorStatus ?? 200, origin: () => face.url
  })
  booth.app.addContentTypeParser(/^image\/|^application\/octet-stream|^text\//, { parseAs: 'buffer' }, (request, body, done) => {
    done(null, request.headers['x-sandbox-late'] === undefined ? body : bufferFromJson(String(body)))
  })
  // The storage behind fileUpload: a signed address takes exactly the file that was announced.
  booth.app.put<{ Params: { id: string }, Querystring: { signature?: string } }>('/uploads/:id', async (request, reply) => {
    const upload = ws.uploads.get(request.params.id)
    const signed = upload !== undefined && request.query.signature === upload.id.slice(0, 8) &&
      request.headers['content-type'] === upload.contentType &&
      Object.entries(uploadHeaders(upload)).every(([name, value]) => request.headers[name.toLowerCase()] === value)
    if (!signed) return reply.code(403).type('application/xml').send('<Error><Code>SignatureDoesNotMatch</Code></Error>')
    if (!Buffer.isBuffer(request.body) || request.body.length !== upload.size) {
      return reply.code(400).type('application/xml').send('<Error><Code>EntityTooLarge</Code></Error>')
    }
    upload.content = request.body
    return reply.code(200).send()
  })
  booth.app.get<{ Params: { id: string } }>('/assets/:id', async (request, reply) => {
    const upload = ws.uploads.get(request.params.id)
    if (upload === undefined || upload.content === null) return reply.code(404).send()
    if (request.headers.authorization !== API_KEY) return reply.code(401).send()
    return reply.type(upload.contentType).send(upload.content)
  })

  const someone = [...ws.users.values()].find(user => user !== ws.viewer) ?? ws.viewer
  const act = (o: Act): User => {
    booth.tell(o.at)
    return ws.users.get(o.by ?? '') ?? someone
  }
  const copy = <T>(value: T): T => structuredClone(value)
  const thread = (issue: string) => copy(threadOf(ws, getIssue(ws, issue).id))
  const url = await booth.listen(options.port)
  const face: PretendLinear = {
    name: 'linear',
    url,
    settings: { LINEAR_URL: url, LINEAR_API_KEY: API_KEY, LINEAR_WEBHOOK_SECRET: SECRET },
    booth,
    openIssue (o) {
      const teamId = [...ws.teams.keys()][0] ?? ''
      return createIssue(ws, { teamId, title: o.title, description: o.description ?? null }, act(o)).id
    },
    setState (id, type, o) {
      const issue = getIssue(ws, id)
      changeIssue(ws, issue, { stateId: stateOfType(ws, issue.teamId, type).id }, act(o))
    },
    edit (id, { at, by, ...changes }) {
      changeIssue(ws, getIssue(ws, id), changes, act(by === undefined ? { at } : { at, by }))
    },
    comment: (id, o) => createComment(ws, { issueId: id, body: o.text }, act(o)).id,
    markDuplicate (id, o) { createRelation(ws, { issueId: id, relatedIssueId: o.of, type: 'duplicate' }, act(o)) },
    remove (id, o) { trashIssue(ws, getIssue(ws, id), act(o)) },
    issues: () => [...ws.issues.values()].map(issue => copy({
      ...issue, identifier: identifierOf(ws, issue), state: stateById(issue.stateId)
    })),
    comments: id => thread(id).comments,
    attachments: id => thread(id).attachments,
    needs: id => thread(id).needs,
    relations: id => thread(id).relations,
    customers: () => copy([...ws.customers.values()]),
    users: () => copy([...ws.users.values()]),
    webhooks: () => copy([...ws.webhooks.values()]),
    uploads: () => [...ws.uploads.values()].map(upload => ({
      id: upload.id, filename: upload.filename, stored: upload.content?.length ?? null
    })),
    setNow: booth.setNow,
    get webhookUrl () { return booth.webhookUrl },
    set webhookUrl (to) { booth.webhookUrl = to },
    get faults () { return booth.faults },
    set faults (faults) { booth.faults = faults },
    get pending () { return booth.pending },
    get sent () { return booth.sent },
    get journal () { return booth.journal },
    get requests () { return booth.requests },
    send ({ stampMs, ...sending } = {}) {
      stampDeliveries(booth.pending, stampMs ?? Date.now())
      return booth.send(sending)
    },
    close: booth.close
  }
  function stateById (id: string): State {
    const state = ws.states.get(id)
    if (state === undefined) throw new Error(`the pretend Linear has no state ${id}`)
    return state
  }
  return face
}

// A body that is applied late was parsed once already: it comes back as the JSON of a buffer.
function bufferFromJson (text: string): Buffer {
  const parsed: unknown = JSON.parse(text)
  const data = typeof parsed === 'object' && parsed !== null && 'data' in parsed ? parsed.data : []
  return Buffer.from(Array.isArray(data) ? data.map(Number) : [])
}
