// Tickets by the language they are written in. A language that few customers write in has few tickets behind it, so that each
// of its words looks new; what is new among its own tickets has to be asked of these alone.

export interface Tongue { name: string, n: number, recent: number[] }

const LEAST_SHARE = 1 / 3                           // of a burst: then its language may be what it has in common
const UNKNOWN = 'und'

/** The place of a language in the list, which it enters with its first ticket. `spans`: how many spans are counted. */
export function placeOfTongue (tongues: Tongue[], name: string, spans: number): number {
  const known = tongues.findIndex(tongue => tongue.name === name)
  return known >= 0 ? known : tongues.push({ name, n: 0, recent: Array.from({ length: spans }, () => 0) }) - 1
}

/**
 * Tickets of one span that may hold a term because of the language they are in: for each language of a third of `tickets`,
 * save the desk's main one and what could be any, its tickets of that span x P(term | language); 0 or more. All that is known
 * of the term is held to have been in that language, which is true of its words and careful with all others. `of`: the
 * tickets of these languages in that span. `n`: how often the term came, in the units of the tongues' own `n`; `unit`: one.
 */
export function meanInTongues (tongues: Tongue[], tickets: Array<{ tongue: number }>, span: number, n: number,
  unit: number): { mean: number, of: number } {
  const main = tongues.reduce((most, tongue) => Math.max(most, tongue.n), 0)
  let mean = 0
  let of = 0
  for (const [place, tongue] of tongues.entries()) {
    if (tongue.n === main || tongue.name === UNKNOWN) continue
    const held = tickets.filter(ticket => ticket.tongue === place).length
    if (held === 0 || held < LEAST_SHARE * tickets.length) continue
    of += tongue.recent[span] ?? 0
    mean += (tongue.recent[span] ?? 0) * Math.min(1, (1.15 * n + 0.3 * unit) / (tongue.n + unit))
  }
  return { mean, of }
}
