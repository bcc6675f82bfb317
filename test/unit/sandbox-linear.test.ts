// The pretend Linear: what it refuses, what it answers, what it sends.
import { createHmac } from 'node:crypto'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { IncomingHttpHeaders } from 'node:http'
import { join } from 'node:path'
import { buildSchema, GraphQLObjectType, GraphQLSchema, isInputObjectType, isObjectType, parse, validate } from 'graphql'
import { openLinear } from '../sandbox/linear.ts'
import type { PretendLinear } from '../sandbox/linear.ts'
import { linearSdl } from '../sandbox/linear-schema.ts'
import { linearSignature } from '../sandbox/linear-webhooks.ts'

const AT = '2026-11-20T09:00:00Z'
const facts = join(import.meta.dirname, '../../../shared')
const samples = join(facts, 'vendors/samples/linear')
const vendorSchema = join(facts, 'vendor-specs/linear-schema.graphql')

type Json = ReturnType<typeof JSON.parse>
interface Answer { status: number, headers: Headers, body: Json }

async function withLinear (
  run: (linear: PretendLinear) => Promise<void>, options: Parameters<typeof openLinear>[0] = {}
): Promise<void> {
  const linear = await openLinear(options)
  linear.setNow(AT)
  try { await run(linear) } finally { await linear.close() }
}

async function ask (
  linear: PretendLinear, query: string, variables: object = {}, key = linear.settings.LINEAR_API_KEY, patienceMs = 3_000
): Promise<Answer> {
  const answer = await fetch(`${linear.url}/graphql`, {
    method: 'POST', headers: { 'content-type': 'application/json', ...(key === '' ? {} : { authorization: key }) },
    body: JSON.stringify({ query, variables }), signal: AbortSignal.timeout(patienceMs)
  })
  const text = await answer.text()
  return { status: answer.status, headers: answer.headers, body: text.startsWith('{') ? JSON.parse(text) : text }
}

const SETUP = `query { viewer { id name organization { urlKey } }
  teams(first: 5) { nodes { id key triageEnabled states(first: 20) { nodes { id name type } } labels(first: 20) { nodes { id name } } } } }`
const CREATE = `mutation ($input: IssueCreateInput!) { issueCreate(input: $input) {
  success lastSyncId issue { id identifier number url title priority priorityLabel state { type } labels(first: 5) { nodes { name } } } } }`
const ID = '3b1f7d52-6d1e-4c0a-9d0e-2f4a5b6c7d8e'

interface Made { id: string, identifier: string, teamId: string }

async function makeIssue (linear: PretendLinear, input: object = {}): Promise<Made> {
  const setup = await ask(linear, SETUP)
  const teamId = setup.body.data.teams.nodes[0].id
  const made = await ask(linear, CREATE, { input: { teamId, title: 'Login loops after 2FA', ...input } })
  const { id, identifier } = made.body.data.issueCreate.issue
  return { id, identifier, teamId }
}

function readSample (name: string): Json {
  return JSON.parse(readFileSync(join(samples, name), 'utf8'))
}
/** A test against reference data of the vendor, which is not part of the project. */
function testWith (path: string, name: string, run: () => Promise<void>): void {
  if (existsSync(path)) test(name, run)
  else test.skip(`${name} (skipped: the vendor's reference data is not on this machine)`, run)
}

test('a key with Bearer before it, a wrong one and none are refused alike', () => withLinear(async linear => {
  for (const key of [`Bearer ${linear.settings.LINEAR_API_KEY}`, 'lin_api_other', '']) {
    const answer = await ask(linear, '{ viewer { id } }', {}, key)
    expect(answer.status).toBe(400)
    expect(answer.body.errors[0].extensions).toMatchObject({ type: 'authentication error', code: 'AUTHENTICATION_ERROR' })
  }
  expect((await ask(linear, '{ viewer { name } }')).body).toEqual({ data: { viewer: { name: 'Deskloop' } } })
}))

