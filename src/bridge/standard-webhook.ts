// Signed messages after the Standard Webhooks specification: anybody's library for it can check what we send.
// https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md
import { createHmac, timingSafeEqual } from 'node:crypto'
import type { Headers } from '../types.ts'
import type { SignedVerdict } from '../outside.ts'

const WINDOW_SECONDS = 300

/** The three headers of a message. With several secrets it carries a signature of each, so that one can be changed. */
export function signMessage (secrets: string[], id: string, atSeconds: number, body: string): Record<string, string> {
  return {
    'webhook-id': id,
    'webhook-timestamp': String(atSeconds),
    'webhook-signature': secrets.map(secret => `v1,${digest(secret, id, String(atSeconds), body).toString('base64')}`).join(' ')
  }
}

/** Is this message signed with one of the secrets, and lately? Otherwise the first reason why not. */
export function verifyMessage (secrets: string[], headers: Headers, body: string, nowSeconds: number): SignedVerdict {
  const id = headers['webhook-id'] ?? ''
  const stamp = headers['webhook-timestamp'] ?? ''
  const given = headers['webhook-signature'] ?? ''
  const missing = Object.entries({ 'webhook-id': id, 'webhook-timestamp': stamp, 'webhook-signature': given })
    .flatMap(([name, value]) => value === '' ? [name] : [])
  if (missing.length > 0) return { valid: false, reason: `these headers are missing: ${missing.join(', ')}` }
  if (!/^\d{1,11}$/.test(stamp)) return { valid: false, reason: 'webhook-timestamp must be seconds since 1970' }
  const signatures = given.split(' ').flatMap(part => part.startsWith('v1,') ? [Buffer.from(part.slice(3), 'base64')] : [])
  if (signatures.length === 0) return { valid: false, reason: 'webhook-signature holds no signature of version v1' }
  const wanted = secrets.map(secret => digest(secret, id, stamp, body))
  const right = wanted.map(one => signatures.map(other => isEqual(one, other)).includes(true)).includes(true)
  if (!right) {
    return { valid: false, reason: 'no signature fits: the secret is another one, or the body, id or timestamp was changed on the way' }
  }
  const ageSeconds = nowSeconds - Number(stamp)
  if (Math.abs(ageSeconds) > WINDOW_SECONDS) {
    const side = ageSeconds > 0 ? 'ago' : 'ahead'
    return { valid: false, reason: `the signature is right, but was made ${Math.abs(ageSeconds)} s ${side}: more than ${WINDOW_SECONDS} s` }
  }
  return { valid: true, signedAt: new Date(Number(stamp) * 1000).toISOString().slice(0, 19) + 'Z' }
}

function digest (secret: string, id: string, stamp: string, body: string): Buffer {
  const key = Buffer.from(secret.replace(/^whsec_/, ''), 'base64')
  return createHmac('sha256', key).update(`${id}.${stamp}.${body}`).digest()
}

function isEqual (a: Buffer, b: Buffer): boolean {
  return a.length === b.length && timingSafeEqual(a, b)
}
