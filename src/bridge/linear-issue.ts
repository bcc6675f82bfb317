// An anomaly as an issue: facts that were counted, apart from what is not known. The block of numbers stands between two
// marks, so that it can follow the tickets and what engineers write beside it stays. Nothing personal is in it.
import type { AnomalyView } from '../outside.ts'

const BEGIN = '<!-- deskloop:impact -->'
const END = '<!-- /deskloop:impact -->'

export interface IssueText { title: string, description: string }

/** `page` and `slack` are links for who wants more; empty ones are left out. */
export function renderIssue (a: AnomalyView, links: { page: string, slack: string }): IssueText {
  const where = [links.page === '' ? '' : `[cluster](${links.page})`, links.slack === '' ? '' : `[Slack](${links.slack})`].filter(l => l !== '')
  const by = a.approvedBy === null ? 'filed by rule' : `approved by ${escapeMarkdown(a.approvedBy)}`
  return {
    title: cut(`${a.title} (${a.tickets} tickets, ${a.people} customers)`, 250),
    description: [
      `> Filed by Deskloop from a support cluster, ${by}.${where.length > 0 ? ` ${where.join(' · ')}` : ''}`,
      '',
      '### What happens',
      whatHappens(a),
      '',
      renderImpact(a),
      '',
      '### Facts from tickets',
      ...(a.facts.length === 0 ? ['- no page, error or plan is known of these tickets'] : a.facts.map(f => `- ${escapeMarkdown(f.label)}: ${escapeMarkdown(f.text)}`)),
      ...(a.release === null ? [] : [`- Began ${a.release.minutes} min after release \`${a.release.name.replaceAll('`', '')}\` (correlation, not proof)`]),
      '',
      '### Not known',
      'Steps, browser and request ids unless they stand above. *Comment here to ask; support sees it.*',
      '',
      '### When this is done',
      `Move to Done: ${a.tickets} tickets get a private note; Deskloop watches 72 h and reports here if the rate does not fall.`,
      '',
      `<sub>dl-cluster ${a.id}</sub>`
    ].join('\n')
  }
}

/** The block of numbers, with its marks. */
export function renderImpact (a: AnomalyView): string {
  const usual = a.usual < 1 ? 'almost none' : `about ${Math.round(a.usual)}`
  return [
    BEGIN, '### Impact', '| tickets | customers | usual in that time | first seen | state |', '|---|---|---|---|---|',
    `| ${a.tickets} | ${a.people} | ${usual} | ${a.openedAt} | ${a.state.replace('_', ' ')} |`, END
  ].join('\n')
}

/** The description with its block brought up to date. Null: the marks are gone, somebody wants it otherwise. */
export function replaceImpact (description: string, a: AnomalyView): string | null {
  const from = description.indexOf(BEGIN)
  const to = description.indexOf(END)
  if (from < 0 || to < from) return null
  return description.slice(0, from) + renderImpact(a) + description.slice(to + END.length)
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

function cut (text: string, most: number): string {
  const letters = [...text]
  return letters.length <= most ? text : letters.slice(0, most - 1).join('') + '…'
}
