// Under which conditions the notes are proved: how the pretend vendor misbehaves, and which time constants are shorter than
// in a real house, so that hours fit into minutes.
import type { Faults } from '../../test/sandbox/types.ts'
import { usualTempo } from '../../src/work/schedule.ts'
import type { Tempo } from '../../src/work/schedule.ts'

export interface Terms {
  deadlineMs: number
  resendAfterMs: number
  recheckMs: number
  blind: boolean
  faults: Partial<Faults>
}

const FAULTS: Partial<Faults> = {
  error500: 0.07, rateLimited: 0.05, lostAnswer: 0.10, hang: 0.05, late: 0.10, lateMs: 4_500, onlyWrites: true,
  refuseReads: true
}

const SCHEDULE_MS = [500, 1_000, 2_000, ...Array.from({ length: 20 }, () => 4_000)]
const USUAL_RESEND_MS: Readonly<Record<string, number>> = { zendesk: 5_000, intercom: 60_000, freshdesk: 60_000 }
const USUAL_DEADLINE_MS = 15_000

/** `late`: a lost write arrives long after it was sent again, as if it came later than any vendor was seen to be. */
export function termsFor (helpdesk: string, { late, blind }: { late: boolean, blind: boolean }): Terms {
  const resendAfterMs = helpdesk === 'zendesk' ? 5_000 : 8_000
  const faults = late ? { ...FAULTS, lateMs: 15_000 } : FAULTS
  const recheckMs = late ? 25_000 : 12_000
  return { deadlineMs: 1_500, resendAfterMs: late || blind ? 0 : resendAfterMs, recheckMs, blind, faults }
}

export function tempoOf (terms: Terms): Tempo {
  return { ...usualTempo, scheduleMs: SCHEDULE_MS, leaseMs: 4_000, recheckMs: terms.recheckMs }
}

/** What is not as in a real house, in words. */
export function shortened (helpdesk: string, terms: Terms): string[] {
  const tempo = tempoOf(terms)
  const seconds = (ms: number): string => `${ms / 1000} s`
  const pairs: Array<[string, number, number]> = [
    ['deadline of a call', terms.deadlineMs, USUAL_DEADLINE_MS],
    ['a lost write is sent again after', terms.resendAfterMs, USUAL_RESEND_MS[helpdesk] ?? 60_000],
    ['lease of a worker', tempo.leaseMs, usualTempo.leaseMs],
    ['read again after', tempo.recheckMs, usualTempo.recheckMs],
    ['longest wait between attempts', Math.max(...tempo.scheduleMs), Math.max(...usualTempo.scheduleMs)]
  ]
  return pairs.filter(([, now, usual]) => now !== usual)
    .map(([what, now, usual]) => `${what} ${seconds(now)} instead of ${seconds(usual)}`)
}
