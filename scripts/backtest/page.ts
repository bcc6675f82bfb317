// The report of a backtest as one html file that can be sent around: nothing in it is loaded from anywhere, and every text
// of a customer is escaped. The same archive and rules give the same bytes.
import { html } from 'ghtml'
import { showCount, showInterval, showPercent, showShare } from '../../src/dashboard/numbers.ts'
import type { BacktestReport } from '../backtest.ts'
import { drawCoverage, drawReliability, drawWeeks } from './charts.ts'
import type { Sample, TopicLine } from './measures.ts'

const STYLE = `:root{color-scheme:light dark;--ink:#1d2529;--muted:#5d6970;--line:#e4e7e7;--page:#fff;--soft:#7fb3c8;--main:#1d5f79;--mark:#a3461f;--gap:#9a5b00;--good:#25734f}
@media(prefers-color-scheme:dark){:root{--ink:#e5e9ea;--muted:#9ba7ad;--line:#2d363b;--page:#12171a;--soft:#3f7d95;--main:#9fd6ec;--mark:#f0a07c;--gap:#e0b263;--good:#7fd0a8}}
body{font:15px/1.5 system-ui,-apple-system,Segoe UI,Roboto,sans-serif;color:var(--ink);background:var(--page);margin:0 auto;max-width:1120px;padding:24px}
h1{font-size:1.6rem;margin:0 0 4px;overflow-wrap:anywhere}h2{font-size:1.15rem;margin:36px 0 8px}.lead,small,figcaption{color:var(--muted)}.scroll{overflow-x:auto}table{border-collapse:collapse;width:100%}
th,td{text-align:left;padding:5px 10px 5px 0;border-bottom:1px solid var(--line);vertical-align:top}td.n,th.n{text-align:right;font-variant-numeric:tabular-nums;white-space:nowrap}td.wide{min-width:160px;overflow-wrap:anywhere}
.figures{display:grid;grid-template-columns:repeat(auto-fit,minmax(min(100%,440px),1fr));gap:24px}figure{margin:0;min-width:0}figure svg{width:100%;height:auto;max-width:560px}.facts{display:flex;flex-wrap:wrap;gap:14px 40px;margin:18px 0}.facts b{display:block;font-size:1.35rem}
.sample{border:1px solid var(--line);border-radius:8px;padding:12px 14px;margin:12px 0}.beside{display:grid;grid-template-columns:1fr 1fr;gap:16px}
.sample p{white-space:pre-wrap;overflow-wrap:anywhere;margin:4px 0 8px;max-height:14em;overflow:auto}.gap{color:var(--gap);font-weight:600}.ready{color:var(--good)}summary{cursor:pointer}@media(max-width:700px){.beside{grid-template-columns:1fr}}@media print{body{max-width:none;padding:0}.sample,figure{break-inside:avoid}}`

export function layOutReport (name: string, r: BacktestReport): string {
  return html`<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'; img-src data:">
<title>Backtest of ${name}</title><style>!${STYLE}</style></head><body>
<h1>Backtest of ${name}</h1>
<p class="lead">Every ticket told again in the order of its time: a draft saw only what was known when it was due, and nothing was written anywhere.</p>
<div class="facts">!${[
    ['tickets', showCount(r.tickets)], ['questions answered', showCount(r.answered)],
    ['would have been shown', `${showShare(r.shown, r.answered)}`], ['of these good', `${showShare(r.shown_good, r.shown)} (${showInterval(r.shown_good, r.shown)})`],
    [`calibration error; chance alone makes ${r.calibration_error_by_chance?.toFixed(3) ?? '–'}`, r.calibration_error?.toFixed(3) ?? '–']
  ].map(([label, value]) => html`<div><b>${value}</b>${label}</div>`)}</div>
!${layOutSuggested(r)}
<p><small>Good: the agent sent it as it was or lightly edited. Intervals are Wilson’s, 95 %. ${r.bad_lines.length > 0 ? `${r.bad_lines.length} bad lines of the archive were skipped.` : ''}</small></p>
<h2>Is the archive ready?</h2>
<div class="scroll"><table><thead><tr><th>What</th><th>Measured</th><th></th><th>What a gap costs</th></tr></thead><tbody>!${r.readiness.map(line => html`<tr><td>${line.what}</td><td>${line.measured}</td><td class="${line.state}">${line.state}</td><td><small>${line.cost}</small></td></tr>`)}</tbody></table></div>
<h2>Curves</h2>
<div class="figures">
<figure>!${drawCoverage(r.coverage_curve, r.suggested)}<figcaption>Coverage against accuracy. A higher threshold lies to the left. Dashed: what holds with 95 % confidence.${r.suggested === null ? '' : ' The dot: the suggested threshold.'}</figcaption></figure>
<figure>!${drawReliability(r.reliability)}<figcaption>Reliability: on the dotted line a score of 80 % is right in 80 % of cases. A dot’s size is how many drafts it stands for, the line through it its 95 % interval; fewer than 20 are no dot.</figcaption></figure>
<figure>!${drawWeeks(r.curve)}<figcaption>Learning curve. Bars: good drafts, shown or not, with their 95 % interval; line: questions that got a draft. Hatched: answers, ratings and reopenings may still come. Weeks with fewer than 20 answers are left out.</figcaption></figure>
</div>
!${layOutWeeks(r)}
<h2>Topics</h2>
<div class="scroll"><table><thead><tr><th>Topic</th><th class="n">Answered</th><th class="n">Good</th><th class="n">95 %</th><th class="n">Shown</th><th class="n">Of these good</th><th class="n">Suggested threshold</th><th class="n">Drafts a week</th><th class="n">Expected wrong a week</th></tr></thead>
<tbody>!${r.topics.map(rowOf)}</tbody></table></div>
<p><small>Suggested: the lowest score whose drafts keep the share of replaced ones under the risk that is set, held by a test with 90 % confidence; – where the history is too short to know. Drafts and wrong ones a week: from that score on, by this archive; wrong means replaced or rewritten.</small></p>
<h2>What a language model would cost</h2>
<p>${costOf(r)}</p>
<h2>Drafts that were good</h2>
!${r.samples.good.map(layOutSample)}
<h2>Drafts that were replaced, the surest first</h2>
!${r.samples.bad.length === 0 ? '<p>None of those shown.</p>' : r.samples.bad.map(layOutSample)}
<p><small>Good ones are spread evenly over time; the replaced ones are those with the highest score, because they would have hurt most.</small></p>
</body></html>
`
}

