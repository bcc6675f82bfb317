// Reads source as text: which files there are, what one says without its comments, and what it imports.
import { readdirSync, readFileSync } from 'node:fs'
import { join, posix } from 'node:path'

export interface Import { from: string, to: string, type: boolean }

/** Every file below a folder, as paths from the root, in order; what is ignored is not entered. */
export function listFiles (root: string, folder: string, ignored: ReadonlySet<string> = new Set()): string[] {
  const entries = readdirSync(join(root, folder), { withFileTypes: true })
  return entries.filter(entry => !ignored.has(entry.name)).flatMap(entry => {
    const path = posix.join(folder, entry.name)
    return entry.isDirectory() ? listFiles(root, path, ignored) : entry.isFile() ? [path] : []
  }).sort()
}

/** The code without its comments; strings stay, and so does every line. */
export function withoutComments (source: string): string {
  return source.replace(/('(?:\\.|[^'\\\n])*'|"(?:\\.|[^"\\\n])*"|`(?:\\.|[^`\\])*`)|\/\*[\s\S]*?\*\/|\/\/[^\n]*/g,
    (whole, text: string | undefined) => text ?? whole.replace(/[^\n]/g, ''))
}

/** What a file imports, statically or not. A path is told from the root, a package as it is written. */
export function importsOf (file: string, source: string): Import[] {
  const code = withoutComments(source)
  const found: Array<[specifier: string, type: boolean]> = []
  for (const [, type, specifier] of code.matchAll(/^import\s+(type\s)?[^'"]*?from\s*['"]([^'"]+)['"]/gm)) {
    found.push([specifier ?? '', type !== undefined])
  }
  for (const [, type, specifier] of code.matchAll(/^export\s+(type\s)?\s*(?:\*(?:\s+as\s+\w+)?|\{[^}]*\})\s*from\s*['"]([^'"]+)['"]/gm)) {
    found.push([specifier ?? '', type !== undefined])
  }
  for (const [, specifier] of code.matchAll(/^import\s*['"]([^'"]+)['"]/gm)) found.push([specifier ?? '', false])
  for (const [, specifier] of code.matchAll(/\b(?:import|require|resolve)\s*\(\s*['"]([^'"]+)['"]/g)) found.push([specifier ?? '', false])
  return found.map(([specifier, type]) => {
    const to = specifier.startsWith('.') ? posix.join(posix.dirname(file), specifier) : specifier
    return { from: file, to, type }
  })
}

/** Whether a file imports something whose name is only known when it runs. */
export function importsUnnamed (source: string): boolean {
  return /\bimport\s*\(\s*[^'"\s)]|\bcreateRequire\b|\brequire\s*\(\s*[^'"\s)]/.test(withoutComments(source))
}

/** `@scope/name` or `name`, of a package or a file in it. */
export function packageOf (specifier: string): string {
  return specifier.split('/').slice(0, specifier.startsWith('@') ? 2 : 1).join('/')
}

export function readFrom (root: string, file: string): string {
  return readFileSync(join(root, file), 'utf8')
}