test('unknown fields, broken documents, wrong variables and dear queries are refused', () => withLinear(async linear => {
  const codeOf = async (query: string, variables?: object): Promise<unknown> => {
    const answer = await ask(linear, query, variables)
    return [answer.status, answer.body.errors[0].extensions.code]
  }
  expect(await codeOf('{ viewer { shoeSize } }')).toEqual([400, 'GRAPHQL_VALIDATION_FAILED'])
  expect(await codeOf('{ viewer { ')).toEqual([400, 'GRAPHQL_PARSE_FAILED'])
  expect(await codeOf('')).toEqual([400, 'BAD_REQUEST'])
  expect(await codeOf(CREATE, { input: { title: 'no team' } })).toEqual([400, 'BAD_USER_INPUT'])
  expect(await codeOf('{ issues(first: 250) { nodes { labels { nodes { id name } } } } }')).toEqual([400, 'INPUT_ERROR'])
  const form = await fetch(`${linear.url}/graphql`, { method: 'POST', body: new URLSearchParams({ query: '{viewer{id}}' }) })
  expect(form.status).toBe(415)
  expect((await fetch(`${linear.url}/rest`)).status).toBe(404)
}))

test('an issue is found by id and by identifier, and starts in triage', () => withLinear(async linear => {
  const { id, identifier } = await makeIssue(linear, { priority: 2 })
  expect(identifier).toBe('ESC-1')
  for (const key of [id, identifier]) {
    const answer = await ask(linear, 'query ($id: String!) { issue(id: $id) { id priorityLabel state { type } } }', { id: key })
    expect(answer.body.data.issue).toEqual({ id, priorityLabel: 'High', state: { type: 'triage' } })
  }
  const missing = await ask(linear, '{ issue(id: "ESC-99") { id } }')
  expect(missing.status).toBe(200)
  expect(missing.body.data).toBeNull()
  expect(missing.body.errors[0]).toMatchObject({
    message: 'Entity not found: Issue', path: ['issue'], extensions: { type: 'invalid input', code: 'INPUT_ERROR', statusCode: 400 }
  })
  expect(linear.journal).toMatchObject([{ kind: 'opened', by: 'api', public: false, ticketId: id, at: AT }])
}))

test('an id chosen by the client makes a second create an error, not a second issue', () => withLinear(async linear => {
  const { teamId } = await makeIssue(linear, { id: ID })
  const again = await ask(linear, CREATE, { input: { id: ID, teamId, title: 'Login loops' } })
  expect(again.body.errors[0].extensions.type).toBe('invalid input')
  expect(linear.issues().map(issue => issue.id)).toEqual([ID])
  const odd = await ask(linear, CREATE, { input: { id: 'clu_7', teamId, title: 'Login loops' } })
  expect(odd.body.errors[0].message).toBe('Argument Validation Error')
}))

test('labels, states, people and teams that do not exist are refused', () => withLinear(async linear => {
  const { teamId } = await makeIssue(linear)
  for (const [field, entity] of [['stateId', 'WorkflowState'], ['assigneeId', 'User'], ['parentId', 'Issue']]) {
    const answer = await ask(linear, CREATE, { input: { teamId, title: 'x', [field ?? '']: ID } })
    expect(answer.body.errors[0].message).toBe(`Entity not found: ${entity}`)
  }
  const label = await ask(linear, CREATE, { input: { teamId, title: 'x', labelIds: [ID] } })
  expect(label.body.errors[0].message).toBe('Entity not found: IssueLabel')
  const urgent = await ask(linear, CREATE, { input: { teamId, title: 'x', priority: 9 } })
  expect(urgent.body.errors[0].message).toBe('Argument Validation Error')
  const named = await ask(linear, CREATE, { input: { teamId, title: 'x', createAsUser: 'Somebody' } })
  expect(named.body.errors[0].message).toBe('Argument Validation Error')
  expect(linear.issues()).toHaveLength(1)
}))

