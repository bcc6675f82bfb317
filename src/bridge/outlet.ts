// Sends one signed event to an outlet and says what became of it. Never follows a redirect, never reads an answer's body.
import type { Outlet, OutletAnswer } from '../outside.ts'
import { messageOf } from '../errors.ts'
import { signMessage } from './standard-webhook.ts'

const DEADLINE_MS = 15_000
const LONGEST_WAIT_MS = 86_400_000
const WORTH_ANOTHER_TRY = new Set([408, 409, 425, 429])

export interface Message { id: string, body: string }

export async function postToOutlet (
  outlet: Outlet, message: Message, nowMs: number, deadlineMs = DEADLINE_MS
): Promise<OutletAnswer> {
  try {
    const answer = await fetch(outlet.url, {
      method: 'POST',
      body: message.body,
      redirect: 'manual',
      signal: AbortSignal.timeout(deadlineMs),
      headers: {
        'content-type': 'application/cloudevents+json; charset=utf-8',
        'user-agent': 'Deskloop',
        ...signMessage(outlet.secrets, message.id, Math.floor(nowMs / 1000), message.body)
      }
    })
    await answer.body?.cancel()
    return judge(outlet.name, answer.status, answer.headers.get('retry-after'), nowMs)
  } catch (error) {
    const cause = error instanceof Error && error.cause !== undefined ? `: ${messageOf(error.cause)}` : ''
    return { kind: 'later', waitMs: 0, message: `${outlet.name} gave no answer (${messageOf(error)}${cause})` }
  }
}

/** What a status means: 410 is the specification's way to be left alone; other 4xx will not get better by themselves. */
export function judge (name: string, status: number, retryAfter: string | null, nowMs: number): OutletAnswer {
  if (status >= 200 && status < 300) return { kind: 'taken' }
  const message = `${name} answered ${status}`
  if (status === 410) return { kind: 'gone', message: `${message}: it wants no more events` }
  if (status >= 300 && status < 400) return { kind: 'refused', message: `${message}: redirects are not followed, give the final address` }
  if (status >= 400 && status < 500 && !WORTH_ANOTHER_TRY.has(status)) return { kind: 'refused', message }
  return { kind: 'later', message, waitMs: readWait(retryAfter, nowMs) }
}

// Retry-After is a number of seconds or a date. https://www.rfc-editor.org/rfc/rfc9110#field.retry-after
function readWait (given: string | null, nowMs: number): number {
  if (given === null) return 0
  const ms = /^\d+$/.test(given.trim()) ? Number(given) * 1000 : Date.parse(given) - nowMs
  return Number.isNaN(ms) ? 0 : Math.min(LONGEST_WAIT_MS, Math.max(0, ms))
}
