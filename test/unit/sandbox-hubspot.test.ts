// The pretend HubSpot: what it refuses, what it answers, what was written to it.
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { Ajv } from 'ajv'
import { openHubspot } from '../sandbox/hubspot.ts'
import type { HubspotOptions, PretendHubspot } from '../sandbox/hubspot.ts'

type Json = ReturnType<typeof JSON.parse>
interface Answer { status: number, headers: Headers, body: Json }

const AT = '2026-11-20T09:00:00Z'
const facts = join(import.meta.dirname, '../../../shared')
const samples = join(facts, 'vendors/samples/hubspot')
const specs = join(facts, 'vendor-specs')

async function withHubspot (
  run: (hubspot: PretendHubspot) => Promise<void>, options: HubspotOptions = {}
): Promise<void> {
  const hubspot = await openHubspot(options)
  hubspot.setNow(AT)
  try { await run(hubspot) } finally { await hubspot.close() }
}

async function call (
  hubspot: PretendHubspot, method: string, path: string, body?: unknown, patienceMs = 3_000,
  token = hubspot.settings.HUBSPOT_ACCESS_TOKEN
): Promise<Answer> {
  const answer = await fetch(hubspot.url + path, {
    method, signal: AbortSignal.timeout(patienceMs),
    headers: {
      ...(token === '' ? {} : { authorization: `Bearer ${token}` }), ...(body === undefined ? {} : { 'content-type': 'application/json' })
    },
    ...(body === undefined ? {} : { body: JSON.stringify(body) })
  })
  const text = await answer.text()
  return { status: answer.status, headers: answer.headers, body: text.startsWith('{') ? JSON.parse(text) : text }
}

const search = (hubspot: PretendHubspot, type: string, body: object): Promise<Answer> =>
  call(hubspot, 'POST', `/crm/v3/objects/${type}/search`, { filterGroups: [], properties: [], sorts: [], limit: 100, after: '0', ...body })

const where = (propertyName: string, operator: string, value: unknown): object => ({
  filterGroups: [{ filters: [{ propertyName, operator, ...(Array.isArray(value) ? { values: value } : { value }) }] }]
})

/** One owner, one company and one of its people, who has a second address. */
function seed (hubspot: PretendHubspot): { owner: string, company: string, contact: string } {
  const owner = hubspot.addOwner({ at: AT, email: 'mara@lanternworks.example', firstName: 'Mara', lastName: 'Quill' })
  hubspot.addProperty('companies', { name: 'health', type: 'number' })
  const company = hubspot.addCompany({
    at: AT, properties: { name: 'Pell Mills', domain: 'pell.example', lifecyclestage: 'customer', hubspot_owner_id: owner, health: '71' }
  })
  const contact = hubspot.addContact({
    at: AT, companies: [company],
    properties: { email: 'Ona@pell.example', firstname: 'Ona', hs_additional_emails: 'ona.pell@mail.example;o@pell.example' }
  })
  return { owner, company, contact }
}

test('no token, a wrong one and a missing scope are refused', () => withHubspot(async hubspot => {
  const none = await call(hubspot, 'GET', '/crm/v3/owners', undefined, 3_000, '')
  expect([none.status, none.body.category, none.body.status]).toEqual([401, 'INVALID_AUTHENTICATION', 'error'])
  expect((await call(hubspot, 'GET', '/crm/v3/owners', undefined, 3_000, 'pat-na1-x')).status).toBe(401)
  const scope = await call(hubspot, 'GET', '/crm/v3/owners')
  expect([scope.status, scope.body.category]).toEqual([403, 'MISSING_SCOPES'])
  expect(scope.body.errors[0].context.requiredGranularScopes).toEqual(['crm.objects.owners.read'])
  expect((await call(hubspot, 'GET', '/crm/v9/moon')).status).toBe(404)
  expect((await call(hubspot, 'GET', '/crm/v3/objects/planets/1')).status).toBe(400)
}, { scopes: ['crm.objects.contacts.read'] }))

