// Seals what nobody shall read from the database: AES-256-GCM, bound to the place it belongs to, so that a sealed text
// moved to another row does not open. The newest master key seals; those behind it still open.
import { createCipheriv, createDecipheriv, createHash, randomBytes } from 'node:crypto'
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

export interface Sealed { sealed: Buffer, keyId: string }

export interface Vault {
  /** `place` names where it is kept, such as `zendesk/grant`. */
  seal (text: string, place: string): Sealed
  /** Null when none of our keys opens it. */
  open (sealed: Buffer, keyId: string, place: string): string | null
}

const NONCE = 12                                    // bytes, as NIST SP 800-38D recommends for GCM
const TAG = 16
const KEY_FILE = 'master.key'

/** `masterKeys` in hexadecimal digits, newest first. Without any, a file in `dataFolder` holds one, made when it is needed. */
export function openVault (masterKeys: readonly string[], dataFolder: string): Vault {
  let keys: Map<string, Buffer> | null = null
  const known = (): Map<string, Buffer> => {
    keys ??= new Map((masterKeys.length > 0 ? masterKeys : [readKeyFile(dataFolder)])
      .map(hex => Buffer.from(hex, 'hex')).map(key => [nameOf(key), key]))
    return keys
  }
  return {
    seal (text, place) {
      const [newest] = known()
      if (newest === undefined) throw new Error('there is no master key')
      const [keyId, key] = newest
      const nonce = randomBytes(NONCE)
      const cipher = createCipheriv('aes-256-gcm', key, nonce, { authTagLength: TAG }).setAAD(Buffer.from(place))
      const sealed = Buffer.concat([nonce, cipher.update(text, 'utf8'), cipher.final(), cipher.getAuthTag()])
      return { sealed, keyId }
    },
    open (sealed, keyId, place) {
      const key = known().get(keyId)
      if (key === undefined || sealed.length < NONCE + TAG) return null
      const nonce = sealed.subarray(0, NONCE)
      const decipher = createDecipheriv('aes-256-gcm', key, nonce, { authTagLength: TAG }).setAAD(Buffer.from(place))
      decipher.setAuthTag(sealed.subarray(-TAG))
      try {
        return Buffer.concat([decipher.update(sealed.subarray(NONCE, -TAG)), decipher.final()]).toString('utf8')
      } catch {
        return null                                 // changed, or moved here from another place
      }
    }
  }
}

function readKeyFile (folder: string): string {
  const file = join(folder, KEY_FILE)
  try {
    mkdirSync(folder, { recursive: true })
    // `wx`: of two processes that start together one makes the file, and both read it.
    writeFileSync(file, randomBytes(32).toString('hex') + '\n', { flag: 'wx', mode: 0o600 })
  } catch (error) {
    if (!isThere(error)) throw error
  }
  const key = readFileSync(file, 'utf8').trim()
  if (!/^[0-9a-f]{64}$/i.test(key)) throw new Error(`${file} does not hold 64 hexadecimal digits: restore it, or remove it and sign in again`)
  return key
}

function isThere (error: unknown): boolean {
  return typeof error === 'object' && error !== null && 'code' in error && error.code === 'EEXIST'
}

/** Says which key without saying anything of it. */
function nameOf (key: Buffer): string {
  return createHash('sha256').update('deskloop key ').update(key).digest('hex').slice(0, 16)
}
