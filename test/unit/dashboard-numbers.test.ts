// How the dashboard says numbers, outcomes and weeks. What was not measured is a dash, never 0 %.
import { curveOption, drawCurve, looks } from '../../src/dashboard/chart.ts'
import { describeCurve, fillWeeks } from '../../src/dashboard/curve.ts'
import { showDuration, showInterval, showPercent, showPoints, showShare, showTime, wilson } from '../../src/dashboard/numbers.ts'
import { chanceErrorOf, gapOf } from '../../src/dashboard/measures.ts'
import { actionBadge, outcomeBadge, scoreWords } from '../../src/dashboard/wording.ts'
import type { CurvePoint } from '../../src/store/stats.ts'

const point: CurvePoint = { week: '2026-10-05T00:00:00Z', answered: 40, good: 20, shown: 10, asIs: 4, edited: 4, replaced: 2, gap: 0.1 }

test('an interval is that of Wilson', () => {
  const interval = wilson(8, 10)
  expect(interval?.low).toBeCloseTo(0.4902, 3)
  expect(interval?.high).toBeCloseTo(0.9433, 3)
  expect(wilson(0, 30)?.low).toBe(0)
  expect(wilson(30, 30)?.high).toBe(1)
  expect(wilson(0, 0)).toBeNull()
})

test('a share of fewer than twenty is a dash, and a measured nothing is not', () => {
  expect(showShare(0, 0)).toBe('–')
  expect(showShare(19, 19)).toBe('–')
  expect(showInterval(10, 19)).toBe('–')
  expect(showShare(0, 20)).toBe('0 %')
  expect(showShare(15, 20)).toBe('75 %')
  expect(showInterval(15, 20)).toBe('53–89 %')
})

test('what is almost nothing or almost all is not rounded away', () => {
  expect([0, 0.001, 0.5, 0.999, 1, null].map(showPercent)).toEqual(['0 %', '<1 %', '50 %', '>99 %', '100 %', '–'])
  expect([0.12, -0.034, 0.001, null].map(showPoints)).toEqual(['+12 pt', '−3 pt', '0 pt', '–'])
  expect([null, -3, 12, 600, 7200, 864_000].map(showDuration)).toEqual(['–', '0 s', '12 s', '10 min', '2 h', '10 d'])
})

test('times are shown in UTC in words', () => {
  expect(showTime('2026-11-22T09:10:59Z')).toBe('22 Nov 2026 09:10')
  expect(showTime('2026-01-02T00:05:00Z')).toBe('2 Jan 2026 00:05')
})

test('a score is a word before it is a number', () => {
  const rules = { highScore: 0.85, leastScore: 0.5 }
  expect([0.85, 0.84, 0.5, 0.49].map(score => scoreWords(score, rules))).toEqual(['High', 'Medium', 'Medium', 'Low'])
})

test('an outcome says what the agent did with the draft', () => {
  const say = (outcome: string | null, seen: string | null, similarity: number | null = 0.83, text = 'x'): string => {
    const { label, detail } = outcomeBadge({ text, outcome, seen, similarity })
    return `${label}|${detail}`
  }
  expect(say(null, null)).toBe('open|')
  expect(say('as_is', 'seen', 1)).toBe('as is|')
  expect(say('edited', 'seen')).toBe('edited 83 %|')
  expect(say('replaced', 'seen', 0.1)).toBe('replaced|')
  expect(say('edited', 'too_late')).toBe('too late|would be: edited 83 %')
  expect(say('as_is', 'silent', 1)).toBe('as is|not shown')
  expect(say('replaced', 'silent', 0, '')).toBe('nothing proposed|')
})

test('a note says how far it has come, and why it has not', () => {
  const say = (action: string, noteState: string | null, noteReason: string | null = null): string => {
    const { label, detail } = actionBadge({ action, noteState, noteReason })
    return `${label}|${detail}`
  }
  expect(say('silent', null)).toBe('silent|')
  expect(say('note', null)).toBe('note|only observed, nothing written')
  expect(say('note', 'done')).toBe('note|written')
  expect(say('note', 'skipped', 'answered before')).toBe('no note|not written: answered before')
  expect(say('note', 'parked', 'the token was refused')).toBe('note stopped|a person must look: the token was refused')
})

