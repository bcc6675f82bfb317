// The three curves of a backtest as SVG, drawn without a browser: they stand in the page itself, so that it is one file.
import { BarChart, LineChart, ScatterChart } from 'echarts/charts'
import { GridComponent } from 'echarts/components'
import { init, use } from 'echarts/core'
import { SVGRenderer } from 'echarts/renderers'
import type { EChartsOption } from 'echarts'
import type { Bin } from './measures.ts'

use([BarChart, LineChart, ScatterChart, GridComponent, SVGRenderer])

const INK = '#5d6970'
const LINE = '#e4e7e7'
const FONT = 'system-ui, -apple-system, Segoe UI, Roboto, sans-serif'
const text = { color: INK, fontFamily: FONT, fontSize: 12 }

interface Point { coverage: number, precision: number, worst: number }

/** How good drafts would be, against the share of questions that get one; below it the lower bound of it. */
export function drawCoverage (curve: Point[]): string {
  const at = (of: (p: Point) => number): Array<[number, number]> =>
    curve.map(p => [percent(p.coverage), percent(of(p))])
  return draw('coverage', {
    ...frame('share of questions that get a draft, %', 'good drafts, %'),
    series: [
      { type: 'line', data: at(p => p.precision), showSymbol: false, lineStyle: { width: 2.5 }, color: '#1d5f79' },
      { type: 'line', data: at(p => p.worst), showSymbol: false, lineStyle: { width: 1.2, type: 'dashed' }, color: '#7fb3c8' }
    ]
  })
}

/** What scores promised against what came: on the diagonal they are honest. A dot's size is how many drafts it stands for. */
export function drawReliability (bins: Bin[]): string {
  const most = Math.max(1, ...bins.map(b => b.n))
  return draw('reliability', {
    ...frame('score, %', 'really good, %'),
    series: [
      { type: 'line', data: [[0, 0], [100, 100]], showSymbol: false, lineStyle: { width: 1, type: 'dotted' }, color: INK },
      {
        type: 'scatter',
        color: '#1d5f79',
        data: bins.map(({ score, good, n }) =>
          ({ value: [percent(score), percent(good)], symbolSize: 6 + 22 * Math.sqrt(n / most) }))
      }
    ]
  })
}

/** Week by week: the share of answered questions whose draft was good, shown or not. */
export function drawWeeks (weeks: Array<{ week: string, answered: number, good: number }>): string {
  const base = frame('', 'good drafts, %')
  return draw('weeks', {
    ...base,
    xAxis: { type: 'category', data: weeks.map(w => w.week.slice(5)), axisLabel: { ...text, hideOverlap: true }, axisLine: { lineStyle: { color: LINE } } },
    series: [{ type: 'bar', data: weeks.map(w => w.answered < 20 ? null : percent(w.good / w.answered)), color: '#7fb3c8', barMaxWidth: 30 }]
  })
}

function frame (x: string, y: string): EChartsOption {
  const axis = { type: 'value' as const, min: 0, max: 100, interval: 25, axisLabel: text, nameTextStyle: text, splitLine: { lineStyle: { color: LINE } } }
  return {
    animation: false,
    textStyle: { fontFamily: FONT },
    grid: { left: 44, right: 18, top: 28, bottom: 44 },
    xAxis: { ...axis, name: x, nameLocation: 'middle', nameGap: 28 },
    yAxis: { ...axis, name: y, nameTextStyle: { ...text, align: 'left' } }
  }
}

// `name` keeps the ids of the three pictures apart.
function draw (name: string, option: EChartsOption): string {
  const chart = init(null, null, { renderer: 'svg', ssr: true, width: 520, height: 320 })
  try {
    chart.setOption(option)
    // What happens under a pointer is numbered by what was drawn before in this process: without it the same archive gives
    // the same file.
    return chart.renderToSVGString().replace(/ class="zr\d+-cls-\d+"/g, '').replace(/<style\s*>.*?<\/style>/gs, '')
      .replace(/zr\d+-/g, `${name}-`)
  } finally {
    chart.dispose()
  }
}

function percent (share: number): number {
  return Math.round(share * 1000) / 10
}
