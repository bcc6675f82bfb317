// The course of an anomaly as a picture: 48 hours, one bar an hour, the expected band shaded, releases as dashed lines and
// the last hour labelled. One ECharts option for the page (SVG) and for Slack (the same SVG, made into a PNG).
import { BarChart, LineChart } from 'echarts/charts'
import { GridComponent, MarkLineComponent, TitleComponent } from 'echarts/components'
import { init, use } from 'echarts/core'
import { SVGRenderer } from 'echarts/renderers'
import type { EChartsOption } from 'echarts'
import { bandWords } from '../learn/facts.ts'
import type { AnomalyFacts } from '../learn/facts.ts'
import { offsetAt } from '../learn/week-clock.ts'
import type { CourseLook } from './chart.ts'
import { driftOption } from './drift-chart.ts'

const PAGE_FONT = 'system-ui, -apple-system, Segoe UI, Roboto, Helvetica Neue, Arial, sans-serif'

/** On the page, by file name; and in Slack, where it must be readable on dark and light and fonts are our own. */
export const courseLooks: Readonly<Record<string, CourseLook>> = {
  'course.svg': { width: 1080, height: 320, dark: false, font: PAGE_FONT, ground: null },
  'course-dark.svg': { width: 1080, height: 320, dark: true, font: PAGE_FONT, ground: null },
  'course-narrow.svg': { width: 340, height: 260, dark: false, font: PAGE_FONT, ground: null },
  'course-narrow-dark.svg': { width: 340, height: 260, dark: true, font: PAGE_FONT, ground: null }
}
// A ground of its own: light on dark surroundings is a card, dark text on nothing would be lost there.
export const slackLook: CourseLook = { width: 800, height: 320, dark: false, font: 'DejaVu Sans', ground: '#ffffff' }

const LIGHT = { ink: '#1d2529', muted: '#4d5960', line: '#e4e7e7', bar: '#7f98a3', above: '#b3261e', band: '#cfe3ea', edge: '#5c93a8' }
const DARK = { ink: '#e5e9ea', muted: '#a9b4b9', line: '#2d363b', bar: '#6b8490', above: '#ff8a7a', band: '#24404b', edge: '#6ea3b8' }

use([BarChart, LineChart, GridComponent, MarkLineComponent, TitleComponent, SVGRenderer])

/** By the hour, of a drift by the week. Null: its course is not known. */
export function drawCourse (facts: AnomalyFacts, look: CourseLook, zone: string): string | null {
  const option = facts.drift === null
    ? courseOption(facts, look, zone)
    : driftOption(facts.drift, look.dark ? DARK : LIGHT, look, zone)
  if (option === null) return null
  const chart = init(null, null, { renderer: 'svg', ssr: true, width: look.width, height: look.height })
  try {
    chart.setOption(option)
    return chart.renderToSVGString()
  } finally {
    chart.dispose()
  }
}

/** Hours above the band differ by colour and by a number on top of them, never by colour alone. */
export function courseOption ({ trace, releases }: AnomalyFacts, look: CourseLook, zone: string): EChartsOption | null {
  if (trace === null) return null
  const colour = look.dark ? DARK : LIGHT
  const isNarrow = look.width < 500
  const text = { color: colour.muted, fontFamily: look.font, fontSize: isNarrow ? 11 : 13 }
  const last = trace.counts.length - 1
  const top = trace.counts.reduce((best, n, i) => n > (trace.counts[best] ?? 0) ? i : best, 0)
  const hours = trace.counts.map((_, i) => hourWords(trace.from + i * 3600, zone))
  const isAbove = (i: number): boolean => (trace.counts[i] ?? 0) > (trace.high[i] ?? 0)
  const bars = trace.counts.map((value, i) => ({
    value,
    itemStyle: { color: isAbove(i) ? colour.above : colour.bar, borderRadius: [2, 2, 0, 0] },
    label: {
      show: i === last || (i === top && last - top > 1 && value > 0), position: 'top' as const,
      formatter: `${value}`,
      color: colour.ink, fontFamily: look.font, fontSize: isNarrow ? 12 : 15, fontWeight: 'bold' as const
    }
  }))
  const band = { type: 'line' as const, step: 'middle' as const, symbol: 'none', silent: true, stack: 'band' }
  const most = Math.max(4, ...trace.counts, ...trace.high)
  return {
    animation: false,
    ...(look.ground === null ? {} : { backgroundColor: look.ground }),
    textStyle: { fontFamily: look.font },
    title: [
      {
        text: isNarrow ? 'Customers per hour' : 'Customers per hour. Shaded: usual. Red: above',
        left: 8, top: 8, padding: 0, textStyle: { ...text, fontWeight: 'normal' }
      },
      {
        text: `${isNarrow ? 'now' : 'This hour so far:'} ${trace.counts[last] ?? 0} (usual ${bandWords(trace, last)})`,
        left: look.width - 18, textAlign: 'right', top: 8, padding: 0, textStyle: { ...text, color: colour.ink, fontWeight: 'bold' }
      }
    ],
    grid: { left: 44, right: 18, top: releases.length > 0 ? 62 : 46, bottom: 34 },
    xAxis: {
      type: 'category', data: hours, boundaryGap: true, axisTick: { show: false },
      axisLine: { lineStyle: { color: colour.muted } },
      axisLabel: {
        ...text, interval: (i: number) => (i - last) % (isNarrow ? 23 : 6) === 0, showMaxLabel: false, hideOverlap: true
      }
    },
    yAxis: {
      type: 'value', min: 0, max: Math.ceil(most * 1.12), minInterval: 1, splitNumber: 3, axisLabel: { ...text, showMaxLabel: false },
      splitLine: { lineStyle: { color: colour.line } }
    },
    series: [
      { ...band, data: trace.low, lineStyle: { opacity: 0 } },
      {
        ...band, data: trace.high.map((high, i) => high - (trace.low[i] ?? 0)), areaStyle: {
          color: colour.band, opacity: 1
        },
        lineStyle: { color: colour.edge, width: 1, type: 'dotted' }
      },
      { type: 'bar', data: bars, barCategoryGap: '25%', z: 3, ...markersOf(trace.from, releases, colour.ink, look) }
    ]
  }
}

function markersOf (from: number, releases: AnomalyFacts['releases'], colour: string, look: CourseLook): object {
  const names = new Map<number, string>()
  for (const { version, at } of releases) {
    const place = Math.floor((Date.parse(at) / 1000 - from) / 3600)
    // ECharts reads braces in a label as a template. Of several in one hour the last one gives the line its name.
    if (place >= 0 && place < 48) names.set(place, version.replace(/[{}|]/g, '').slice(0, 16))
  }
  if (names.size === 0) return {}
  const label = { formatter: '{b}', color: colour, fontFamily: look.font, fontSize: 12 }
  const data = [...names].slice(-4).map(([place, name]) => ({ xAxis: place, name }))
  return { markLine: { symbol: 'none', silent: true, lineStyle: { color: colour, type: 'dashed', width: 1.5 }, label, data } }
}

const DAYS = ['Sun', 'Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat']

// `Sun 09:00` by the operator's clock.
function hourWords (t: number, zone: string): string {
  const local = new Date((t + offsetAt(zone, t)) * 1000)
  return `${DAYS[local.getUTCDay()] ?? ''} ${local.toISOString().slice(11, 16)}`
}
