// The learning curve of topics as one SVG, drawn without a browser: how often the topic was right by how many examples of it
// had been seen, and how often from the first row to the last, each row predicted before it was learned.
import { LineChart } from 'echarts/charts'
import { GridComponent, TitleComponent } from 'echarts/components'
import { init, use } from 'echarts/core'
import { SVGRenderer } from 'echarts/renderers'
import type { EChartsOption } from 'echarts'

use([LineChart, GridComponent, TitleComponent, SVGRenderer])

/** Of the rows whose topic had `from` or more examples, and fewer than the next step's, the share that was right. */
export interface Step { from: number, rows: number, right: number }

export interface TopicsPlot {
  steps: Step[]
  windows: Record<string, number | null>            // share right in the rows up to this one, since the one before
  shots: Record<string, { mean: number | null }>    // on rows apart, with so many examples of each topic
}

const FROM = [0, 1, 2, 5, 10, 20, 50, 100, 200, 500]
const INK = '#5d6970'
const text = { color: INK, fontFamily: 'system-ui, -apple-system, Segoe UI, Roboto, sans-serif', fontSize: 12 }

/** Rows in the order in which they came, each with how many examples of its topic had been learned before it. */
export function stepsOf (rows: Array<{ examples: number, correct: boolean }>): Step[] {
  return FROM.map((from, i) => {
    const part = rows.filter(r => r.examples >= from && r.examples < (FROM[i + 1] ?? Infinity))
    return { from, rows: part.length, right: part.filter(r => r.correct).length }
  }).filter(step => step.rows > 0)
}

export function drawTopics (plot: TopicsPlot): string {
  const chart = init(null, null, { renderer: 'svg', ssr: true, width: 1080, height: 420 })
  try {
    chart.setOption(optionOf(plot))
    return chart.renderToSVGString()
  } finally {
    chart.dispose()
  }
}

function optionOf ({ steps, windows, shots }: TopicsPlot): EChartsOption {
  const names = steps.map((s, i) => nameOf(s.from, steps[i + 1]?.from))
  const rows = Object.entries(windows)
  const bySteps = steps.map(s => percent(s.right / s.rows))
  // A draw of five examples each is the row that comes after them
  const apart = steps.map(s => percent(shots[String(s.from)]?.mean ?? null))
  const title = (words: string, left: number): object => ({ text: words, left, top: 0, textStyle: { ...text, fontWeight: 'normal' } })
  return {
    animation: false,
    textStyle: text,
    title: [
      title(`topic right, %, by examples of it seen before${apart.some(a => a !== null) ? ' (dashed: on rows apart)' : ''}`, 8),
      title('topic right, %, from the first row to the last', 580)
    ],
    grid: [{ left: 46, width: 440, top: 44, bottom: 42 }, { left: 616, right: 20, top: 44, bottom: 42 }],
    xAxis: [
      { type: 'category', gridIndex: 0, data: names, axisLabel: { interval: 0 } },
      { type: 'category', gridIndex: 1, data: rows.map(([to]) => to) }
    ],
    yAxis: [{ type: 'value', gridIndex: 0, min: 0, max: 100 }, { type: 'value', gridIndex: 1, min: 0, max: 100 }],
    series: [
      { type: 'line', data: bySteps, color: '#1d5f79', lineStyle: { width: 2.5 }, label: { show: true, ...text } },
      { type: 'line', data: apart, color: '#7fb3c8', lineStyle: { width: 1.5, type: 'dashed' }, connectNulls: true },
      {
        type: 'line', xAxisIndex: 1, yAxisIndex: 1, data: rows.map(([, share]) => percent(share)), color: '#1d5f79',
        lineStyle: { width: 2.5 }, label: { show: true, ...text }
      }
    ]
  }
}

function nameOf (from: number, next: number | undefined): string {
  if (next === undefined) return `${from}+`
  return next === from + 1 ? String(from) : `${from}–${next - 1}`
}

function percent (share: number | null): number | null {
  return share === null ? null : Math.round(share * 1000) / 10
}