test('a contact is found by any of its addresses, with its companies', () => withHubspot(async hubspot => {
  const { company, contact } = seed(hubspot)
  const path = `/crm/v3/objects/contacts/${encodeURIComponent('o@pell.example')}?idProperty=email&properties=email,shoe_size&associations=companies`
  const found = await call(hubspot, 'GET', path)
  expect(found.body.id).toBe(contact)
  expect(found.body.properties).toMatchObject({ email: 'Ona@pell.example', hs_object_id: contact })
  expect(found.body.properties).not.toHaveProperty('shoe_size')
  expect(found.body.associations.companies.results).toEqual([
    { id: company, type: 'contact_to_company' }, { id: company, type: 'contact_to_company_unlabeled' }
  ])
  expect(found.headers.get('x-hubspot-ratelimit-interval-milliseconds')).toBe('10000')
  const missing = await call(hubspot, 'GET', '/crm/v3/objects/contacts/no%40one.example?idProperty=email')
  expect([missing.status, missing.body.category]).toEqual([404, 'OBJECT_NOT_FOUND'])
  const byEmail = await search(hubspot, 'contacts', where('email', 'EQ', 'ONA.PELL@mail.example'))
  expect(byEmail.body).toMatchObject({ total: 1, results: [{ id: contact, properties: { email: 'Ona@pell.example' } }] })
  expect(byEmail.headers.get('x-hubspot-ratelimit-remaining')).toBeNull()
}))

test('search: operators, groups, sorting, and pages to the end', () => withHubspot(async hubspot => {
  seed(hubspot)
  for (let i = 1; i <= 7; i++) {
    hubspot.addCompany({ at: AT, properties: { name: `Works ${i}`, domain: `w${i}.example`, annualrevenue: String(i * 1000) } })
  }
  const names = async (body: object): Promise<string[]> =>
    (await search(hubspot, 'companies', { properties: ['name'], ...body })).body.results.map((row: Json) => row.properties.name)
  expect(await names(where('annualrevenue', 'GT', '5000'))).toEqual(['Works 6', 'Works 7'])
  expect(await names(where('domain', 'IN', ['w1.example', 'pell.example']))).toEqual(['Pell Mills', 'Works 1'])
  expect(await names(where('annualrevenue', 'NOT_HAS_PROPERTY', ''))).toEqual(['Pell Mills'])
  expect(await names({ ...where('name', 'CONTAINS_TOKEN', 'works'), sorts: ['-annualrevenue'], limit: 2 })).toEqual(['Works 7', 'Works 6'])
  const either = { filterGroups: ['w2.example', 'w3.example'].map(value => ({ filters: [{ propertyName: 'domain', operator: 'EQ', value }] })) }
  expect(await names(either)).toEqual(['Works 2', 'Works 3'])
  const seen: string[] = []
  for (let after: string | undefined = '0'; after !== undefined;) {
    const page: Answer = await search(hubspot, 'companies', { limit: 3, after })
    expect(page.body.total).toBe(8)
    seen.push(...page.body.results.map((row: Json) => row.id))
    after = page.body.paging?.next.after
  }
  expect(new Set(seen).size).toBe(8)
}))

test('searches beyond the limits are refused', () => withHubspot(async hubspot => {
  const one = { propertyName: 'name', operator: 'EQ', value: 'x' }
  const group = (n: number): object => ({ filters: Array.from({ length: n }, () => one) })
  const wrong: object[] = [
    { limit: 201 }, { after: '9950', limit: 100 }, { filterGroups: Array.from({ length: 6 }, () => group(1)) },
    { filterGroups: [group(11)] }, { filterGroups: Array.from({ length: 3 }, () => group(9)) }, { query: 'x'.repeat(3001) },
    where('name', 'LIKE', 'x'), where('shoe_size', 'EQ', '4'), where('name', 'IN', 'x'), { sorts: ['nothing'] }, { colour: 'red' }
  ]
  for (const body of wrong) {
    const answer = await search(hubspot, 'companies', body)
    expect([body, answer.status, answer.body.category]).toEqual([body, 400, 'VALIDATION_ERROR'])
  }
  expect((await search(hubspot, 'companies', { limit: 200 })).body).toEqual({ total: 0, results: [] })
}))

test('batches answer 207 when something is missing', () => withHubspot(async hubspot => {
  const { company, contact } = seed(hubspot)
  const read = (inputs: object[]): Promise<Answer> =>
    call(hubspot, 'POST', '/crm/v3/objects/companies/batch/read', { inputs, properties: ['name', 'health'], propertiesWithHistory: [] })
  const all = await read([{ id: company }])
  expect([all.status, all.body.results[0].properties.health]).toEqual([200, '71'])
  const some = await read([{ id: company }, { id: '404' }])
  expect([some.status, some.body.numErrors, some.body.errors[0].context.ids]).toEqual([207, 1, ['404']])
  expect((await read(Array.from({ length: 101 }, (_, i) => ({ id: String(i) })))).status).toBe(400)
  const associated = await call(hubspot, 'POST', '/crm/v4/associations/contacts/companies/batch/read', { inputs: [{ id: contact }, { id: '9' }] })
  expect(associated.status).toBe(207)
  expect(associated.body.results).toEqual([{
    from: { id: contact },
    to: [{
      toObjectId: company,
      associationTypes: [{ category: 'HUBSPOT_DEFINED', typeId: 279, label: null }, { category: 'HUBSPOT_DEFINED', typeId: 1, label: 'Primary' }]
    }]
  }])
  const own = await call(hubspot, 'GET', `/crm/v4/objects/contacts/${contact}/associations/companies`)
  expect(own.body.results[0].toObjectId).toBe(Number(company))
}))

