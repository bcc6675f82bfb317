// What a draft was worth, told by what the agent really sent. Nobody presses a button.
import { cutQuotes, words } from '../text.ts'

export type ReplyOutcome = 'as_is' | 'edited' | 'replaced'

export interface Reward {
  outcome: ReplyOutcome
  similarity: number                                // share of words that survived, 0 to 1
  reward: number                                    // 0 to 1, what the learner is told
  light: boolean                                    // sent as is or lightly edited: what a score promises
  critical: boolean                                 // a number or address was changed
}

const MOST_WORDS = 400                              // the comparison is quadratic: longer texts are compared by their start
const GREETING = /^(hi|hello|hey|dear|good (morning|afternoon|evening|day)|greetings|hallo|guten (tag|morgen|abend)|moin|servus|liebe[rs]?|sehr geehrte[rs]?|bonjour|bonsoir|salut|ch[eè]re?|hola|buen[oa]s|estimad[oa]|ciao|buon(giorno|asera)|gentile|ol[aá]|hoi|goedemorgen|goedemiddag)(?!\p{L})/iu
const SIGN_OFF = /^((best|kind|warm|many)? ?(regards|wishes)|best|cheers|sincerely|yours( (truly|faithfully|sincerely))?|thanks( again)?( and .*)?|thank you|(viele|beste|liebe|herzliche|freundliche|sch(ö|o|oe)ne)n? gr(ü|u|ue)(ß|ss)e?( .*)?|mit (freundlichen|besten) gr(ü|u|ue)(ß|ss)en( .*)?|gru(ß|ss)|lg|mfg|vg|(bien )?cordialement|un saludo|saludos|atentamente|cordiali saluti|saluti|atenciosamente|met vriendelijke groet(en)?|groeten)[ ,.!]*$/iu

const MOST_SIGNED = 7                               // lines, the sign-off among them
const MOST_IN_NAME = 6                              // words: a longer line below a sign-off says something
const LONGEST_LINE = 60                             // a greeting or sign-off is short; a long line is not even looked at

function isGreeting (line: string): boolean {
  return line.length <= LONGEST_LINE && GREETING.test(line) && words(line).length <= 5
}

/** The words that carry an answer: quotes, greeting and sign-off are cut, because every agent has his own. */
export function coreOf (text: string): string {
  const lines = cutQuotes(text).split('\n')
  let from = 0
  while (from < lines.length - 1 && (lines[from] === '' || isGreeting(lines[from] ?? ''))) from++
  const end = lines.findIndex((line, i) =>
    i > from && i >= lines.length - 5 && line.length <= LONGEST_LINE && SIGN_OFF.test(line))
  return lines.slice(from, end < 0 ? lines.length : end).join('\n').trim()
}

/** A customer's words without the name and the firm below his sign-off: who asks is not what is asked. */
export function withoutSignature (text: string): string {
  const lines = text.split('\n')
  const end = lines.findIndex((line, i) => i > 0 && line.length <= LONGEST_LINE && SIGN_OFF.test(line) &&
    lines.length - i <= MOST_SIGNED && lines.slice(i + 1).every(l => words(l).length <= MOST_IN_NAME))
  return end < 0 ? text : lines.slice(0, end).join('\n').trimEnd()
}

/**
 * Compares a draft with what was sent. Similarity is the longest common subsequence of words over the longer text
 * (the survival of section 5.4 of the design: token survival after Levenshtein 1966). As is from .97, edited from .40.
 * The reward is clip((s - .3) / .6, 0, 1), and at most .3 when a number or address of the draft is changed or gone.
 */
export function compareReply (draft: string, sent: string): Reward {
  const a = words(coreOf(draft)).slice(0, MOST_WORDS)
  const b = words(coreOf(sent)).slice(0, MOST_WORDS)
  const longest = Math.max(a.length, b.length)
  const similarity = longest === 0 ? 0 : commonLength(a, b) / longest
  const critical = losesFact(draft, sent)
  const outcome = similarity >= 0.97 && !critical ? 'as_is' : similarity >= 0.4 ? 'edited' : 'replaced'
  const plain = outcome === 'as_is' ? 1 : Math.min(1, Math.max(0, (similarity - 0.3) / 0.6))
  const reward = critical ? Math.min(plain, 0.3) : plain
  return { outcome, similarity, reward, light: reward >= 0.5, critical }
}

/** Overlap of two texts as F1 of their words (multisets), 0 to 1: cheap, for finding the most typical of several. */
export function wordF1 (a: string[], b: string[]): number {
  if (a.length === 0 || b.length === 0) return 0
  const counts = new Map<string, number>()
  for (const w of a) counts.set(w, (counts.get(w) ?? 0) + 1)
  let common = 0
  for (const w of b) {
    const left = counts.get(w) ?? 0
    if (left > 0) { common++; counts.set(w, left - 1) }
  }
  return 2 * common / (a.length + b.length)
}

// A number or address of the draft that was not sent: changed or taken out. What the agent added is an edit like any other.
function losesFact (draft: string, sent: string): boolean {
  const kept = factsOf(sent)
  return factsOf(draft).some(fact => {
    const at = kept.indexOf(fact)
    if (at >= 0) kept.splice(at, 1)
    return at < 0
  })
}

function factsOf (text: string): string[] {
  const found = coreOf(text).match(/https?:\/\/\S+|\p{N}+(?:[.,]\p{N}+)*/gu) ?? []
  return found.map(fact => fact.replace(/[.,;:!?)\]]+$/, ''))
}

/** Length of the longest common subsequence of words. */
export function commonLength (a: string[], b: string[]): number {
  let above = new Uint16Array(b.length + 1)
  let row = new Uint16Array(b.length + 1)
  for (const word of a) {
    for (let j = 1; j <= b.length; j++) {
      row[j] = word === b[j - 1] ? (above[j - 1] ?? 0) + 1 : Math.max(above[j] ?? 0, row[j - 1] ?? 0)
    }
    [above, row] = [row, above]
  }
  return above[b.length] ?? 0
}
