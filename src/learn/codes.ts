// Codes that people copy into their tickets: INV-503, E1042, ERR_TLS_VERSION. Each is one term, as it is written: cut at its
// hyphen it would be a word that says nothing and a number that is thrown away.

const MOST = 4
const MOST_TEXT = 4_000
const CODE = /(?<![\p{L}\p{N}._/@-])(?:[A-Z]{1,8}[-_]?\d{2,6}|0x[0-9A-Fa-f]{4,8}|[A-Z]{1,8}(?:_[A-Z0-9]{2,16}){1,4})(?![\p{L}\p{N}_/@-])/gu

/** At most four codes of a text, each once, in their order. Numbers alone are none: they count, date and pay. */
export function codesOf (text: string): string[] {
  const found = new Set<string>()
  for (const [code] of text.slice(0, MOST_TEXT).matchAll(CODE)) {
    found.add(code)
    if (found.size === MOST) break
  }
  return [...found]
}