test('labelIds replace the set, addedLabelIds add to it', () => withLinear(async linear => {
  const { id } = await makeIssue(linear)
  const make = 'mutation ($n: String!) { issueLabelCreate(input: { name: $n }) { issueLabel { id } } }'
  const [one, two] = await Promise.all(['spike', 'outage'].map(async n =>
    (await ask(linear, make, { n })).body.data.issueLabelCreate.issueLabel.id))
  expect((await ask(linear, make, { n: 'Spike' })).body.errors[0].extensions.type).toBe('invalid input')
  const update = 'mutation ($id: String!, $input: IssueUpdateInput!) { issueUpdate(id: $id, input: $input) { issue { labelIds } } }'
  const labelsAfter = async (input: object): Promise<unknown> =>
    (await ask(linear, update, { id, input })).body.data.issueUpdate.issue.labelIds
  expect(await labelsAfter({ labelIds: [one] })).toEqual([one])
  expect(await labelsAfter({ addedLabelIds: [two] })).toEqual([one, two])
  expect(await labelsAfter({ removedLabelIds: [one] })).toEqual([two])
  const last = JSON.parse(linear.pending.at(-1)?.body ?? '')
  expect(last).toMatchObject({ action: 'update', updatedFrom: { labelIds: [one, two] }, data: { labelIds: [two], labels: [{ name: 'outage' }] } })
}))

test('the address of an attachment is its key: the second create updates the first', () => withLinear(async linear => {
  const { id, identifier } = await makeIssue(linear)
  const create = 'mutation ($input: AttachmentCreateInput!) { attachmentCreate(input: $input) { attachment { id subtitle } } }'
  const input = { issueId: identifier, title: 'Ticket 11', url: 'https://help.example/t/11', subtitle: 'open' }
  const first = (await ask(linear, create, { input })).body.data.attachmentCreate.attachment
  const second = (await ask(linear, create, { input: { ...input, subtitle: 'solved' } })).body.data.attachmentCreate.attachment
  expect(second).toEqual({ id: first.id, subtitle: 'solved' })
  const link = 'mutation ($i: String!, $u: String!) { attachmentLinkURL(issueId: $i, url: $u, title: "T") { attachment { id } } }'
  expect((await ask(linear, link, { i: id, u: input.url })).body.data.attachmentLinkURL.attachment.id).toBe(first.id)
  const found = await ask(linear, 'query ($u: String!) { attachmentsForURL(url: $u, first: 5) { nodes { issue { identifier } } } }', { u: input.url })
  expect(found.body.data.attachmentsForURL.nodes).toEqual([{ issue: { identifier } }])
  const nested = await ask(linear, create, { input: { ...input, metadata: { a: { b: 1 } } } })
  expect(nested.body.errors[0].message).toBe('Argument Validation Error')
  expect(linear.attachments(id)).toHaveLength(1)
}))

test('customers are matched by external id or domain, and their requests are counted', () => withLinear(async linear => {
  const { id } = await makeIssue(linear)
  const upsert = 'mutation ($input: CustomerUpsertInput!) { customerUpsert(input: $input) { customer { id name revenue tier { name } } } }'
  const save = async (input: object): Promise<Answer['body']> => (await ask(linear, upsert, { input })).body
  const made = (await save({ externalId: 'acc-1', name: 'Pell Mills', domains: ['pell.example'], tierName: 'Gold' })).data.customerUpsert.customer
  expect(made).toMatchObject({ name: 'Pell Mills', tier: { name: 'Gold' } })
  expect((await save({ externalId: 'acc-1', revenue: 900 })).data.customerUpsert.customer).toMatchObject({ id: made.id, revenue: 900 })
  expect((await save({ domains: ['pell.example'] })).data.customerUpsert.customer.id).toBe(made.id)
  expect((await save({ externalId: 'acc-2' })).errors[0].message).toBe('Argument Validation Error')
  expect((await save({ name: 'Free', domains: ['gmail.com'] })).errors[0].message).toBe('Argument Validation Error')
  const need = 'mutation ($input: CustomerNeedCreateInput!) { customerNeedCreate(input: $input) { need { priority customer { id } } } }'
  const input = { issueId: id, customerExternalId: 'acc-1', attachmentUrl: 'https://help.example/t/12', body: 'Cannot log in', priority: 1 }
  const asked = (await ask(linear, need, { input })).body.data.customerNeedCreate.need
  expect(asked).toEqual({ priority: 1, customer: { id: made.id } })
  expect((await ask(linear, need, { input: { ...input, customerExternalId: 'acc-9' } })).body.errors[0].message).toBe('Entity not found: Customer')
  const count = await ask(linear, `{ issue(id: "${id}") { customerTicketCount attachments(first: 5) { nodes { url } } } }`)
  const attachments = { nodes: [{ url: input.attachmentUrl }] }
  expect(count.body.data.issue).toEqual({ customerTicketCount: 1, attachments })
}))

