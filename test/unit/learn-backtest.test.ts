// A backtest is the live house in memory: the same every time, and blind to what had not happened yet.
import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { makeDemoArchive } from '../../scripts/demo/demo-archive.ts'
import { shareOut, storiesOf } from '../../scripts/share-out.ts'
import { runBacktest } from '../../src/learn/backtest.ts'
import type { BacktestDraft, Story } from '../../src/learn/backtest.ts'
import { ask } from '../../src/learn/loop.ts'
import { emptyMind } from '../../src/learn/mind.ts'
import type { Mind } from '../../src/learn/mind.ts'
import { compareDue, foldStep, questionOf } from '../../src/learn/steps.ts'
import type { LearnRules } from '../../src/learn/steps.ts'
import { plus, whatNext } from '../../src/learn/story.ts'
import type { Instant } from '../../src/types.ts'

const RULES: LearnRules = JSON.parse(readFileSync(new URL('../../config/learning.json', import.meta.url), 'utf8'))
const TOLERANCE = 0.06

const archive = makeDemoArchive(1)
const sample = storiesOf(shareOut(archive.slice(0, 120)))
const sampled = tell(sample)
const few = sample.slice(0, 40)
const toldFew = tell(few)

function tell (stories: Story[], until?: Instant): { drafts: BacktestDraft[], mind: Mind } {
  const drafts: BacktestDraft[] = []
  const telling = runBacktest(stories, RULES, until)
  for (;;) {
    const next = telling.next()
    if (next.done === true) return { drafts, mind: next.value }
    drafts.push(next.value)
  }
}

/** What was drafted up to a moment, by question. */
function draftedBy (drafts: BacktestDraft[], moment: Instant): Record<string, unknown> {
  const due = drafts.filter(d => d.at <= moment)
  return Object.fromEntries(due.map(d => [`${d.where.ticketId}/${d.questionId}`, [d.at, d.draft]]))
}

describe('a backtest', () => {
  test('asks each question once and judges what was answered', () => {
    const { drafts } = sampled
    expect(drafts.length).toBeGreaterThan(120)
    expect(new Set(drafts.map(d => `${d.where.ticketId}/${d.questionId}`)).size).toBe(drafts.length)
    expect(drafts.filter(d => d.outcome !== null).length).toBeGreaterThan(100)
    for (const d of drafts) {
      const missing = [d.outcome, d.similarity, d.light].map(value => value === null)
      expect(missing).toEqual(missing.map(() => d.answeredAt === null))
      if (d.answeredAt !== null) expect(d.answeredAt >= d.at).toBe(true)
    }
  })

  test('told again, it says the same, and ends with the same mind', () => {
    const again = tell(sample)
    expect(again.drafts).toEqual(sampled.drafts)
    expect(JSON.stringify(again.mind)).toBe(JSON.stringify(sampled.mind))
  })

  test('the order in which stories and events are given plays no part, and they are not changed', () => {
    const before = JSON.stringify([few, RULES])
    const mixed = few.toReversed().map(({ where, events }) => ({ where, events: events.toReversed() }))
    expect(tell(mixed).drafts).toEqual(toldFew.drafts)
    expect(JSON.stringify([few, RULES])).toBe(before)
  })

  test('ends with the mind that the same steps make one by one', () => {
    const steps = few.flatMap(({ where, events }) => {
      return whatNext(events, new Set(), RULES).map(step => ({ where, events, step }))
    })
    const last = few.flatMap(s => s.events.map(e => e.at)).sort().at(-1) ?? ''
    const mind = emptyMind()
    for (const { where, events, step } of steps.filter(s => s.step.at <= last).sort(compareDue)) {
      foldStep(mind, RULES, where, events, step)
    }
    expect(JSON.stringify(mind)).toBe(JSON.stringify(toldFew.mind))
  })

  test('ends with a mind that survives JSON: the next tickets get the same drafts', () => {
    const again: Mind = JSON.parse(JSON.stringify(sampled.mind))
    const later = storiesOf(shareOut(archive.slice(120, 160)))
    const questions = later.flatMap(({ where, events }) => {
      return whatNext(events, new Set(), RULES).filter(s => s.kind === 'ask')
        .map(s => questionOf(where, events, s.questionId, RULES).question)
    })
    expect(questions.length).toBeGreaterThan(40)
    for (const q of questions) expect(ask(again, RULES, q)).toEqual(ask(sampled.mind, RULES, q))
  })
})

