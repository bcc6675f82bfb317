// What is known when an agent is about to answer: the customer's last words, what was answered before, what was looked
// up, the fields of the ticket. Each becomes features of its own, so that the same word means different things in each.
import { featuresOf, stemList } from './hashed.ts'
import type { Features } from './hashed.ts'

export interface Turn {
  said: string                                      // what the customer wrote since the last answer
  earlier: string                                   // and before that
  given: string[]                                   // the answers of this ticket so far, oldest first
  by: string | null                                 // who gave the last of them: people have habits
  lookup: string                                    // what the agent looked up for this answer; empty: nothing
  lookedUp: string                                  // what was looked up last before; empty: nothing
  fields: string[]                                  // as in `product=phone`
}

const MOST_EARLIER = 60
const MOST_LOOKUP = 30
const KIND_OF_LOOKUP = 3                            // first stems that tell what kind of thing was found
const WHOLE_LOOKUP = 8                              // and those that tell one result from another

/** The features of a turn. Order of the fields plays no part. */
export function turnFeatures (turn: Turn): Features {
  const { given, lookup, fields } = turn
  const last = given.at(-1) ?? '-'
  const by = turn.by ?? '-'
  const looks = lookup === '' ? 'no' : 'yes'
  const stems = [...new Set(stemList(turn.said))]
  const looked = [...new Set(stemList(lookup))].slice(0, MOST_LOOKUP)
  const before = [...new Set(stemList(turn.lookedUp))].slice(0, MOST_LOOKUP)
  const kind = looked.slice(0, KIND_OF_LOOKUP).join(' ')
  const whole = looked.slice(0, WHOLE_LOOKUP).join(' ')
  const facts = [
    `last=${last}`,
    `last two=${given.at(-2) ?? '-'} ${last}`,
    `turn=${Math.min(given.length, 12)}`,
    `lookup=${looks} after=${last}`,
    ...new Set(given.map(label => `given=${label}`)),
    ...stems.map(stem => `last=${last} says=${stem}`),
    ...looked.map(stem => `lookup says=${stem}`),
    ...looked.map(stem => `last=${last} lookup says=${stem}`),
    ...new Set(stemList(turn.earlier).slice(-MOST_EARLIER).map(stem => `earlier=${stem}`)),
    ...fields.flatMap(field => [field, `last=${last} ${field}`, `${field} lookup=${looks} after=${last}`]),
    `by=${by}`,
    `by=${by} last=${last}`,
    `by=${by} lookup=${looks}`,
    `found=${whole}`,
    `found=${whole} after=${last}`,
    ...(lookup === '' ? [] : stems.map(stem => `found ${kind} says=${stem}`)),
    ...before.map(stem => `lookup before says=${stem}`)
  ]
  return featuresOf(turn.said, facts)
}

/** Fields of a ticket by name and value, nested lists flattened; what is no plain value is left out. */
export function fieldsOf (context: Readonly<Record<string, unknown>>): string[] {
  return Object.entries(context).flatMap(([name, value]) => (Array.isArray(value) ? value : [value])
    .filter(v => typeof v === 'string' || typeof v === 'number' || typeof v === 'boolean')
    .map(v => `${name}=${v}`)).sort()
}
