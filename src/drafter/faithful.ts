// Whether a model's words rest on what it was given. It may shorten, order and greet; it may not add facts, turn a
// sentence into its opposite, or carry anything that acts when it is shown.
import { words } from '../text.ts'

const LONGEST_REPLY = 3_000
const STEM = 6
const LEAST_SUPPORT = 0.35                          // of a sentence's words; small talk is spared by its length
const LEAST_SUPPORT_ALL = 0.6
const LONG_SENTENCE = 6                             // content words
const NEGATIONS = new Set(['not', 'no', 'never', 'cannot', "can't", "don't", "doesn't", "isn't", "won't", "aren't", 'without', 'nicht',
  'kein', 'keine', 'keinen', 'nie', 'ohne', 'pas', 'jamais', 'sans', 'aucun', 'nunca', 'sin', 'non', 'mai', 'senza', 'não', 'nem', 'niet', 'geen', 'nooit'])
// What every polite reply may say without a source: five letters and more, cut like the rest
const POLITE = new Set(('thanks thank reaching please sorry hello kindly regards happy know let help further questions anything else feel free ' +
  'contact again write reply back your team support hope this helps best danke vielen bitte hallo gerne weiter fragen melden freundlichen grüßen ' +
  'merci bonjour cordialement gracias hola saludos').split(' ').map(stem))

/** Null when the reply may be shown; else why not. `given` is all that the model was told, with the real values. */
export function findUnfaithful (reply: string, given: string[]): string | null {
  if (reply.length > LONGEST_REPLY) return 'the reply is too long'
  if (/!\[|<\/?[a-z!]|\]\(|<!(?:channel|here|everyone)|```|^#{1,6} /im.test(reply)) return 'the reply carries markup'
  const told = given.join('\n')
  const strange = factsOf(reply).find(fact => !told.toLowerCase().includes(fact.toLowerCase()))
  if (strange !== undefined) return `the reply says “${strange.slice(0, 60)}”, which no source says`
  const stems = new Set(words(told).map(stem))
  let all = 0
  let supported = 0
  for (const sentence of sentencesOf(reply)) {
    const content = words(sentence).filter(w => w.length > 3 && !POLITE.has(stem(w)))
    const found = content.filter(w => stems.has(stem(w))).length
    all += content.length
    supported += found
    if (content.length >= LONG_SENTENCE && found / content.length < LEAST_SUPPORT) return 'the reply says something that no source says'
  }
  if (all >= LONG_SENTENCE && supported / all < LEAST_SUPPORT_ALL) return 'the reply says mostly what no source says'
  return findOpposite(reply, given)
}

// Numbers, codes, addresses of pages and of people: what a customer acts upon. List numbers are no facts.
function factsOf (text: string): string[] {
  const plain = text.replace(/^\s*\d{1,2}[.)] /gm, '')
  const found = plain.match(/\b(?:https?:\/\/|www\.)[^\s<>"')\]]+|[\w.+-]+@[\w-]+\.[\w.-]+|\b[\w-]+\.(?:com|net|org|io|dev|app|de|co|ai|eu|info|biz)\b[^\s,;)]*|(?<![\p{L}_])[\p{L}_-]*\p{N}[\p{L}\p{N}._,:/-]*/gu) ?? []
  return found.map(fact => fact.replace(/[.,;:!?)\]/-]+$/, '')).filter(fact => fact !== '')
}

// A sentence much like a given one, with a negation more or less, says the opposite.
function findOpposite (reply: string, given: string[]): string | null {
  const known = given.flatMap(sentencesOf)
    .map(sentence => ({ set: new Set(words(sentence).map(stem)), no: isNegative(sentence) }))
  for (const sentence of sentencesOf(reply)) {
    const set = new Set(words(sentence).map(stem))
    if (set.size < 4) continue
    const like = known.filter(k => overlap(set, k.set) >= 0.7)
    if (like.length > 0 && like.every(k => k.no !== isNegative(sentence))) return 'the reply turns a sentence of its source into the opposite'
  }
  return null
}

function isNegative (sentence: string): boolean {
  return words(sentence).some(w => NEGATIONS.has(w))
}

// Jaccard 1901, over stems
function overlap (a: ReadonlySet<string>, b: ReadonlySet<string>): number {
  let both = 0
  for (const stem of a) if (b.has(stem)) both++
  return both / (a.size + b.size - both || 1)
}

function sentencesOf (text: string): string[] {
  return text.split(/(?<=[.!?…])\s+|\n+/).map(s => s.trim()).filter(s => s !== '')
}

function stem (word: string): string {
  return word.slice(0, STEM)
}
