// An anomaly as an issue: facts that were counted, apart from what is not known. The block of numbers stands between two
// marks, so that it can follow the tickets and what engineers write beside it stays. Nothing personal is in it.
import type { AnomalyView, Worth } from '../outside.ts'

const BEGIN = '<!-- deskloop:impact -->'
const END = '<!-- /deskloop:impact -->'

export interface IssueText { title: string, description: string }

/** What is known beside the anomaly itself, counted over its tickets; every text may be shown. */
export interface IssueContext {
  facts: Array<{ label: string, text: string }>
  steps: Array<{ text: string, tickets: number }>
  quotes: Array<{ text: string, ticket: number }>
  notKnown: string[]
  place: string | null                              // the page that most of them name
  who: string | null                                // the plan that most of them have
  workaround: string | null                         // one that a person has approved
  /** Open issues that look like it, the most alike first; null: it could not be asked. */
  likely: Array<{ identifier: string, score: number }> | null
  verifyHours: number
}

const NOTHING: IssueContext = {
  facts: [], steps: [], quotes: [], place: null, who: null, workaround: null, likely: null, verifyHours: 72,
  notKnown: ['steps, browser and request ids unless they stand above']
}
const LONGEST_TITLE = 250
const MOST_LIKELY = 3

/** `page` and `slack` are links for who wants more; empty ones are left out. */
export function renderIssue (
  a: AnomalyView, links: { page: string, slack: string }, context: IssueContext = NOTHING
): IssueText {
  const where = [links.page === '' ? '' : `[cluster](${links.page})`, links.slack === '' ? '' : `[Slack](${links.slack})`].filter(l => l !== '')
  const by = a.approvedBy === null || a.approvedBy === 'a rule' ? 'filed by rule' : `approved by ${escapeMarkdown(a.approvedBy)}`
  return {
    title: titleOf(a, context),
    description: [
      `> Filed by Deskloop from a support cluster, ${by}.${where.length > 0 ? ` ${where.join(' · ')}` : ''}`,
      '',
      '### What happens',
      whatHappens(a),
      '',
      renderImpact(a),
      '',
      '### Facts from tickets',
      ...layOutFacts(a, context),
      ...section('### Steps customers describe', context.steps.map((s, i) => `${i + 1}. ${escapeMarkdown(s.text)} (${count(s.tickets, 'ticket')})`)),
      '',
      '### Not known',
      `${cut(context.notKnown.join('; '), 600)}${context.notKnown.length === 0 ? 'Nothing that was looked for is missing' : ''}. *Comment here to ask; Deskloop answers from tickets.*`,
      ...section("### In customers' words (redacted)", context.quotes.map(q => `- “${escapeMarkdown(q.text)}” (ticket ${q.ticket + 1} of ${a.tickets})`)),
      ...section('### Workaround in use', context === NOTHING ? [] : [context.workaround === null ? 'None approved.' : escapeMarkdown(context.workaround)]),
      '',
      '### When this is done',
      `Move to Done: ${a.tickets} tickets get a private note; Deskloop watches ${context.verifyHours} h and reports here if the rate does not fall.`,
      '',
      `<sub>dl-cluster ${a.id}${likelyOf(context)}</sub>`
    ].join('\n')
  }
}

/** The block of numbers, with its marks. */
export function renderImpact (a: AnomalyView): string {
  const usual = a.usual < 1 ? 'almost none' : `about ${Math.round(a.usual)}`
  const { worth, rate } = a
  const columns: Array<[name: string, value: string]> = [
    ['tickets', String(a.tickets)], ['customers', String(a.people)],
    ...(worth === undefined || worth === null ? [] : worthColumns(worth)),
    ['usual in that time', usual],
    ...(rate === undefined || rate === null ? [] : [['this hour so far / usual', `${rate.now} / ${rate.low}–${rate.high}`] satisfies [string, string]]),
    ['first seen', a.openedAt], ['state', a.state.replace('_', ' ')]
  ]
  const updated = a.toldAt === undefined ? '' : ` (updated ${a.toldAt.slice(0, 16).replace('T', ' ')} UTC)`
  const rowOf = (cells: string[]): string => `| ${cells.join(' | ')} |`
  return [
    BEGIN, `### Impact${updated}`, rowOf(columns.map(([name]) => name)), `|${columns.map(() => '---|').join('')}`,
    rowOf(columns.map(([, value]) => value)), END
  ].join('\n')
}