function rowOf (t: TopicLine): string {
  return html`<tr><td class="wide" dir="auto">${t.topic}</td><td class="n">${showCount(t.answered)}</td><td class="n">${showShare(t.good, t.answered)}</td><td class="n">${showInterval(t.good, t.answered)}</td><td class="n">${showCount(t.shown)}</td><td class="n">${showShare(t.shown_good, t.shown)}</td><td class="n">${t.threshold === null ? '–' : showPercent(t.threshold)}</td><td class="n">${aWeek(t.drafts_per_week)}</td><td class="n">${aWeek(t.wrong_per_week)}</td></tr>`
}

/** What going live with the suggested threshold would have meant, in one sentence. */
function layOutSuggested ({ suggested, answered }: BacktestReport): string {
  if (suggested === null) {
    return '<p><b>No score holds the risk that is set yet</b>: every draft would stay silent until more has been learned.</p>'
  }
  const { drafts, good } = suggested
  return html`<p>Suggested threshold <b>${showPercent(suggested.threshold)}</b>: ${showShare(drafts, answered)} of the questions get a draft, ${showShare(good, drafts)} (${showInterval(good, drafts)}) of these are good; about <b>${aWeek(suggested.drafts_per_week)}</b> drafts a week, <b>${aWeek(suggested.wrong_per_week)}</b> of them wrong.</p>`
}

function layOutWeeks ({ curve }: BacktestReport): string {
  const rows = curve.map(w => html`<tr><td>${w.week}!${w.maturing ? ' <small>maturing</small>' : ''}</td><td class="n">${showCount(w.answered)}</td><td class="n">${showShare(w.good, w.answered)}</td><td class="n">${showInterval(w.good, w.answered)}</td><td class="n">${showShare(w.shown, w.answered)}</td><td class="n">${showInterval(w.shown, w.answered)}</td><td class="n">${showShare(w.shown_good, w.shown)}</td></tr>`)
  return html`<details><summary>The weeks in numbers</summary><div class="scroll"><table><thead><tr><th>Week of</th><th class="n">Answered</th><th class="n">Good</th><th class="n">95 %</th><th class="n">Got a draft</th><th class="n">95 %</th><th class="n">Of these good</th></tr></thead><tbody>!${rows}</tbody></table></div></details>`
}

/** `12`, `0.8`: of what is rare one digit more. */
function aWeek (n: number | null): string {
  if (n === null) return '–'
  return n >= 10 ? showCount(Math.round(n)) : n.toFixed(1)
}

function costOf ({ cost, shown }: BacktestReport): string {
  if (cost.price === null && cost.currency === '') return 'Nothing: no language model is set, drafts are worded as agents worded them before.'
  const tokens = `${showCount(shown)} drafts would have been worded, with about ${showCount(cost.tokens_in)} tokens sent and ${showCount(cost.tokens_out)} answered (counted as four characters each)`
  return cost.price === null ? `${tokens}. No price is set in config/model.json.` : `${tokens}: about ${cost.price.toFixed(2)} ${cost.currency}, ${(cost.price / Math.max(1, shown)).toFixed(4)} a draft.`
}

function layOutSample (s: Sample): string {
  return html`<div class="sample"><small>ticket ${s.id} · ${s.topic} · score ${showPercent(s.score)} · ${s.outcome.replace('_', ' ')}</small>
<p dir="auto">${s.question}</p>
<div class="beside"><div><small>Draft as of that day</small><p dir="auto">${s.draft}</p></div><div><small>What the agent sent</small><p dir="auto">${s.reply}</p></div></div></div>`
}
