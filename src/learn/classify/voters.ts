// Three opinions about the class of an example, read from one table in one pass: a multinomial logistic (AdaGrad, Duchi,
// Hazan & Singer 2011), AROW with its own doubt about each weight (Crammer, Kulesza & Dredze 2009), and the cosine with
// the mean of the class (Rocchio 1971). `teach` changes the table.
import { CENTRE, DOUBT, MEAN, SUM, WEIGHT, WIDTH, addPlace, placeOf } from './table.ts'
import type { Table } from './table.ts'
import type { Weighed } from './weighed.ts'

/** Weight by class of each voter; `centre` is a cosine. */
export interface Opinions { logistic: Float64Array, arow: Float64Array, centre: Float64Array }

export interface Teaching { rate: number, least: number, doubt: number }

/** What is taught: the table, the bias of each class, and the squared lengths of the centres. */
export interface Taught { table: Table, bias: number[], norms: number[] }

const SMALL = 1e-6
const BIAS_RATE = 0.02

/** What the voters say of an example. Reads only. */
export function askVoters (taught: Taught, x: Weighed): Opinions {
  const { table: { classes, values, starts, used }, bias, norms } = taught
  const logistic = Float64Array.from(bias)
  const arow = new Float64Array(bias.length)
  const centre = new Float64Array(bias.length)
  for (let i = 0; i < x.rows.length; i++) {
    const row = x.rows[i] ?? -1
    if (row < 0) continue
    const value = x.values[i] ?? 0
    const from = starts[row] ?? 0
    const to = from + (used[row] ?? 0)
    for (let place = from, at = from * WIDTH; place < to; place++, at += WIDTH) {
      const klass = classes[place] ?? 0
      logistic[klass] = (logistic[klass] ?? 0) + value * (values[at + WEIGHT] ?? 0)
      arow[klass] = (arow[klass] ?? 0) + value * (values[at + MEAN] ?? 0)
      centre[klass] = (centre[klass] ?? 0) + value * (values[at + CENTRE] ?? 0)
    }
  }
  for (let c = 0; c < centre.length; c++) centre[c] = (centre[c] ?? 0) / Math.sqrt(Math.max(SMALL, norms[c] ?? 0))
  return { logistic, arow, centre }
}

export function softmax (logits: Float64Array): Float64Array {
  let top = -Infinity
  for (let i = 0; i < logits.length; i++) top = Math.max(top, logits[i] ?? 0)
  const shares = new Float64Array(logits.length)
  let all = 0
  for (let i = 0; i < logits.length; i++) all += shares[i] = Math.exp((logits[i] ?? 0) - top)
  for (let i = 0; i < shares.length; i++) shares[i] = (shares[i] ?? 0) / all
  return shares
}

/**
 * Teaches logistic and AROW that this is an example of `label`, and the centre of the class as far as `toCentre` says (0:
 * it has had this one). Rows of -1 are passed by. Changes `taught`.
 */
export function teach (
  taught: Taught, x: Weighed, label: number, said: Opinions, rules: Teaching, toCentre: number
): void {
  const { table, bias, norms } = taught
  const rival = rivalOf(said.arow, label)
  const margin = (said.arow[label] ?? 0) - (rival < 0 ? 0 : said.arow[rival] ?? 0)
  const { alpha, beta } = margin >= 1 ? { alpha: 0, beta: 0 } : stepOf(table, x, label, rival, margin, rules.doubt)
  const [wanted, gradients] = wantedBy(softmax(said.logistic), label, rival, alpha !== 0, toCentre > 0, rules.least)
  if (wanted.length === 0) return
  for (const [k, klass] of wanted.entries()) bias[klass] = (bias[klass] ?? 0) - BIAS_RATE * (gradients[k] ?? 0)
  const order = new Int16Array(bias.length).fill(-1)
  for (const [k, klass] of wanted.entries()) order[klass] = k
  const found = new Int32Array(wanted.length)
  const [ofLabel, ofRival] = [order[label] ?? -1, rival < 0 ? -1 : order[rival] ?? -1]
  let squared = norms[label] ?? 0
  for (let i = 0; i < x.rows.length; i++) {
    const row = x.rows[i] ?? -1
    if (row < 0) continue
    const value = x.values[i] ?? 0
    findPlaces(table, row, wanted, order, found)
    const { values } = table
    for (let k = 0; k < found.length; k++) {
      const gradient = (gradients[k] ?? 0) * value
      if (gradient === 0) continue
      const at = found[k] ?? 0
      const sum = (values[at + SUM] ?? 0) + gradient * gradient
      values[at + SUM] = sum
      values[at + WEIGHT] = (values[at + WEIGHT] ?? 0) - rules.rate * gradient / (Math.sqrt(sum) + 0.01)
    }
    if (alpha !== 0) {
      moveArow(values, found[ofLabel] ?? 0, alpha, beta, value)
      if (ofRival >= 0) moveArow(values, found[ofRival] ?? 0, -alpha, beta, value)
    }
    if (toCentre > 0) {
      const at = (found[ofLabel] ?? 0) + CENTRE
      const before = values[at] ?? 0
      values[at] = before + toCentre * value
      squared += toCentre * value * (2 * before + toCentre * value)
    }
  }
  norms[label] = squared
}

