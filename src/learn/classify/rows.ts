// The weights of a classifier: a row per feature, and in it a place per class that the feature has spoken for. Sparse in
// both directions, in single precision, because a table of all features by all classes would not fit into memory.

/** What a place holds, in this order: weight and gradient sum of the logistic, mean and doubt of AROW, part of the centre. */
export const WEIGHT = 0
export const SUM = 1
export const MEAN = 2
export const DOUBT = 3
export const CENTRE = 4
export const WIDTH = 5

export interface Row { used: number, classes: Uint16Array, values: Float32Array }

export type Rows = Map<number, Row>

/** The same without loss, as JSON can hold it: the bits of each number as an integer. */
export interface PackedRows { features: number[], used: number[], classes: number[], bits: number[] }

export function emptyRow (): Row {
  return { used: 0, classes: new Uint16Array(2), values: new Float32Array(2 * WIDTH) }
}

/** Where a class stands in a row (an offset into `values`), or -1. */
export function placeOf (row: Row, klass: number): number {
  for (let i = 0; i < row.used; i++) if (row.classes[i] === klass) return i * WIDTH
  return -1
}

/** Where a class stands in a row, made when it is missing. Changes `row`. */
export function openPlace (row: Row, klass: number): number {
  const known = placeOf(row, klass)
  if (known >= 0) return known
  if (row.used === row.classes.length) grow(row)
  row.classes[row.used] = klass
  row.values[row.used * WIDTH + DOUBT] = 1
  return row.used++ * WIDTH
}

export function bytesOf (rows: Rows): number {
  let bytes = 0
  for (const row of rows.values()) bytes += 8 + row.used * (2 + 4 * WIDTH)
  return bytes
}

export function packRows (rows: Rows): PackedRows {
  const packed: PackedRows = { features: [], used: [], classes: [], bits: [] }
  for (const [feature, row] of rows) {
    packed.features.push(feature)
    packed.used.push(row.used)
    for (const klass of row.classes.subarray(0, row.used)) packed.classes.push(klass)
    for (const bits of new Uint32Array(row.values.buffer, 0, row.used * WIDTH)) packed.bits.push(bits)
  }
  return packed
}

export function unpackRows (packed: PackedRows): Rows {
  const rows: Rows = new Map()
  let at = 0
  for (const [i, feature] of packed.features.entries()) {
    const used = packed.used[i] ?? 0
    const bits = Uint32Array.from(packed.bits.slice(at * WIDTH, (at + used) * WIDTH))
    const classes = Uint16Array.from(packed.classes.slice(at, at + used))
    rows.set(feature, { used, classes, values: new Float32Array(bits.buffer) })
    at += used
  }
  return rows
}

function grow (row: Row): void {
  const room = Math.max(2, Math.ceil(row.used * 1.5))
  const classes = new Uint16Array(room)
  const values = new Float32Array(room * WIDTH)
  classes.set(row.classes)
  values.set(row.values)
  row.classes = classes
  row.values = values
}
