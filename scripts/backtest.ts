// deskloop backtest: a ticket archive told again in the order of its time. What would have been drafted, and was it right?
import { writeFileSync } from 'node:fs'
import { basename } from 'node:path'
import { calibrationErrorOf, chanceErrorOf, gapOf } from '../src/dashboard/measures.ts'
import type { Bin, CurvePoint } from '../src/dashboard/measures.ts'
import type { BacktestDraft } from '../src/learn/backtest.ts'
import { readEscalation } from '../src/learn/escalation.ts'
import type { LearnRules } from '../src/learn/steps.ts'
import { saidIn, sortStory, turnsOf } from '../src/learn/story.ts'
import type { EscalationRule } from '../src/types.ts'
import { readArchive } from './archive.ts'
import type { ArchiveTicket } from './archive.ts'
import { coverageCurve, reliability, samplesOf, suggestedOf, topicLines } from './backtest/measures.ts'
import type { Sample, Suggested, TopicLine } from './backtest/measures.ts'
import { layOutReport } from './backtest/page.ts'
import { readinessOf } from './backtest/readiness.ts'
import { runKept } from './backtest/run.ts'
import { spanInWeeks, weekLines } from './backtest/weeks.ts'
import type { WeekLine } from './backtest/weeks.ts'
import type { ReadinessLine } from './backtest/readiness.ts'
import { readKnowledgeFile } from './knowledge-file.ts'
import { shareOut, storiesOf } from './share-out.ts'

export interface BacktestReport {
  tickets: number
  bad_lines: Array<{ line: number, why: string }>
  questions: number
  answered: number
  outcomes: { as_is: number, edited: number, replaced: number }
  shown: number
  shown_good: number
  coverage: number | null
  precision: number | null
  calibration_error: number | null
  calibration_error_by_chance: number | null        // what it would be of so many drafts, were every score the true one
  calibration_gap: number | null                    // mean score minus share that was good
  curve: WeekLine[]
  coverage_accuracy: Array<{ threshold: number, coverage: number, precision: number }>
  coverage_curve: CurvePoint[]
  reliability: Bin[]
  suggested: Suggested | null                       // null: no threshold holds the risk that is set
  topics: TopicLine[]
  readiness: ReadinessLine[]
  samples: { good: Sample[], bad: Sample[] }
  cost: { tokens_in: number, tokens_out: number, price: number | null, currency: string }
  seconds: number | null                            // null: it was told in parts, perhaps by several processes
  tickets_per_second: number | null
}

export interface ReportMaterial {
  drafts: BacktestDraft[]
  tickets: ArchiveTicket[]
  faults: BacktestReport['bad_lines']
  seconds: number | null
  rules: LearnRules
  textOf: (d: BacktestDraft) => { id: string, question: string, reply: string }
  prices: { pricePerMillionIn: number, pricePerMillionOut: number, currency: string } | null
}

export function reportOf ({ drafts, tickets, faults, seconds, rules, textOf, prices }: ReportMaterial): BacktestReport {
  const heard = drafts.filter(d => d.outcome !== null)
  const shown = heard.filter(d => d.draft.action === 'note')
  const count = (outcome: string): number => heard.filter(d => d.outcome === outcome).length
  const weeks = spanInWeeks(heard)
  return {
    tickets: tickets.length,
    bad_lines: faults,
    questions: drafts.filter(d => d.questionId === d.turnId).length,
    answered: heard.length,
    outcomes: { as_is: count('as_is'), edited: count('edited'), replaced: count('replaced') },
    shown: shown.length,
    shown_good: shown.filter(d => d.light).length,
    coverage: heard.length === 0 ? null : shown.length / heard.length,
    precision: shown.length === 0 ? null : shown.filter(d => d.light).length / shown.length,
    calibration_error: calibrationErrorOf(reliability(heard)),
    calibration_error_by_chance: chanceErrorOf(reliability(heard)),
    calibration_gap: gapOf(reliability(heard)),
    curve: weekLines(heard, rules.reopenDays),
    suggested: suggestedOf(heard, rules, weeks),
    coverage_accuracy: coverageAccuracy(heard),
    coverage_curve: coverageCurve(heard),
    reliability: reliability(heard),
    topics: topicLines(heard, rules, weeks),
    readiness: readinessOf(tickets, heard, rules.topics?.tags),
    samples: samplesOf(heard, textOf),
    cost: costOf(shown, textOf, prices),
    seconds,
    tickets_per_second: seconds === null ? null : Math.round(tickets.length / seconds)
  }
}