test('a list is read to its end, page by page, with a filter', () => withLinear(async linear => {
  for (let i = 1; i <= 12; i++) linear.openIssue({ at: `2026-11-20T09:${10 + i}:00Z`, title: `Case ${i}` })
  linear.setState('ESC-3', 'completed', { at: '2026-11-20T10:00:00Z' })
  linear.edit('ESC-5', { at: '2026-11-20T10:01:00Z', title: 'Case five: exports hang' })
  const query = `query ($after: String) { issues(first: 5, after: $after, orderBy: updatedAt,
    filter: { team: { key: { eq: "ESC" } }, state: { type: { nin: ["completed", "canceled"] } } }) {
    nodes { identifier } pageInfo { hasNextPage endCursor } } }`
  const seen: string[] = []
  for (let after: string | null = null, more = true; more;) {
    const page: Answer['body'] = (await ask(linear, query, { after })).body.data.issues
    seen.push(...page.nodes.map((node: { identifier: string }) => node.identifier))
    after = page.pageInfo.endCursor
    more = page.pageInfo.hasNextPage
  }
  expect(seen).toHaveLength(11)
  expect(new Set(seen).size).toBe(11)
  expect(seen).not.toContain('ESC-3')
  const found = await ask(linear, '{ searchIssues(term: "EXPORTS case", first: 5) { totalCount nodes { identifier } } }')
  expect(found.body.data.searchIssues).toEqual({ totalCount: 1, nodes: [{ identifier: 'ESC-5' }] })
  const free = await ask(linear, '{ issues(first: 5, filter: { assignee: { null: true }, title: { containsIgnoreCase: "FIVE" } }) { nodes { identifier } } }')
  expect(free.body.data.issues.nodes).toEqual([{ identifier: 'ESC-5' }])
  const bad = await ask(linear, '{ issues(first: 5, after: "nowhere") { nodes { id } } }')
  expect(bad.body.errors[0].message).toBe('Argument Validation Error')
}))

test('a file is uploaded with every header that was given back, and only so', () => withLinear(async linear => {
  const content = Buffer.from('not really a picture')
  const asked = await ask(linear, `mutation ($size: Int!) { fileUpload(contentType: "image/png", filename: "a.png", size: $size) {
    uploadFile { uploadUrl assetUrl headers { key value } } } }`, { size: content.length })
  const { uploadUrl, assetUrl, headers } = asked.body.data.fileUpload.uploadFile
  const given = Object.fromEntries(headers.map((header: { key: string, value: string }) => [header.key, header.value]))
  const put = async (extra: object): Promise<number> =>
    (await fetch(uploadUrl, { method: 'PUT', body: content, headers: { 'content-type': 'image/png', ...extra } })).status
  expect(await put({})).toBe(403)
  expect(await put(given)).toBe(200)
  expect(linear.uploads()).toMatchObject([{ filename: 'a.png', stored: content.length }])
  expect((await fetch(assetUrl)).status).toBe(401)
  const back = await fetch(assetUrl, { headers: { authorization: linear.settings.LINEAR_API_KEY } })
  expect(await back.text()).toBe(content.toString())
}))

