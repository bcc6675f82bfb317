// What scores are worth as pictures: reliability, and coverage against accuracy. As options, so that the page of accuracy and
// the report of a backtest show the same.
import { CustomChart, LineChart, ScatterChart } from 'echarts/charts'
import { GridComponent } from 'echarts/components'
import { init, use } from 'echarts/core'
import { SVGRenderer } from 'echarts/renderers'
import type { CustomSeriesOption, EChartsOption } from 'echarts'
import type { Bin, CurvePoint, Over } from './measures.ts'
import { LEAST, wilson } from './numbers.ts'

use([CustomChart, LineChart, ScatterChart, GridComponent, SVGRenderer])

export interface Colours { ink: string, line: string, main: string, soft: string, mark: string }

export const LIGHT: Colours = { ink: '#5d6970', line: '#e4e7e7', main: '#1d5f79', soft: '#7fb3c8', mark: '#a3461f' }
export const DARK: Colours = { ink: '#9ba7ad', line: '#2d363b', main: '#9fd6ec', soft: '#3f7d95', mark: '#f0a07c' }

// No quotes here: ECharts puts the name into a style attribute as it is.
const FONT = 'system-ui, -apple-system, Segoe UI, Roboto, sans-serif'

export function textIn (colour: Colours): { color: string, fontFamily: string, fontSize: number } {
  return { color: colour.ink, fontFamily: FONT, fontSize: 12 }
}

/** How good drafts would be, against the share of questions that get one; below it the lower bound; the suggested point. */
export function coverageOption (curve: CurvePoint[], suggested: Over | null, colour: Colours): EChartsOption {
  const at = (of: (p: CurvePoint) => number): Array<[number, number]> =>
    curve.map(p => [percent(p.coverage), percent(of(p))])
  const mark = suggested === null ? [] : [[percent(suggested.coverage), percent(suggested.good / suggested.drafts)]]
  const says = suggested === null ? '' : `from ${percent(suggested.threshold)} % on`
  return {
    ...frame('share of questions that get a draft, %', 'good drafts, %', colour),
    series: [
      { type: 'line', data: at(p => p.precision), showSymbol: false, lineStyle: { width: 2.5 }, color: colour.main },
      { type: 'line', data: at(p => p.worst), showSymbol: false, lineStyle: { width: 1.2, type: 'dashed' }, color: colour.soft },
      {
        type: 'scatter',
        data: mark,
        symbolSize: 12,
        color: colour.mark,
        label: { show: true, formatter: says, position: 'top', color: colour.mark, fontFamily: FONT, fontSize: 12 },
        z: 5
      }
    ]
  }
}

/** What scores promised against what came: on the diagonal they are honest. A dot's size is how many drafts it stands for. */
export function reliabilityOption (bins: Bin[], colour: Colours): EChartsOption {
  const large = bins.filter(b => b.n >= LEAST)
  const most = Math.max(1, ...large.map(b => b.n))
  return {
    ...frame('score, %', 'really good, %', colour),
    series: [
      { type: 'line', data: [[0, 0], [100, 100]], showSymbol: false, lineStyle: { width: 1, type: 'dotted' }, color: colour.ink },
      intervals(large.map(b => ({ x: percent(b.score), part: Math.round(b.good * b.n), of: b.n })), colour),
      {
        type: 'scatter',
        color: colour.main,
        data: large.map(({ score, good, n }) =>
          ({ value: [percent(score), percent(good)], symbolSize: 6 + 22 * Math.sqrt(n / most) }))
      }
    ]
  }
}

// Wilson's interval as an upright line through each value.
export function intervals (
  list: Array<{ x: number, part: number, of: number }>, colour: Colours
): CustomSeriesOption {
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
      return { type: 'line', shape: { x1: x, y1: low, x2: x, y2: high }, style: { stroke: colour.ink, lineWidth: 1.2 } }
    }
  }
}

export function frame (x: string, y: string, colour: Colours): EChartsOption {
  const text = textIn(colour)
  const splitLine = { lineStyle: { color: colour.line } }
  const axis = { type: 'value' as const, min: 0, max: 100, interval: 25, axisLabel: text, nameTextStyle: text, splitLine }
  return {
    animation: false,
    textStyle: { fontFamily: FONT },
    grid: { left: 44, right: 18, top: 28, bottom: 44 },
    xAxis: { ...axis, name: x, nameLocation: 'middle', nameGap: 28 },
    yAxis: { ...axis, name: y, nameTextStyle: { ...text, align: 'left' } }
  }
}

/** As SVG, without a browser. */
export function renderSvg (option: EChartsOption, width = 520, height = 320): string {
  const chart = init(null, null, { renderer: 'svg', ssr: true, width, height })
  try {
    chart.setOption(option)
    return chart.renderToSVGString()
  } finally {
    chart.dispose()
  }
}

export function percent (share: number): number {
  return Math.round(share * 1000) / 10
}