test('a note and a task are written to a company, and found again there', () => withHubspot(async hubspot => {
  const { owner, company, contact } = seed(hubspot)
  const to = (id: string, associationTypeId: number): object =>
    ({ to: { id }, types: [{ associationCategory: 'HUBSPOT_DEFINED', associationTypeId }] })
  const note = { hs_timestamp: '2026-11-20T09:00:00.000Z', hs_note_body: '<p>Three tickets came back.</p>', hubspot_owner_id: owner }
  const made = await call(hubspot, 'POST', '/crm/v3/objects/notes', { properties: note, associations: [to(company, 190), to(contact, 202)] })
  expect([made.status, made.body.properties.hs_timestamp]).toEqual([201, '2026-11-20T09:00:00Z'])
  const found = await call(hubspot, 'GET', `/crm/v4/objects/companies/${company}/associations/notes`)
  expect(found.body.results.map((row: Json) => String(row.toObjectId))).toEqual([made.body.id])
  const task = { hs_timestamp: '1763715600000', hs_task_subject: 'Call', hs_task_status: 'NOT_STARTED', hs_task_priority: 'HIGH' }
  expect((await call(hubspot, 'POST', '/crm/v3/objects/tasks', { properties: task, associations: [to(company, 192)] })).status).toBe(201)
  const wrong: Array<[string, object]> = [
    ['notes', { properties: { hs_note_body: 'no time' }, associations: [] }],
    ['notes', { properties: { ...note, colour: 'red' }, associations: [] }],
    ['notes', { properties: { ...note, hubspot_owner_id: '7' }, associations: [] }],
    ['notes', { properties: { ...note, hs_note_body: 'x'.repeat(65_537) }, associations: [] }],
    ['notes', { properties: note, associations: [to(company, 202)] }],
    ['notes', { properties: note, associations: [to('404', 190)] }],
    ['tasks', { properties: { ...task, hs_task_status: 'LATER' }, associations: [] }],
    ['tasks', { properties: { ...task, hs_timestamp: 'tomorrow' }, associations: [] }]
  ]
  for (const [type, body] of wrong) {
    const answer = await call(hubspot, 'POST', `/crm/v3/objects/${type}`, body)
    expect([body, answer.status, answer.body.category]).toEqual([body, 400, 'VALIDATION_ERROR'])
  }
  expect([hubspot.notes().length, hubspot.tasks().length]).toEqual([1, 1])
  expect(hubspot.journal).toMatchObject([
    { kind: 'note', by: 'api', public: false, ticketId: company, text: note.hs_note_body }, { kind: 'note', text: 'Call' }
  ])
}))

test('a property is looked up, made once, and then written', () => withHubspot(async hubspot => {
  const { company } = seed(hubspot)
  const path = '/crm/v3/properties/companies'
  expect((await call(hubspot, 'GET', `${path}/deskloop_risk`)).status).toBe(404)
  const write = (properties: object): Promise<Answer> => call(hubspot, 'PATCH', `/crm/v3/objects/companies/${company}`, { properties })
  const early = await write({ deskloop_risk: '0.4' })
  expect([early.status, early.body.message]).toEqual([400, expect.stringContaining('PROPERTY_DOESNT_EXIST')])
  const property = { name: 'deskloop_risk', label: 'Risk', type: 'number', fieldType: 'number', groupName: 'companyinformation' }
  expect((await call(hubspot, 'POST', path, property)).status).toBe(201)
  expect((await call(hubspot, 'POST', path, property)).status).toBe(409)
  for (const wrong of [{ name: 'Not Good' }, { type: 'potato' }, { fieldType: 'select' }, { groupName: 'nowhere' }, { label: '' }]) {
    expect((await call(hubspot, 'POST', path, { ...property, name: 'other', ...wrong })).status).toBe(400)
  }
  expect((await call(hubspot, 'GET', `${path}/deskloop_risk`)).body).toMatchObject({ name: 'deskloop_risk', type: 'number' })
  expect((await write({ deskloop_risk: '0.4' })).body.properties.deskloop_risk).toBe('0.4')
  expect((await write({ deskloop_risk: 'high' })).body.message).toContain('INVALID_INTEGER')
  expect((await write({ createdate: '1' })).body.message).toContain('READ_ONLY_VALUE')
  expect((await write({})).status).toBe(400)
  hubspot.archive('companies', company)
  expect((await write({ deskloop_risk: '0.5' })).status).toBe(404)
}))

