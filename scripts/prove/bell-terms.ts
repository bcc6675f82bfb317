// Under which conditions the bell is proved: how the pretend vendors misbehave, which time constants are shorter than in a
// real house, and at which moments of an anomaly's life processes are killed.
import type { Faults } from '../../test/sandbox/types.ts'
import { usualTempo } from '../../src/work/schedule.ts'
import type { Tempo } from '../../src/work/schedule.ts'

/** An hour in which nobody reaches Slack and Linear. */
export const HOUR_MS = 6_000
export const DEADLINE_MS = 1_500
export const RESEND_MS = 2_500
const LATE_MS = 1_000
const ISSUES_MS = 3_000

export const tempo: Tempo = {
  ...usualTempo, scheduleMs: [300, 600, 1_000, ...Array.from({ length: 60 }, () => 1_500)], leaseMs: 2_000,
  leastLookMs: 800, recheckMs: 5_000, probeMs: 2_000, slackResendMs: RESEND_MS, issuesEveryMs: ISSUES_MS
}

const faults: Record<'slack' | 'linear' | 'zendesk', Partial<Faults>> = {
  slack: { error500: 0.06, rateLimited: 0.05, lostAnswer: 0.08, hang: 0.05, late: 0.08, lateMs: LATE_MS },
  linear: { error500: 0.06, rateLimited: 0, lostAnswer: 0.08, hang: 0.05, late: 0.08, lateMs: LATE_MS },
  zendesk: { error500: 0.04, rateLimited: 0.02, lostAnswer: 0.08, hang: 0.04, late: 0.08, lateMs: LATE_MS }
}

/** Linear asks for half a minute when it is asked too often, and that is kept: so it does so in every fifth run only. */
export function faultsOf (vendor: keyof typeof faults, run: number): Partial<Faults> {
  return { ...faults[vendor], ...(vendor === 'linear' && run % 5 === 0 ? { rateLimited: 0.01 } : {}), refuseReads: true }
}

export type Who = 'workers' | 'web'

/** `told`: which call of the service makes the moment, and what happens to it. `lost`: it never reaches the vendor. */
export interface Moment {
  name: string
  who: Who
  call: string                                      // as `Call.name` of the gates
  when: 'lost' | 'unanswered' | 'answered'
}

// One of each row is chosen in a run, so that every life is interrupted at its beginning, in its middle and at its end.
export const MOMENTS: Moment[][] = [
  [
    { name: 'before the watch tells', who: 'workers', call: 'hook zendesk', when: 'answered' },
    { name: 'message recorded', who: 'workers', call: 'slack post', when: 'lost' },
    { name: 'in the call to Slack', who: 'workers', call: 'slack post', when: 'unanswered' },
    { name: 'after the call to Slack', who: 'workers', call: 'slack post', when: 'answered' }
  ],
  [
    { name: 'at the press', who: 'web', call: 'hook slack', when: 'unanswered' },
    { name: 'after the answer to a press', who: 'web', call: 'hook slack', when: 'answered' },
    { name: 'issue recorded', who: 'workers', call: 'linear IssueCreate', when: 'lost' },
    { name: 'in the call to Linear', who: 'workers', call: 'linear IssueCreate', when: 'unanswered' },
    { name: 'after the call to Linear', who: 'workers', call: 'linear IssueCreate', when: 'answered' }
  ],
  [
    { name: 'at growth', who: 'workers', call: 'linear IssueUpdate', when: 'unanswered' },
    { name: 'at done', who: 'web', call: 'hook linear', when: 'unanswered' },
    { name: 'in the notes', who: 'workers', call: 'zendesk note', when: 'unanswered' },
    { name: 'at verification', who: 'workers', call: 'linear CommentCreate', when: 'unanswered' }
  ]
]

/** The moments of a run; over as many runs as its row has moments each comes once. */
export function momentsOf (run: number): Moment[] {
  return MOMENTS.flatMap((row, i) => row[(run + i * (1 + Math.floor(run / row.length))) % row.length] ?? [])
}

/** What is not as in a real house, in words. */
export function shortened (): string {
  const s = (ms: number): string => `${ms / 1000} s`
  return [
    `an hour in which Slack and Linear are down ${s(HOUR_MS)}`, `deadline of a call ${s(DEADLINE_MS)} instead of 15 to 20 s`,
    `a lost message or note is sent again after ${s(RESEND_MS)} instead of 5 to 60 s`,
    `lease of a worker ${s(tempo.leaseMs)} instead of ${s(usualTempo.leaseMs)}`,
    `Linear is asked how issues stand every ${s(ISSUES_MS)} instead of 5 min`,
    `longest wait between attempts ${s(Math.max(...tempo.scheduleMs))} instead of 24 h`,
    'the 72 h are the desk’s own, told by its clock'
  ].join('; ')
}
