// Text as people wrote it, made into text we can compare: html to plain, hostile characters out, quotes cut, words.
// Every function is linear in the length of its input; none throws.

const MAX_BYTES = 65_536

// Tag block, variation selectors, zero width, word joiner, bidi overrides, soft hyphen, byte order mark
// eslint-disable-next-line no-misleading-character-class -- each of them is meant by itself
const INVISIBLE = /[\u{E0000}-\u{E007F}\u{FE00}-\u{FE0F}\u200B-\u200F\u202A-\u202E\u2060-\u2069\u00AD\uFEFF]/gu
const ENTITIES: Readonly<Record<string, string>> = {
  amp: '&', lt: '<', gt: '>', quot: '"', apos: "'", nbsp: ' ', hellip: '…', mdash: '—', ndash: '–', rsquo: '’', lsquo: '‘',
  rdquo: '”', ldquo: '“', bull: '•', middot: '·', rsaquo: '›', lsaquo: '‹', euro: '€', copy: '©', reg: '®', trade: '™',
  auml: 'ä', ouml: 'ö', uuml: 'ü', Auml: 'Ä', Ouml: 'Ö', Uuml: 'Ü', szlig: 'ß', eacute: 'é', egrave: 'è', agrave: 'à',
  ccedil: 'ç', ntilde: 'ñ', aacute: 'á', iacute: 'í', oacute: 'ó', uacute: 'ú'
}
const PARAGRAPH = new Set(['p', 'h1', 'h2', 'h3', 'h4', 'h5', 'h6', 'ul', 'ol', 'table', 'blockquote', 'pre', 'hr'])
const LINE = new Set(['div', 'tr', 'section', 'article', 'header', 'footer'])
const SILENT = new Set(['script', 'style', 'head', 'title', 'template'])

/**
 * One form for one text: NUL and lone surrogates become U+FFFD, invisible characters go, runs of blanks become one,
 * lines are trimmed, more than one empty line becomes one, and what is longer than 64 kB is cut at a character.
 */
export function plainText (raw: string): string {
  const visible = cutBytes(raw, MAX_BYTES).toWellFormed().replaceAll('\0', '\uFFFD').replace(INVISIBLE, '')
  const text = cutBytes(visible.normalize('NFC'), MAX_BYTES)
  const lines = text.split(/\r\n?|\n|\u2028|\u2029/).map(line => line.replace(/[\p{Zs}\t\v\f]+/gu, ' ').trim())
  const kept: string[] = []
  for (const line of lines) if (line !== '' || (kept.length > 0 && kept.at(-1) !== '')) kept.push(line)
  if (kept.at(-1) === '') kept.pop()
  return kept.join('\n')
}

/** Html to plain text. A paragraph stands between empty lines, a link keeps its address, hidden elements are dropped. */
export function htmlToText (html: string): string {
  const out: string[] = []                          // pieces, joined once: a text of nothing but tags stays cheap
  let ends = ''                                     // the last character of the last piece
  let silent: string | null = null
  let link: { href: string, from: number } | null = null
  const put = (piece: string): void => {
    if (piece === '' || (piece === ' ' && ends === '\n')) return     // blanks between lines of the source say nothing
    out.push(piece)
    ends = piece.at(-1) ?? ''
  }
  const source = cutBytes(html, MAX_BYTES * 4)
  let at = 0
  let close = -1
  while (at < source.length) {
    const open = source.indexOf('<', at)
    if (silent === null) put(decodeEntities(source.slice(at, open < 0 ? source.length : open)).replace(/\s+/g, ' '))
    if (open < 0) break
    if (close < open) close = source.indexOf('>', open)
    if (close < 0) {                                // a bracket that nothing closes is text
      if (silent === null) put(decodeEntities(source.slice(open)).replace(/\s+/g, ' '))
      break
    }
    if (source.startsWith('<!--', open)) {
      const end = source.indexOf('-->', open + 4)
      if (end < 0) break
      at = end + 3
      continue
    }
    const tag = /^<(\/?)([a-zA-Z][a-zA-Z0-9]*|!doctype)/i.exec(source.slice(open, Math.min(close, open + 40)))
    if (tag === null) {
      if (silent === null) put('<')
      at = open + 1
      continue
    }
    at = endOfTag(source, open, close)
    const name = (tag[2] ?? '').toLowerCase()
    const closing = tag[1] === '/'
    if (silent !== null) silent = closing && name === silent ? null : silent
    else if (SILENT.has(name)) silent = closing ? null : name
    else if (name === 'br') put('\n')
    else if (name === 'li') put(closing ? '' : '\n- ')
    else if (PARAGRAPH.has(name)) put('\n\n')
    else if (LINE.has(name)) put(ends === '\n' ? '' : '\n')
    else if (name === 'td' || name === 'th') put(' ')
    else if (name === 'a' && !closing) link = { href: hrefOf(source.slice(open, Math.min(at, open + 4096))), from: out.length }
    else if (name === 'a' && link !== null) {
      if (/^https?:/.test(link.href) && !out.slice(link.from).join('').includes(link.href)) put(` (${link.href})`)
      link = null
    }
  }
  return plainText(out.join(''))
}

