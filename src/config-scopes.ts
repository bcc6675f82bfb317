// config/scopes.json: on which tickets notes are wanted, per connection. Without the file: on all.
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { Ajv } from 'ajv'
import type { Scope } from './types.ts'

export function readScopes (folder: string, faults: string[]): Record<string, Scope> {
  const file = join(folder, 'scopes.json')
  if (!existsSync(file)) return {}
  const check = new Ajv({ allErrors: true }).compile<Record<string, Scope>>(readSchema(folder))
  try {
    const given: unknown = JSON.parse(readFileSync(file, 'utf8'))
    if (check(given)) return given
    for (const e of check.errors ?? []) faults.push(`${file}: ${e.instancePath.slice(1) || 'the file'} ${e.message ?? 'is wrong'}`)
  } catch (error) {
    faults.push(`${file} cannot be read: ${error instanceof Error ? error.message : String(error)}`)
  }
  return {}
}

function readSchema (folder: string): object {
  const schema: unknown = JSON.parse(readFileSync(join(folder, 'scopes.schema.json'), 'utf8'))
  if (typeof schema !== 'object' || schema === null) throw new Error('config/scopes.schema.json is no schema')
  return schema
}
