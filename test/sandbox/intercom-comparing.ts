// Compares what the pretend intercom tells with what the vendor publishes: key by key with a sample, or by schema.

/** Paths that one has and the other lacks, as far as both have something there. */
export function differences (ours: unknown, theirs: unknown, path = ''): string[] {
  if (Array.isArray(ours) && Array.isArray(theirs)) {
    return ours.length === 0 || theirs.length === 0 ? [] : differences(ours[0], theirs[0], `${path}[0]`)
  }
  if (!isTree(ours) || !isTree(theirs)) return []
  if (path.endsWith('custom_attributes')) return []
  const missing = Object.keys(theirs).filter(key => !(key in ours)).map(key => `${path}.${key} is missing`)
  const extra = Object.keys(ours).filter(key => !(key in theirs)).map(key => `${path}.${key} is too much`)
  const deeper = Object.keys(ours).filter(key => key in theirs)
    .flatMap(key => differences(ours[key], theirs[key], `${path}.${key}`))
  return [...missing, ...extra, ...deeper]
}

function isTree (value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** OpenAPI 3.0 says `nullable` beside a reference; JSON schema wants the choice spelled out. */
export function nullable (whole: unknown): unknown {
  const components = isTree(whole) ? whole.components : {}
  const turn = (node: unknown): unknown => {
    if (Array.isArray(node)) return node.map(turn)
    if (!isTree(node)) return node
    const { nullable: canBeNull, example, ...rest } = node
    const turned = Object.fromEntries(Object.entries(rest).map(([key, value]) =>
      [key, key === '$ref' ? String(value).replace('#/', 'intercom#/') : turn(value)]))
    return canBeNull === true ? { anyOf: [turned, { type: 'null' }] } : turned
  }
  return turn(components)
}

export async function loadYaml (): Promise<((text: string) => unknown) | null> {
  try {
    const name = 'js-yaml'                          // comes with eslint; where it does not, the comparison is skipped
    const found: { load?: unknown } = await import(name)
    const { load } = found
    return typeof load === 'function' ? (text): unknown => load(text) : null
  } catch { return null /* not installed */ }
}
