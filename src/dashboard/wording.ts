// What the columns of a draft mean in words. Every page says the same thing with the same ones.
import { showPercent } from './numbers.ts'

export interface ScoreRules { highScore: number, leastScore: number }

/** A few words with a colour; `detail` is what stands beside them in small print. */
export interface Badge { label: string, tone: 'good' | 'fair' | 'poor' | 'quiet' | 'open', detail: string }

/** As in the note: a word first, the number second. Low is never written. */
export function scoreWords (score: number, rules: ScoreRules): 'High' | 'Medium' | 'Low' {
  if (score >= rules.highScore) return 'High'
  return score >= rules.leastScore ? 'Medium' : 'Low'
}

/** What was decided, and what became of the note. `noteState` null: nothing was to be written. */
export function actionBadge (d: { action: string, noteState: string | null, noteReason: string | null }): Badge {
  if (d.action !== 'note') return { label: 'silent', tone: 'quiet', detail: '' }
  const why = d.noteReason === null ? '' : `: ${d.noteReason}`
  switch (d.noteState) {
    case null: return { label: 'note', tone: 'open', detail: 'only observed, nothing written' }
    case 'done': return { label: 'note', tone: 'good', detail: 'written' }
    case 'pending': return { label: 'note', tone: 'open', detail: `waiting to be written${why}` }
    case 'inflight': return { label: 'note', tone: 'open', detail: 'being written' }
    case 'skipped': return { label: 'no note', tone: 'quiet', detail: `not written${why}` }
    default: return { label: 'note stopped', tone: 'poor', detail: `a person must look${why}` }
  }
}

export interface Judged { text: string, outcome: string | null, seen: string | null, similarity: number | null }

/** What the agent made of the draft. */
export function outcomeBadge (d: Judged): Badge {
  if (d.outcome === null) return { label: 'open', tone: 'open', detail: '' }
  if (d.text === '') return { label: 'nothing proposed', tone: 'quiet', detail: '' }
  const verdict = verdictBadge(d.outcome, d.similarity)
  if (d.seen === 'too_late') return { label: 'too late', tone: 'quiet', detail: `would be: ${verdict.label}` }
  return d.seen === 'silent' ? { ...verdict, detail: 'not shown' } : verdict
}

function verdictBadge (outcome: string, similarity: number | null): Badge {
  if (outcome === 'as_is') return { label: 'as is', tone: 'good', detail: '' }
  if (outcome === 'replaced') return { label: 'replaced', tone: 'poor', detail: '' }
  return { label: similarity === null ? 'edited' : `edited ${showPercent(similarity)}`, tone: 'fair', detail: '' }
}

const SIGNALS: Readonly<Record<string, string>> = {
  as_is: 'the agent sent it as it was', edited: 'the agent edited it', replaced: 'the agent sent something else',
  stayed_solved: 'the ticket stayed solved', reopened: 'the ticket was reopened',
  rated_good: 'the customer was satisfied', rated_bad: 'the customer was not satisfied',
  escalated: 'the ticket was escalated', flagged: 'an agent said that the draft is not to be used'
}

export function signalWords (kind: string): string {
  return SIGNALS[kind] ?? kind.replaceAll('_', ' ')
}
