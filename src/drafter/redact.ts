// Takes what is personal out of a text before a language model sees it, and puts it back into what the model wrote. The
// placeholders of one call live in memory only: `[EMAIL_1]` is the same address wherever it stands in that call.
// Rules find shapes (addresses, numbers, secrets); names are found by being known, greeted or signed with.
import { cutQuotes, hasCheckDigit, plainText } from '../text.ts'

export type Kind = 'EMAIL' | 'PHONE' | 'IBAN' | 'CARD' | 'IP' | 'NAME' | 'ADDRESS' | 'ID' | 'SECRET' | 'QUERY' | 'BIRTH' |
  'SIGNATURE' | 'HANDLE'

export interface Redactor {
  /** The text with placeholders for what is personal. */
  hide (text: string): string
  /** The text with every known placeholder put back. */
  restore (text: string): string
  /** Placeholders in the text that this call never gave out. */
  unknown (text: string): string[]
  /** How much was hidden, per kind. */
  counts (): Partial<Record<Kind, number>>
}

const LONGEST_FIELD = 8_000
const PLACEHOLDER = /\[(?:EMAIL|PHONE|IBAN|CARD|IP|NAME|ADDRESS|ID|SECRET|QUERY|BIRTH|SIGNATURE|HANDLE)_\d+\]/g

