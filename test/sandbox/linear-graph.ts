// The GraphQL endpoint of the pretend Linear: who may ask, what a query costs, and how each refusal looks.
// https://linear.app/developers/rate-limiting
import { buildSchema, execute, GraphQLError, parse, validate } from 'graphql'
import type { DocumentNode } from 'graphql'
import type { FastifyInstance, FastifyReply } from 'fastify'
import { costOf, MOST_COMPLEX } from './linear-cost.ts'
import type { Workspace } from './linear-records.ts'
import { makeRoot } from './linear-root.ts'
import { linearSdl } from './linear-schema.ts'

export interface GraphOptions {
  apiKey: string
  limits: boolean                                   // refuse beyond the limits, or only count
  errorStatus: 200 | 400                            // of an error in a resolver
  origin: () => string
}

export interface Budget {
  requests: number
  complexity: number
  since: number
  searches: number[]
}

interface Read { document: DocumentNode | null, errors: readonly GraphQLError[] }

export const rateLimited = { message: 'Rate limit exceeded', extensions: { code: 'RATELIMITED' } }

const HOUR = 3_600_000
const LIMITS = { requests: 2_500, complexity: 3_000_000, searches: 30 }
const authenticationError = {
  message: 'Authentication required, not authenticated',
  extensions: {
    type: 'authentication error', code: 'AUTHENTICATION_ERROR', statusCode: 401, userError: true,
    userPresentableMessage: 'You need to authenticate to access this operation.', meta: {}
  }
}

export function serveGraph (app: FastifyInstance, ws: Workspace, used: Budget, options: GraphOptions): void {
  const schema = buildSchema(linearSdl)
  const documents = new Map<string, Read>()
  const root = makeRoot(ws, options.origin, () => {
    used.searches = [...used.searches.filter(at => at > Date.now() - 60_000), Date.now()]
    if (!options.limits || used.searches.length <= LIMITS.searches) return
    throw new GraphQLError(rateLimited.message, { extensions: rateLimited.extensions })
  })

  app.post('/graphql', async (request, reply) => {
    if (request.headers.authorization !== options.apiKey) return refuse(reply, 400, [authenticationError])
    const { body } = request
    const query = queryOf(body)
    const variables = isRecord(body) && isRecord(body.variables) ? body.variables : {}
    if (query === '') return refuse(reply, 400, [graphqlError('The query must be a non-empty string.', 'BAD_REQUEST')])
    const { document, errors } = readDocument(query)
    if (document === null || errors.length > 0) return refuse(reply, 400, errors.map(error => error.toJSON()))
    const cost = costOf(schema, document, variables)
    reply.header('x-complexity', String(cost))
    if (cost > MOST_COMPLEX) return refuse(reply, 400, [graphqlError('Query too complex', 'INPUT_ERROR', 'invalid input')])
    used.requests++
    used.complexity += cost
    budgetHeaders(reply, used)
    if (options.limits && (used.requests > LIMITS.requests || used.complexity > LIMITS.complexity)) {
      return refuse(reply, 400, [rateLimited])
    }
    const operationName = isRecord(body) && typeof body.operationName === 'string' ? body.operationName : null
    const result = await execute({ schema, document, rootValue: root, variableValues: variables, operationName })
    if (result.errors === undefined) return result
    const bug = result.errors.find(error => error.originalError && !(error.originalError instanceof GraphQLError))
    if (bug?.originalError && bug.path !== undefined) throw bug.originalError
    if (result.errors.some(error => error.extensions.code === 'RATELIMITED')) return refuse(reply, 400, [rateLimited])
    const coercion = result.errors.every(error => error.path === undefined)       // variables of the wrong form
    const all = result.errors.map(error => coercion ? graphqlError(error.message, 'BAD_USER_INPUT') : error.toJSON())
    return reply.code(coercion ? 400 : options.errorStatus).send({ errors: all, data: result.data ?? null })
  })
  function readDocument (query: string): Read {
    const known = documents.get(query)
    if (known !== undefined) return known
    if (documents.size > 500) documents.clear()
    const read = readQuery(query)
    documents.set(query, read)
    return read
  }

  function readQuery (query: string): Read {
    try {
      const document = parse(query)
      return { document, errors: validate(schema, document).map(error => coded(error, 'GRAPHQL_VALIDATION_FAILED')) }
    } catch (error) {
      if (!(error instanceof GraphQLError)) throw error
      return { document: null, errors: [coded(error, 'GRAPHQL_PARSE_FAILED')] }
    }
  }
}

/** Every answer says what is left of the hour. The instants are milliseconds. */
export function budgetHeaders (reply: FastifyReply, used: Budget): void {
  if (Date.now() - used.since > HOUR) Object.assign(used, { since: Date.now(), requests: 0, complexity: 0 })
  for (const kind of ['requests', 'complexity'] as const) {
    reply.header(`x-ratelimit-${kind}-limit`, String(LIMITS[kind]))
    reply.header(`x-ratelimit-${kind}-remaining`, String(Math.max(0, LIMITS[kind] - used[kind])))
    reply.header(`x-ratelimit-${kind}-reset`, String(used.since + HOUR))
  }
}

export function queryOf (body: unknown): string {
  return isRecord(body) && typeof body.query === 'string' ? body.query.trim() : ''
}

function refuse (reply: FastifyReply, status: number, errors: object[]): FastifyReply {
  return reply.code(status).send({ errors })
}

// https://linear.app/developers/graphql#errors tells the types; the codes of these are those of the server it runs on.
function graphqlError (message: string, code: string, type = 'graphql error'): object {
  return { message, extensions: { type, code, statusCode: 400, userError: true, userPresentableMessage: message } }
}

function coded (error: GraphQLError, code: string): GraphQLError {
  const extensions = { type: 'graphql error', code, statusCode: 400, userError: true, userPresentableMessage: error.message }
  return new GraphQLError(error.message, {
    nodes: error.nodes ?? null, source: error.source ?? null, positions: error.positions ?? null, extensions
  })
}

function isRecord (value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
