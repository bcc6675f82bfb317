// The learning curve as a picture: one ECharts option, rendered to SVG without a browser. It is served as an image of its
// own, because the pages allow no inline style and ECharts writes some.
import { BarChart, LineChart } from 'echarts/charts'
import { GridComponent, MarkLineComponent, TitleComponent } from 'echarts/components'
import { init, use } from 'echarts/core'
import { SVGRenderer } from 'echarts/renderers'
import type { EChartsOption } from 'echarts'
import type { CurvePoint } from '../store/stats.ts'
import { shareOf, showDay } from './numbers.ts'

/** A week of the curve; `gap` is null where too few were answered to speak of it. */
export type Week = Omit<CurvePoint, 'gap'> & { gap: number | null }

export interface Look { width: number, height: number, dark: boolean }

/** Of an anomaly's course, which is a picture as well: with a font of its own and a ground. */
export interface CourseLook extends Look { font: string, ground: string | null }

/** The four forms in which a page may ask for the curve, by file name. */
export const looks: Readonly<Record<string, Look>> = {
  'curve.svg': { width: 1080, height: 400, dark: false },
  'curve-dark.svg': { width: 1080, height: 400, dark: true },
  'curve-narrow.svg': { width: 340, height: 380, dark: false },
  'curve-narrow-dark.svg': { width: 340, height: 380, dark: true }
}

const LIGHT = { ink: '#1d2529', muted: '#5d6970', line: '#e4e7e7', bar: '#7fb3c8', shown: '#1d5f79', gap: '#b9a06b' }
const DARK = { ink: '#e5e9ea', muted: '#9ba7ad', line: '#2d363b', bar: '#3f7d95', shown: '#9fd6ec', gap: '#a58f5c' }
// No quotes here: ECharts puts the name into a style attribute as it is.
const FONT = 'system-ui, -apple-system, Segoe UI, Roboto, Helvetica Neue, Arial, sans-serif'

use([BarChart, LineChart, GridComponent, MarkLineComponent, TitleComponent, SVGRenderer])

/** A release of the product: a line in its week. */
export interface Marker { version: string, at: string }

export function drawCurve (weeks: Week[], look: Look, releases: Marker[] = []): string {
  const chart = init(null, null, { renderer: 'svg', ssr: true, width: look.width, height: look.height })
  try {
    chart.setOption(curveOption(weeks, look, releases))
    return chart.renderToSVGString()
  } finally {
    chart.dispose()
  }
}

/** Above, the shares of each week; below, how far the scores were from the truth. A week of too few has a gap. */
export function curveOption (weeks: Week[], look: Look, releases: Marker[] = []): EChartsOption {
  const colour = look.dark ? DARK : LIGHT
  const days = weeks.map(w => showDay(w.week).replace(/ \d{4}$/, ''))
  const text = { color: colour.muted, fontFamily: FONT, fontSize: 12 }
  const upper = Math.round(look.height * 0.52)
  const sides = { left: 46, right: 14 }
  const percents = (part: (w: Week) => number): Array<number | null> =>
    weeks.map(w => percentOf(shareOf(part(w), w.answered)))
  return {
    animation: false,
    textStyle: { fontFamily: FONT },
    title: [
      { text: 'Share of answered questions, %', left: 0, top: 0, padding: 0, textStyle: { ...text, fontWeight: 'normal' } },
      {
        text: 'Calibration gap, points (0 is honest)', left: 0, top: upper + 58, padding: 0,
        textStyle: { ...text, fontWeight: 'normal' }
      }
    ],
    grid: [{ ...sides, top: 28, height: upper - 28 }, { ...sides, top: upper + 86, bottom: 10 }],
    xAxis: [
      {
        type: 'category', data: days, gridIndex: 0, axisLabel: { ...text, hideOverlap: true }, axisTick: { show: false },
        axisLine: { lineStyle: { color: colour.line } }
      },
      {
        type: 'category', data: days, gridIndex: 1, axisLabel: { show: false }, axisTick: { show: false },
        axisLine: { lineStyle: { color: colour.muted } }
      }
    ],
    yAxis: [
      {
        type: 'value', gridIndex: 0, min: 0, max: 100, interval: 25, axisLabel: text,
        splitLine: { lineStyle: { color: colour.line } }
      },
      {
        type: 'value', gridIndex: 1, min: -30, max: 30, interval: 15, axisLabel: text,
        splitLine: { lineStyle: { color: colour.line } }
      }
    ],
    series: [
      {
        type: 'bar', data: percents(w => w.good), barMaxWidth: 34,
        itemStyle: { color: colour.bar, borderRadius: [3, 3, 0, 0] }, ...markersOf(weeks, releases, colour.muted)
      },
      {
        type: 'line', data: percents(w => w.shown), symbol: 'circle', symbolSize: 7, lineStyle: { width: 2.5 },
        color: colour.shown
      },
      {
        type: 'bar', data: weeks.map(w => w.gap === null ? null : clip(w.gap * 100)), xAxisIndex: 1, yAxisIndex: 1,
        barMaxWidth: 34, itemStyle: { color: colour.gap, borderRadius: 2 }
      }
    ]
  }
}

// Of several releases in one week the last one gives the line its name.
function markersOf (weeks: Week[], releases: Marker[], colour: string): object {
  const names = new Map<number, string>()
  for (const { version, at } of releases) {
    const week = weeks.findLastIndex(w => w.week <= at)
    const isInside = week >= 0 && Date.parse(at) - Date.parse(weeks[week]?.week ?? at) < 7 * 86_400_000
    // ECharts reads braces in a label as a template.
    if (isInside) names.set(week, version.replace(/[{}]/g, '').slice(0, 20))
  }
  if (names.size === 0) return {}
  const data = [...names].map(([week, name]) => ({ xAxis: week, name }))
  const label = { formatter: '{b}', color: colour, fontFamily: FONT, fontSize: 11 }
  return { markLine: { symbol: 'none', silent: true, lineStyle: { color: colour, type: 'dashed' }, label, data } }
}

function percentOf (share: number | null): number | null {
  return share === null ? null : Math.round(share * 1000) / 10
}

// Beyond the axis a bar ends at its edge; the table has the number.
function clip (points: number): number {
  return Math.max(-30, Math.min(30, Math.round(points * 10) / 10))
}
