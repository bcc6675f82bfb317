// The three curves of a backtest as SVG, drawn without a browser: they stand in the page itself, so that it is one file.
import { BarChart } from 'echarts/charts'
import { use } from 'echarts/core'
import type { EChartsOption } from 'echarts'
import {
  coverageOption, frame, intervals, LIGHT, percent, reliabilityOption, renderSvg, textIn
} from '../../src/dashboard/accuracy-chart.ts'
import type { Bin, CurvePoint, Over } from '../../src/dashboard/measures.ts'
import type { WeekLine } from './weeks.ts'

use([BarChart])

// Drawn in the colours of light, shown in the page's own, which differ by light and dark.
const VARIABLES: ReadonlyArray<[string, string]> = [
  [LIGHT.ink, 'muted'], [LIGHT.line, 'line'], [LIGHT.main, 'main'], [LIGHT.soft, 'soft'], [LIGHT.mark, 'mark']
]
const text = textIn(LIGHT)

export function drawCoverage (curve: CurvePoint[], suggested: Over | null): string {
  return draw('coverage', coverageOption(curve, suggested, LIGHT))
}

export function drawReliability (bins: Bin[]): string {
  return draw('reliability', reliabilityOption(bins, LIGHT))
}

/**
 * Week by week: bars are the share of answered questions whose draft was good, shown or not, with its interval; the line is
 * the share that got a draft. What may still change is hatched; weeks of fewer than twenty are left out.
 */
export function drawWeeks (weeks: WeekLine[]): string {
  const base = frame('', 'of the answered questions, %', LIGHT)
  const some = weeks.map(w => w.answered < 20 ? null : w)
  return draw('weeks', {
    ...base,
    xAxis: { type: 'category', data: weeks.map(w => w.week.slice(5)), axisLabel: { ...text, hideOverlap: true }, axisLine: { lineStyle: { color: LIGHT.line } } },
    series: [
      {
        type: 'bar',
        color: LIGHT.soft,
        barMaxWidth: 30,
        data: some.map(w => w === null
          ? '-'
          : {
              value: percent(w.good / w.answered),
              itemStyle: w.maturing ? { color: LIGHT.soft, decal: HATCHED } : { color: LIGHT.soft }
            })
      },
      intervals(some.flatMap((w, i) => w === null ? [] : [{ x: i, part: w.good, of: w.answered }]), LIGHT),
      {
        type: 'line',
        color: LIGHT.main,
        symbolSize: 6,
        lineStyle: { width: 2.5 },
        data: some.map(w => w === null ? '-' : percent(w.shown / w.answered))
      }
    ]
  })
}

const HATCHED = { symbol: 'rect', dashArrayX: [1, 0], dashArrayY: [3, 4], rotation: -Math.PI / 4, color: LIGHT.line }

// `name` keeps the ids of the three pictures apart.
function draw (name: string, option: EChartsOption): string {
  // What happens under a pointer is numbered by what was drawn before in this process: without it the same archive gives the
  // same file.
  return renderSvg(option).replace(/ class="zr\d+-cls-\d+"/g, '').replace(/<style\s*>.*?<\/style>/gs, '')
    .replace(/zr\d+-/g, `${name}-`)
    .replace(new RegExp(VARIABLES.map(([colour]) => colour).join('|'), 'gi'), colour => variableOf(colour))
}

function variableOf (colour: string): string {
  const found = VARIABLES.find(([drawn]) => drawn === colour.toLowerCase())
  return found === undefined ? colour : `var(--${found[1]})`
}
