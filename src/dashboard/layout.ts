// The frame of every page, and the small pieces that all pages share. Every value is escaped by `html`; only text that
// `html` itself made goes in raw, marked by an exclamation mark before its brace.
import { html } from 'ghtml'
import type { Instant } from '../types.ts'
import { NONE, showTime } from './numbers.ts'
import type { Badge } from './wording.ts'

// In the order in which they stand; a page belongs to one of them.
const TABS = [
  ['overview', '/', 'Overview'],
  ['drafts', '/drafts', 'Drafts'],
  ['topics', '/topics', 'Topics'],
  ['learning', '/learning', 'Learning'],
  ['accuracy', '/accuracy', 'Accuracy'],
  ['anomalies', '/anomalies', 'Anomalies'],
  ['impact', '/impact', 'Impact'],
  ['connections', '/connections', 'Connections'],
  ['accounts', '/accounts', 'Accounts'],
  ['escalation', '/escalation', 'Escalation'],
  ['context', '/context', 'Context'],
  ['failures', '/failures', 'Failures'],
  ['model', '/model', 'Model']
] as const
export type Tab = typeof TABS[number][0]

export function layOutPage (title: string, tab: Tab | null, body: string): string {
  return html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>${title} · Deskloop</title>
<link rel="icon" href="/assets/icon.svg" type="image/svg+xml">
<link rel="stylesheet" href="/assets/style.css">
</head>
<body>
<a class="skip" href="#main">Skip to content</a>
<header class="top"><div class="wide">
<a class="brand" href="/"><img src="/assets/icon.svg" alt="" width="22" height="22">Deskloop</a>
<nav aria-label="Pages">!${TABS.map(([name, href, label]) => layOutTab(href, label, tab === name))}</nav>
</div></header>
<main id="main" class="wide">
!${body}
</main>
<footer class="wide">All times are UTC. Shares of fewer than 20 are shown as –.</footer>
</body>
</html>
`
}

function layOutTab (href: string, name: string, isHere: boolean): string {
  return isHere ? html`<a href="${href}" aria-current="page">${name}</a>` : html`<a href="${href}">${name}</a>`
}

export function layOutTime (at: Instant | null): string {
  return at === null ? NONE : html`<time datetime="${at}">${showTime(at)}</time>`
}

export function layOutBadge (badge: Badge): string {
  return html`<span class="badge ${badge.tone}">${badge.label}</span>`
}

/** A table that scrolls inside its own frame; the frame can be reached by keyboard. Cells are finished html. */
export function layOutTable (name: string, head: Column[], rows: string[][]): string {
  const cells = head.map(c => html`<th scope="col" class="${c.kind ?? 'text'}"!${titleOf(c.says)}>${c.name}</th>`).join('')
  const body = rows.map(row => `<tr>${row.map((cell, i) => html`<td class="${head[i]?.kind ?? 'text'}">!${cell}</td>`).join('')}</tr>`)
  return html`<div class="scroll" role="region" aria-label="${name}" tabindex="0"><table>
<thead><tr>!${cells}</tr></thead>
<tbody>
!${body.join('\n')}
</tbody></table></div>`
}

export interface Column { name: string, kind?: 'text' | 'number' | 'wrap' | 'prose', says?: string }

function titleOf (says: string | undefined): string {
  return says === undefined ? '' : html` title="${says}"`
}

/** What stands where there is nothing yet: what is missing, and what to do next. */
export function layOutEmpty (what: string, next: string): string {
  return html`<div class="empty"><p><strong>${what}</strong></p><p>${next}</p></div>`
}
