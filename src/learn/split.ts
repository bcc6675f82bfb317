// An anomaly that turns out to be two: which groups its tickets fall into, which of them a person means, and to which of the
// two a new ticket belongs afterwards. Pure.
import { words } from '../text.ts'
import { isStopWord } from './stop-words.ts'

/** A ticket as it is sorted; `ref` names it. Texts are redacted before they come here. */
export interface SplitTicket {
  ref: string, text: string, topic: string | null, page: string | null
  company: string | null, companyName: string | null
}

/** Tickets that have something in common and the others have not. `key` stays the same while the tickets change. */
export interface SplitGroup { key: string, label: string, refs: string[] }

/** Which tickets are meant: those named, those of groups, and those whose words hold all of `words`. */
export interface SplitChoice { refs: string[], groups: string[], words: string }

const LONGEST_KEY = 140                             // Slack takes values of 150 characters
const MOST_OF_A_KIND = 4
const LEAST_WORD = 4
const HIDDEN = /\[[A-Z]+(?:_\d+)?\]/g               // what the redactor took out

/**
 * Groups that a person may split off, at most `most`: by topic, company, page and words, the largest of each kind first. One
 * that holds all of the tickets is none, nor is one that holds the same as another; a word must be shared by two of them.
 */
export function groupsOf (tickets: readonly SplitTicket[], most = 10): SplitGroup[] {
  const shown = new Set<string>()
  const isNews = ({ refs }: SplitGroup): boolean => {
    const which = refs.toSorted().join(' ')
    return !shown.has(which) && shown.add(which).size > 0
  }
  return allGroups(tickets).flatMap(kind => kind.filter(isNews).slice(0, MOST_OF_A_KIND)).slice(0, most)
}

function allGroups (tickets: readonly SplitTicket[]): SplitGroup[][] {
  const kinds: Array<{ name: string, least: number, of: (t: SplitTicket) => Array<{ key: string, label: string }> }> = [
    { name: 'topic', least: 1, of: t => t.topic === null ? [] : [{ key: t.topic, label: `about ${t.topic}` }] },
    {
      name: 'company', least: 1, of: t => t.company === null ? [] : [{ key: t.company, label: `of ${t.companyName ?? t.company}` }]
    },
    { name: 'page', least: 1, of: t => t.page === null ? [] : [{ key: t.page, label: `on ${t.page}` }] },
    { name: 'says', least: 2, of: t => [...tellingWords(t.text)].map(word => ({ key: word, label: `saying “${word}”` })) }
  ]
  return kinds.map(({ name, least, of }) => {
    const found = new Map<string, SplitGroup>()
    for (const ticket of tickets) {
      for (const { key, label } of of(ticket)) {
        const full = `${name}:${key}`.slice(0, LONGEST_KEY)
        const group = found.get(full) ?? { key: full, label, refs: [] }
        if (!group.refs.includes(ticket.ref)) group.refs.push(ticket.ref)
        found.set(full, group)
      }
    }
    return [...found.values()].filter(g => g.refs.length >= least && g.refs.length < tickets.length)
      .sort((a, b) => b.refs.length - a.refs.length || (a.key < b.key ? -1 : 1))
  })
}

/** The tickets that a choice means, in their order. A choice that names nothing means none. */
export function chosenBy (tickets: readonly SplitTicket[], { refs, groups, words: search }: SplitChoice): string[] {
  const byGroup = new Set(allGroups(tickets).flat().filter(g => groups.includes(g.key)).flatMap(g => g.refs))
  const wanted = search.toLowerCase().split(/\s+/).filter(word => word !== '')
  return tickets.filter(({ ref, text }) => {
    const said = text.toLowerCase()
    return refs.includes(ref) || byGroup.has(ref) || (wanted.length > 0 && wanted.every(word => said.includes(word)))
  }).map(t => t.ref)
}

/**
 * Says of a ticket to which group it is nearest, by index: the largest cosine between its words, topic, company and page and each group's
 * centroid, weighted by how rare they are (centroid-based classification, Han and Karypis 2000; weights ln(1 + N/n)). The first
 * group where nothing tells them apart.
 */
export function nearestAmong (groups: ReadonlyArray<readonly SplitTicket[]>): (ticket: SplitTicket) => number {
  const all = groups.flat()
  const seen = new Map<string, number>()
  for (const one of all) for (const feature of featuresOf(one)) seen.set(feature, (seen.get(feature) ?? 0) + 1)
  const unit = (one: SplitTicket): Map<string, number> => {
    const weights = [...featuresOf(one)].flatMap((f): Array<[string, number]> => {
      const n = seen.get(f)
      return n === undefined ? [] : [[f, Math.log(1 + all.length / n)]]
    })
    return scaled(new Map(weights))
  }
  const centres = groups.map(group => {
    const centre = new Map<string, number>()
    for (const one of group) for (const [f, w] of unit(one)) centre.set(f, (centre.get(f) ?? 0) + w)
    return scaled(centre)
  })
  return ticket => {
    const own = unit(ticket)
    let best = { at: 0, cosine: 0 }
    for (const [at, centre] of centres.entries()) {
      let cosine = 0
      for (const [f, w] of own) cosine += w * (centre.get(f) ?? 0)
      if (cosine > best.cosine + 1e-9) best = { at, cosine }
    }
    return best.at
  }
}

function featuresOf ({ text, topic, company, page }: SplitTicket): Set<string> {
  return new Set([
    ...[...tellingWords(text)].map(word => `says:${word}`),
    ...(topic === null ? [] : [`topic:${topic}`]),
    ...(company === null ? [] : [`company:${company}`]),
    ...(page === null ? [] : [`page:${page}`])
  ])
}

function tellingWords (text: string): Set<string> {
  const said = words(text.replace(HIDDEN, ' ').toLowerCase())
  return new Set(said.filter(word => word.length >= LEAST_WORD && !/^\d+$/.test(word) && !isStopWord(word)))
}

function scaled (vector: Map<string, number>): Map<string, number> {
  const length = Math.hypot(...vector.values())
  return length === 0 ? vector : new Map([...vector].map(([f, w]) => [f, w / length]))
}
