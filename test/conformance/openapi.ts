// Holds requests against a vendor's own OpenAPI description, with a validator that is not ours (openapi-backend, ajv):
// is there such an operation, does it know every parameter of the query, does it take such a body?
import { readFileSync } from 'node:fs'
import { load } from 'js-yaml'
import { OpenAPIBackend } from 'openapi-backend'
import type { Document } from 'openapi-backend'

export interface WrittenDown {
  vendor: string, method: string, path: string, type?: string, agent?: string, status: number | null, body?: unknown
}

/** `operation` null: the description does not know it. */
export interface Judgement { operation: string | null, faults: string[] }

export type Judge = (request: WrittenDown) => Judgement

const METHODS = ['get', 'put', 'post', 'patch', 'delete', 'head', 'options']

/** `prefix` is what stands before the description's paths in ours; `suffix` what our addresses end with and it does not. */
export async function openDescription (file: string, prefix = '', suffix = /\.json$/): Promise<Judge> {
  const read: unknown = load(readFileSync(file, 'utf8'))
  const definition = named(tidied(read, read), file)
  const api = new OpenAPIBackend({
    definition,
    quick: true,                                    // compiles only what is asked for
    coerceTypes: true,                              // a query is text
    ajvOpts: { strict: false, validateFormats: false, allErrors: true, logger: false }
  })
  await api.init()
  return request => {
    const url = new URL(request.path, 'http://vendor.example')
    if (!url.pathname.startsWith(prefix)) return { operation: null, faults: [] }
    const path = url.pathname.slice(prefix.length).replace(suffix, '')
    const sent = {
      method: request.method.toLowerCase(),
      path,
      headers: { accept: 'application/json', ...(request.type === undefined ? {} : { 'content-type': request.type }) },
      query: Object.fromEntries(url.searchParams),
      body: request.body
    }
    const operation = api.router.matchOperation(sent)
    if (operation === undefined) return { operation: null, faults: [] }
    const name = `${operation.method.toUpperCase()} ${operation.path}`
    const { errors } = api.validator.validateRequest(sent, operation)
    const faults = (errors ?? []).map(({ instancePath, message = '', params }) => {
      const extra = recordOf(params).additionalProperty
      return `${instancePath} ${message}${extra === undefined ? '' : `: ${String(extra)}`}`.trim()
    })
    if (sent.body !== undefined && operation.requestBody === undefined) faults.push('a body is described nowhere')
    return { operation: name, faults: [...new Set(faults)] }
  }
}

// Examples are not judged, and some point to what was not published with the rest; so do some schemas, which then say
// nothing. OpenAPI 3.0 writes `nullable` also where no type stands, which JSON schema has no word for.
function tidied (node: unknown, whole: unknown, names = false): unknown {
  if (Array.isArray(node)) return node.map(one => tidied(one, whole))
  if (!isRecord(node)) return node
  const entries = Object.entries(node).filter(([key]) => names || !['example', 'examples', 'nullable'].includes(key))
  const kept = Object.fromEntries(entries.map(([key, value]) => [key, tidied(value, whole, !names && key === 'properties')]))
  if (names) return kept
  if (typeof kept.$ref === 'string' && !isThere(whole, kept.$ref)) return {}
  return node.nullable === true ? { anyOf: [kept, { type: 'null' }] } : kept
}

function isThere (whole: unknown, ref: string): boolean {
  let at: unknown = whole
  for (const part of ref.replace(/^#\//, '').split('/')) at = recordOf(at)[part.replaceAll('~1', '/').replaceAll('~0', '~')]
  return at !== undefined
}

// The validator calls operations by their ids, and some descriptions give none, or one twice.
function named (whole: unknown, file: string): Document {
  if (!isDocument(whole)) throw new Error(`${file} is no OpenAPI description`)
  const seen = new Set<string>()
  for (const [path, item] of Object.entries(recordOf(whole.paths))) {
    for (const method of METHODS) {
      const operation = recordIn(item, method)
      if (operation === null) continue
      const id = String(operation.operationId ?? '')
      if (id === '' || seen.has(id)) operation.operationId = `${method} ${path}`
      seen.add(String(operation.operationId))
    }
  }
  return whole
}

function isDocument (value: unknown): value is Document {
  return typeof value === 'object' && value !== null && 'openapi' in value && 'paths' in value
}

function recordOf (value: unknown): Record<string, unknown> {
  return typeof value === 'object' && value !== null ? { ...value } : {}
}

/** The object itself, not a copy: it is written to. */
function recordIn (value: unknown, name: string): Record<string, unknown> | null {
  const found: unknown = recordOf(value)[name]
  return isRecord(found) ? found : null
}

function isRecord (value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
