// What no lesson is taken from, whoever wrote it: instructions to a machine, characters nobody can see, and text that is
// no language. It stays in its ticket and can be found there; it only does not teach.

const MOST_LETTERS = 4_000                          // a text is judged by its beginning
const LONG_ENOUGH = 400                             // letters from which the mixture of characters can be judged

// Tag characters, bidi overrides and runs of zero-width ones: `plainText` takes them out of what arrives, so that here
// they only come from a road that forgot to.

const INVISIBLE = /[\u{E0000}-\u{E007F}\u202A-\u202E\u2066-\u2069]|[\u200B-\u200F\u2060-\u2064\uFEFF]{2,}/u

// Said to a language model, not to a person: each needs its object, so that "ignore my previous message" is no match.
const ORDERS = [
  /\b(ignore|disregard|forget|override)\b[^.\n]{0,30}\b(previous|prior|above|earlier|all|your|system)\b[^.\n]{0,20}\b(instructions?|prompts?|rules|guidelines|directives)\b/i,
  /\b(reveal|print|repeat|show|output)\b[^.\n]{0,20}\b(your|the)\b[^.\n]{0,15}\b(system|hidden|initial|developer)\s+(prompt|message|instructions?)\b/i,
  /\byou are (now|no longer)\b[^.\n]{0,40}\b(assistant|ai|model|chatbot|bot|dan|jailbroken)\b/i,
  /<\|(im_start|im_end|system|endoftext)\|>|\[\/?INST\]|<<SYS>>/,
  /^\s*(system|assistant)\s*:\s*\S/im,
  /\b(when|if|whenever|every time)\b[^.\n]{0,60}\b(assistant|ai|bot|model|draft)\b[^.\n]{0,40}\b(always|must|should)\b[^.\n]{0,30}\b(answer|reply|say|respond|suggest|recommend)\b/i,
  /\b(ignoriere|vergiss|missachte)\b[^.\n]{0,30}\b(vorherigen|bisherigen|obigen|alle|deine)\b[^.\n]{0,20}\b(anweisungen|regeln|vorgaben)\b/i,
  /\b(ignore[zs]?|oublie[zs]?)\b[^.\n]{0,30}\b(instructions|consignes)\b[^.\n]{0,20}\b(précédentes|antérieures|ci-dessus)\b/i,
  /\b(ignora|olvida)\b[^.\n]{0,30}\b(instrucciones|reglas)\b[^.\n]{0,20}\b(anteriores|previas)\b/i
]

/** Why nothing should be learned from a text; null when nothing speaks against it. The reason holds none of the text. */
export function hostileIn (text: string): string | null {
  const start = text.slice(0, MOST_LETTERS)
  if (INVISIBLE.test(start)) return 'it holds invisible characters'
  if (ORDERS.some(order => order.test(start))) return 'it gives orders to a machine'
  return isNoLanguage(start) ? 'it is no language' : null
}

// Base64 and its like: in language a fifth of the characters are blanks and letters come very unevenly. One such block
// inside a letter is an attachment or a log; it is the whole text that counts.
function isNoLanguage (text: string): boolean {
  if (text.length < LONG_ENOUGH) return false
  const blanks = text.match(/\s/g)?.length ?? 0
  const latin = text.match(/[A-Za-z0-9+/=_-]/g)?.length ?? 0
  if (latin < 0.8 * text.length) return isOneLetter(text)
  return (blanks / text.length < 0.04 && entropyOf(text) > 4.7) || isOneLetter(text)
}

function isOneLetter (text: string): boolean {
  return entropyOf(text) < 2
}

/** Shannon entropy of the characters, in bits each: English about 4.1, base64 about 5.7, one letter again and again 0. */
export function entropyOf (text: string): number {
  const counts = new Map<string, number>()
  for (const letter of text) counts.set(letter, (counts.get(letter) ?? 0) + 1)
  let bits = 0
  for (const n of counts.values()) bits -= n / text.length * Math.log2(n / text.length)
  return bits
}
