// The course of a drift as a picture: one bar a week, what was usual before it began shaded, its beginning as a dashed line
// and the last week labelled. For the page and for Slack alike, drawn by what draws the course of an anomaly.
import type { EChartsOption } from 'echarts'
import type { DriftCourse } from '../learn/drift-course.ts'
import { driftBand, driftTitle, driftValue } from '../learn/drift-course.ts'
import { offsetAt, WEEK } from '../learn/week-clock.ts'
import type { CourseLook } from './chart.ts'

export interface CourseColours {
  ink: string, muted: string, line: string, bar: string, above: string, band: string, edge: string
}

/** Weeks above the band differ by colour, and the highest and the last by a number on top, never by colour alone. */
export function driftOption (
  course: DriftCourse, colour: CourseColours, look: CourseLook, zone: string
): EChartsOption {
  const { metric, values, low, high, from, began } = course
  const isNarrow = look.width < 500
  const text = { color: colour.muted, fontFamily: look.font, fontSize: isNarrow ? 11 : 13 }
  const last = values.length - 1
  const top = values.reduce((best, value, i) => value > (values[best] ?? 0) ? i : best, 0)
  const bars = values.map((value, i) => ({
    value,
    itemStyle: { color: value > (high[i] ?? 0) ? colour.above : colour.bar, borderRadius: [2, 2, 0, 0] },
    label: {
      show: i === last || (i === top && last - top > 1), position: 'top' as const, formatter: driftValue(metric, value),
      color: colour.ink, fontFamily: look.font, fontSize: isNarrow ? 12 : 15, fontWeight: 'bold' as const
    }
  }))
  const band = { type: 'line' as const, step: 'middle' as const, symbol: 'none', silent: true, stack: 'band' }
  const most = Math.max(...values, ...high, metric === 'volume' ? 4 : 0.01)
  const beginning = began === null ? -1 : Math.floor((began - from) / WEEK)
  return {
    animation: false,
    ...(look.ground === null ? {} : { backgroundColor: look.ground }),
    textStyle: { fontFamily: look.font },
    title: [
      {
        text: isNarrow ? `${metric === 'volume' ? 'Customers' : 'Share'} by week` : `${driftTitle(metric)}, by week. Shaded: usual`,
        left: 8, top: 8, padding: 0, textStyle: { ...text, fontWeight: 'normal' }
      },
      {
        text: `${isNarrow ? 'now' : 'Last week:'} ${driftValue(metric, values[last] ?? 0)} (usual ${driftBand(course, last)})`,
        left: look.width - 18, textAlign: 'right', top: isNarrow ? 26 : 8, padding: 0,
        textStyle: { ...text, color: colour.ink, fontWeight: 'bold' }
      }
    ],
    grid: { left: 54, right: 18, top: isNarrow ? 76 : 62, bottom: 34 },
    xAxis: {
      type: 'category', data: values.map((_, i) => dayWords(from + i * WEEK, zone)), boundaryGap: true,
      axisTick: { show: false }, axisLine: { lineStyle: { color: colour.muted } },
      axisLabel: { ...text, interval: isNarrow ? 3 : 1, hideOverlap: true }
    },
    yAxis: {
      type: 'value', min: 0, max: most * 1.15, splitNumber: 3,
      axisLabel: { ...text, showMaxLabel: false, formatter: (value: number) => driftValue(metric, value) },
      splitLine: { lineStyle: { color: colour.line } }
    },
    series: [
      { ...band, data: low, lineStyle: { opacity: 0 } },
      {
        ...band, data: high.map((value, i) => value - (low[i] ?? 0)), areaStyle: { color: colour.band, opacity: 1 },
        lineStyle: { color: colour.edge, width: 1, type: 'dotted' }
      },
      { type: 'bar', data: bars, barCategoryGap: '25%', z: 3, ...beginningOf(beginning, colour.ink, look) }
    ]
  }
}

function beginningOf (week: number, colour: string, look: CourseLook): object {
  if (week < 0) return {}
  const label = { formatter: 'began about here', color: colour, fontFamily: look.font, fontSize: 12 }
  const lineStyle = { color: colour, type: 'dashed', width: 1.5 }
  return { markLine: { symbol: 'none', silent: true, lineStyle, label, data: [{ xAxis: week }] } }
}

const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec']

// `12 Oct` by the operator's clock: the first day of the week that is shown
function dayWords (t: number, zone: string): string {
  const local = new Date((t + offsetAt(zone, t)) * 1000)
  return `${local.getUTCDate()} ${MONTHS[local.getUTCMonth()] ?? ''}`
}