test('owners, one and all', () => withHubspot(async hubspot => {
  const { owner } = seed(hubspot)
  hubspot.addOwner({ at: AT, email: 'jonas@lanternworks.example', firstName: 'Jonas', lastName: 'Ferrow' })
  expect((await call(hubspot, 'GET', `/crm/v3/owners/${owner}`)).body).toMatchObject({ id: owner, firstName: 'Mara', type: 'PERSON' })
  expect((await call(hubspot, 'GET', '/crm/v3/owners/7')).status).toBe(404)
  const first = await call(hubspot, 'GET', '/crm/v3/owners?limit=1')
  const rest = await call(hubspot, 'GET', `/crm/v3/owners?limit=1&after=${first.body.paging.next.after}`)
  expect([first, rest].map(page => page.body.results[0].firstName)).toEqual(['Mara', 'Jonas'])
  expect(rest.body).not.toHaveProperty('paging')
}))

test('each fault does what it says, and reads are spared', () => withHubspot(async hubspot => {
  const { company } = seed(hubspot)
  const write = (name: string, patienceMs?: number): Promise<Answer> =>
    call(hubspot, 'PATCH', `/crm/v3/objects/companies/${company}`, { properties: { name } }, patienceMs)
  const nameNow = (): unknown => hubspot.companies()[0]?.properties.name
  hubspot.faults = { ...hubspot.faults, error500: 1 }
  expect((await write('one')).status).toBe(500)
  expect((await search(hubspot, 'companies', {})).status).toBe(200)
  hubspot.faults = { ...hubspot.faults, error500: 0, rateLimited: 1 }
  const limited = await write('one')
  expect([limited.status, limited.body.policyName]).toEqual([429, 'TEN_SECONDLY_ROLLING'])
  expect(limited.body).not.toHaveProperty('category')
  hubspot.faults = { ...hubspot.faults, rateLimited: 0, hang: 1 }
  await expect(write('one', 100)).rejects.toThrow()
  expect(nameNow()).toBe('Pell Mills')
  hubspot.faults = { ...hubspot.faults, hang: 0, lostAnswer: 1 }
  await expect(write('two')).rejects.toThrow()
  expect(nameNow()).toBe('two')
  hubspot.faults = { ...hubspot.faults, lostAnswer: 0, late: 1, lateMs: 20 }
  await expect(write('three', 150)).rejects.toThrow()
  expect(nameNow()).toBe('three')
}))

test('with limits on, searches have a limit of their own', () => withHubspot(async hubspot => {
  const answers = await Promise.all(Array.from({ length: 7 }, () => search(hubspot, 'contacts', {})))
  expect(answers.map(answer => answer.status).sort()).toEqual([200, 200, 200, 200, 200, 429, 429])
  expect(answers.find(answer => answer.status === 429)?.body).toMatchObject({ policyName: 'SECONDLY', errorType: 'RATE_LIMIT' })
}, { limits: true }))

test('the same calls give the same answers', async () => {
  const answers: Json[] = []
  for (let i = 0; i < 2; i++) {
    await withHubspot(async hubspot => {
      const { contact } = seed(hubspot)
      answers.push((await call(hubspot, 'GET', `/crm/v3/objects/contacts/${contact}?associations=companies`)).body)
    })
  }
  expect(answers[0].id).toMatch(/^\d{12}$/)
  expect(answers[1]).toEqual(answers[0])
})

/** A test against reference data of the vendor, which is not part of the project. */
function testWith (path: string, name: string, run: () => Promise<void>): void {
  if (existsSync(path)) test(name, run)
  else test.skip(`${name} (skipped: the vendor's reference data is not on this machine)`, run)
}

function readSample (name: string): Json {
  return JSON.parse(readFileSync(join(samples, name), 'utf8'))
}

