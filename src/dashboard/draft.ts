// One draft with all that belongs to it: the question, the text, where it comes from, what was done with it and why, what
// the agent sent instead, and what the ticket told later.
import { html } from 'ghtml'
import { compareReply } from '../learn/reward.ts'
import { silencedAt, sortStory, turnsOf } from '../learn/story.ts'
import type { Turn } from '../learn/story.ts'
import type { DraftRow, Verdict } from '../store/drafts.ts'
import type { NoteProgress, SignalLine } from '../store/pages.ts'
import { refOf } from '../store/stories.ts'
import type { Instant, TicketEvent } from '../types.ts'
import type { WordingRow } from '../store/wordings.ts'
import { layOutOutcome, layOutScore, showThreshold } from './drafts.ts'
import { layOutBadge, layOutEmpty, layOutPage, layOutTable, layOutTime } from './layout.ts'
import { showPercent } from './numbers.ts'
import { actionBadge, outcomeBadge, signalWords } from './wording.ts'
import type { ScoreRules } from './wording.ts'
import { layOutWording } from './wording-page.ts'

export interface WholeDraft {
  draft: DraftRow & { notedAt: Instant | null, verdict: Verdict | null, replacedBy?: string | null }
  note: NoteProgress | null
  signals: SignalLine[]
  story: TicketEvent[]
  sourceKeys: Record<string, string>                // ticket -> the draft that was made for it
  wording: WordingRow | null
}

export function layOutDraft (whole: WholeDraft, rules: ScoreRules): string {
  const { draft } = whole
  const name = `${draft.connection} #${draft.ticketId}`
  const turn = turnOf(whole)
  const side = turn?.answer == null ? '' : layOutReply(draft, turn.answer)
  return layOutPage(`Draft for ${name}`, 'drafts', html`<p class="crumb"><a href="/drafts">Drafts</a></p>
<h1>Draft for ${name}</h1>
<p class="lead"><span dir="auto">${draft.topic}</span> · !${layOutTime(draft.askedAt)} · <code>${draft.key}</code></p>
!${layOutFacts(whole, rules)}
<section aria-labelledby="question"><h2 id="question">What was asked</h2>
!${layOutQuestion(whole, turn)}</section>
<div class="beside">
<section aria-labelledby="text"><h2 id="text">What Deskloop would answer</h2>
!${layOutText(draft)}</section>
!${side}
</div>
<section aria-labelledby="sources"><h2 id="sources">Where the draft comes from</h2>
!${layOutSources(whole)}</section>
!${layOutWording(whole.wording)}
!${layOutSignals(whole.signals)}`)
}

// Nothing of a ticket that was deleted, merged away or marked as spam is shown again.
function turnOf ({ draft, story }: WholeDraft): Turn | null {
  const sorted = sortStory(story)
  if (silencedAt(sorted) !== null) return null
  return turnsOf(sorted).find(t => t.messages.some(m => m.id === draft.questionId)) ?? null
}

function layOutFacts ({ draft, note, story }: WholeDraft, rules: ScoreRules): string {
  const done = actionBadge({ action: draft.action, noteState: note?.state ?? null, noteReason: note?.reason ?? null })
  const { verdict } = draft
  const judged = outcomeBadge({ text: draft.text, ...(verdict ?? { outcome: null, seen: null, similarity: null }) })
  const facts: Array<[string, string]> = [
    ['Score', layOutScore(draft, rules)],
    ['Threshold', html`${showThreshold(draft.threshold)}`],
    ['What was done', html`!${layOutBadge(done)} <small>${done.detail}</small>`],
    [draft.action === 'silent' ? 'Why silent' : 'Why a note', html`${draft.reason}`]
  ]
  if (draft.notedAt !== null) facts.push(['In the ticket since', layOutTime(draft.notedAt)])
  if (draft.replacedBy != null) facts.push(['Withdrawn', html`a newer draft took its place: <a href="/drafts/${draft.replacedBy}">${draft.replacedBy}</a>`])
  if (note !== null && note.attempts > 1) facts.push(['Attempts', html`${note.attempts}, the last !${layOutTime(note.updatedAt)}`])
  if (note !== null && note.copies > 0) {
    facts.push(['Copies removed', html`${note.copies} <small>a lost write was applied late; the second copy was taken back</small>`])
  }
  facts.push(['Outcome', layOutOutcome(judged)])
  if (verdict !== null) {
    facts.push(
      ['Answered', layOutTime(verdict.answeredAt)],
      ['Words kept', draft.text === '' ? '–' : html`${showPercent(verdict.similarity)}`],
      ['Learned as', html`${learnedAs(draft.text, verdict)}`]
    )
  }
  facts.push(['Language', html`${draft.language}`])
  if (silencedAt(sortStory(story)) !== null) facts.push(['Ticket', 'deleted, merged or spam: nothing is learned from it any more'])
  return html`<dl class="facts">!${facts.map(([name, value]) => html`<div><dt>${name}</dt><dd>!${value}</dd></div>`)}</dl>`
}

