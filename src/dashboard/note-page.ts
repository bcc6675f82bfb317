// The pages behind the links in a note. They need no login, so they show one draft and nothing else, and carry no way on
// but the one to the normal page, which has a door of its own.
import { html } from 'ghtml'
import type { Flag } from '../store/links.ts'
import type { FlagReason, Instant } from '../types.ts'
import { layOutEmpty, layOutTime } from './layout.ts'
import type { LinkWords, Speech } from './note-page-words.ts'
import { scoreWords } from './wording.ts'
import type { ScoreRules } from './wording.ts'

export interface LinkedDraft {
  key: string, ticketId: string, topic: string, language: string, text: string, score: number, askedAt: Instant
  replacedBy: string | null
  outcome: 'as_is' | 'edited' | 'replaced' | null
  isGone: boolean                                   // its ticket was deleted, merged or marked as spam
}

const REASONS: readonly FlagReason[] = ['wrong', 'outdated', 'tone', 'other']

export function layOutLinkedDraft (draft: LinkedDraft, rules: ScoreRules, speech: Speech): string {
  const { words } = speech
  return layOutBare(words.draft, speech, html`<h1>${words.draftFor(draft.ticketId)}</h1>
!${layOutLead(draft, rules, words)}
!${layOutState(draft, words)}
!${layOutText(draft, words)}
<p class="more"><a href="/drafts/${draft.key}">${words.more}</a> <small>(${words.login})</small></p>`)
}

/** `action` is the address of this very page: the form is sent back to it. */
export function layOutFlagForm (
  draft: LinkedDraft, rules: ScoreRules, flag: Flag | null, action: string, speech: Speech
): string {
  const { words } = speech
  const told = flag === null ? '' : layOutFlag(flag, words)
  const form = html`<form method="post" action="${action}" class="note-form">
<fieldset><legend>${words.what}</legend>
!${REASONS.map((reason, i) => html`<label><input type="radio" name="reason" value="${reason}"!${i === 0 ? ' checked' : ''}> ${words.reasons[reason]}</label>`).join('\n')}
</fieldset>
<label>${words.comment}<textarea name="comment" rows="3" maxlength="1000"></textarea></label>
<button type="submit">${words.flag}</button>
</form>`
  return layOutBare(words.wrong, speech, html`<h1>${words.wrong}</h1>
!${layOutLead(draft, rules, words)}
!${told}
!${layOutText(draft, words)}
!${flag === null ? form : ''}`)
}

export function layOutQuietForm (draft: LinkedDraft, quiet: boolean, action: string, speech: Speech): string {
  const { words } = speech
  const title = words.quietTitle(draft.ticketId)
  return layOutBare(title, speech, html`<h1>${title}</h1>
<p class="lead" role="status">${quiet ? words.isQuiet : words.isNotQuiet}</p>
<form method="post" action="${action}" class="note-form">
<input type="hidden" name="quiet" value="${quiet ? 'off' : 'on'}">
<button type="submit">${quiet ? words.undoQuiet : words.makeQuiet}</button>
</form>
<p class="hint">${words.onlyHere}</p>`)
}

export function layOutNoLink (state: 'expired' | 'foreign', draftKey: string | null, speech: Speech): string {
  const { words } = speech
  const body = state === 'expired'
    ? html`<h1>${words.expired}</h1>
!${layOutEmpty(words.expiredWhy, words.expiredNext)}
<p class="more"><a href="/drafts/${draftKey ?? ''}">${words.toDraft}</a></p>`
    : html`<h1>${words.foreign}</h1>
!${layOutEmpty(words.foreignWhy, words.foreignNext)}`
  return layOutBare(state === 'expired' ? words.expired : words.foreign, speech, body)
}

function layOutLead (draft: LinkedDraft, rules: ScoreRules, words: LinkWords): string {
  const sure = `${words.sure[scoreWords(draft.score, rules)]} (${Math.round(draft.score * 100)} %)`
  return html`<p class="lead"><span dir="auto">${draft.topic}</span> · ${sure} · !${layOutTime(draft.askedAt)} · <code>${draft.key}</code></p>`
}

function layOutState (draft: LinkedDraft, words: LinkWords): string {
  if (draft.replacedBy !== null) return html`<p class="needs" role="status">${words.withdrawn}</p>`
  if (draft.outcome === null) return ''
  return html`<p class="hint" role="status">${words.outcomes[draft.outcome]}</p>`
}

function layOutText (draft: LinkedDraft, words: LinkWords): string {
  if (draft.isGone) return layOutEmpty(words.hidden, words.hiddenWhy)
  return html`<div class="message ours"><p class="when">${words.internal}</p><div class="prose" dir="auto" lang="${draft.language}">${draft.text}</div></div>`
}

function layOutFlag (flag: Flag, words: LinkWords): string {
  const says = REASONS.find(reason => reason === flag.reason)
  return html`<div class="needs" role="status"><h2>${words.noted(says === undefined ? flag.reason : words.reasons[says])}</h2>
<p>${words.said} !${layOutTime(flag.at)}. ${words.less}</p>!${flag.comment === '' ? '' : html`<p dir="auto">“${flag.comment}”</p>`}</div>`
}

function layOutBare (title: string, { language }: Speech, body: string): string {
  return html`<!doctype html>
<html lang="${language}">
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
