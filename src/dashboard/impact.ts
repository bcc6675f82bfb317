// Whether notes help, beside customers who get none. Never a bare number: each stands with what it is compared to, how
// many it was counted over, and whether the difference can be told from chance yet.
import { html } from 'ghtml'
import { LEAST_CUSTOMERS, liftOf, ticketsNeeded } from '../learn/lift.ts'
import type { Lift } from '../learn/lift.ts'
import type { Impact, OutcomeName } from '../store/impact.ts'
import { layOutBadge, layOutEmpty, layOutPage, layOutTable } from './layout.ts'
import { LEAST, NONE, showCount, showDuration, showPercent, showPoints } from './numbers.ts'

interface Shown { name: OutcomeName, label: string, says: string, better: 'more' | 'less' }

const SHOWN: Shown[] = [
  { name: 'durable', label: 'Stayed solved', says: 'Solved, and within 7 days neither reopened nor asked again by the same person on the same topic ÷ solved', better: 'more' },
  { name: 'reopened', label: 'Reopened', says: 'Reopened within 7 days ÷ solved', better: 'less' },
  { name: 'repeat', label: 'Came back', says: 'A new ticket of the same person on the same topic within 7 days ÷ solved', better: 'less' },
  { name: 'escalated', label: 'Escalated', says: 'Escalated within 7 days ÷ all', better: 'less' },
  { name: 'csat', label: 'Rated well', says: 'Good ratings ÷ rated', better: 'more' },
  { name: 'within_hour', label: 'Answered within an hour', says: 'First answer of a person within 60 min ÷ all', better: 'more' }
]

export function layOutImpact (impact: Impact, share: number): string {
  const { tickets, minutes } = impact
  if (tickets.treated + tickets.heldOut === 0) {
    return layOutPage('Impact', 'impact', html`<h1>Impact</h1>!${layOutEmpty('Nothing can be compared yet.',
      `A ticket counts seven days after its question; ${showCount(tickets.maturing)} are maturing. Notes must be on (DESKLOOP_MODE=draft).`)}`)
  }
  const rows = SHOWN.map(({ name, label, says, better }) => {
    const { treated, heldOut } = impact.outcomes[name]
    const lift = liftOf(treated, heldOut)
    return [
      html`<span title="${says}">${label}</span>`, withPeople(treated), withPeople(heldOut),
      lift.verdict === 'few' ? NONE : html`${showPoints(lift.difference)} <small>${showPoints(lift.low)} to ${showPoints(lift.high)}</small>`,
      verdictOf(lift, better)
    ]
  })
  const needed = share > 0 ? ticketsNeeded(0.75, 0.05, share) : null
  return layOutPage('Impact', 'impact', html`<h1>Impact</h1>
<p class="lead">${showCount(tickets.treated)} tickets whose customers get notes, beside ${showCount(tickets.heldOut)} of customers who were drawn by lot to get none. Who was to get a note counts as having got it. ${showCount(tickets.maturing)} tickets are younger than seven days and do not count yet.</p>
!${layOutTable('Impact', [
    { name: 'Outcome' }, { name: 'With notes', kind: 'number', says: 'mean over customers' }, { name: 'Without', kind: 'number', says: 'mean over the customers held out' },
    { name: 'Difference', kind: 'number', says: '95 % confidence sequence: it may be looked at every day' }, { name: 'Can it be told from chance?' }
  ], rows)}
<p>Median time to the first answer: <b>${showMinutes(minutes.treated, tickets.treated)}</b> with notes, <b>${showMinutes(minutes.heldOut, tickets.heldOut)}</b> without.</p>
<p class="hint">${share === 0 ? 'Nobody is held out at present (holdout in config/learning.json is 0).' : `${showPercent(share)} of customers are held out (holdout in config/learning.json), for ever the same ones.`}
${needed === null ? '' : `A difference of five points takes about ${showCount(needed)} tickets to be seen.`}</p>`)
}

function withPeople ({ n, mean }: { n: number, mean: number }): string {
  return html`${n < LEAST ? NONE : showPercent(mean)} <small>${showCount(n)} customers</small>`
}

function verdictOf ({ verdict, difference }: Lift, better: Shown['better']): string {
  if (verdict === 'few') return layOutBadge({ label: `fewer than ${LEAST_CUSTOMERS} customers`, tone: 'quiet', detail: '' })
  if (verdict === 'open') return layOutBadge({ label: 'not yet distinguishable', tone: 'quiet', detail: '' })
  const isGood = (difference > 0) === (better === 'more')
  return layOutBadge({ label: isGood ? 'likely real: better' : 'likely real: worse', tone: isGood ? 'good' : 'poor', detail: '' })
}

function showMinutes (minutes: number | null, tickets: number): string {
  return minutes === null || tickets < LEAST ? NONE : showDuration(minutes * 60)
}