// A bracket inside a quoted attribute does not end its tag. Attributes of ours to be are short: beyond 4,096 characters
// the first bracket ends it after all.
function endOfTag (source: string, open: number, close: number): number {
  const part = /^<(?:[^>"']|"[^"]*"|'[^']*')*>/.exec(source.slice(open, open + 4096))
  return part === null ? close + 1 : open + part[0].length
}

/** What a vendor sends as html or as plain text, by looking at it: html begins with a tag. */
export function eitherToText (body: string): string {
  return /^\s*<[a-zA-Z!]/.test(body) ? htmlToText(body) : plainText(body)
}

/** Plain text as html: paragraphs and line breaks, everything else escaped. */
export function textToHtml (text: string): string {
  return text.split('\n\n').map(part => `<p>${escapeHtml(part).replaceAll('\n', '<br>')}</p>`).join('')
}

export function escapeHtml (text: string): string {
  return text.replace(/[&<>"']/g, c => c === '&' ? '&amp;' : c === '<' ? '&lt;' : c === '>' ? '&gt;' : c === '"' ? '&quot;' : '&#39;')
}

/** Cuts the quoted history that mail programs append: everything from its first line on. */
export function cutQuotes (text: string): string {
  const lines = text.split('\n')
  let tail = lines.length                           // from here on there is nothing but quoted lines
  while (tail > 0 && (lines[tail - 1] === '' || lines[tail - 1]?.startsWith('>'))) tail--
  const from = lines.findIndex((line, i) => i > 0 && i < tail && line.length <= 400 && (
    /^-{2,} ?(original message|forwarded message|urspr(ü|ue)ngliche nachricht) ?-{2,}$/i.test(line) ||
    /^(on|am|le|el|il|op) .{4,200}(wrote|schrieb|écrit|escribió|ha scritto|schreef)(?!\p{L}).{0,120}:$/iu.test(line)))
  if (from > 0) return lines.slice(0, from).join('\n').trimEnd()
  // A text that is a quote from its first line on is what was said, not what was answered to.
  return tail > 0 && tail < lines.length ? lines.slice(0, tail).join('\n').trimEnd() : text
}

/** Words in lower case, accents kept: letters and digits with inner apostrophes. */
export function words (text: string): string[] {
  return text.toLowerCase().match(/[\p{L}\p{N}]+(?:['’][\p{L}]+)*/gu) ?? []
}

/** The longest beginning of a text that is at most so many bytes of UTF-8, never half a character. */
export function cutBytes (text: string, bytes: number): string {
  if (text.length * 3 <= bytes) return text
  const raw = Buffer.from(text, 'utf8')
  if (raw.length <= bytes) return text
  let end = bytes
  while (end > 0 && ((raw[end] ?? 0) & 0xC0) === 0x80) end--
  return raw.subarray(0, end).toString('utf8')
}

/** An instant in whole seconds, whatever form the vendor gives it in; null when it is none. */
export function toInstant (value: unknown): string | null {
  const isDate = typeof value === 'string' && /^\d{4}-\d{2}/.test(value)
  if (!isDate && typeof value !== 'number') return null
  const date = typeof value === 'number' ? new Date(value < 1e11 ? value * 1000 : value) : new Date(value)
  if (Number.isNaN(date.getTime()) || date.getUTCFullYear() > 9999 || date.getUTCFullYear() < 1) return null
  return date.toISOString().slice(0, 19) + 'Z'
}

function hrefOf (tag: string): string {
  const found = /\shref\s*=\s*(?:"([^"]*)"|'([^']*)'|([^\s>]+))/i.exec(tag)
  return decodeEntities(found?.[1] ?? found?.[2] ?? found?.[3] ?? '')
}

function decodeEntities (text: string): string {
  return text.replace(/&(#[xX]?[0-9a-fA-F]{1,6}|[a-zA-Z]{2,8});/g, (whole, name: string) => {
    if (!name.startsWith('#')) return Object.hasOwn(ENTITIES, name) ? ENTITIES[name] ?? whole : whole
    const code = /^#[xX]/.test(name) ? Number.parseInt(name.slice(2), 16) : Number.parseInt(name.slice(1), 10)
    return code > 0 && code <= 0x10FFFF ? String.fromCodePoint(code) : '\uFFFD'
  })
}

/** Luhn, ISO/IEC 7812-1: every second digit from the right counts double. */
export function hasCheckDigit (digits: string): boolean {
  const sum = [...digits].reverse().reduce((total, digit, i) => {
    const n = Number(digit) * (i % 2 === 0 ? 1 : 2)
    return total + (n > 9 ? n - 9 : n)
  }, 0)
  return sum % 10 === 0
}

export type Personal = 'an e-mail address' | 'a phone number' | 'a card number'

const EMAIL = /[\p{L}\p{N}._%+-]{1,64}(?:@|%40)[\p{L}\p{N}-]{1,63}(?:\.[\p{L}\p{N}-]{1,63}){0,4}\.\p{L}{2,24}/u
// A plus and a country, a national 0 with groups, or the groups of North America. A bare row of digits is an id.
const PHONES = [
  /(?<![\w+.])\+\d(?:[ ().\-/]{0,2}\d){7,14}(?!\d)/,
  /(?<![\w.-])0\d{2,4}[ /-]\d{3,8}(?:[ -]\d{2,5}){0,3}(?![\w-])/,
  /(?<![\w.-])\(?[2-9]\d{2}\)?[ .-]\d{3}[ .-]\d{4}(?![\w-])/
]
const CARD = /(?<![\w.-])\d(?:[ -]?\d){12,18}(?![\w-])/g
// Beginnings of the large schemes: an id that happens to pass the check digit is rarely one of these too.
const ISSUER = /^(?:4(?:\d{12}|\d{15}|\d{18})$|(?:5[1-5]|2[2-7])\d{14}$|3[47]\d{13}$|3(?:0[0-5]|[689]\d)\d{11}$|6(?:011|4[4-9]|5|2)\d+$|35\d{14}$)/

/** Whether a text holds something personal, by its look; null when it does not. */
export function lookOf (text: string): Personal | null {
  if (EMAIL.test(text)) return 'an e-mail address'
  for (const [digits] of text.matchAll(CARD)) {
    const bare = digits.replace(/\D/g, '')
    if (ISSUER.test(bare) && hasCheckDigit(bare)) return 'a card number'
  }
  return PHONES.some(phone => phone.test(text)) ? 'a phone number' : null
}

const LONGEST_CONTEXT = 60

/**
 * A value that says where somebody was when he asked, in the one form in which it is kept and compared; null when it says
 * nothing, or looks like an address, a phone number or a card. Of a page its path, each id in it as `:id`; of a language
 * its first part; of a version its first two numbers; of an error long rows of digits as `#`.
 */
export function contextValue (name: string, raw: unknown): string | null {
  if (typeof raw !== 'string' && typeof raw !== 'number') return null
  const whole = plainText(String(raw)).replace(/\s+/g, ' ').toLowerCase()
  if (whole === '' || lookOf(whole) !== null || /\S@\S/.test(whole)) return null
  const value = formOf(name, whole)
  return value === '' ? null : [...value].slice(0, LONGEST_CONTEXT).join('')
}

function formOf (name: string, text: string): string {
  if (name === 'page') return pathOf(text)
  if (name === 'error') return text.replace(/https?:\S+/g, '#').replace(/\d{6,}/g, '#')
  if (name === 'language') return /^[a-z]{2,3}(?=$|[-_])/.exec(text)?.[0] ?? ''
  if (name === 'version') return /^v?(\d+(?:\.\d+)?)/.exec(text)?.[1] ?? text
  return text
}

// A title stays as it is; of an address what names the page and not what it shows.
function pathOf (text: string): string {
  const path = /^https?:\/\/[^/?#\s]*([^?#\s]*)/.exec(text)?.[1] ?? text.replace(/[?#].*$/, '')
  if (!path.includes('/')) return path === '' ? '/' : path
  const parts = path.split('/').filter(part => part !== '').map(part => isId(part) ? ':id' : part)
  return '/' + parts.join('/')
}

function isId (part: string): boolean {
  return /^\d+$/.test(part) || /%40|@/.test(part) || (/\d/.test(part) && /^[0-9a-f-]{8,}$/.test(part)) ||
    (part.length >= 16 && /\d/.test(part) && !/[-_.]/.test(part))
}

const CONTEXT_NAMES = ['page', 'error', 'plan', 'language', 'version', 'region'] as const

/** Which field of a helpdesk means what: `[name, the helpdesk's own id or key of the field]`. */
export type ContextFields = Array<[name: typeof CONTEXT_NAMES[number], field: string]>

/** Reads `plan=360001,version=app_version`. Throws on a name that is none of ours, or on one without a field. */
export function readContextFields (setting: string | undefined): ContextFields {
  return (setting ?? '').split(',').map(part => part.trim()).filter(part => part !== '').map(part => {
    const at = part.indexOf('=')
    const name = CONTEXT_NAMES.find(known => known === part.slice(0, at).trim())
    const field = part.slice(at + 1).trim()
    if (at < 0 || name === undefined || field === '') {
      throw new Error(`"${part.slice(0, 60)}" names no field: say ${CONTEXT_NAMES.join(', ')}, each as plan=360001`)
    }
    return [name, field]
  })
}

/** What these fields say, in the form in which it is kept; what is empty or looks personal is left out. */
export function contextIn (
  fields: ContextFields, valueOf: (field: string) => unknown
): Array<{ name: ContextFields[number][0], value: string }> {
  return fields.flatMap(([name, field]) => {
    const value = contextValue(name, valueOf(field))
    return value === null ? [] : [{ name, value }]
  })
}
