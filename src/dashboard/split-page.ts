// The page on which a lead takes tickets out of an anomaly: groups that its tickets fall into, a search, and the tickets
// themselves, with redacted words. Choosing changes nothing; the button does.
import { randomUUID } from 'node:crypto'
import { html } from 'ghtml'
import type { FastifyInstance } from 'fastify'
import { groupsOf } from '../learn/split.ts'
import type { SplitTicket } from '../learn/split.ts'
import { findAnomaly } from '../store/anomalies.ts'
import type { Anomaly } from '../store/anomalies.ts'
import type { Db } from '../store/db.ts'
import { layOutEmpty, layOutPage } from './layout.ts'

export interface SplitPageDeps {
  db: Db
  /** Its tickets, redacted. */
  listChoices: (id: string) => Promise<SplitTicket[]>
}

const LIVE = ['open', 'acknowledged', 'filed', 'fixed', 'not_fixed']
const LONGEST = 140

export async function splitPage (app: FastifyInstance, { db, listChoices }: SplitPageDeps): Promise<void> {
  app.get<{ Params: { id: string } }>('/anomalies/:id/split', async (request, reply) => {
    const anomaly = await findAnomaly(db, { id: request.params.id })
    const page = reply.type('text/html; charset=utf-8')
    if (anomaly === null) {
      const none = layOutEmpty('There is no such anomaly.', 'The list shows those there are.')
      return await page.code(404).send(layOutPage('Not found', 'anomalies', none))
    }
    return await page.send(layOutSplit(anomaly, await listChoices(anomaly.id), randomUUID()))
  })
}

/** `press` names this form: sent twice, it is one press. */
export function layOutSplit (a: Anomaly, tickets: SplitTicket[], press: string): string {
  const crumb = html`<p class="crumb"><a href="/anomalies">Anomalies</a> › <a href="/anomalies/${a.id}">${a.title}</a></p><h1>Split it</h1>`
  if (!LIVE.includes(a.state) || tickets.length < 2) {
    const none = layOutEmpty('There is nothing to split.', tickets.length < 2 ? 'It has one ticket.' : 'It is over, or merged into another one.')
    return layOutPage('Split', 'anomalies', crumb + none)
  }
  const groups = groupsOf(tickets).map(g =>
    html`<li><label><input type="checkbox" name="group" value="${g.key}"> ${g.refs.length} of ${tickets.length} ${g.label}</label></li>`)
  const list = tickets.map(t => {
    const said = [...t.text.replace(/\s+/g, ' ')]
    const short = said.length > LONGEST ? `${said.slice(0, LONGEST).join('')}…` : said.join('')
    return html`<li><label><input type="checkbox" name="ticket" value="${t.ref}"> ${t.ref}${t.companyName === null ? '' : `, ${t.companyName}`}</label>
<small>${short}</small></li>`
  })
  const known = groups.length === 0 ? '' : html`<fieldset><legend>Tickets that have something in common</legend><ul class="plain">!${groups}</ul></fieldset>`
  return layOutPage('Split', 'anomalies', html`!${crumb}
<p class="lead">Tickets that are another matter become an anomaly of their own: told by one message, filed by nobody but people. What comes later goes to the nearer of the two. Merging takes it back.</p>
<form method="post" action="/anomalies/${a.id}/split"><input type="hidden" name="press" value="${press}">
!${known}
<p><label>Those that say all of these words <input name="words" maxlength="200" size="30"></label></p>
<details><summary>Choose among the ${tickets.length} tickets</summary><ul class="plain">!${list}</ul></details>
<p><label>What it is <input name="title" maxlength="150" size="40"></label></p>
<p class="acts"><label>Who are you? <input name="who" required maxlength="100" autocomplete="name"></label> <button>Split off</button></p></form>`)
}