/** The commonest answers, each with the sample it resembles. */
async function commonAnswers (hubspot: PretendHubspot): Promise<Record<string, Answer>> {
  const { owner, company, contact } = seed(hubspot)
  const note = { hs_timestamp: AT, hs_note_body: 'Hello', hubspot_owner_id: owner }
  const inputs = [{ id: company }, { id: '1' }]
  return {
    'contacts.get.by-email.with-companies.response.json':
      await call(hubspot, 'GET', '/crm/v3/objects/contacts/ona@pell.example?idProperty=email&associations=companies'),
    'companies.get.response.json': await call(hubspot, 'GET', `/crm/v3/objects/companies/${company}`),
    'companies.batch-read.response.207.json':
      await call(hubspot, 'POST', '/crm/v3/objects/companies/batch/read', { inputs, properties: ['name'], propertiesWithHistory: [] }),
    'associations.v4.batch-read.response.json':
      await call(hubspot, 'POST', '/crm/v4/associations/contacts/companies/batch/read', { inputs: [{ id: contact }] }),
    'contacts.search.none.response.json': await search(hubspot, 'contacts', where('email', 'EQ', 'x@y.example')),
    'notes.create.response.201.json': await call(hubspot, 'POST', '/crm/v3/objects/notes', { properties: note, associations: [] }),
    'owners.list.response.json': await call(hubspot, 'GET', '/crm/v3/owners'),
    'contacts.get.not-found.404.json': await call(hubspot, 'GET', '/crm/v3/objects/contacts/1'),
    'error.400.validation.json': await call(hubspot, 'PATCH', `/crm/v3/objects/companies/${company}`, { properties: { nope: '1' } }),
    'error.401.json': await call(hubspot, 'GET', '/crm/v3/owners', undefined, 3_000, '')
  }
}

testWith(samples, 'answers have the keys of real ones', () => withHubspot(async hubspot => {
  const keysOf = (value: Json): string[] => Object.keys(value).sort()
  for (const [name, { body }] of Object.entries(await commonAnswers(hubspot))) {
    const real = readSample(name)
    expect([name, keysOf(body)]).toEqual([name, keysOf(real)])
    const [first, realFirst] = [body.results?.[0], real.results?.[0]]
    if (realFirst !== undefined) expect([name, keysOf(first)]).toEqual([name, keysOf(realFirst)])
  }
}))

testWith(samples, 'the sample requests are taken', () => withHubspot(async hubspot => {
  const { company, contact, owner } = seed(hubspot)
  const ours = (name: string): Json => JSON.parse(JSON.stringify(readSample(name))
    .replaceAll('31877204519', company).replaceAll('210448817301', contact).replaceAll('118204417', owner))
  const post = async (path: string, name: string): Promise<number> => (await call(hubspot, 'POST', path, ours(name))).status
  expect(await post('/crm/v3/objects/contacts/search', 'contacts.search.by-email.request.json')).toBe(200)
  expect(await post('/crm/v3/objects/companies/batch/read', 'companies.batch-read.request.json')).toBe(207)
  expect(await post('/crm/v4/associations/contacts/companies/batch/read', 'associations.v4.batch-read.request.json')).toBe(200)
  expect(await post('/crm/v3/objects/notes', 'notes.create.request.json')).toBe(201)
  expect(await post('/crm/v3/objects/tasks', 'tasks.create.request.json')).toBe(201)
}))

testWith(specs, 'answers are valid by the published description', () => withHubspot(async hubspot => {
  const answers = await commonAnswers(hubspot)
  const table: Array<[file: string, schema: string, answer: string]> = [
    ['contacts-v3', 'SimplePublicObjectWithAssociations', 'contacts.get.by-email.with-companies.response.json'],
    ['companies-v3', 'SimplePublicObjectWithAssociations', 'companies.get.response.json'],
    ['notes-v3', 'SimplePublicObject', 'notes.create.response.201.json'],
    ['owners-v3', 'CollectionResponsePublicOwnerForwardPaging', 'owners.list.response.json'],
    ['associations-v4', 'BatchResponsePublicAssociationMultiWithLabel', 'associations.v4.batch-read.response.json']
  ]
  for (const [file, schema, name] of table) {
    const spec = JSON.parse(readFileSync(join(specs, `hubspot-crm-${file}.json`), 'utf8'))
    const ajv = new Ajv({ strict: false, validateFormats: false })
    ajv.addSchema({ $id: 'spec', components: spec.components })
    const validate = ajv.getSchema(`spec#/components/schemas/${schema}`)
    expect([name, typeof validate]).toEqual([name, 'function'])
    validate?.(withoutNulls(answers[name]?.body))
    expect([name, validate?.errors ?? null]).toEqual([name, null])
  }
}))

/** The description says text where the vendor answers null, so what is unset is left out before it is checked. */
function withoutNulls (value: Json): Json {
  return JSON.parse(JSON.stringify(value), (_key, inner) => inner === null ? undefined : inner)
}