function learnedAs (text: string, verdict: Verdict): string {
  if (text === '') return 'a question to which nothing was known'
  return `${verdict.reward >= 0.5 ? 'fitting' : 'not fitting'} (reward ${showPercent(verdict.reward)})`
}

function layOutQuestion ({ draft }: WholeDraft, turn: Turn | null): string {
  if (turn === null) {
    return layOutEmpty('The question is not shown.', 'Its ticket was deleted, merged, marked as spam or redacted in the helpdesk.')
  }
  return turn.messages.map(m => html`<div class="message"><p class="when">!${layOutTime(m.at)}!${m.at > draft.askedAt ? ' · after the draft' : ''}</p>
!${prose(m.text, draft.language)}</div>`).join('\n')
}

function layOutText (draft: DraftRow): string {
  if (draft.text !== '') return html`<div class="message ours"><p class="when">internal, never sent by Deskloop</p>!${prose(draft.text, draft.language)}</div>`
  return layOutEmpty('Nothing was proposed.', `${draft.reason}. The agent’s answer is what Deskloop learns from.`)
}

function layOutReply (draft: DraftRow, answer: { at: Instant, text: string }): string {
  const isCritical = draft.text !== '' && compareReply(draft.text, answer.text).critical
  const warning = isCritical ? '<p class="hint">A number or an address differs from the draft: it does not count as fitting.</p>' : ''
  return html`<section aria-labelledby="reply"><h2 id="reply">What the agent sent</h2>
<div class="message"><p class="when">!${layOutTime(answer.at)}</p>!${prose(answer.text, draft.language)}</div>!${warning}</section>`
}

function prose (text: string, language: string): string {
  return html`<div class="prose" dir="auto" lang="${language}">${text}</div>`
}

function layOutSources ({ draft, sourceKeys }: WholeDraft): string {
  if (draft.sources.length === 0) {
    return layOutEmpty('No past ticket stands behind it.', 'Sources appear once agents have answered questions like this one.')
  }
  return layOutTable('Sources', [{ name: 'Answered ticket' }, { name: 'Alike', kind: 'number', says: 'How much its question is like this one' }],
    draft.sources.map(s => {
      const key = sourceKeys[refOf(s)]
      const name = `${s.connection} #${s.ticketId}`
      return [key === undefined ? html`${name}` : html`<a href="/drafts/${key}">${name}</a>`, html`${showPercent(s.similarity)}`]
    }))
}

function layOutSignals (signals: SignalLine[]): string {
  if (signals.length === 0) return ''
  const rows = signals.map(s => [layOutTime(s.at), html`${signalWords(s.kind)}`, html`${showPercent(s.value)}`, s.weight.toFixed(1)])
  return html`<section aria-labelledby="signals"><h2 id="signals">What it turned out to be worth</h2>
!${layOutTable('Signals', [
    { name: 'Time' }, { name: 'What happened' }, { name: 'Worth', kind: 'number', says: '0 % bad to 100 % good' },
    { name: 'Weight', kind: 'number', says: 'How much it counts beside the answer itself, which counts 1' }
  ], rows)}</section>`
}