// An amount as a band half as wide as its leading digit's step, 212,000 as 200–250k: an issue is read by many.
function worthColumns ({ companies, arr, renewals, withinDays }: Worth): Array<[name: string, value: string]> {
  const soon = renewals === 0 ? '' : `, ${count(renewals, 'renewal')} in ${withinDays} d`
  return [['companies', `${companies}${soon}`], ...(arr === null || arr < 1 ? [] : [['ARR band', bandOf(arr)] satisfies [string, string]])]
}

function bandOf (amount: number): string {
  const width = 10 ** Math.floor(Math.log10(amount)) / 2
  const from = Math.floor(amount / width) * width
  const unit = from >= 1_000_000 ? 1_000_000 : from >= 1_000 ? 1_000 : 1
  return `${from / unit}–${(from + width) / unit}${{ 1_000_000: 'M', 1_000: 'k', 1: '' }[unit]}`
}

/** The description with its block brought up to date. Null: the marks are gone, somebody wants it otherwise. */
export function replaceImpact (description: string, a: AnomalyView): string | null {
  const from = description.indexOf(BEGIN)
  const to = description.indexOf(END)
  if (from < 0 || to < from) return null
  return description.slice(0, from) + renderImpact(a) + description.slice(to + END.length)
}

/** The anomaly with every text of its tickets passed through `scrub`: what comes from customers may hold anything. */
export function scrubView (a: AnomalyView, scrub: (text: string) => string): AnomalyView {
  return {
    ...a,
    title: scrub(a.title),
    topic: scrub(a.topic),
    terms: a.terms.map(scrub).filter(term => !term.includes('[')),
    facts: a.facts.map(({ label, text }) => ({ label: scrub(label), text: scrub(text) }))
  }
}

// [Symptom] on [place] for [who] since [release or time]
function titleOf (a: AnomalyView, { place, who }: IssueContext): string {
  const since = a.release === null ? `${a.openedAt.slice(0, 16).replace('T', ' ')} UTC` : a.release.name
  const parts = [
    symptomOf(a.title), place === null ? '' : ` on ${place}`, who === null ? '' : ` for ${who}`, ` since ${since}`,
    ` (${count(a.tickets, 'ticket')}, ${count(a.people, 'customer')})`
  ]
  return cut(parts.join('').replace(/[\p{C}\s]+/gu, ' '), LONGEST_TITLE)
}

// The watch's sentence without its numbers, which stand behind and in the block.
function symptomOf (title: string): string {
  const said = /^\d+ tickets from \d+ accounts say: (.+)$/s.exec(title)?.[1]
  if (said !== undefined) return `Customers say ${said}`
  return title.replace(/: \d+ tickets in .*$/s, '').trim() || title
}

function layOutFacts (a: AnomalyView, { facts }: IssueContext): string[] {
  const told = new Set(a.facts.map(f => f.label.toLowerCase()))
  const all = [...a.facts, ...facts.filter(f => !told.has(f.label.toLowerCase()))]
  const lines = all.length === 0 ? ['- no page, error or plan is known of these tickets'] : all.map(f => `- ${escapeMarkdown(f.label)}: ${escapeMarkdown(f.text)}`)
  const { release } = a
  if (release !== null) lines.push(`- Began ${release.minutes} min after release \`${release.name.replaceAll('`', '')}\` (correlation, not proof)`)
  return lines
}

function section (heading: string, lines: string[]): string[] {
  return lines.length === 0 ? [] : ['', heading, ...lines]
}

function likelyOf ({ likely }: IssueContext): string {
  if (likely === null) return ''
  const named = likely.slice(0, MOST_LIKELY).map(i => `${escapeMarkdown(i.identifier)} (${i.score.toFixed(2)})`)
  return ` · possible duplicates checked: ${named.length === 0 ? 'none found' : named.join(', ')}`
}

function whatHappens (a: AnomalyView): string {
  const words = a.terms.slice(0, 10).map(t => `\`${t.replaceAll('`', '')}\``).join(', ')
  const share = words === '' ? '' : ` Words that many of them share: ${words}.`
  return `${a.people} customers wrote about *${escapeMarkdown(a.topic)}* far more often than usual.${share}`
}

// What would be markup in Linear's Markdown; a mention needs an @ and a link a bracket.
export function escapeMarkdown (text: string): string {
  return text.replace(/[\\`*_{}[\]<>()#+!|~@]/g, c => `\\${c}`).replace(/[\r\n]+/g, ' ')
}

function count (n: number, what: string): string {
  return `${n} ${what}${n === 1 ? '' : 's'}`
}

function cut (text: string, most: number): string {
  const letters = [...text]
  return letters.length <= most ? text : letters.slice(0, most - 1).join('') + '…'
}