test('webhooks are made for what people do, signed over the very bytes, and once more the same', () => withLinear(async linear => {
  const { id, identifier } = await makeIssue(linear)
  linear.setState(identifier, 'started', { at: '2026-11-20T09:05:00Z' })
  linear.setState(id, 'completed', { at: '2026-11-20T09:30:00Z' })
  linear.setState(id, 'started', { at: '2026-11-20T10:00:00Z' })
  linear.comment(id, { at: '2026-11-20T10:01:00Z', text: 'Again.' })
  linear.remove(id, { at: '2026-11-20T10:02:00Z' })
  const received: Array<{ headers: IncomingHttpHeaders, body: string }> = []
  let fail = true
  const server = createServer((request, response) => {
    let body = ''
    request.on('data', chunk => { body += String(chunk) }).on('end', () => {
      received.push({ headers: request.headers, body })
      response.writeHead(fail ? 500 : 200).end()
      fail = false
    })
  }).listen(0, '127.0.0.1')
  await new Promise(resolve => server.once('listening', resolve))
  const address = server.address()
  linear.webhookUrl = `http://127.0.0.1:${typeof address === 'object' ? address?.port : 0}/hooks/linear`
  const before = Date.now()
  expect(await linear.send({ concurrency: 1, retries: 1, retryMs: 1 })).toMatchObject({ sent: 6, failed: 0 })
  await new Promise(resolve => server.close(resolve))

  expect(received).toHaveLength(7)
  expect(received[1]?.body).toBe(received[0]?.body)
  for (const { headers, body } of received) {
    const digest = createHmac('sha256', linear.settings.LINEAR_WEBHOOK_SECRET).update(body).digest('hex')
    expect(headers['linear-signature']).toBe(digest)
    expect(headers['linear-event']).toBe(JSON.parse(body).type)
    expect(Number(headers['linear-timestamp'])).toBe(JSON.parse(body).webhookTimestamp)
    expect(JSON.parse(body).webhookTimestamp).toBeGreaterThanOrEqual(before)
  }
  const [, opened, started, done, again, comment, removed] = received.map(one => JSON.parse(one.body))
  expect(opened).toMatchObject({ action: 'create', actor: { name: 'Deskloop' }, data: { state: { type: 'triage' } } })
  expect(started).toMatchObject({ actor: { name: 'Mara Quill' }, updatedFrom: { stateId: opened.data.stateId, startedAt: null } })
  expect(done.updatedFrom).toMatchObject({ stateId: started.data.stateId, completedAt: null })
  expect(again).toMatchObject({ data: { state: { type: 'started' } }, updatedFrom: { completedAt: done.data.completedAt } })
  expect(again.data).not.toHaveProperty('completedAt')
  expect(comment).toMatchObject({ type: 'Comment', data: { issueId: id, body: 'Again.' } })
  expect(removed).toMatchObject({ action: 'remove', data: { trashed: true } })
  expect(removed).not.toHaveProperty('url')
  expect(new Set(received.map(one => one.headers['linear-delivery'])).size).toBe(6)
}))

test('a duplicate moves to the state for duplicates and keeps the relation', () => withLinear(async linear => {
  const one = linear.openIssue({ at: AT, title: 'First' })
  const two = linear.openIssue({ at: AT, title: 'Second' })
  linear.markDuplicate(two, { at: '2026-11-20T09:10:00Z', of: one })
  expect(linear.issues()[1]).toMatchObject({ state: { type: 'duplicate' } })
  expect(linear.relations(two)).toMatchObject([{ type: 'duplicate', relatedIssueId: one }])
  expect(JSON.parse(linear.pending.at(-1)?.body ?? '').updatedFrom).toHaveProperty('canceledAt', null)
}))

