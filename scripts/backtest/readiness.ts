// Whether an archive holds what learning lives on, and what each gap costs. Measured before anything is promised.
import type { ArchiveTicket } from '../archive.ts'
import type { BacktestDraft } from '../../src/learn/backtest.ts'
import { languageOf } from '../../src/learn/features.ts'
import { findTagHints, lineOfHint, sayHint } from '../../src/learn/tag-hints.ts'

export interface ReadinessLine { what: string, measured: string, state: 'ready' | 'gap', cost: string }

const DAY_MS = 86_400_000
const percent = (part: number, of: number): string => of === 0 ? '–' : `${Math.round(100 * part / of)} %`

/**
 * One line per question: is there history enough, are solutions, ratings and agents told, can topics be told apart?
 * `topicTags`: the tags that name topics by the settings.
 */
export function readinessOf (
  tickets: ArchiveTicket[], heard: BacktestDraft[], topicTags: string[] = []
): ReadinessLine[] {
  const answered = tickets.filter(t => t.messages.some(m => m.role === 'agent'))
  const solved = answered.filter(t => t.solved_at != null || t.resolved === true)
  const rated = tickets.filter(t => t.csat !== undefined)
  const agents = new Set(tickets.flatMap(t => t.messages.flatMap(m => m.role === 'agent' && m.agent_id !== undefined ? [m.agent_id] : [])))
  const times = tickets.map(t => Date.parse(t.opened_at)).filter(ms => !Number.isNaN(ms))
  const days = times.length === 0 ? 0 : (Math.max(...times) - Math.min(...times)) / DAY_MS
  const languages = new Map<string, number>()
  for (const t of tickets) {
    const language = languageOf(`${t.subject ?? ''}\n${t.messages[0]?.text ?? ''}`)
    languages.set(language, (languages.get(language) ?? 0) + 1)
  }
  const main = [...languages].sort((a, b) => b[1] - a[1]).slice(0, 4)
  const topics = new Map<string, BacktestDraft[]>()
  for (const d of heard) topics.set(d.draft.topic, [...topics.get(d.draft.topic) ?? [], d])
  const large = [...topics.values()].filter(of => of.length >= 20)
  const inLarge = large.reduce((sum, of) => sum + of.length, 0)
  const latest = heard.slice(-Math.ceil(heard.length / 4))
  const repeated = latest.filter(d => d.light === true).length
  const line = (isReady: boolean, what: string, measured: string, cost: string): ReadinessLine =>
    ({ what, measured, state: isReady ? 'ready' : 'gap', cost })
  return [
    line(answered.length >= 300, 'Answered tickets', `${answered.length} of ${tickets.length}`,
      'with fewer than about 300 answered tickets most topics stay silent'),
    line(days >= 28, 'Time covered', `${Math.round(days)} days`, 'with less than four weeks no weekly rhythm is known: alerts need that to tell a Monday from an incident'),
    line(solved.length >= answered.length * 0.8, 'Solutions told', percent(solved.length, answered.length),
      'without them nobody knows whether an answer lasted: only the comparison with the sent reply teaches'),
    line(rated.length >= tickets.length * 0.05, 'Ratings', percent(rated.length, tickets.length),
      'without ratings a polite wrong answer looks like a right one'),
    line(agents.size >= 3, 'Agents named', String(agents.size), 'with fewer than three no answer can be shown to be the team’s and not one person’s'),
    line(inLarge >= heard.length * 0.5, 'Topics of 20 and more', `${large.length}, with ${percent(inLarge, heard.length)} of the questions`,
      'rare topics share one threshold and are drafted later'),
    line(repeated >= latest.length * 0.1, 'Answers that repeat', `${percent(repeated, latest.length)} of the last quarter had a fitting draft`,
      'where every reply is new, learned answers stay silent; a language model or more articles would be needed'),
    line(true, 'Languages', main.map(([language, n]) => `${language === 'und' ? 'not told' : language} ${percent(n, tickets.length)}`).join(', '),
      'each language learns from its own tickets'),
    ...tagLine(tickets, topicTags)
  ]
}

// Only where tags could name topics and nobody has said so.
function tagLine (tickets: ArchiveTicket[], topicTags: string[]): ReadinessLine[] {
  if (topicTags.length > 0) return []
  const inOrder = tickets.toSorted((a, b) => a.opened_at < b.opened_at ? -1 : a.opened_at > b.opened_at ? 1 : 0)
  const [hint] = findTagHints(inOrder.flatMap(t => {
    const first = t.messages.find(m => m.role === 'customer')
    if (first === undefined) return []
    const text = `${t.subject ?? ''}\n${first.text}`
    return [{ text, language: languageOf(text), tags: t.tags ?? [] }]
  }))
  return hint === undefined
    ? []
    : [{ what: 'Tags that name topics', measured: sayHint(hint), state: 'gap', cost: `not used yet; in config/learning.json: ${lineOfHint(hint)}` }]
}
