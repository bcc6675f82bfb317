// Picks the line that fits what was asked: people who mention a code or a padlock do so throughout a ticket.

import { words } from '../../src/text.ts'
import type { Chance } from './chance.ts'

const CODE = /\b[A-Z]{3}-\d+/g

/** The line that shares most with the question. When none shares anything, it is one of `otherwise`, if there are. */
export function pickClosest (chance: Chance, lines: string[], question: string, otherwise: string[] = []): string {
  const asked = stems(question)
  const scored = chance.shuffled(lines).map(line => {
    const shared = [...stems(line)].filter(stem => asked.has(stem)).length
    // A code that the customer never mentioned would read as a mix-up
    const foreign = (line.match(CODE) ?? []).some(code => !question.includes(code))
    return { line, score: foreign ? -1 : shared }
  })
  const best = scored.reduce((one, other) => other.score > one.score ? other : one)
  return best.score <= 0 && otherwise.length > 0 ? chance.pick(otherwise) : best.line
}

/** The beginnings of longer words: "invited" meets "invitation" and not "invoice". */
function stems (text: string): Set<string> {
  return new Set(words(text).filter(word => word.length > 4).map(word => word.slice(0, 5)))
}
