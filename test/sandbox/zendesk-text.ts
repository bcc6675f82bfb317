// What the pretend Zendesk makes of a text: every comment exists as cleaned html, as text with a little markup, and as
// plain text. Written apart from the product's own text functions, so that a mistake there is not hidden here.

export interface Written { html: string, body: string, plain: string }

const ALLOWED = new Set(['a', 'abbr', 'b', 'blockquote', 'br', 'code', 'dd', 'del', 'div', 'dl', 'dt', 'em', 'font', 'h1', 'h2',
  'h3', 'h4', 'h5', 'h6', 'hr', 'i', 'img', 'ins', 'li', 'ol', 'p', 'pre', 's', 'small', 'span', 'strike', 'strong', 'sub',
  'sup', 'table', 'tbody', 'td', 'th', 'thead', 'tr', 'u', 'ul'])
const BLOCKS = new Set(['p', 'div', 'ul', 'ol', 'h1', 'h2', 'h3', 'h4', 'h5', 'h6', 'blockquote'])
const TAG = /<(\/?)([a-zA-Z][a-zA-Z0-9]*)([^<>]*)>/g

/** An html comment as the vendor keeps it: scripts, foreign tags and event attributes are gone. */
export function writtenAsHtml (html: string): Written {
  const quiet = html.replace(/<!--[\s\S]*?-->/g, '')
    .replace(/<(script|style|iframe|object|embed|noscript)\b[^>]*>[\s\S]*?<\/\1\s*>/gi, '')
  const clean = quiet.replace(TAG, cleanTag)
  return { html: wrap(clean), body: toText(clean, true), plain: toText(clean, false) }
}

export function writtenAsText (text: string): Written {
  const paragraphs = text.replace(/\r\n?/g, '\n').split(/\n{2,}/)
  const html = paragraphs.map(part => `<p dir="auto">${escapeText(part).replaceAll('\n', '<br>')}</p>`).join('')
  return { html: wrap(html), body: text, plain: text }
}

/** The vendor's redaction: each character becomes a block, blanks stay. */
export function blackOut (text: string): string {
  return text.replace(/\S/gu, '▇')
}

/** Everything between `<redact>` tags becomes blocks. */
export function redactMarked (html: string): string {
  return html.replace(/<redact>([\s\S]*?)<\/redact>/gi, (_, secret: string) => secret.replace(/<[^<>]*>|\S/gu,
    piece => piece.startsWith('<') && piece.length > 1 ? piece : '▇'))
}

/** The inside of a stored comment, without the vendor's own wrapping. */
export function unwrap (html: string): string {
  return html.replace(/^<div class="zd-comment" dir="auto">/, '').replace(/<\/div>$/, '')
}

function wrap (html: string): string {
  return `<div class="zd-comment" dir="auto">${html}</div>`
}

function cleanTag (_: string, slash: string, given: string, rest: string): string {
  const name = given.toLowerCase()
  if (!ALLOWED.has(name)) return ''
  if (slash !== '') return `</${name}>`
  const target = /\s(href|src)\s*=\s*(?:"([^"]*)"|'([^']*)')/i.exec(rest)
  const address = target?.[2] ?? target?.[3] ?? ''
  const kept = target?.[1] !== undefined && /^(https?:|mailto:)/i.test(address) ? ` ${target[1].toLowerCase()}="${address}"` : ''
  return `<${name}${BLOCKS.has(name) ? ' dir="auto"' : ''}${kept}>`
}

function toText (html: string, markup: boolean): string {
  const links = markup ? html.replace(/<a href="([^"]*)">([^<]*)<\/a>/g, '[$2]($1)') : html
  const lined = links.replace(/\s*\n\s*/g, ' ')
    .replace(/<br>/g, '\n').replace(/<li>/g, '\n* ').replace(/<hr>/g, '\n\n')
    .replace(/<\/(p|div|h[1-6]|ul|ol|blockquote|pre|table|tr)>/g, '\n\n').replace(TAG, '')
  const decoded = lined.replaceAll('&lt;', '<').replaceAll('&gt;', '>').replaceAll('&quot;', '"').replaceAll('&#39;', "'")
  // The plain body is known to keep `&nbsp;` as it is.
  const spaced = markup ? decoded.replaceAll('&nbsp;', '\u00A0') : decoded
  return spaced.replaceAll('&amp;', '&').replace(/ *\n */g, '\n').replace(/\n{3,}/g, '\n\n').trim()
}

function escapeText (text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;')
}
