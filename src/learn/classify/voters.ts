// Three opinions about the class of an example, read from one table in one pass: a multinomial logistic (AdaGrad, Duchi,
// Hazan & Singer 2011), AROW with its own doubt about each weight (Crammer, Kulesza & Dredze 2009), and the cosine with
// the mean of the class (Rocchio 1971). `teach` changes the table.
import { CENTRE, DOUBT, MEAN, SUM, WEIGHT, WIDTH, emptyRow, openPlace } from './rows.ts'
import type { Rows } from './rows.ts'
import type { Features } from './hashed.ts'

/** Weight by class of each voter; `centre` is a cosine. */
export interface Opinions { logistic: Float64Array, arow: Float64Array, centre: Float64Array }

/** Whether a feature may have a row. */
export type IsKnown = (id: number) => boolean

export interface Teaching { rate: number, least: number, doubt: number }

const SMALL = 1e-6

/** What the voters say of an example whose values have length 1. `norms` are the squared lengths of the centres. */
export function askVoters (rows: Rows, bias: number[], norms: number[], x: Features): Opinions {
  const classes = bias.length
  const logistic = Float64Array.from(bias)
  const arow = new Float64Array(classes)
  const centre = new Float64Array(classes)
  for (let i = 0; i < x.ids.length; i++) {
    const row = rows.get(x.ids[i] ?? 0)
    if (row === undefined) continue
    const value = x.values[i] ?? 0
    const { values, used } = row
    for (let k = 0, at = 0; k < used; k++, at += WIDTH) {
      const klass = row.classes[k] ?? 0
      logistic[klass] = (logistic[klass] ?? 0) + value * (values[at + WEIGHT] ?? 0)
      arow[klass] = (arow[klass] ?? 0) + value * (values[at + MEAN] ?? 0)
      centre[klass] = (centre[klass] ?? 0) + value * (values[at + CENTRE] ?? 0)
    }
  }
  for (let c = 0; c < classes; c++) centre[c] = (centre[c] ?? 0) / Math.sqrt(Math.max(SMALL, norms[c] ?? 0))
  return { logistic, arow, centre }
}

export function softmax (logits: Float64Array): Float64Array {
  const top = logits.reduce((a, b) => Math.max(a, b), -Infinity)
  const powers = logits.map(l => Math.exp(l - top))
  const all = powers.reduce((a, b) => a + b, 0)
  return powers.map(p => p / all)
}

/**
 * Teaches logistic and AROW that this is an example of `label`. `isKnown` says which features may have a row: most come
 * once and never again. Changes `table`.
 */
export function teach (
  table: { rows: Rows, bias: number[] }, x: Features, label: number, said: Opinions, rules: Teaching, isKnown: IsKnown
): void {
  const { rows, bias } = table
  const beliefs = softmax(said.logistic)
  const touched: number[] = []
  const gradients: number[] = []
  for (let c = 0; c < beliefs.length; c++) {
    const gradient = (beliefs[c] ?? 0) - (c === label ? 1 : 0)
    if (Math.abs(gradient) < rules.least) continue
    touched.push(c)
    gradients.push(gradient)
    bias[c] = (bias[c] ?? 0) - 0.02 * gradient
  }
  const rival = rivalOf(said.arow, label)
  const margin = (said.arow[label] ?? 0) - (rival < 0 ? 0 : said.arow[rival] ?? 0)
  const { alpha, beta } = margin >= 1 ? { alpha: 0, beta: 0 } : stepOf(rows, x, label, rival, margin, rules.doubt)
  for (let i = 0; i < x.ids.length; i++) {
    const id = x.ids[i] ?? 0
    let row = rows.get(id)
    if (row === undefined) {
      if (!isKnown(id)) continue
      row = emptyRow()
      rows.set(id, row)
    }
    const value = x.values[i] ?? 0
    for (let k = 0; k < touched.length; k++) {
      const at = openPlace(row, touched[k] ?? 0)
      const gradient = (gradients[k] ?? 0) * value
      const sum = (row.values[at + SUM] ?? 0) + gradient * gradient
      row.values[at + SUM] = sum
      row.values[at + WEIGHT] = (row.values[at + WEIGHT] ?? 0) - rules.rate * gradient / (Math.sqrt(sum) + 0.01)
    }
    if (alpha === 0) continue
    for (const [klass, sign] of [[label, 1], [rival, -1]] as const) {
      if (klass < 0) continue
      const at = openPlace(row, klass)
      const doubt = row.values[at + DOUBT] ?? 1
      row.values[at + MEAN] = (row.values[at + MEAN] ?? 0) + sign * alpha * doubt * value
      row.values[at + DOUBT] = Math.max(SMALL, doubt - beta * doubt * doubt * value * value)
    }
  }
}

/** Adds an example to the centre of its class; returns the centre's squared length after. Changes `rows`. */
export function moveCentre (rows: Rows, x: Features, label: number, norm: number, isKnown: IsKnown): number {
  let squared = norm
  for (let i = 0; i < x.ids.length; i++) {
    const id = x.ids[i] ?? 0
    let row = rows.get(id)
    if (row === undefined) {
      if (!isKnown(id)) continue
      row = emptyRow()
      rows.set(id, row)
    }
    const at = openPlace(row, label)
    const value = x.values[i] ?? 0
    const before = row.values[at + CENTRE] ?? 0
    row.values[at + CENTRE] = before + value
    squared += value * (2 * before + value)
  }
  return squared
}

function rivalOf (scores: Float64Array, label: number): number {
  let best = -1
  for (let c = 0; c < scores.length; c++) {
    if (c !== label && (best < 0 || (scores[c] ?? 0) > (scores[best] ?? 0))) best = c
  }
  return best
}

function stepOf (
  rows: Rows, x: Features, label: number, rival: number, margin: number, doubt: number
): { alpha: number, beta: number } {
  let spread = 0
  for (let i = 0; i < x.ids.length; i++) {
    const row = rows.get(x.ids[i] ?? 0)
    const squared = (x.values[i] ?? 0) ** 2
    if (row === undefined) { spread += 2 * squared; continue }
    for (const klass of [label, rival]) {
      const at = klass < 0 ? -1 : row.classes.subarray(0, row.used).indexOf(klass) * WIDTH
      spread += squared * (at < 0 ? 1 : row.values[at + DOUBT] ?? 1)
    }
  }
  const beta = 1 / (spread + doubt)
  return { alpha: (1 - margin) * beta, beta }
}
