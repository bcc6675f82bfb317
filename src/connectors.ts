// Finds the connectors: each folder in connectors/ that holds an index.ts is one.
import { readdirSync, existsSync } from 'node:fs'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import type { Connector } from './types.ts'

export async function findConnectors (folder: string): Promise<Connector[]> {
  const found: Connector[] = []
  for (const entry of readdirSync(folder, { withFileTypes: true }).sort((a, b) => a.name < b.name ? -1 : 1)) {
    const file = join(folder, entry.name, 'index.ts')
    if (!entry.isDirectory() || !existsSync(file)) continue
    const module: unknown = await import(pathToFileURL(file).href)
    const connector: unknown = typeof module === 'object' && module !== null && 'default' in module ? module.default : null
    if (!isConnector(connector)) throw new Error(`${file} must export a Connector (src/types.ts) as its default`)
    if (connector.name !== entry.name) throw new Error(`${file} calls itself ${connector.name}: name it like its folder`)
    found.push(connector)
  }
  return found
}

function isConnector (value: unknown): value is Connector {
  return typeof value === 'object' && value !== null && 'name' in value && 'normalize' in value && 'open' in value &&
    'signature' in value && 'identify' in value && 'settings' in value && 'optional' in value
}