test('webhooks are managed through the interface: forms, listing, deleting', () => withLinear(async linear => {
  const create = 'mutation ($input: WebhookCreateInput!) { webhookCreate(input: $input) { webhook { id secret enabled } } }'
  const input = { url: 'https://deskloop.example/hooks/linear', resourceTypes: ['Issue'], allPublicTeams: true }
  const made = (await ask(linear, create, { input })).body.data.webhookCreate.webhook
  expect(made).toMatchObject({ enabled: true, secret: expect.stringMatching(/^lin_wh_/) })
  for (const wrong of [{ url: 'http://inside.example/x' }, { resourceTypes: [] }, { resourceTypes: ['Potato'] }, { allPublicTeams: false }]) {
    expect((await ask(linear, create, { input: { ...input, ...wrong } })).body.errors[0].extensions.type).toBe('invalid input')
  }
  linear.openIssue({ at: AT, title: 'Heard' })
  expect(linear.pending).toHaveLength(1)
  expect(linear.pending[0]?.headers(new Date())['linear-signature']).toBe(linearSignature(made.secret, linear.pending[0]?.body ?? ''))
  await ask(linear, 'mutation ($id: String!) { webhookDelete(id: $id) { success entityId } }', { id: made.id })
  expect((await ask(linear, '{ webhooks(first: 5) { nodes { id } } }')).body.data.webhooks.nodes).toEqual([])
}, { webhook: false }))

test('the same calls give the same ids and bodies', async () => {
  const bodies: string[][] = []
  for (let i = 0; i < 2; i++) {
    await withLinear(async linear => {
      const { id } = await makeIssue(linear)
      linear.setState(id, 'completed', { at: '2026-11-20T11:00:00Z' })
      bodies.push(linear.pending.map(delivery => delivery.body))
    })
  }
  expect(bodies[0]).toHaveLength(2)
  expect(bodies[1]).toEqual(bodies[0])
})

test('each fault does what it says, and reads are spared', () => withLinear(async linear => {
  const { teamId } = await makeIssue(linear)
  const create = (): Promise<Answer> => ask(linear, CREATE, { input: { teamId, title: 'Under fault' } })
  linear.faults = { ...linear.faults, error500: 1 }
  expect((await create()).status).toBe(502)
  expect((await ask(linear, '{ viewer { id } }')).status).toBe(200)
  linear.faults = { ...linear.faults, error500: 0, rateLimited: 1 }
  const limited = await create()
  expect([limited.status, limited.body.errors[0].extensions.code]).toEqual([400, 'RATELIMITED'])
  expect(limited.headers.get('x-ratelimit-requests-remaining')).toBe('0')
  expect(linear.issues()).toHaveLength(1)
  linear.faults = { ...linear.faults, rateLimited: 0, lostAnswer: 1 }
  await expect(create()).rejects.toThrow()
  expect(linear.issues()).toHaveLength(2)
  linear.faults = { ...linear.faults, lostAnswer: 0, late: 1, lateMs: 20 }
  const impatient = (title: string): Promise<Answer> =>
    ask(linear, CREATE, { input: { teamId, title } }, undefined, 150)
  await expect(impatient('Late')).rejects.toThrow()
  expect(linear.issues().map(issue => issue.title)).toContain('Late')
  linear.faults = { ...linear.faults, late: 0, hang: 1 }
  await expect(impatient('Never')).rejects.toThrow()
  expect(linear.issues()).toHaveLength(3)
  expect(linear.requests.filter(request => request.status === null)).toHaveLength(3)
}))

test('the budget counts down, and is held when limits are on', () => withLinear(async linear => {
  const first = await ask(linear, '{ viewer { id name } }')
  expect(first.headers.get('x-complexity')).toBe('2')
  expect(first.headers.get('x-ratelimit-requests-remaining')).toBe('2499')
  for (let i = 0; i < 30; i++) await ask(linear, '{ searchIssues(term: "a", first: 1) { totalCount } }')
  const over = await ask(linear, '{ searchIssues(term: "a", first: 1) { totalCount } }')
  expect([over.status, over.body.errors[0].extensions.code]).toEqual([400, 'RATELIMITED'])
}, { limits: true }))

