// What an engineer asks in a comment on an issue, and what the tickets say to it: only counts of what was asked for. The
// words of the comment choose which counts are told and nothing else.
import { FACTS, LABELS, tellFact } from './ticket-facts.ts'
import type { Fact, FactKind } from './ticket-facts.ts'

const ASKED: Record<FactKind, RegExp> = {
  page: /\b(pages?|urls?|routes?|screens?|views?|where (?:does|do|did|is|are))\b/i,
  error: /\b(errors?|codes?|messages?|exceptions?|status(?: codes?)?)\b/i,
  browser: /\b(browsers?|chrome|safari|firefox|edge|user[ -]?agents?)\b/i,
  system: /\b(os|operating systems?|platforms?|devices?|windows|mac ?os|mac|ios|android|mobile|desktop|phones?)\b/i,
  version: /\b(versions?|releases?|builds?|deploy(?:s|ments?)?)\b/i,
  plan: /\b(plans?|tiers?|segments?|subscriptions?|packages?)\b/i,
  language: /\b(languages?|locales?|countr(?:y|ies)|regions?)\b/i,
  hour: /\b(when|since|what time|times?|hours?|started?|begin|began|first seen|how long)\b/i,
  steps: /\b(steps?|reproduc\w*|repro|how (?:do|can|did) (?:they|customers?|users?|we|i)|click\w*|path|flow)\b/i
}
const NUMBERS = /\b(how many|how much|number of|count|volume|affected|customers?|tickets?)\b/i
const ASKS = /\?|^\s*(which|what|when|where|who|how|do|does|did|is|are|was|were|can|could|any)\b/im
const LONGEST = 4_000

export interface Asked { kinds: FactKind[], numbers: boolean }

/** What a comment asks for; null: it asks nothing. `kinds` empty and no `numbers`: something that nobody counts. Pure. */
export function readQuestion (comment: string): Asked | null {
  // What is quoted or shown as code is somebody else's.
  const text = comment.slice(0, LONGEST).replace(/```[\s\S]*?(?:```|$)/g, ' ').replace(/^>.*$/gm, ' ')
  if (!ASKS.test(text)) return null
  const kinds = FACTS.filter(kind => ASKED[kind].test(text))
  return { kinds, numbers: NUMBERS.test(text) }
}

/** The answer as Markdown: a line for each count, and for what is not known what is known instead. Pure. */
export function answerFrom (
  asked: Asked, facts: Fact[], { tickets, customers }: { tickets: number, customers: number },
  escape: (text: string) => string
): string {
  const known = facts.filter(fact => fact.values.length > 0)
  const lines = asked.kinds.map(kind => {
    const fact = facts.find(f => f.kind === kind)
    const told = fact === undefined ? '' : tellFact(fact)
    const missing = `no two customers of ${count(tickets, 'ticket')} state the same`
    return `- ${LABELS[kind]}: ${told === '' ? missing : escape(told)}`
  })
  if (asked.numbers) lines.unshift(`- ${count(tickets, 'ticket')} of ${count(customers, 'customer')}`)
  const unknown = asked.kinds.filter(kind => !known.some(fact => fact.kind === kind))
    .map(kind => LABELS[kind].toLowerCase())
  if (lines.length === 0) unknown.push('what you ask for')
  const others = known.filter(fact => !asked.kinds.includes(fact.kind)).map(fact => LABELS[fact.kind].toLowerCase())
  return [
    lines.length === 0 ? '' : 'From the tickets:', ...lines,
    unknown.length === 0 ? '' : `Not known: ${unknown.join(', ')}. Known: ${[...others, 'the number of tickets'].join(', ')}.`
  ].filter(line => line !== '').join('\n')
}

function count (n: number, what: string): string {
  return `${n} ${what}${n === 1 ? '' : 's'}`
}
