// The life of an answer. What one agent wrote once is no rule of the desk: an answer is shown only when several people
// stand behind it, and no longer when its own record says that it fails.
//
//   observed --a second reply--> candidate --enough agents and customers--> promoted
//   promoted --its drafts fail, or its source changed--> watch --they do not fail after all--> promoted
//   watch --nobody has sent it for 60 days--> retired --somebody sends it again--> candidate
//
// What the team itself has written down to be sent (a macro, a public article) begins as promoted.
import type { Instant } from '../types.ts'
import { hopeOf, trustOf } from './answers.ts'
import type { Answer } from './answers.ts'

export type AnswerState = 'observed' | 'candidate' | 'promoted' | 'watch' | 'retired'

/** How many different agents and customers must stand behind an answer before a note shows it. */
export interface SupportRules { leastAgents: number, leastCustomers: number }

export const HOPELESS = 0.3                                // upper bound of the share of good drafts below which an answer is watched
const TRUSTED = 0.45                                // lower bound from which a watched one is promoted again
const SILENT_DAYS = 60
const DAY_MS = 86_400_000

/** May a note show it? A team smaller than `leastAgents` cannot be asked for more agents than it has. */
export function isShown (answer: Answer): boolean {
  return answer.state === 'promoted'
}

/** The state that the record of an answer asks for now. `team`: agents known so far. Reads only. */
export function stateOf (answer: Answer, team: number, at: Instant, rules: SupportRules): AnswerState {
  const supported = answer.agents.length >= Math.min(rules.leastAgents, Math.max(1, team)) &&
    answer.customers.length >= rules.leastCustomers
  const begun = answer.replies > 1 ? 'candidate' : 'observed'
  switch (answer.state) {
    case 'observed':
    case 'candidate':
      return (supported || answer.from !== null) && hopeOf(answer) >= HOPELESS ? 'promoted' : begun
    case 'promoted':
      return hopeOf(answer) < HOPELESS ? 'watch' : 'promoted'
    case 'watch':
      if (trustOf(answer) >= TRUSTED) return 'promoted'
      return Date.parse(at) - Date.parse(answer.lastAt) > SILENT_DAYS * DAY_MS ? 'retired' : 'watch'
    case 'retired':
      return answer.lastAt > answer.stateAt ? 'candidate' : 'retired'
  }
}

/** Moves an answer to the state that its record asks for; `mayRise` is asked first. Changes `answer`; says whether it moved. */
export function moveOn (
  answer: Answer, team: number, at: Instant, rules: SupportRules, mayRise: () => boolean = () => true
): boolean {
  const next = stateOf(answer, team, at, rules)
  if (next === answer.state || (next === 'promoted' && !mayRise())) return false
  answer.state = next
  answer.stateAt = at
  return true
}

/** Its source was changed or taken away: half of its record is forgotten, and it is watched until it proves itself. */
export function doubt (answer: Answer, at: Instant): void {
  answer.from = null
  answer.good /= 2
  answer.bad /= 2
  answer.state = answer.replies === 0 ? 'retired' : 'watch'
  answer.stateAt = at
}

/** Why an answer may not be shown, in words. */
export function whyHeld (answer: Answer): string {
  switch (answer.state) {
    case 'watch': return 'its source changed or its drafts were replaced of late: it is being watched'
    case 'retired': return 'nobody has sent this answer for a long time'
    default: {
      const { agents, customers } = answer
      return `so far ${count(agents.length, 'agent')} sent it to ${count(customers.length, 'customer')}: more must stand behind it`
    }
  }
}

function count (n: number, what: string): string {
  return `${n === 0 ? 'no' : n} ${what}${n === 1 ? '' : 's'}`
}
