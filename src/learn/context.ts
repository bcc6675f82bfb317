// What somebody did in the product shortly before asking, as at most three facts that an agent reads at a glance.
import { contextValue } from '../text.ts'
import type { ContextName, Instant } from '../types.ts'

export interface ContextEvent { kind: 'identify' | 'page' | 'track', name: string, data: Record<string, unknown>, at: Instant }

const LONGEST = 60

/** The page, the last error, the plan; each only when known. Ages are told from the moment of the question. */
export function contextFacts (events: ContextEvent[], askedAt: Instant): string[] {
  const newest = events.filter(e => e.at <= askedAt).toSorted((a, b) => a.at < b.at ? 1 : -1)
  return [pageFact(newest, askedAt), errorFact(newest, askedAt), planFact(newest)].filter(fact => fact !== null)
}

// Where each is told: a page's own name only when no path is.
const PLACES: ReadonlyArray<[ContextName, (e: ContextEvent) => unknown[]]> = [
  ['page', e => e.kind === 'page' ? [e.data['path'], e.data['url'], e.name, e.data['title']] : []],
  ['error', e => isError(e) ? [e.data['code'], e.data['error'], e.data['message'], e.name] : []],
  ['plan', e => [e.data['plan']]],
  ['language', e => [e.data['language'], e.data['locale']]],
  ['version', e => [e.data['version'], e.data['app_version'], e.data['appVersion']]],
  ['region', e => [e.data['region']]]
]

/** What these events, newest first, tell for choosing an answer: of each name the newest value. Pure; never throws. */
export function contextNames (newest: ContextEvent[]): Array<{ name: ContextName, value: string }> {
  return PLACES.flatMap(([name, read]) => {
    for (const event of newest) {
      const value = read(event).map(raw => contextValue(name, raw)).find(found => found !== null)
      if (value !== undefined) return [{ name, value }]
    }
    return []
  })
}

/** `4 min before asking`: true whenever the note is read. */
export function ageInWords (at: Instant, askedAt: Instant): string {
  const seconds = Math.max(0, (Date.parse(askedAt) - Date.parse(at)) / 1000)
  if (seconds < 60) return 'just before asking'
  if (seconds < 3600) return `${Math.floor(seconds / 60)} min before asking`
  return `${Math.floor(seconds / 3600)} h before asking`
}

function pageFact (newest: ContextEvent[], askedAt: Instant): string | null {
  for (const e of newest) {
    const name = e.kind === 'page' ? firstWords(e.name, e.data['title'], e.data['path'], e.data['url']) : null
    if (name !== null) return `on ${name}, ${ageInWords(e.at, askedAt)}`
  }
  return null
}

function errorFact (newest: ContextEvent[], askedAt: Instant): string | null {
  for (const e of newest) {
    if (!isError(e)) continue
    const what = firstWords(e.data['code'], e.data['error'], e.data['message'], e.name)
    if (what !== null) return `error ${what}, ${ageInWords(e.at, askedAt)}`
  }
  return null
}

function planFact (newest: ContextEvent[]): string | null {
  for (const e of newest) {
    const plan = firstWords(e.data['plan'])
    if (plan !== null) return `plan ${plan}`
  }
  return null
}

function isError (e: ContextEvent): boolean {
  return e.kind === 'track' && /\b(errors?|failed|failure|exception|crash(ed)?)\b/i.test(apart(e.name))
}

// upload_failed and UploadFailed as words
function apart (name: string): string {
  return name.replace(/([a-z])([A-Z])/g, '$1 $2').replace(/[_\-.:/]+/g, ' ')
}

function firstWords (...values: unknown[]): string | null {
  for (const value of values) {
    const text = typeof value === 'string' || typeof value === 'number' ? calm(String(value)) : ''
    if (text !== '') return text
  }
  return null
}

// A write key stands in every browser, so anybody may have sent this: no addresses, no line breaks, not much of it.
function calm (raw: string): string {
  const path = /^https?:\/\/[^/?#\s]*(\/[^?#\s]*)?/i.exec(raw)
  const text = (path === null ? raw : path[1] ?? '/')
    .replace(/\S*(:\/\/|www\.)\S*/gi, '').replace(/[\p{C}\p{Zl}\p{Zp}<>`*[\]]/gu, ' ').replace(/\s+/g, ' ').trim()
  const letters = [...text]
  return letters.length <= LONGEST ? text : letters.slice(0, LONGEST - 1).join('') + '…'
}
