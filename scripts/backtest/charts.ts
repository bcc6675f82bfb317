// The three curves of a backtest as SVG, drawn without a browser: they stand in the page itself, so that it is one file.
import { BarChart, CustomChart, LineChart, ScatterChart } from 'echarts/charts'
import { GridComponent } from 'echarts/components'
import { init, use } from 'echarts/core'
import { SVGRenderer } from 'echarts/renderers'
import type { CustomSeriesOption, EChartsOption } from 'echarts'
import { wilson } from '../../src/dashboard/numbers.ts'
import type { Bin, Suggested } from './measures.ts'
import type { WeekLine } from './weeks.ts'

use([BarChart, CustomChart, LineChart, ScatterChart, GridComponent, SVGRenderer])

// Drawn in these, shown in the page's own colours, which differ by light and dark.
const INK = '#5d6970'
const LINE = '#e4e7e7'
const MAIN = '#1d5f79'
const SOFT = '#7fb3c8'
const MARK = '#a3461f'
const VARIABLES: ReadonlyArray<[string, string]> = [
  [INK, 'muted'], [LINE, 'line'], [MAIN, 'main'], [SOFT, 'soft'], [MARK, 'mark']
]
const FONT = 'system-ui, -apple-system, Segoe UI, Roboto, sans-serif'
const text = { color: INK, fontFamily: FONT, fontSize: 12 }

interface Point { coverage: number, precision: number, worst: number }

/** How good drafts would be, against the share of questions that get one; below it the lower bound; the suggested point. */
export function drawCoverage (curve: Point[], suggested: Suggested | null): string {
  const at = (of: (p: Point) => number): Array<[number, number]> =>
    curve.map(p => [percent(p.coverage), percent(of(p))])
  const mark = suggested === null ? [] : [[percent(suggested.coverage), percent(suggested.good / suggested.drafts)]]
  const says = suggested === null ? '' : `from ${percent(suggested.threshold)} % on`
  return draw('coverage', {
    ...frame('share of questions that get a draft, %', 'good drafts, %'),
    series: [
      { type: 'line', data: at(p => p.precision), showSymbol: false, lineStyle: { width: 2.5 }, color: MAIN },
      { type: 'line', data: at(p => p.worst), showSymbol: false, lineStyle: { width: 1.2, type: 'dashed' }, color: SOFT },
      {
        type: 'scatter',
        data: mark,
        symbolSize: 12,
        color: MARK,
        label: { show: true, formatter: says, position: 'top', color: MARK, fontFamily: FONT, fontSize: 12 },
        z: 5
      }
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
      intervals(bins.map(b => ({ x: percent(b.score), part: Math.round(b.good * b.n), of: b.n }))),
      {
        type: 'scatter',
        color: MAIN,
        data: bins.map(({ score, good, n }) =>
          ({ value: [percent(score), percent(good)], symbolSize: 6 + 22 * Math.sqrt(n / most) }))
      }
    ]
  })
}

/**
 * Week by week: bars are the share of answered questions whose draft was good, shown or not, with its interval; the line is
 * the share that got a draft. What may still change is hatched; weeks of fewer than twenty are left out.
 */
export function drawWeeks (weeks: WeekLine[]): string {
  const base = frame('', 'of the answered questions, %')
  const some = weeks.map(w => w.answered < 20 ? null : w)
  return draw('weeks', {
    ...base,
    xAxis: { type: 'category', data: weeks.map(w => w.week.slice(5)), axisLabel: { ...text, hideOverlap: true }, axisLine: { lineStyle: { color: LINE } } },
    series: [
      {
        type: 'bar',
        color: SOFT,
        barMaxWidth: 30,
        data: some.map(w => w === null
          ? '-'
          : {
              value: percent(w.good / w.answered),
              itemStyle: w.maturing ? { color: SOFT, decal: HATCHED } : { color: SOFT }
            })
      },
      intervals(some.flatMap((w, i) => w === null ? [] : [{ x: i, part: w.good, of: w.answered }])),
      {
        type: 'line',
        color: MAIN,
        symbolSize: 6,
        lineStyle: { width: 2.5 },
        data: some.map(w => w === null ? '-' : percent(w.shown / w.answered))
      }
    ]
  })
}

const HATCHED = { symbol: 'rect', dashArrayX: [1, 0], dashArrayY: [3, 4], rotation: -Math.PI / 4, color: LINE }

// Wilson's interval as an upright line through each value.
function intervals (list: Array<{ x: number, part: number, of: number }>): CustomSeriesOption {
  const data = list.flatMap(({ x, part, of }) => {
    const found = of < 5 ? null : wilson(part, of)
    return found === null ? [] : [[x, percent(found.low), percent(found.high)]]
  })
  return {
    type: 'custom',
    data,
    z: 4,
    renderItem (_params, api) {
      const [x = 0, low = 0] = api.coord([api.value(0), api.value(1)])
      const [, high = 0] = api.coord([api.value(0), api.value(2)])
      return { type: 'line', shape: { x1: x, y1: low, x2: x, y2: high }, style: { stroke: INK, lineWidth: 1.2 } }
    }
  }
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
      .replace(new RegExp(VARIABLES.map(([colour]) => colour).join('|'), 'gi'), colour => variableOf(colour))
  } finally {
    chart.dispose()
  }
}

function variableOf (colour: string): string {
  const found = VARIABLES.find(([drawn]) => drawn === colour.toLowerCase())
  return found === undefined ? colour : `var(--${found[1]})`
}

function percent (share: number): number {
  return Math.round(share * 1000) / 10
}
