// How far an answer has come, as people read it: whether a note would show it, and if not, what is missing. Reads only.
import { hopeOf } from './answers.ts'
import { HOPELESS } from './lifecycle.ts'
import type { SupportRules } from './lifecycle.ts'
import type { Mind } from './mind.ts'

/** Only what is `active` is drafted. `observed`: sent once. `drifting`: its drafts fail of late, or its source changed. */
export type Life = 'observed' | 'proposed' | 'active' | 'drifting' | 'retired'

export interface ItemLife { life: Life, missing: string[] }

/**
 * The life of every item of the ledger that the mind knows, by its id, with what it still lacks in words such as
 * `2 of 3 customers`. What a person took out is as far as its record goes: the ledger tells that it is out. Pure.
 */
export function livesOf (mind: Mind, rules: SupportRules): Map<string, ItemLife> {
  const team = mind.answers.team.length
  const leastAgents = Math.min(rules.leastAgents, Math.max(1, team))
  return new Map(mind.ledger.ids.flatMap((id, i): Array<[string, ItemLife]> => {
    const answer = mind.answers.list[i]
    if (answer === undefined) return []
    const { state, agents, customers } = answer
    if (mind.ledger.out[i] === 'watch') return [[id, { life: 'drifting', missing: ['agents stopped sending it'] }]]
    if (state === 'promoted') return [[id, { life: 'active', missing: [] }]]
    if (state === 'watch') return [[id, { life: 'drifting', missing: ['drafts that are not replaced'] }]]
    if (state === 'retired') return [[id, { life: 'retired', missing: ['somebody who sends it again'] }]]
    const missing = [
      ...agents.length < leastAgents ? [`${agents.length} of ${leastAgents} agents`] : [],
      ...customers.length < rules.leastCustomers ? [`${customers.length} of ${rules.leastCustomers} customers`] : []
    ]
    // Enough stand behind it, and still it waits: what it would replace is still sent, or its drafts fail.
    const why = hopeOf(answer) < HOPELESS ? 'drafts that are not replaced' : 'agents still send another answer'
    return [[id, { life: state === 'observed' ? 'observed' : 'proposed', missing: missing.length > 0 ? missing : [why] }]]
  }))
}