test('weeks have no holes, and a week of too few has no gap', () => {
  const weeks = fillWeeks([point, { ...point, week: '2026-10-26T00:00:00Z', answered: 19 }])
  expect(weeks.map(w => [w.week.slice(0, 10), w.answered, w.gap])).toEqual([
    ['2026-10-05', 40, 0.1], ['2026-10-12', 0, null], ['2026-10-19', 0, null], ['2026-10-26', 19, null]
  ])
  expect(fillWeeks([])).toEqual([])
  expect(fillWeeks([{ ...point, week: '2024-01-01T00:00:00Z' }, point])).toHaveLength(26)
})

test('the curve draws nothing for a week of too few', () => {
  const weeks = fillWeeks([point, { ...point, week: '2026-10-12T00:00:00Z', answered: 19 }])
  const { series } = curveOption(weeks, { width: 300, height: 300, dark: false })
  expect(Array.isArray(series) && series.map(s => s.data)).toEqual([[50, null], [25, null], [10, null]])
  expect(describeCurve(weeks)).toContain('50 % in the week of 5 Oct 2026.')
})

test('every form of the curve is well-formed and holds no script', () => {
  for (const look of Object.values(looks)) {
    const svg = drawCurve(fillWeeks([point, { ...point, week: '2026-10-12T00:00:00Z', good: 30 }]), look)
    const open: string[] = []
    const rest = svg.replace(/<!\[CDATA\[[^]*?\]\]>/g, '').replace(/<(\/?)([a-zA-Z]+)((?:\s+[\w:-]+="[^"<]*")*)\s*(\/?)>/g, (_whole, close, name, _attributes, empty) => {
      if (close === '/') expect(open.pop()).toBe(name)
      else if (empty !== '/') open.push(name)
      return ''
    })
    expect(open).toEqual([])
    expect(rest).not.toMatch(/[<>"]/)
    expect(svg).not.toMatch(/<script|foreignObject/)
    expect(svg).toContain(`width="${look.width}"`)
  }
})

describe('the calibration error that chance alone makes', () => {
  // Of n drafts that are each good with p: the mean distance of their share from p, counted out.
  function countedOut (n: number, p: number): number {
    let mean = 0
    let chance = (1 - p) ** n
    for (let k = 0; k <= n; k++) {
      mean += chance * Math.abs(k / n - p)
      chance *= (n - k) / (k + 1) * p / (1 - p)
    }
    return mean
  }

  test('is that of every count of good drafts by how likely it is', () => {
    for (const [n, score] of [[1, 0.5], [7, 0.31], [40, 0.5], [200, 0.97], [300, 0.05]] as const) {
      expect(chanceErrorOf([{ from: 0, to: 1, n, score, good: 0 }])).toBeCloseTo(countedOut(n, score), 10)
    }
    const bins = [{ from: 0, to: 0.5, n: 30, score: 0.4, good: 1 }, { from: 0.5, to: 1, n: 10, score: 0.8, good: 1 }]
    expect(chanceErrorOf(bins)).toBeCloseTo((30 * countedOut(30, 0.4) + 10 * countedOut(10, 0.8)) / 40, 10)
    expect([chanceErrorOf([]), chanceErrorOf([{ from: 0.9, to: 1, n: 9, score: 1, good: 1 }])]).toEqual([null, 0])
  })

  test('and which way scores err is told by their mean', () => {
    const low = { from: 0, to: 0.5, n: 30, score: 0.4, good: 0.3 }
    const bins = [low, { from: 0.5, to: 1, n: 10, score: 0.8, good: 0.9 }]
    expect(gapOf(bins)).toBeCloseTo((30 * 0.1 - 10 * 0.1) / 40)
    expect(gapOf([])).toBeNull()
  })
})
