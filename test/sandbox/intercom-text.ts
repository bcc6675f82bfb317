// The two forms in which the pretend intercom says a text: html, and the plain text made from it.
// Its own small code on purpose: the vendor does not share ours.

const NAMED: Readonly<Record<string, string>> = { amp: '&', lt: '<', gt: '>', quot: '"', nbsp: ' ' }

/** What a person typed, as html: a paragraph between empty lines, a break per line, the rest escaped. */
export function toHtml (text: string): string {
  return text.replace(/\r\n?/g, '\n').split('\n\n')
    .map(part => `<p>${escape(part).replaceAll('\n', '<br>')}</p>`).join('')
}

/** Html as plain text; a link becomes `label (url)`, as the vendor says of display_as=plaintext. */
export function toPlain (html: string): string {
  const text = html
    .replace(/<br\s*\/?>/gi, '\n')
    .replace(/<a\b[^>]*\bhref="([^"]*)"[^>]*>([\s\S]*?)<\/a>/gi, '$2 ($1)')
    .replace(/<li\b[^>]*>/gi, '- ')
    .replace(/<\/li>/gi, '\n')
    .replace(/<hr\s*\/?>/gi, '\n\n')
    .replace(/<\/(p|h[1-6]|ul|ol|blockquote|pre|div)>/gi, '\n\n')
    .replace(/<[^>]*>/g, '')
  return unescape(text).replace(/^\n+|\n+$/g, '')
}

/**
 * What becomes of html that a program posts. Whether comments and foreign attributes survive is not documented, so the
 * harsher answer is given: a marker that is hidden there is lost. Text without tags becomes one paragraph.
 */
export function cleanHtml (body: string): string {
  const kept = body
    .replace(/<!--[\s\S]*?-->/g, '')
    .replace(/<(script|style|head)\b[\s\S]*?<\/\1>/gi, '')
    .replace(/<\/?(html|body|script|style|head)\b[^>]*>/gi, '')
    .replace(/<([a-z][a-z0-9]*)\b([^>]*)>/gi, (_, tag: string, rest: string) => `<${tag}${keptAttributes(rest)}>`)
    .trim()
  return kept.startsWith('<') ? kept : `<p>${kept.replaceAll('\n', '<br>')}</p>`
}

function keptAttributes (rest: string): string {
  const kept = rest.match(/\s(?:href|src|class)="[^"]*"/gi) ?? []
  return kept.join('') + (rest.trimEnd().endsWith('/') ? '/' : '')
}

function escape (text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;').replaceAll("'", '&#39;')
}

function unescape (text: string): string {
  return text.replace(/&(?:#(\d{1,7})|#x([0-9a-f]{1,6})|([a-z]+));/gi, (whole, ten, sixteen, name) => {
    if (typeof name === 'string') return NAMED[name] ?? whole
    const code = typeof ten === 'string' ? Number(ten) : Number.parseInt(String(sixteen), 16)
    return code <= 0x10FFFF ? String.fromCodePoint(code) : whole
  })
}
