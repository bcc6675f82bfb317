// What in a reply belongs to one customer: his name, his invoice, his address, the day it was about. A draft shows blanks
// in its place, for the agent to fill in, so that nothing of one customer is ever proposed to another.

interface Token { text: string, from: number, to: number, begins: boolean }

const TOKEN = /https?:\/\/[^\s<>()"]*[^\s<>()".,;:!?]|[^\s<>()"@]{1,80}@[^\s<>()"@]{1,80}\.\p{L}{2,20}|[\p{L}\p{N}€$£#](?:[\p{L}\p{N}€$£'’\-_/.:,]*[\p{L}\p{N}€$£%])?|\{\{[^{}]{1,80}\}\}/gu
const ADDRESS = /^[^\s@]+@[^\s@]+$/
const LINK = /^https?:/
const MONEY = /[€$£]|\p{N}[.,]\p{N}{2}$/u
const TIME = /^\p{N}{1,2}:\p{N}{2}$/u
const CODE = /^(?=.*\p{N})[\p{L}\p{N}\-_/#.]*\p{N}{4}[\p{L}\p{N}\-_/]*$|^\p{Lu}{1,4}-\p{N}{3,}$/u
const LONGEST_GAP = 3                               // words of another reply that may stand in the place of one blank
const MOST_OTHERS = 5
const LONGEST_CODE = 60

/**
 * The text with blanks such as `[number]` in the place of what differs from reply to reply. `others` are further replies
 * that said the same. What stands between the same two words in other replies as something else is a blank when it is a
 * number or a name; addresses and long codes are blanks unless another reply has them too. Placeholders of a macro stay.
 */
export function withBlanks (text: string, others: string[]): string {
  const mine = tokensOf(text)
  const rest = others.slice(0, MOST_OTHERS).map(tokensOf)
  let out = ''
  let at = 0
  let last = ''
  for (const [i, token] of mine.entries()) {
    const blank = blankFor(mine, i, rest)
    if (blank === null) { last = ''; continue }
    const between = text.slice(at, token.from)
    if (blank === last && between === ' ') { at = token.to; continue }     // first and last name are one blank
    out += between + blank
    at = token.to
    last = blank
  }
  return out + text.slice(at)
}

function blankFor (mine: Token[], i: number, rest: Token[][]): string | null {
  const token = mine[i]
  if (token === undefined || token.text.startsWith('{{')) return null
  const { text } = token
  const holders = rest.filter(other => other.some(t => t.text === text)).length
  const common = holders * 2 > rest.length
  if (ADDRESS.test(text)) return common && holders > 0 ? null : '[address]'
  if (LINK.test(text)) return /[?&=]|\p{N}{5}/u.test(text) && holders === 0 ? '[link]' : null
  const hasDigit = /\p{N}/u.test(text)
  if (text.length <= LONGEST_CODE && CODE.test(text) && !TIME.test(text)) return common && holders > 0 ? null : '[number]'
  if (common || rest.length === 0) return null
  const isName = !token.begins && /^\p{Lu}/u.test(text)
  if (!hasDigit && !isName) return null
  const differing = rest.filter(other => !other.some(t => t.text === text) && hasOther(mine, i, other)).length
  if (differing * 2 < rest.length) return null
  if (!hasDigit) return '[name]'
  if (TIME.test(text)) return '[time]'
  return MONEY.test(text) ? '[amount]' : '[number]'
}

// Does another reply say something else between the same two neighbours?
function hasOther (mine: Token[], i: number, other: Token[]): boolean {
  const before = mine[i - 1]?.text.toLowerCase()
  const after = mine[i + 1]?.text.toLowerCase()
  if (before === undefined && after === undefined) return false
  return other.some((t, k) => {
    if (before !== undefined && t.text.toLowerCase() !== before) return false
    const first = before === undefined ? k : k + 1
    if (before === undefined && k > 0) return false
    if (after === undefined) return first < other.length
    for (let gap = 1; gap <= LONGEST_GAP; gap++) if (other[first + gap]?.text.toLowerCase() === after) return true
    return false
  })
}

function tokensOf (text: string): Token[] {
  const tokens: Token[] = []
  let end = 0
  for (const found of text.matchAll(TOKEN)) {
    const between = text.slice(end, found.index)
    const begins = tokens.length === 0 || /[.!?:\n"“(]/u.test(between)
    end = found.index + found[0].length
    tokens.push({ text: found[0], from: found.index, to: end, begins })
  }
  return tokens
}

/** Whether two texts of an answer leave the same things out, in the same order. */
export function hasSameBlanks (a: string, b: string): boolean {
  return blanksIn(a) === blanksIn(b)
}

function blanksIn (text: string): string {
  return (text.match(/\[[a-z][a-z ]{1,30}\]/g) ?? []).join()
}