describe('what had not happened yet', () => {
  // Each customer writes once more two minutes later, when the draft is due already and the answer seldom there
  const impatient = sample.map(({ where, events }) => {
    const first = events.find(e => e.kind === 'asked')
    if (first === undefined) throw new Error(`${where.ticketId} has no question`)
    const late = { ...first, key: 'late', messageId: 'late', at: plus(first.at, 120) }
    return { where, events: [...events, { ...late, text: 'It concerns the invoice of our second branch, not this one.' }] }
  })
  const told = tell(impatient)
  const asked = told.drafts.filter(d => d.draft.sources.length > 0).map(d => d.at).sort()

  function turnedAfter (moment: Instant): Story[] {
    return impatient.map(({ where, events }) => ({
      where,
      events: events.map(e => {
        if (e.at <= moment || (e.kind !== 'asked' && e.kind !== 'answered')) return e
        return { ...e, text: `${e.text.split(' ').reverse().join(' ')} export roster 7 times` }
      })
    }))
  }

  test.each([0.3, 0.7])('messages after a moment do not change a draft due by then (at %f of the way)', share => {
    const moment = asked[Math.floor(asked.length * share)] ?? ''
    const due = draftedBy(told.drafts, moment)
    expect(Object.keys(due).length).toBeGreaterThan(20)
    const turned = tell(turnedAfter(moment), plus(moment, 86_400))
    expect(draftedBy(turned.drafts, moment)).toEqual(due)
    expect(draftedBy(turned.drafts, '9')).not.toEqual(draftedBy(told.drafts, '9'))
  })

  test('with nothing known after a moment, the drafts up to it are the same', () => {
    const moment = asked[Math.floor(asked.length * 0.45)] ?? ''
    const cut = impatient.map(({ where, events }) => ({ where, events: events.filter(e => e.at <= moment) }))
    expect(draftedBy(tell(cut, moment).drafts, moment)).toEqual(draftedBy(told.drafts, moment))
  })
})

interface Curve {
  tickets: number
  questions: number
  answered: number
  weeks: Array<{ week: string, answered: number, good: number, shown: number, shown_good: number }>
}

// A process of its own: inside jest's sandbox every look at a global is slow, and eight weeks take half a minute.
const MEASURE = `
  import { readFileSync } from 'node:fs'
  import { reportOf } from './scripts/backtest.ts'
  import { makeDemoArchive } from './scripts/demo/demo-archive.ts'
  import { shareOut, storiesOf } from './scripts/share-out.ts'
  import { runBacktest } from './src/learn/backtest.ts'
  const rules = JSON.parse(readFileSync('config/learning.json', 'utf8'))
  const shared = shareOut(makeDemoArchive(1))
  const stories = storiesOf(shared)
  const { questions, answered, curve } = reportOf({
    drafts: [...runBacktest(stories, rules)], tickets: shared.map(s => s.ticket), faults: [], seconds: 1, rules,
    textOf: () => ({ id: '', question: '', reply: '' }), prices: null
  })
  console.log(JSON.stringify({ tickets: stories.length, questions, answered, weeks: curve }))
`

// When learning changes for the better, the new curve is in the message of this test; the commit says what moved it.
test('the learning curve over eight weeks is the one that was measured', () => {
  const golden: Curve = JSON.parse(readFileSync(new URL('../golden/backtest.json', import.meta.url), 'utf8'))
  const cwd = new URL('../../', import.meta.url)
  const flags = ['--no-warnings', '--input-type=module', '-e', MEASURE]
  const said = execFileSync(process.execPath, flags, { cwd, encoding: 'utf8' })
  const measured: Curve = JSON.parse(said)
  const moved = listMoves(golden, measured)
  if (moved.length > 0) throw new Error(`${moved.join('\n')}\nnow: ${said}`)
  // Whatever it is, it rises: the last two weeks are better than the first two
  const early = shareOfAll(measured.weeks.slice(0, 2), 'good')
  expect(shareOfAll(measured.weeks.slice(-2), 'good')).toBeGreaterThan(early + 0.15)
}, 120_000)

test('a curve that moved is noticed, one that trembles is not', () => {
  const week = { week: '2026-09-28', answered: 100, good: 50, shown: 40, shown_good: 30 }
  const curve = { tickets: 90, questions: 120, answered: 100, weeks: [week] }
  const other = (change: Partial<typeof week>): string[] => {
    return listMoves(curve, { ...curve, weeks: [{ ...week, ...change }] })
  }
  expect([other({}), other({ good: 55 }), other({ shown: 45 })]).toEqual([[], [], []])
  for (const change of [{ good: 57 }, { shown: 33 }, { shown_good: 23 }, { answered: 99 }]) {
    expect(other(change)).not.toEqual([])
  }
  expect(listMoves(curve, { ...curve, weeks: [] })).not.toEqual([])
  expect(listMoves(curve, { ...curve, questions: 121 })).not.toEqual([])
})

function listMoves (then: Curve, now: Curve): string[] {
  const counts = (c: Curve): string => {
    return JSON.stringify([c.tickets, c.questions, c.answered, c.weeks.map(w => [w.week, w.answered])])
  }
  if (counts(then) !== counts(now)) return [`what was asked and answered is another: ${counts(then)}`]
  const parts = ['good', 'shown', 'shown_good'] as const
  return parts.flatMap(part => then.weeks.flatMap((week, i) => {
    const was = shareOfAll([week], part)
    const is = shareOfAll(now.weeks.slice(i, i + 1), part)
    if (Math.abs(was - is) <= TOLERANCE) return []
    return [`${part} in the week of ${week.week}: ${was.toFixed(3)} -> ${is.toFixed(3)}`]
  }))
}

function shareOfAll (weeks: Curve['weeks'], part: 'good' | 'shown' | 'shown_good'): number {
  const all = weeks.reduce((sum, w) => sum + w.answered, 0)
  return all === 0 ? 0 : weeks.reduce((sum, w) => sum + w[part], 0) / all
}