export async function backtest (
  args: {
    file: string, articles: string | null, json: boolean, dump: string | null, html: string | null, rules: LearnRules
    resume?: string | null                          // the folder in which it is kept how far it is
    escalation: EscalationRule[]
    prices: ReportMaterial['prices'], now: () => number
  }
): Promise<void> {
  const archive = await readArchive(args.file)
  const shared = shareOut(archive.tickets)
  const { lessons, faults } = await readKnowledgeFile(args.articles)
  const startedMs = args.now()
  const stories = storiesOf(shared)
  const { resume = null, rules: learn, escalation } = args
  const drafts = await runKept({
    stories, lessons, rules: learn, escalation: readEscalation(escalation), folder: resume, now: args.now,
    depends: [args.file, ...args.articles === null ? [] : [args.articles]], settings: [learn, escalation],
    say: line => { process.stderr.write(line) }
  })
  const seconds = resume === null ? (args.now() - startedMs) / 1000 : null
  for (const fault of faults) process.stderr.write(`${args.articles}:${fault.line} was skipped: ${fault.why}\n`)
  const byTicket = new Map(stories.map(s => [`${s.where.connection}/${s.where.ticketId}`, s]))
  const textOf: ReportMaterial['textOf'] = d => {
    const turn = turnsOf(sortStory(byTicket.get(`${d.where.connection}/${d.where.ticketId}`)?.events ?? [])).find(t => t.questionId === d.questionId)
    const id = shared[Number(d.where.ticketId)]?.ticket.id ?? d.where.ticketId
    return { id, question: turn === undefined ? '' : saidIn(turn, turn.messages), reply: turn?.answer?.text ?? '' }
  }
  const tickets = shared.map(s => s.ticket)
  const { rules, prices } = args
  const report = reportOf({ drafts, tickets, faults: archive.faults, seconds, rules, textOf, prices })
  if (args.html !== null) {
    writeFileSync(args.html, layOutReport(basename(args.file), report))
    process.stderr.write(`the report is in ${args.html}\n`)
  }
  if (args.dump !== null) {
    writeFileSync(
      args.dump,
      drafts.map(d => JSON.stringify({ id: shared[Number(d.where.ticketId)]?.ticket.id, ...d })).join('\n') + '\n'
    )
  }
  process.stdout.write(args.json ? JSON.stringify(report, null, 2) + '\n' : describe(report))
}

/** The report for people. */
export function describe (r: BacktestReport): string {
  const pct = (x: number | null): string => x === null ? '–' : `${(100 * x).toFixed(1)} %`
  const lines = [
    `${r.tickets} tickets, ${r.questions} questions, ${r.answered} answered${r.seconds === null ? '' : `, in ${r.seconds.toFixed(1)} s (${r.tickets_per_second} tickets/s)`}`,
    ...r.bad_lines.slice(0, 20).map(f => `line ${f.line} was skipped: ${f.why}`),
    ...(r.bad_lines.length > 0 ? [`${r.bad_lines.length} bad lines were skipped`] : []),
    `Had every draft been shown: ${r.outcomes.as_is} sent as is, ${r.outcomes.edited} edited, ${r.outcomes.replaced} replaced`,
    `Shown as notes: ${r.shown} (${pct(r.coverage)} of the answered), of which ${pct(r.precision)} as is or lightly edited`,
    `Calibration error: ${r.calibration_error?.toFixed(3) ?? '–'} (of so many drafts chance alone makes ${r.calibration_error_by_chance?.toFixed(3) ?? '–'})`,
    '',
    'week         answered   draft good      shown   of these good',
    ...r.curve.map(c => `${c.week}   ${String(c.answered).padStart(8)}   ${pct(c.good / c.answered).padStart(10)}   ${String(c.shown).padStart(8)}   ${pct(c.shown === 0 ? null : c.shown_good / c.shown).padStart(12)}`),
    '',
    'if notes began at a score of    they would cover    and be good',
    ...r.coverage_accuracy.map(c => `${c.threshold.toFixed(2).padStart(28)}    ${pct(c.coverage).padStart(16)}    ${pct(c.precision).padStart(11)}`),
    '',
    r.suggested === null
      ? 'No score holds the risk that is set: every draft would stay silent'
      : `Suggested: notes from ${r.suggested.threshold.toFixed(2)} on, ${r.suggested.drafts_per_week.toFixed(1)} a week, ${r.suggested.wrong_per_week.toFixed(1)} of them wrong`,
    '',
    'is the archive ready?',
    ...r.readiness.map(line => `${line.state.padEnd(6)} ${line.what.padEnd(22)} ${line.measured}${line.state === 'gap' ? `: ${line.cost}` : ''}`)
  ]
  return lines.join('\n') + '\n'
}

// Four characters a token: a rough measure that most tokenizers stay near for European languages. Sent with each draft:
// the instructions, the question, the proposal and up to four replies like it.
function costOf (
  shown: BacktestDraft[], textOf: ReportMaterial['textOf'], prices: ReportMaterial['prices']
): BacktestReport['cost'] {
  const chars = shown.reduce((sum, d) => sum + 1_600 + textOf(d).question.length + d.draft.text.length * 5, 0)
  const tokensIn = Math.round(chars / 4)
  const tokensOut = Math.round(shown.reduce((sum, d) => sum + d.draft.text.length + 60, 0) / 4)
  const isPriced = prices !== null && prices.pricePerMillionIn + prices.pricePerMillionOut > 0
  return {
    tokens_in: tokensIn,
    tokens_out: tokensOut,
    price: isPriced ? (tokensIn * prices.pricePerMillionIn + tokensOut * prices.pricePerMillionOut) / 1e6 : null,
    currency: prices?.currency ?? ''
  }
}

function coverageAccuracy (heard: BacktestDraft[]): BacktestReport['coverage_accuracy'] {
  return [0.5, 0.6, 0.7, 0.8, 0.9].flatMap(threshold => {
    const over = heard.filter(d => d.draft.score >= threshold)
    return over.length === 0
      ? []
      : [{
          threshold, coverage: over.length / heard.length, precision: over.filter(d => d.light).length / over.length
        }]
  })
}
