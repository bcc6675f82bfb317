// Holds the requests that a connector sent against the vendor's own description of its interface (OpenAPI): is there
// such an address, does it take such a body, is a required parameter missing?
import { existsSync, readFileSync } from 'node:fs'
import { Ajv } from 'ajv'
import { load } from 'js-yaml'

export interface Spec {
  file: URL
  strip: RegExp                                     // what our addresses have and those of the description have not
  add?: string
  unknown: RegExp[]                                 // addresses that the description leaves out, each with its reason
  lax: RegExp[]                                     // `required` parameters that follow-up calls must not repeat
}

export interface Sent { method: string, path: string, body?: unknown }

type Tree = Record<string, unknown>

export function isThere (spec: Spec): boolean {
  return existsSync(spec.file)
}

/** What the vendor's description has against these requests. `checked` tells how many it knows. */
export function judge (spec: Spec, requests: Sent[]): { faults: string[], checked: number } {
  const whole = treeOf(nullable(load(readFileSync(spec.file, 'utf8'))))
  const ajv = new Ajv({ strict: false, validateFormats: false, validateSchema: false, allErrors: true })
  ajv.addSchema({ $id: 'vendor', components: whole.components, paths: whole.paths })
  const templates = Object.keys(treeOf(whole.paths))
  const faults = new Set<string>()
  let checked = 0
  for (const { method, path, body } of requests) {
    const url = new URL(path, 'http://vendor.example')
    const plain = (spec.add ?? '') + url.pathname.replace(spec.strip, '')
    const template = findTemplate(templates, plain)
    const operation = treeOf(treeOf(treeOf(whole.paths)[template ?? '']))[method.toLowerCase()]
    if (template === undefined || operation === undefined) {
      if (!spec.unknown.some(known => known.test(plain))) faults.add(`${method} ${plain} is not described`)
      continue
    }
    checked++
    for (const name of requiredIn(whole, treeOf(operation))) {
      if (!url.searchParams.has(name) && !spec.lax.some(known => known.test(`${template}?${name}`))) {
        faults.add(`${method} ${template} needs ${name}`)
      }
    }
    const schema = treeOf(treeOf(treeOf(treeOf(operation).requestBody).content)['application/json']).schema
    if (schema === undefined || body === undefined || body === null) continue
    const pointer = [template, method.toLowerCase(), 'requestBody', 'content', 'application/json', 'schema']
    const $ref = `vendor#/paths/${pointer.map(part => part.replaceAll('~', '~0').replaceAll('/', '~1').replaceAll('{', '%7B').replaceAll('}', '%7D')).join('/')}`
    if (ajv.validate({ $ref }, body)) continue
    for (const error of ajv.errors ?? []) faults.add(`${method} ${template}: body${error.instancePath} ${error.message ?? ''}`)
  }
  return { faults: [...faults], checked }
}

/** The address with the fewest placeholders that fits. */
function findTemplate (templates: string[], path: string): string | undefined {
  const fits = templates.filter(template => {
    const pattern = template.replace(/[.*+?^$()|[\]\\]/g, '\\$&').replace(/\{[^}]+\}/g, '[^/]+')
    return new RegExp(`^${pattern}$`).test(path)
  })
  return fits.sort((a, b) => a.split('{').length - b.split('{').length)[0]
}

function requiredIn (whole: Tree, operation: Tree): string[] {
  const parameters = Array.isArray(operation.parameters) ? operation.parameters.map(treeOf) : []
  return parameters.flatMap(parameter => {
    const name = /^#\/components\/parameters\/(.+)$/.exec(String(parameter.$ref))?.[1]
    const one = name === undefined ? parameter : treeOf(treeOf(treeOf(whole.components).parameters)[name])
    return one.in === 'query' && one.required === true ? [String(one.name)] : []
  })
}

// OpenAPI 3.0 says `nullable` beside a type; JSON schema wants the choice spelled out.
function nullable (node: unknown): unknown {
  if (Array.isArray(node)) return node.map(nullable)
  if (typeof node !== 'object' || node === null) return node
  const { nullable: canBeNull, example: _, examples: __, ...rest } = treeOf(node)
  const turned = Object.fromEntries(Object.entries(rest).map(([key, value]) =>
    [key, key === '$ref' ? String(value).replace(/^#\//, 'vendor#/') : nullable(value)]))
  return canBeNull === true ? { anyOf: [turned, { type: 'null' }] } : turned
}

function treeOf (value: unknown): Tree {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? { ...value } : {}
}
