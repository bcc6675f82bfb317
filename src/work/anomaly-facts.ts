// Reads what there is to know of an anomaly, lets the pure parts make facts of it, and writes them down with it: when it
// is told first and whenever it has grown. What customers wrote is redacted before anything is counted.
import type { Transaction } from 'kysely'
import type { DriftCourse } from '../learn/drift-course.ts'
import { NO_FACTS, nearRelease } from '../learn/facts.ts'
import { isStopWord } from '../learn/stop-words.ts'
import { sayingsOf } from '../learn/sayings.ts'
import type { Saying } from '../learn/sayings.ts'
import { errorOf, pathOf, segmentsOf, sizeBand } from '../learn/segments.ts'
import type { Customer } from '../learn/segments.ts'
import { plus } from '../learn/story.ts'
import type { Seen } from '../learn/trace.ts'
import { listReleasesAround, readAnomalyTickets, sampleTickets, saveFacts } from '../store/anomaly-facts.ts'
import type { AskedTicket } from '../store/anomaly-facts.ts'
import type { Database } from '../store/schema.ts'
import type { Instant } from '../types.ts'

/** Takes what is personal out of a text; `names` are people known by name. */
export type Redact = (text: string, names: string[]) => string

const MOST_TICKETS = 300
const MOST_OTHERS = 2_000
const MOST_SAID = 400                               // other texts that phrases are compared with
const USUAL_DAYS = 28

/** `seen` and `terms` are the watch's own; `redact` absent: no customer's words are told. Returns the phrases. */
export async function describeAnomaly (
  trx: Transaction<Database>, id: string, at: Instant,
  watched: { seen: Seen | null, drift: DriftCourse | null, terms: string[] }, redact?: Redact
): Promise<Saying[]> {
  const tickets = await readAnomalyTickets(trx, id, MOST_TICKETS)
  const others = await sampleTickets(trx, {
    from: plus(at, -USUAL_DAYS * 86_400), until: at, exceptOf: id, most: MOST_OTHERS
  })
  const { segments, tested } = segmentsOf(tickets.map(customerOf), others.map(customerOf))
  const beganAt = tickets.at(-1)?.at ?? at
  const trace = watched.seen?.trace ?? null
  const releases = await listReleasesAround(trx, plus(beganAt, -3 * 86_400), at)
  const names = [...tickets, ...others].flatMap(t => t.name ?? [])
  const said = redact === undefined ? [] : tickets.map(t => ({ person: t.person, text: redact(wordsOf(t), nameOf(t)) }))
  const elsewhere = redact === undefined ? [] : others.slice(0, MOST_SAID).map(t => redact(wordsOf(t), nameOf(t)))
  const known = new Set(names.flatMap(name => name.toLowerCase().split(/\s+/)))
  const isNobody = (text: string): boolean => !text.toLowerCase().split(/\s+/).some(word => known.has(word))
  const terms = watched.terms.length > 0
    ? watched.terms.map(term => term.replace(/^(?:err|code|page):/, '')).filter(term => !isStopWord(term))
    : sayingsOf(said, elsewhere, { least: 1, longest: 1, most: 6 }).map(s => s.text.toLowerCase())
  const sayings = sayingsOf(said, elsewhere, { most: 9 }).filter(s => isNobody(s.text)).slice(0, 3)
  await saveFacts(trx, id, {
    usual: watched.seen?.usual ?? 0,
    terms: terms.filter(isNobody),
    facts: {
      ...NO_FACTS,
      hours: watched.seen?.hours ?? null,
      beganAt,
      release: nearRelease(releases, beganAt),
      segments,
      tested,
      sayings,
      trace,
      drift: watched.drift,
      releases: trace === null ? [] : releases.filter(r => Date.parse(r.at) / 1000 >= trace.from)
    }
  })
  return sayings
}

function wordsOf (t: AskedTicket): string {
  return t.subject === '' || t.text.startsWith(t.subject) ? t.text : `${t.subject}\n${t.text}`
}

function nameOf (t: AskedTicket): string[] {
  return t.name === null ? [] : [t.name]
}

/** What is known of who asked: what the product told goes before what the helpdesk and HubSpot did. */
export function customerOf (t: AskedTicket): Customer {
  const traits = (...keys: string[]): unknown => {
    for (const kind of ['identify', 'track', 'page'] as const) {
      const data = t.told.find(e => e.kind === kind)?.data ?? {}
      for (const key of keys) if (data[key] !== undefined && data[key] !== null && data[key] !== '') return data[key]
    }
    return null
  }
  const short = (value: unknown): string | null => {
    const text = typeof value === 'string' || typeof value === 'number' ? String(value).replace(/[\p{C}@<>]/gu, ' ').trim() : ''
    return text === '' || text.length > 40 ? null : text
  }
  const page = t.told.find(e => e.kind === 'page')
  const path = [page?.data['path'], page?.data['url'], t.page].find(p => typeof p === 'string' && p !== '')
  const found = {
    plan: short(traits('plan')) ?? t.plan,
    size: sizeBand(traits('employees', 'company_size', 'companySize', 'seats')),
    version: short(traits('version', 'app_version', 'appVersion', 'release')),
    page: typeof path === 'string' ? pathOf(path) : null,
    language: t.language,
    error: errorOf(wordsOf(t)) ?? short(traits('error_code', 'errorCode'))
  }
  return { person: t.person, is: Object.fromEntries(Object.entries(found).filter(([, value]) => value !== null)) }
}