// Known shapes of secrets: keys of common services, bearer tokens, JSON web tokens, private keys.
const SECRETS = [
  /-----BEGIN [A-Z ]{0,30}PRIVATE KEY-----[\s\S]{0,6000}?(?:-----END [A-Z ]{0,30}PRIVATE KEY-----|$)/g,
  /\b(?:sk|pk|rk)[-_](?:live|test|proj|ant)?[-_]?[A-Za-z0-9_-]{16,200}/g,
  /\b(?:gh[pousr]_|github_pat_|glpat-|xox[abprs]-|xapp-|whsec_|lin_api_|pat-[a-z]{2}\d-|SG\.|AIza|ya29\.|dk_live_)[A-Za-z0-9._-]{10,300}/g,
  /\b(?:AKIA|ASIA)[A-Z0-9]{16}\b/g,
  /\beyJ[A-Za-z0-9_-]{8,2000}\.[A-Za-z0-9_-]{8,4000}(?:\.[A-Za-z0-9_-]{0,1000})?/g,
  /(?<=\b(?:bearer|basic)\s)[A-Za-z0-9+/=._-]{12,2000}/gi
]
// What somebody calls his password, whatever it looks like
const SAID_SECRET = /(\b(?:passwords?|passphrase|passwort|kennwort|pwd|pin|passcode|mot de passe|contraseña|senha|wachtwoord|api[ _-]?key|token|secret|otp)\b(?: (?:is|ist|lautet|est|es|is now))?\s{0,3}[:=]?\s{0,3}["'“„«]?)([^\s"'”“»,;]{4,200})/giu
const PLAIN_WORD = /^\p{L}+$/u
const EMAIL = /[\p{L}\p{N}._%+-]{1,64}(?:@|%40)[\p{L}\p{N}-]{1,63}(?:\.[\p{L}\p{N}-]{1,63}){1,5}/gu
const QUERY = /(?<=\bhttps?:\/\/[^\s?#<>"']{1,400})[?#][^\s<>"')\]]{1,2000}/g
const USERINFO = /(?<=\bhttps?:\/\/)[^\s/@<>"']{1,200}@/g
const IBAN = /\b[A-Z]{2}\d{2}(?: ?[A-Z0-9]{4}){2,7}(?: ?[A-Z0-9]{1,3})?\b/g
const CARD = /(?<![\w.-])\d(?:[ -]?\d){12,18}(?![\w-])/g
const IPS = [
  /(?<![\w.])(?:(?:25[0-5]|2[0-4]\d|1?\d?\d)\.){3}(?:25[0-5]|2[0-4]\d|1?\d?\d)(?![\w.]*\d)/g,
  /(?<![\w:])(?:[0-9a-f]{1,4}:){2,7}(?::?[0-9a-f]{1,4}){1,7}(?![\w:])/gi
]
const PHONES = [
  /(?<![\w+.])(?:\+|00)\d(?:[ ().\-/]{0,2}\d){7,14}(?!\d)/g,
  /(?<![\w.-])\(?0\d{2,4}\)?[ /-]\d{3,8}(?:[ -]\d{2,5}){0,3}(?![\w-])/g,
  /(?<![\w.-])\(?[2-9]\d{2}\)?[ .-]\d{3}[ .-]\d{4}(?![\w-])/g
]
const BIRTH = /(\b(?:born(?: on)?|date of birth|d\.?o\.?b\.?|birthday|geboren(?: am)?|geburtsdatum|geb\.|née? le|date de naissance|nacid[oa] el|fecha de nacimiento)\s{0,3}[:=]?\s{0,3})(\d{1,4}[./ -]\d{1,2}[./ -]\d{1,4}|\d{1,2}\.? \p{L}{3,10} \d{4}|\p{L}{3,10} \d{1,2},? \d{4})/giu
const STREETS = [
  /\b\d{1,5}[a-zA-Z]? (?:[A-Z][\p{L}'.-]{1,30} ){1,4}(?:Street|St|Road|Rd|Avenue|Ave|Lane|Ln|Drive|Dr|Way|Boulevard|Blvd|Court|Square|Close|Terrace)\b\.?(?:,? (?:Apt|Suite|Unit|Flat) ?\w{1,6})?/gu,
  /(?<!\p{L})\p{Lu}[\p{L}.-]{1,40}(?:straße|strasse|str\.|gasse|allee|platz|weg|ufer|damm|ring) \d{1,4} ?[a-z]?\b/gu,
  /(?<!\p{L})(?:\p{Lu}[\p{L}.-]{1,30} ){1,3}(?:Straße|Strasse|Allee|Platz|Weg|Gasse|Damm|Ring) \d{1,4} ?[a-z]?\b/gu,
  /\b\d{1,4}(?: ?(?:bis|ter))?,? (?:rue|avenue|boulevard|place|chemin|quai|impasse) (?:de |du |des |de la |d'|l')?\p{L}[\p{L}'. -]{2,40}/giu,
  /(?<!\p{L})(?:calle|avenida|plaza|via|viale|piazza|rua) \p{Lu}[\p{L}'. ]{2,40},? \d{1,4}\b/giu,
  /\b(?:\d{5} \p{Lu}[\p{L}-]{2,30}|[A-Z]{1,2}\d[A-Z\d]? \d[A-Z]{2})(?!\p{L})/gu
]
const HANDLE = /(?<![\w@./])@[a-z0-9_][a-z0-9_.-]{2,40}/gi
// Letters and digits mixed, or long rows of digits, with dashes and slashes: invoices, licences, accounts. A date, a
// version and a short error code stay, because the answer turns on them.
const ID = /(?<![\w.[-])(?=[\w-]{0,40}\d)[A-Za-z0-9](?:[A-Za-z0-9_]|-(?=[A-Za-z0-9])){4,63}(?![\w-]|\.\d)/g
const NO_ID = /^(?:\d{4}-\d{2}-\d{2}(?:T\d.*)?|\d{1,5}|[A-Z]{1,4}-?\d{1,3}|v\d+|\d+(?:px|ms|kb|mb|gb|tb|min|sec|x\d+)|[A-Za-z]+|(?:19|20)\d\d[-_]\d\d?)$/i

const NAME = "\\p{Lu}[\\p{L}'’.-]{1,30}"
const GREETED = new RegExp(`^((?:hi|hello|hey|dear|good (?:morning|afternoon|evening)|hallo|guten (?:tag|morgen|abend)|moin|servus|liebe[rs]?|sehr geehrte[rs]?(?: (?:herr|frau|mr|mrs|ms))?|bonjour|bonsoir|salut|ch[eè]re?|hola|estimad[oa]|ciao|buongiorno|gentile|olá|hoi|beste|mr\\.?|mrs\\.?|ms\\.?|herr|frau)[ ,]+)(${NAME}(?: ${NAME}){0,2})(?=[ ,!.:]|$)`, 'iu')
const INTRODUCED = new RegExp(`((?:my name is|i am called|this is|mein name ist|ich heiße|ich bin(?: die| der)?|je m'appelle|me llamo|mi chiamo|mijn naam is)\\s+)(${NAME}(?: ${NAME}){0,2})`, 'giu')
const HONORED = new RegExp(`((?:Mr|Mrs|Ms|Dr|Prof|Herrn?|Frau|Mme|M|Sr|Sra)\\.? )(${NAME}(?: ${NAME})?)`, 'gu')
const SIGN_OFF = /^(?:(?:best|kind|warm|many)? ?(?:regards|wishes)|best|cheers|sincerely|yours(?: truly| faithfully| sincerely)?|(?:many )?thanks(?: again)?(?: and .{0,30})?|thank you|(?:viele|beste|liebe|herzliche|freundliche|schöne) grüße.{0,30}|mit (?:freundlichen|besten) grüßen.{0,30}|gru(?:ß|ss)|lg|mfg|vg|(?:bien )?cordialement|saludos|un saludo|atentamente|cordiali saluti|saluti|met vriendelijke groet(?:en)?|groeten|--)[ ,.!]*$/iu

/** A redactor for one call. `names` are those known beforehand: the requester's, his company's, the agents'. */
export function openRedactor (names: string[]): Redactor {
  const byValue = new Map<string, string>()
  const byPlaceholder = new Map<string, string>()
  const counts: Partial<Record<Kind, number>> = {}
  const known = partsOf(names)

  const hideAs = (kind: Kind, value: string): string => {
    const key = `${kind} ${value.toLowerCase()}`
    const given = byValue.get(key)
    if (given !== undefined) return given
    const n = (counts[kind] ?? 0) + 1
    counts[kind] = n
    const placeholder = `[${kind}_${n}]`
    byValue.set(key, placeholder)
    byPlaceholder.set(placeholder, value)
    return placeholder
  }
  const all = (text: string, kind: Kind, patterns: RegExp[]): string =>
    patterns.reduce((left, pattern) => left.replace(pattern, value => hideAs(kind, value)), text)
  const named = (text: string, pattern: RegExp): string =>
    text.replace(pattern, (_whole, lead: string, name: string) => lead + hideAs('NAME', name))

  function hide (raw: string): string {
    // A customer may write what looks like a placeholder of ours: it would be restored to somebody's data.
    let text = cutQuotes(plainText(raw)).slice(0, LONGEST_FIELD).toWellFormed().replace(PLACEHOLDER, '[…]')
    text = all(all(text, 'SECRET', [USERINFO]), 'QUERY', [QUERY])
    text = all(text, 'SECRET', SECRETS)
    text = text.replace(SAID_SECRET, (whole, lead: string, value: string) => {
      const isProse = PLAIN_WORD.test(value) && !/[:=]\s*["'“„«]?$/.test(lead)     // "password reset" tells none
      return value.startsWith('[') || isProse ? whole : lead + hideAs('SECRET', value)
    })
    text = all(text, 'EMAIL', [EMAIL])
    text = all(text, 'IBAN', [IBAN])
    text = text.replace(CARD, value => hasCheckDigit(value.replace(/\D/g, '')) ? hideAs('CARD', value) : value)
    text = all(text, 'IP', IPS)
    text = text.replace(BIRTH, (_whole, lead: string, value: string) => lead + hideAs('BIRTH', value))
    text = all(text, 'PHONE', PHONES)
    text = all(text, 'ADDRESS', STREETS)
    text = all(text, 'HANDLE', [HANDLE])
    text = text.replace(ID, value => NO_ID.test(value) || !/\d/.test(value) ? value : hideAs('ID', value))
    text = hideSignature(text, signature => hideAs('SIGNATURE', signature))
    text = text.split('\n').map(line => line.length > 200 ? line : named(line, GREETED)).join('\n')
    text = named(named(text, INTRODUCED), HONORED)
    for (const name of known) text = text.replace(wordPattern(name), value => hideAs('NAME', value))
    return text
  }

  return {
    hide,
    restore: text => text.replace(PLACEHOLDER, placeholder => byPlaceholder.get(placeholder) ?? placeholder),
    unknown: text => (text.match(PLACEHOLDER) ?? []).filter(placeholder => !byPlaceholder.has(placeholder)),
    counts: () => ({ ...counts })
  }
}

// What stands below the sign-off: name, title, company, telephone. At most eight short lines at the very end.
function hideSignature (text: string, hidden: (signature: string) => string): string {
  const lines = text.split('\n')
  const at = lines.findLastIndex((line, i) =>
    i > 0 && i >= lines.length - 9 && line.length <= 60 && SIGN_OFF.test(line))
  const rest = lines.slice(at + 1).join('\n').trim()
  if (at < 0 || rest === '' || rest.length > 600) return text
  return [...lines.slice(0, at + 1), hidden(rest)].join('\n')
}

// The whole name first, then its parts of three letters and more; longest first, so that no part is taken out of a whole.
function partsOf (names: string[]): string[] {
  const parts = names.flatMap(name => {
    const whole = plainText(name).replace(/\n/g, ' ').slice(0, 100).trim()
    const local = /^([^@\s]{2,64})@/.exec(whole)?.[1] ?? ''
    return [whole, ...whole.split(/[\s,@]+/), ...local.split(/[._+-]+/)]
  })
  return [...new Set(parts.filter(part => [...part].length >= 3 && /\p{L}/u.test(part)))].sort((a, b) => b.length - a.length)
}

function wordPattern (name: string): RegExp {
  const escaped = name.replace(/[.*+?^${}()|[\]\\/]/g, '\\$&')
  return new RegExp(`(?<![\\p{L}\\p{N}[_])${escaped}(?![\\p{L}\\p{N}_])`, 'giu')
}
