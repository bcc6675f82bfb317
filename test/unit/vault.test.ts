// What is sealed opens with its key at its place, and nowhere else.
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { openVault } from '../../src/store/vault.ts'

const A = 'a1'.repeat(32)
const B = 'b2'.repeat(32)
let folder: string
beforeEach(() => { folder = mkdtempSync(join(tmpdir(), 'deskloop-vault-')) })
afterEach(() => { rmSync(folder, { recursive: true }) })

test('any text comes back, and two seals of it differ', () => {
  const vault = openVault([A], folder)
  fc.assert(fc.property(fc.string({ unit: 'grapheme' }), fc.string(), (text, place) => {
    const [one, two] = [vault.seal(text, place), vault.seal(text, place)]
    expect(vault.open(one.sealed, one.keyId, place)).toBe(text)
    expect(one.sealed.equals(two.sealed)).toBe(false)
  }))
})

test('a changed byte, another place or another key opens nothing', () => {
  const vault = openVault([A], folder)
  const { sealed, keyId } = vault.seal('a token', 'zendesk/grant')
  for (let i = 0; i < sealed.length; i++) {
    const changed = Buffer.from(sealed)
    changed[i] = (changed[i] ?? 0) ^ 1
    expect(vault.open(changed, keyId, 'zendesk/grant')).toBeNull()
  }
  expect(vault.open(sealed, keyId, 'intercom/grant')).toBeNull()
  expect(vault.open(sealed.subarray(0, 20), keyId, 'zendesk/grant')).toBeNull()
  expect(openVault([B], folder).open(sealed, keyId, 'zendesk/grant')).toBeNull()
  expect(sealed.toString('latin1')).not.toContain('a token')
})

test('an older master key still opens, and the newest seals', () => {
  const old = openVault([A], folder).seal('a token', 'x')
  const both = openVault([B, A], folder)
  expect(both.open(old.sealed, old.keyId, 'x')).toBe('a token')
  const fresh = both.seal('a token', 'x')
  expect(openVault([B], folder).open(fresh.sealed, fresh.keyId, 'x')).toBe('a token')
})

test('the key file is made when it is first needed, is read by nobody else, and stays', () => {
  const file = join(folder, 'data', 'master.key')
  const vault = openVault([], join(folder, 'data'))
  expect(() => statSync(file)).toThrow('ENOENT')
  const { sealed, keyId } = vault.seal('a token', 'x')
  expect(statSync(file).mode & 0o777).toBe(0o600)
  const key = readFileSync(file, 'utf8')
  expect(openVault([], join(folder, 'data')).open(sealed, keyId, 'x')).toBe('a token')
  expect(readFileSync(file, 'utf8')).toBe(key)
})

test('a damaged key file is told, not replaced', () => {
  writeFileSync(join(folder, 'master.key'), 'gone')
  expect(() => openVault([], folder).seal('a token', 'x')).toThrow(/does not hold 64 hexadecimal digits/)
})
