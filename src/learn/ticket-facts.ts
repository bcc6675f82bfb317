// What an engineer asks of tickets, counted: pages, errors, browsers, versions, plans, languages, hours, and the ways through
// the product that customers describe. Counts only; what nobody said is counted too, as not stated.
import type { Instant } from '../types.ts'
import { languageOf } from './features.ts'

export interface FactTicket { customer: string, at: Instant, text: string, page: string | null, plan: string | null }

export const FACTS = ['page', 'error', 'browser', 'system', 'version', 'plan', 'language', 'hour', 'steps'] as const
export type FactKind = typeof FACTS[number]

/** Values with the number of tickets that state each, the commonest first; a ticket may state several. */
export interface Fact { kind: FactKind, values: Array<{ value: string, tickets: number }>, stated: number, of: number }

const MOST_VALUES = 5
const LEAST_CUSTOMERS = 2                           // what one customer alone wrote may say who he is
const BROWSERS: Array<[name: string, sign: RegExp]> = [
  ['Firefox', /\bfirefox\b/i], ['Chrome', /\bchrom(e|ium)\b/i], ['Safari', /\bsafari\b/i], ['Edge', /\bms edge\b|\bmicrosoft edge\b|\bedge browser\b|\bin edge\b/i],
  ['Opera', /\bopera\b(?! house)/i], ['Brave', /\bbrave browser\b/i]
]
const SYSTEMS: Array<[name: string, sign: RegExp]> = [
  ['Windows', /\bwindows(?: (?:7|8|10|11))?\b/i], ['macOS', /\bmac ?os\b|\bmacbook\b|\bimac\b|\bon (?:a |my )?mac\b/i], ['iOS', /\biphone\b|\bipad\b|\bios\b/i],
  ['Android', /\bandroid\b/i], ['Linux', /\blinux\b|\bubuntu\b/i]
]
// An error code is short, of letters and digits, or stands behind the word for it.
const ERRORS = [/\b[A-Z]{1,5}-?\d{2,4}\b/g, /\b(?:error|fehler|erreur|errore|fout)(?: code)?:? ?(\d{3,5})\b/gi, /\bHTTP ?(\d{3})\b/g]
const VERSIONS = /\bv\.?\d{1,3}\.\d{1,3}(?:\.\d{1,4})?\b|\b(?:version|release) \d{1,3}(?:\.\d{1,4}){0,2}\b/gi
const STEP = /\p{Lu}[\p{L}&]{1,24}(?: \p{Lu}[\p{L}&]{0,24}){0,2}(?:\s{0,2}(?:[>›»→]|->)\s{0,2}[\p{L}&]{2,24}(?: \p{Lu}[\p{L}&]{0,24}){0,2}){1,4}/gu
const LONGEST_TEXT = 6_000

/**
 * Counts the facts of an incident's tickets. A value that fewer than two customers state is left out, except pages, plans,
 * languages and hours, which are not in their words. Same tickets in any order, same facts. Pure.
 */
export function countFacts (tickets: FactTicket[]): Fact[] {
  return FACTS.map(kind => {
    const found = new Map<string, { tickets: number, customers: Set<string> }>()
    let stated = 0
    for (const ticket of tickets) {
      const values = valuesOf(kind, ticket)
      if (values.length > 0) stated++
      for (const value of values) {
        const known = found.get(value) ?? { tickets: 0, customers: new Set<string>() }
        known.tickets++
        known.customers.add(ticket.customer)
        found.set(value, known)
      }
    }
    const isOurs = kind === 'page' || kind === 'plan' || kind === 'language' || kind === 'hour'
    const values = [...found].filter(([, known]) => isOurs || known.customers.size >= LEAST_CUSTOMERS)
      .map(([value, known]) => ({ value, tickets: known.tickets }))
      .sort((a, b) => b.tickets - a.tickets || (a.value < b.value ? -1 : 1))
    return { kind, values: kind === 'hour' ? spanOf(values) : values.slice(0, MOST_VALUES), stated, of: tickets.length }
  })
}

export const LABELS: Readonly<Record<FactKind, string>> = {
  page: 'Page', error: 'Error', browser: 'Browser', system: 'System', version: 'Version', plan: 'Plan', language: 'Language',
  hour: 'Asked', steps: 'Steps'
}

/** `Chrome 15, Safari 5, not stated 3`; empty when nothing is known. */
export function tellFact ({ kind, values, stated, of }: Fact): string {
  if (values.length === 0) return ''
  const named = values.map(v => kind === 'hour' ? v.value : `${v.value} ${v.tickets}`)
  const rest = of - stated
  return [...named, ...(rest > 0 && kind !== 'hour' ? [`not stated ${rest}`] : [])].join(', ')
}

function valuesOf (kind: FactKind, { text, page, plan, at }: FactTicket): string[] {
  const said = text.slice(0, LONGEST_TEXT)
  switch (kind) {
    case 'page': return page === null ? [] : [pathOf(page)]
    case 'plan': return plan === null ? [] : [plan]
    case 'language': return said.trim() === '' ? [] : [languageOf(said)]
    case 'hour': return [at.slice(0, 13)]
    case 'browser': return named(said, BROWSERS)
    case 'system': return named(said, SYSTEMS)
    case 'version': return unique(said.match(VERSIONS) ?? [], v => v.toLowerCase().replace(/^(version|release) |^v\.?/, 'v'))
    case 'error': return unique(ERRORS.flatMap(sign => [...said.matchAll(sign)].map(m => m[1] ?? m[0])), v => v.toUpperCase())
    case 'steps': return unique(said.match(STEP) ?? [], v => v.split(/\s*(?:[>›»→]|->)\s*/).join(' › '))
  }
}

// The page without what follows it: queries name people and things.
function pathOf (page: string): string {
  const path = page.replace(/^[a-z]+:\/\/[^/]*/i, '').split(/[?#]/)[0] ?? ''
  return (path.split('/').map(part => /\d{3,}|@|%40|^[0-9a-f-]{16,}$/i.test(part) ? ':id' : part).join('/') || '/').slice(0, 80)
}

function spanOf (hours: Array<{ value: string, tickets: number }>): Array<{ value: string, tickets: number }> {
  const sorted = hours.map(h => h.value).sort()
  const [first, last] = [sorted[0], sorted.at(-1)]
  const tickets = hours.reduce((sum, h) => sum + h.tickets, 0)
  const show = (hour: string): string => `${hour.replace('T', ' ')}:00 UTC`
  if (first === undefined || last === undefined) return []
  return [{ value: first === last ? `within the hour of ${show(first)}` : `${show(first)} to ${show(last)}`, tickets }]
}

function named (text: string, list: Array<[name: string, sign: RegExp]>): string[] {
  return list.filter(([, sign]) => sign.test(text)).map(([name]) => name)
}

function unique (values: Iterable<string>, form: (value: string) => string): string[] {
  return [...new Set([...values].map(form))]
}
