// Whoever holds our requests against a description must notice what is wrong with them: shown on a small one.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { openDescription } from '../conformance/openapi.ts'
import { openSchema } from '../conformance/graphql.ts'
import { judgeJournal } from '../conformance/report.ts'
import type { Vendor } from '../conformance/vendors.ts'

const DESCRIPTION = `
openapi: 3.0.3
info: { title: Lamps, version: '1' }
paths:
  /lamps/{id}:
    put:
      parameters:
        - { name: id, in: path, required: true, schema: { type: integer } }
        - { name: dim, in: query, schema: { type: integer } }
      requestBody:
        content: { application/json: { schema: { $ref: '#/components/schemas/Lamp' } } }
      responses: { '200': { description: done } }
    get:
      parameters: [ { name: id, in: path, required: true, schema: { type: integer } } ]
      responses: { '200': { description: done } }
components:
  schemas:
    Lamp:
      type: object
      required: [lit]
      properties: { lit: { type: boolean }, colour: { type: string, nullable: true }, gone: { $ref: '#/components/schemas/Nowhere' } }
`
const SCHEMA = 'type Query { lamp (id: Int!): Lamp } type Lamp { lit: Boolean }'

let folder: string
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'deskloop-conformance-'))
  writeFileSync(join(folder, 'lamps.yaml'), DESCRIPTION)
  writeFileSync(join(folder, 'lamps.graphql'), SCHEMA)
})
afterAll(() => { rmSync(folder, { recursive: true }) })

test.each([
  ['PUT', '/v1/lamps/7?dim=3', { lit: true, colour: null, gone: 1 }, 'PUT /lamps/{id}', []],
  ['PUT', '/v1/lamps/7', { lit: 'yes' }, 'PUT /lamps/{id}', [expect.stringContaining('/lit must be boolean')]],
  ['PUT', '/v1/lamps/7', {}, 'PUT /lamps/{id}', [expect.stringContaining("required property 'lit'")]],
  ['PUT', '/v1/lamps/7?dim=low', { lit: true }, 'PUT /lamps/{id}', [expect.stringContaining('/query/dim must be integer')]],
  ['PUT', '/v1/lamps/7?glow=1', { lit: true }, 'PUT /lamps/{id}', [expect.stringContaining('additional properties: glow')]],
  ['GET', '/v1/lamps/seven', undefined, 'GET /lamps/{id}', [expect.stringContaining('/path/id must be integer')]],
  ['GET', '/v1/lamps/7', { lit: true }, 'GET /lamps/{id}', ['a body is described nowhere']],
  ['DELETE', '/v1/lamps/7', undefined, null, []],
  ['GET', '/v2/lamps/7', undefined, null, []]
])('%s %s with %j', async (method, path, body, operation, faults) => {
  const judge = await openDescription(join(folder, 'lamps.yaml'), '/v1')
  expect(judge({ vendor: 'lamps', method, path, type: 'application/json', status: 200, body })).toEqual({ operation, faults })
})

test.each([
  ['query Q ($id: Int!) { lamp(id: $id) { lit } }', { id: 7 }, []],
  ['query Q ($id: Int!) { lamp(id: $id) { lit } }', {}, [expect.stringContaining('"$id" of required type "Int!" was not provided')]],
  ['{ lamp(id: 7) { shade } }', {}, [expect.stringContaining('Cannot query field "shade"')]],
  ['{ lamp { lit } }', {}, [expect.stringContaining('argument "id" of type "Int!" is required')]],
  ['{ lamp(', {}, [expect.stringContaining('Syntax Error')]]
])('graphql: %s with %j', (query, variables, faults) => {
  const judge = openSchema(join(folder, 'lamps.graphql'))
  expect(judge({ vendor: 'lamps', method: 'POST', path: '/graphql', status: 200, body: { query, variables } }).faults).toEqual(faults)
})

test('a journal is told apart: ours and others, our faults and those of the description', async () => {
  const journal = join(folder, 'requests.ndjson')
  const line = (path: string, agent: string, method = 'GET'): string => JSON.stringify({ vendor: 'lamps', method, path, agent, status: 200 })
  writeFileSync(journal, [
    line('/lamps/7', 'Deskloop'), line('/lamps/8', 'Deskloop'), line('/lamps/x', 'node'), line('/lamps/x', 'Deskloop'),
    line('/lamps/7?page=2', 'Deskloop'), line('/rooms/12', 'Deskloop'), line('/cellars/9', 'Deskloop')
  ].join('\n'))
  const lamps: Vendor = {
    name: 'lamps',
    open: at => openDescription(join(at, 'lamps.yaml')),
    silent: [{ where: /\/rooms\//, because: 'rooms are described elsewhere' }],
    wrong: [{ where: /additional properties: page$/, because: 'the text describes paging' }]
  }
  const [report] = await judgeJournal(journal, folder, [lamps])
  expect(report).toMatchObject({ requests: 6, others: 1, checked: 4, operations: 1, undescribed: 2 })
  expect(report?.violations.map(({ what, because }) => [what, because])).toEqual([
    ['GET /lamps/{id}: /path/id must be integer', null],
    ['GET /cellars/:id is not described', null],
    ['GET /lamps/{id}: /query must NOT have additional properties: page', 'the text describes paging'],
    ['GET /rooms/:id is not described', 'rooms are described elsewhere']
  ])
})