testWith(samples, 'the bodies of our webhooks have the keys of real ones', () => withLinear(async linear => {
  const { id } = await makeIssue(linear)
  linear.setState(id, 'completed', { at: '2026-11-20T11:00:00Z' })
  linear.comment(id, { at: '2026-11-20T11:01:00Z', text: 'Fixed.' })
  await ask(linear, `mutation { attachmentCreate(input: { issueId: "${id}", title: "T", url: "https://help.example/1", subtitle: "s" }) { success } }`)
  linear.remove(id, { at: '2026-11-20T11:02:00Z' })
  const optional = new Set(['assignee', 'assigneeId', 'description', 'startedAt', 'triagedAt'])
  const names = ['webhook.Issue.create.json', 'webhook.Issue.update.state-completed.json', 'webhook.Comment.create.json',
    'webhook.Attachment.create.json', 'webhook.Issue.remove.json']
  names.forEach((name, i) => {
    const ours = JSON.parse(linear.pending[i]?.body ?? '{}')
    const real = readSample(name)
    expect([name, Object.keys(ours).sort()]).toEqual([name, Object.keys(real).sort()])
    const missing = Object.keys(real.data).filter(key => !(key in ours.data) && !optional.has(key))
    expect([name, missing]).toEqual([name, []])
  })
}))

testWith(samples, 'the signature of the published vector is ours', async () => {
  const vector = readSample('webhook.signature.vector.json')
  expect(linearSignature(vector.secret, vector.raw_body)).toBe(vector.headers['linear-signature'])
})

testWith(samples, 'every sample request is valid here and at the vendor', async () => {
  const ours = buildSchema(linearSdl)
  const vendor = existsSync(vendorSchema) ? buildSchema(readFileSync(vendorSchema, 'utf8'), { assumeValidSDL: true }) : ours
  const requests = readdirSync(samples).filter(name => name.endsWith('.request.json'))
  expect(requests.length).toBeGreaterThan(10)
  for (const name of requests) {
    const document = parse(readSample(name).query)
    expect([name, validate(ours, document).map(String)]).toEqual([name, []])
    expect([name, validate(vendor, document).map(String)]).toEqual([name, []])
  }
})

testWith(vendorSchema, 'what we serve exists at the vendor with the same types', async () => {
  const ours = buildSchema(linearSdl)
  const vendor = buildSchema(readFileSync(vendorSchema, 'utf8'), { assumeValidSDL: true })
  expect(foreign(ours, vendor)).toEqual([])
})

/** Fields, arguments and inputs of ours that the other schema does not have, or has with another type. */
function foreign (ours: GraphQLSchema, vendor: GraphQLSchema): string[] {
  const strange: string[] = []
  const compare = (where: string, mine: unknown, theirs: unknown): void => {
    if (String(mine) !== String(theirs)) strange.push(`${where}: ${String(mine)}, there ${String(theirs)}`)
  }
  for (const type of Object.values(ours.getTypeMap())) {
    if (type.name.startsWith('__') || (!isObjectType(type) && !isInputObjectType(type))) continue
    const real = vendor.getType(type.name)
    if (!isObjectType(real) && !isInputObjectType(real)) { strange.push(type.name); continue }
    for (const field of Object.values(type.getFields())) {
      const there = real.getFields()[field.name]
      compare(`${type.name}.${field.name}`, field.type, there?.type)
      if (!(type instanceof GraphQLObjectType) || !('args' in field) || there === undefined || !('args' in there)) continue
      for (const argument of field.args) {
        compare(`${type.name}.${field.name}(${argument.name})`, argument.type, there.args.find(one => one.name === argument.name)?.type)
      }
    }
  }
  return strange
}
