// What an alert says: what, how many, in what time, and what would have been usual. A title that is about a topic begins with
// the topic and a colon, so that whoever knows its name can put it there.
import { DAY, HOUR } from './week-clock.ts'

const TOLD_TERMS = 3

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

export function titleOfSpike (topic: string, seen: { count: number, mean: number, window: number },
  isAfterRelease: boolean): string {
  const what = topic === '__all__' ? 'Over all topics' : topic
  return `${what}: ${seen.count} tickets in ${spanInWords(seen.window)}, usual is ${usualInWords(seen.mean)}` +
    (isAfterRelease ? ', after a release' : '')
}

/** `terms`: as the watch names them, with `err:`, `page:` or `copy:` before what is no word. `span`: seconds. */
export function titleOfCluster (seen: {
  terms: string[], tickets: number[], accounts: number, mean: number, span: number
}): string {
  const { terms } = seen
  const copied = terms.find(term => term.startsWith('copy:'))
  const said = terms.filter(term => !/^(err|page|copy):/.test(term)).slice(0, TOLD_TERMS).map(term => `“${term}”`)
  const parts = [
    ...terms.flatMap(term => term.startsWith('err:') ? `error ${term.slice(4)}` : []),
    ...terms.flatMap(term => term.startsWith('page:') ? `page ${term.slice(5)}` : []),
    ...said,
    ...(copied === undefined ? [] : [`the same words “${copied.slice(5)}”`])
  ]
  return `New: ${parts.slice(0, TOLD_TERMS).join(', ')} in ${seen.tickets.length} tickets of ${seen.accounts} accounts ` +
    `within ${spanInWords(seen.span)}, usual is ${usualInWords(seen.mean)}`
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