// The classes that an example moves: where the logistic is wrong by more than `least`, and the two that AROW sets apart.
function wantedBy (
  beliefs: Float64Array, label: number, rival: number, ofArow: boolean, ofCentre: boolean, least: number
): [wanted: number[], gradients: number[]] {
  const wanted: number[] = []
  const gradients: number[] = []
  for (let c = 0; c < beliefs.length; c++) {
    const gradient = (beliefs[c] ?? 0) - (c === label ? 1 : 0)
    const moves = Math.abs(gradient) >= least
    if (!moves && !(ofArow && (c === label || c === rival)) && !(ofCentre && c === label)) continue
    wanted.push(c)
    gradients.push(moves ? gradient : 0)
  }
  return [wanted, gradients]
}

// The places of the wanted classes in one row, made where they are missing.
function findPlaces (table: Table, row: number, wanted: number[], order: Int16Array, found: Int32Array): void {
  const missing = lookThrough(table, row, order, found)
  if (missing === 0) return
  for (let k = 0; k < found.length; k++) if (found[k] === -1) addPlace(table, row, wanted[k] ?? 0)
  lookThrough(table, row, order, found)             // a row that has grown may have moved
}

function lookThrough (table: Table, row: number, order: Int16Array, found: Int32Array): number {
  found.fill(-1)
  let missing = found.length
  const { classes } = table
  const from = table.starts[row] ?? 0
  const to = from + (table.used[row] ?? 0)
  for (let place = from; place < to; place++) {
    const k = order[classes[place] ?? 0] ?? -1
    if (k < 0) continue
    found[k] = place * WIDTH
    missing--
  }
  return missing
}

function moveArow (values: Float32Array, at: number, alpha: number, beta: number, value: number): void {
  const doubt = values[at + DOUBT] ?? 1
  values[at + MEAN] = (values[at + MEAN] ?? 0) + alpha * doubt * value
  values[at + DOUBT] = Math.max(SMALL, doubt - beta * doubt * doubt * value * value)
}

function rivalOf (scores: Float64Array, label: number): number {
  let best = -1
  for (let c = 0; c < scores.length; c++) {
    if (c !== label && (best < 0 || (scores[c] ?? 0) > (scores[best] ?? 0))) best = c
  }
  return best
}

function stepOf (
  table: Table, x: Weighed, label: number, rival: number, margin: number, doubt: number
): { alpha: number, beta: number } {
  let spread = 0
  for (let i = 0; i < x.rows.length; i++) {
    const row = x.rows[i] ?? -1
    const squared = (x.values[i] ?? 0) ** 2
    spread += squared * (doubtAt(table, row, label) + doubtAt(table, row, rival))
  }
  const beta = 1 / (spread + doubt)
  return { alpha: (1 - margin) * beta, beta }
}

function doubtAt (table: Table, row: number, klass: number): number {
  const at = row < 0 || klass < 0 ? -1 : placeOf(table, row, klass)
  return at < 0 ? 1 : table.values[at + DOUBT] ?? 1
}
