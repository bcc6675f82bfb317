// What an alert says. Its title says what is the matter and holds no count: an incident grows, and its size stands beside it,
// as of now. A title that is about a topic begins with the topic and a colon, so that whoever knows its name can put it there.
import { DAY, HOUR } from './week-clock.ts'

const TOLD_TERMS = 3
const ERRORS: ReadonlySet<string> = new Set(['error', 'errors', 'fehler', 'fehlermeldung', 'erreur', 'errore', 'foutmelding', 'erro'])

/** A time in seconds as one says it: `20 minutes`, `an hour`, `5 hours`, `3 days`. */
export function spanInWords (seconds: number): string {
  const minutes = Math.max(1, Math.round(seconds / 60))
  if (minutes < 50) return minutes === 1 ? 'a minute' : `${minutes} minutes`
  const hours = Math.round(seconds / HOUR)
  if (hours <= 1) return 'an hour'
  return hours < 48 ? `${hours} hours` : `${Math.round(seconds / DAY)} days`
}

/** An expected count as one says it. */
export function usualInWords (mean: number): string {
  if (mean < 0.1) return 'almost none'
  return `about ${mean < 9.5 ? Number(mean.toPrecision(mean < 1 ? 1 : 2)) : Math.round(mean)}`
}

export function titleOfSpike (topic: string, isAfterRelease: boolean): string {
  return `${topic === '__all__' ? 'Over all topics' : topic}: more tickets than usual${isAfterRelease ? ', after a release' : ''}`
}

/**
 * `terms`: as the watch names them, with `err:`, `code:`, `page:` or `copy:` before what is no word. A code is told as it is
 * written; where its tickets speak of an error, it is the error's.
 */
export function titleOfCluster (terms: string[]): string {
  const of = (mark: string): string[] => terms.flatMap(term => term.startsWith(mark) ? term.slice(mark.length) : [])
  const said = terms.filter(term => !/^(?:err|code|page|copy):/.test(term))
  const codes = of('code:')
  const error = codes.length === 0 ? undefined : said.find(word => ERRORS.has(word))
  const [copied] = of('copy:')
  const parts = [
    ...of('err:').map(code => `error ${code}`),
    ...codes.map(code => error === undefined ? `“${code}”` : `error ${code}`),
    ...of('page:').map(page => `page ${page}`),
    ...said.filter(word => word !== error).slice(0, TOLD_TERMS).map(word => `“${word}”`),
    ...(copied === undefined ? [] : [`the same words “${copied}”`])
  ]
  return `New: ${parts.slice(0, TOLD_TERMS).join(', ')}`
}

/** How large it is by now, beside the title: tickets, the time since the first, what was to be expected in that time. */
export function sizeInWords (tickets: number, seconds: number, usual: number): string {
  return `${tickets} ${tickets === 1 ? 'ticket' : 'tickets'} in ${spanInWords(seconds)}, usual is ${usualInWords(usual)}`
}

/** `now`, `usual`: shares, 0 to 1. */
export function titleOfShare (topic: string, metric: 'esc' | 'cancel', now: number, usual: number): string {
  const what = metric === 'esc' ? 'are escalated' : 'ask to cancel'
  return `${topic === '__all__' ? 'Over all topics' : topic}: ${percent(now)} of the tickets ${what}, usual is ${percent(usual)}`
}

/** `times`: volume against what was usual, above 1. */
export function titleOfVolume (topic: string, times: number): string {
  return `${topic}: ${Math.max(1.1, times).toFixed(1)} times as many tickets as was usual, for weeks`
}

function percent (share: number): string {
  return `${share < 0.095 ? (100 * share).toFixed(1) : Math.round(100 * share)} %`
}
