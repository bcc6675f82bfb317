// Text as Freshdesk keeps it: what people typed becomes <div> html, what programs send is cleaned, and
// each body has a plain twin.

/** What a person typed, as the vendor's editor would store it. */
export function toHtml (text: string): string {
  return `<div>${escapeText(text).replaceAll('\n\n', '<br><br>').replaceAll('\n', '<br>')}</div>`
}

export function escapeText (text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;')
}

/** Scripts, frames, comments and event handlers never reach the stored body. */
export function cleanHtml (html: string): string {
  return html
    .replace(/<!--[\s\S]*?-->/g, '')
    .replace(/<(script|style|iframe|object)\b[\s\S]*?<\/\1\s*>/gi, '')
    .replace(/(<[a-z][^>]*?)\son[a-z]+\s*=\s*("[^"]*"|'[^']*'|[^\s>]+)/gi, '$1')
}

/** The plain twin: blocks are parted by a blank, line breaks stay. */
export function toPlain (html: string): string {
  return html
    .replace(/\s+/g, ' ')
    .replace(/<br\s*\/?>/gi, '\n')
    .replace(/<(\/?(p|div|li|ul|ol|h[1-6]|tr|table|blockquote|pre|hr)\b)[^>]*>/gi, ' ')
    .replace(/<[a-z/!][^>]*>/gi, '')
    .replace(/&(lt|gt|quot|#39|nbsp|amp);/g, (whole, name: string) => ENTITIES[name] ?? whole)
    .split('\n').map(line => line.replace(/ +/g, ' ').trim()).join('\n')
    .trim()
}

/** The history a mail program appends below a reply. */
export function quoteOf (text: string, author: string, at: string): { html: string, plain: string } {
  const when = new Date(at).toUTCString().slice(0, 22)
  const head = `On ${when}, ${author} wrote:`
  const lines = text.split('\n').map(line => `> ${line}`).join('\n')
  return {
    html: `<div class="freshdesk_quote"><blockquote class="freshdesk_quote">${escapeText(head)}<br>` +
      `${escapeText(text).replaceAll('\n', '<br>')}</blockquote></div>`,
    plain: `\n\n${head}\n${lines}`
  }
}

const ENTITIES: Readonly<Record<string, string>> = {
  lt: '<', gt: '>', quot: '"', '#39': "'", nbsp: ' ', amp: '&'
}
