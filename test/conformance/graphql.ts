// Holds GraphQL requests against the vendor's schema, with the rules of the GraphQL specification themselves
// (https://spec.graphql.org/ section 5, as graphql-js carries them out), variables included.
import { readFileSync } from 'node:fs'
import { buildSchema, getOperationAST, getVariableValues, parse, validate } from 'graphql'
import type { Judge } from './openapi.ts'

export function openSchema (file: string): Judge {
  const schema = buildSchema(readFileSync(file, 'utf8'), { assumeValidSDL: true })
  return ({ method, path, body }) => {
    if (method !== 'POST' || !path.startsWith('/graphql')) return { operation: null, faults: [] }
    const { query, variables, operationName } = wordsOf(body)
    let document
    try {
      document = parse(query)
    } catch (error) {
      return { operation: 'unreadable', faults: [String(error)] }
    }
    const operation = getOperationAST(document, operationName)
    if (operation === undefined || operation === null) return { operation: 'unnamed', faults: ['it names no operation'] }
    const fields = operation.selectionSet.selections.map(one => one.kind === 'Field' ? one.name.value : one.kind)
    const given = getVariableValues(schema, operation.variableDefinitions ?? [], variables)
    const faults = [...validate(schema, document), ...given.errors ?? []].map(error => error.message)
    return { operation: `${operation.operation} ${fields.join(', ')}`, faults: [...new Set(faults)] }
  }
}

interface Words { query: string, variables: Record<string, unknown>, operationName: string | undefined }

function wordsOf (body: unknown): Words {
  const given = typeof body === 'object' && body !== null ? body : {}
  const variables: unknown = 'variables' in given ? given.variables : null
  return {
    query: 'query' in given ? String(given.query) : '',
    variables: typeof variables === 'object' && variables !== null ? { ...variables } : {},
    operationName: 'operationName' in given && typeof given.operationName === 'string' ? given.operationName : undefined
  }
}
