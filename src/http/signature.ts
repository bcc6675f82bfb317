// Tells a true delivery from a false one, over the raw bytes and before anything is parsed. The comparison takes the same
// time either way, and up to five secrets may be live at once, so that one can be changed without a refused delivery.
import { createHash, createHmac, timingSafeEqual } from 'node:crypto'
import type { Headers, Settings, Signature } from '../types.ts'

export type Verdict = 'true' | 'false' | 'unset' | 'late'

const MOST_SECRETS = 5
const WINDOW_MS = 300_000

/**
 * `unset`: nobody is believed while there is no secret. `late`: the signature is right, and its signed instant lies more
 * than five minutes away from ours.
 */
export function verify (
  signature: Signature, settings: Settings, headers: Headers, body: Buffer, nowMs: number
): Verdict {
  const secrets = (
    settings[signature.secret] ?? ''
  ).split(',').map(s => s.trim()).filter(s => s !== '').slice(0, MOST_SECRETS)
  if (secrets.length === 0) return 'unset'
  const given = headers[signature.header] ?? ''
  if (signature.kind === 'shared') return secrets.map(s => isSame(s, given)).includes(true) ? 'true' : 'false'
  const { hash, encoding, prefix = '', timestamp } = signature
  const signedAt = timestamp === undefined ? '' : headers[timestamp] ?? ''
  const right = secrets.map(secret =>
    isSame(prefix + createHmac(hash, secret).update(signedAt).update(body).digest(encoding), given)).includes(true)
  if (!right) return 'false'
  if (timestamp === undefined) return 'true'
  const atMs = Date.parse(signedAt)
  return Number.isNaN(atMs) || Math.abs(atMs - nowMs) > WINDOW_MS ? 'late' : 'true'
}

/** Compares two texts of any length in a time that does not tell where they differ. */
export function isSame (a: string, b: string): boolean {
  return timingSafeEqual(createHash('sha256').update(a).digest(), createHash('sha256').update(b).digest())
}
