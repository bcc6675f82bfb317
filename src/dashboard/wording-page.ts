// What the language model is sent and what it costs: the page of the meter, and the part of a draft's page that shows the
// exact text that left the house.
import { html } from 'ghtml'
import type { Meter, WordingRow } from '../store/wordings.ts'
import { layOutBadge, layOutEmpty, layOutPage, layOutTable, layOutTime } from './layout.ts'
import { showCount, showPercent } from './numbers.ts'

export interface ModelPage {
  model: {
    chatModel: string, url: string, hourlyTokens: number
    pricePerMillionIn: number, pricePerMillionOut: number, currency: string
  } | null
  hour: Meter
  month: Meter
  latest: WordingRow[]
}

export function layOutModel ({ model, hour, month, latest }: ModelPage): string {
  if (model === null) {
    return layOutPage('Model', 'model', html`<h1>Language model</h1>!${layOutEmpty('No language model is set.',
      'Drafts are the answers that agents have sent, as they were learned. Set DESKLOOP_CHAT_MODEL to have them worded for each question.')}`)
  }
  const used = hour.tokensIn + hour.tokensOut
  const cost = (m: Meter): number =>
    (m.tokensIn * model.pricePerMillionIn + m.tokensOut * model.pricePerMillionOut) / 1e6
  const price = (m: Meter): string => model.pricePerMillionIn + model.pricePerMillionOut === 0
    ? 'no price is set in config/model.json'
    : `${cost(m).toFixed(2)} ${model.currency}`
  const facts: Array<[string, string]> = [
    ['Model', html`<code>${model.chatModel}</code> at ${model.url === '' ? 'api.openai.com' : model.url}`],
    ['This hour', html`${showCount(used)} of ${showCount(model.hourlyTokens)} tokens · ${price(hour)}`],
    ['30 days', html`${showCount(month.tokensIn)} tokens sent, ${showCount(month.tokensOut)} answered · ${price(month)}`],
    ['Worded', html`${month.calls < 20 ? `${month.worded} of ${month.calls}` : `${showPercent(month.worded / month.calls)} of ${showCount(month.calls)}`} drafts; the others stayed as they were learned`]
  ]
  const rows = latest.map(w => [
    layOutTime(w.at), html`<a href="/drafts/${w.key}">${w.key}</a>`, badgeOf(w), html`${w.reason}`, html`${w.tokensIn + w.tokensOut}`
  ])
  const table = rows.length === 0
    ? layOutEmpty('Nothing has been sent yet.', 'Only drafts that are sure enough for a note are worded.')
    : layOutTable('Latest drafts', [{ name: 'Time' }, { name: 'Draft' }, { name: 'Outcome' }, { name: 'Why', kind: 'wrap' }, { name: 'Tokens', kind: 'number' }], rows)
  return layOutPage('Model', 'model', html`<h1>Language model</h1>
<dl class="facts">!${facts.map(([name, value]) => html`<div><dt>${name}</dt><dd>!${value}</dd></div>`)}</dl>
<section aria-labelledby="latest"><h2 id="latest">Latest drafts</h2>!${table}</section>`)
}

/** For a draft's page; empty when no model was asked. */
export function layOutWording (wording: WordingRow | null): string {
  if (wording === null) return ''
  const hidden = Object.entries(wording.hidden).map(([kind, n]) => `${n} ${kind.toLowerCase()}`).join(', ')
  const worded = wording.state === 'worded' ? html`<div class="message ours"><p class="when">what the note says</p><div class="prose" dir="auto">${wording.text}</div></div>` : ''
  const sent = wording.sent === ''
    ? layOutEmpty('Nothing was sent to the model.', wording.reason)
    : html`<details><summary>The exact text that was sent (${hidden === '' ? 'nothing personal was found in it' : `taken out: ${hidden}`})</summary><pre>${wording.sent}</pre></details>`
  return html`<section aria-labelledby="model"><h2 id="model">The language model</h2>
<p>!${badgeOf(wording)} <small>${wording.model} · ${wording.reason} · ${wording.tokensIn} tokens sent, ${wording.tokensOut} answered</small></p>
!${worded}!${sent}</section>`
}

function badgeOf ({ state }: WordingRow): string {
  return layOutBadge(state === 'worded'
    ? { label: 'worded', tone: 'good', detail: '' }
    : { label: state === 'asked' ? 'asked' : 'as learned', tone: 'quiet', detail: '' })
}
