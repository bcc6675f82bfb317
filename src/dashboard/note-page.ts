// The pages behind the links in a note. They need no login, so they show one draft and nothing else, and carry no way on
// but the one to the normal page, which has a door of its own.
import { html } from 'ghtml'
import type { Flag } from '../store/links.ts'
import type { Instant } from '../types.ts'
import { layOutEmpty, layOutTime } from './layout.ts'
import { scoreWords } from './wording.ts'
import type { ScoreRules } from './wording.ts'

export interface LinkedDraft {
  key: string, ticketId: string, topic: string, language: string, text: string, score: number, askedAt: Instant
  replacedBy: string | null
  outcome: 'as_is' | 'edited' | 'replaced' | null
  isGone: boolean                                   // its ticket was deleted, merged or marked as spam
}

const REASONS: ReadonlyArray<[reason: string, says: string]> = [
  ['wrong', 'It is wrong'], ['outdated', 'It was right once and is outdated'], ['tone', 'The tone does not fit'],
  ['other', 'Something else']
]

export function layOutLinkedDraft (draft: LinkedDraft, rules: ScoreRules): string {
  return layOutBare('AI draft', html`<h1>AI draft for ticket ${draft.ticketId}</h1>
!${layOutLead(draft, rules)}
!${layOutState(draft)}
!${layOutText(draft)}
<p class="more"><a href="/drafts/${draft.key}">Where it comes from, and what became of it</a> <small>(needs a login)</small></p>`)
}

/** `action` is the address of this very page: the form is sent back to it. */
export function layOutFlagForm (draft: LinkedDraft, rules: ScoreRules, flag: Flag | null, action: string): string {
  const told = flag === null ? '' : layOutFlag(flag)
  const form = html`<form method="post" action="${action}" class="note-form">
<fieldset><legend>What is the matter with it?</legend>
!${REASONS.map(([reason, says], i) => html`<label><input type="radio" name="reason" value="${reason}"!${i === 0 ? ' checked' : ''}> ${says}</label>`).join('\n')}
</fieldset>
<label>In your own words, if you like<textarea name="comment" rows="3" maxlength="1000"></textarea></label>
<button type="submit">Do not propose it like this</button>
</form>`
  return layOutBare('Wrong or outdated?', html`<h1>Wrong or outdated?</h1>
!${layOutLead(draft, rules)}
!${told}
!${layOutText(draft)}
!${flag === null ? form : ''}`)
}

export function layOutQuietForm (draft: LinkedDraft, quiet: boolean, action: string): string {
  const now = quiet
    ? 'No more drafts are written on this ticket.'
    : 'Drafts are written on this ticket when a customer’s question is like others that were answered before.'
  return layOutBare('Drafts on this ticket', html`<h1>Drafts on ticket ${draft.ticketId}</h1>
<p class="lead" role="status">${now}</p>
<form method="post" action="${action}" class="note-form">
<input type="hidden" name="quiet" value="${quiet ? 'off' : 'on'}">
<button type="submit">${quiet ? 'Write drafts here again' : 'No drafts on this ticket'}</button>
</form>
<p class="hint">Only this ticket is meant. What agents answer here is still learned from.</p>`)
}

export function layOutNoLink (state: 'expired' | 'foreign', draftKey: string | null): string {
  const body = state === 'expired'
    ? html`<h1>This link has expired</h1>
!${layOutEmpty('Links in a note are good for seven days.', 'The draft itself is still there, for whoever may log in.')}
<p class="more"><a href="/drafts/${draftKey ?? ''}">To the draft</a></p>`
    : html`<h1>Not a link of ours</h1>
!${layOutEmpty('This address was cut off, or it was never written by Deskloop.', 'Open the link in the note once more.')}`
  return layOutBare('Link', body)
}

function layOutLead (draft: LinkedDraft, rules: ScoreRules): string {
  const sure = `${scoreWords(draft.score, rules)} (${Math.round(draft.score * 100)} %)`
  return html`<p class="lead"><span dir="auto">${draft.topic}</span> · ${sure} · !${layOutTime(draft.askedAt)} · <code>${draft.key}</code></p>`
}

function layOutState (draft: LinkedDraft): string {
  if (draft.replacedBy !== null) return '<p class="needs" role="status">Withdrawn: a newer draft has taken its place in the ticket.</p>'
  if (draft.outcome === null) return ''
  const said = { as_is: 'It was sent as it is.', edited: 'It was edited and sent.', replaced: 'Something else was sent instead.' }
  return html`<p class="hint" role="status">${said[draft.outcome]}</p>`
}

function layOutText (draft: LinkedDraft): string {
  if (draft.isGone) return layOutEmpty('The draft is not shown.', 'Its ticket was deleted, merged or marked as spam in the helpdesk.')
  return html`<div class="message ours"><p class="when">internal, never sent by Deskloop</p><div class="prose" dir="auto" lang="${draft.language}">${draft.text}</div></div>`
}

function layOutFlag (flag: Flag): string {
  const says = REASONS.find(([reason]) => reason === flag.reason)?.[1] ?? flag.reason
  return html`<div class="needs" role="status"><h2>Noted: ${says.toLowerCase()}</h2>
<p>Said !${layOutTime(flag.at)}. Answers like this one are trusted less from now on.</p>!${flag.comment === '' ? '' : html`<p dir="auto">“${flag.comment}”</p>`}</div>`
}

function layOutBare (title: string, body: string): string {
  return html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta name="robots" content="noindex">
<title>${title} · Deskloop</title>
<link rel="icon" href="/assets/icon.svg" type="image/svg+xml">
<link rel="stylesheet" href="/assets/style.css">
</head>
<body>
<header class="top"><div class="wide"><span class="brand"><img src="/assets/icon.svg" alt="" width="22" height="22">Deskloop</span></div></header>
<main id="main" class="wide">
!${body}
</main>
</body>
</html>
`
}
