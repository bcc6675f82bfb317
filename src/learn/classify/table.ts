// The weights of a classifier: a row per feature, and in it a place per class that the feature has spoken for. Sparse in
// both directions and in single precision, all in one pool of memory: reading an example's rows is what learning costs.

/** What a place holds, in this order: weight and gradient sum of the logistic, mean and doubt of AROW, part of the centre. */
export const WEIGHT = 0
export const SUM = 1
export const MEAN = 2
export const DOUBT = 3
export const CENTRE = 4
export const WIDTH = 5

/** Features are numbers below this one. */
export const FEATURES = 1 << 20

export interface Table {
  rowOf: Int32Array                                 // by feature; -1: it has never come
  features: Int32Array                              // by row
  df: Int32Array                                    // by row: examples that had the feature
  starts: Int32Array                                // by row: its first place in the pool
  used: Int32Array                                  // by row: its places
  levels: Int8Array                                 // by row: which of ROOMS it has; -1: none
  rows: number
  places: number                                    // of the pool, given out
  classes: Uint16Array
  values: Float32Array
  free: number[][]                                  // by level: where rows lay that have moved
}

/** The same without loss, as JSON can hold it: the bits of each number as an integer. */
export interface PackedTable { features: number[], df: number[], used: number[], classes: number[], bits: number[] }

// How many places a row may have before it must move: each about half as many again.
const ROOMS = [1]
while ((ROOMS.at(-1) ?? 0) < 65_536) ROOMS.push(Math.ceil((ROOMS.at(-1) ?? 1) * 1.5))
Object.freeze(ROOMS)

export function emptyTable (): Table {
  return {
    rowOf: new Int32Array(FEATURES).fill(-1), features: new Int32Array(256), df: new Int32Array(256),
    starts: new Int32Array(256), used: new Int32Array(256), levels: new Int8Array(256).fill(-1), rows: 0, places: 0,
    classes: new Uint16Array(1024), values: new Float32Array(1024 * WIDTH), free: []
  }
}

/** The row of a feature, made when it has none. Changes `table`. */
export function openRow (table: Table, feature: number): number {
  const known = table.rowOf[feature] ?? -1
  if (known >= 0) return known
  if (table.rows === table.features.length) widen(table)
  table.features[table.rows] = feature
  table.rowOf[feature] = table.rows
  return table.rows++
}

/** Where a class stands in a row (an offset into `values`), or -1. */
export function placeOf (table: Table, row: number, klass: number): number {
  const from = table.starts[row] ?? 0
  const to = from + (table.used[row] ?? 0)
  for (let place = from; place < to; place++) if (table.classes[place] === klass) return place * WIDTH
  return -1
}

/** Gives a class a place in a row that has none for it; the row's other places may move by that. Changes `table`. */
export function addPlace (table: Table, row: number, klass: number): number {
  const used = table.used[row] ?? 0
  if (used === (ROOMS[table.levels[row] ?? -1] ?? 0)) moveRow(table, row)
  const place = (table.starts[row] ?? 0) + used
  table.used[row] = used + 1
  table.classes[place] = klass
  const at = place * WIDTH
  table.values.fill(0, at, at + WIDTH)
  table.values[at + DOUBT] = 1
  return at
}

/** What the weights and counts weigh once they are packed. */
export function bytesOf (table: Table): number {
  let used = 0
  for (let row = 0; row < table.rows; row++) used += table.used[row] ?? 0
  return table.rows * 8 + used * (2 + 4 * WIDTH)
}

export function packTable (table: Table): PackedTable {
  const { rows } = table
  const packed: PackedTable = {
    features: [...table.features.subarray(0, rows)], df: [...table.df.subarray(0, rows)],
    used: [...table.used.subarray(0, rows)], classes: [], bits: []
  }
  const bits = new Uint32Array(table.values.buffer)
  for (let row = 0; row < rows; row++) {
    const from = table.starts[row] ?? 0
    const to = from + (table.used[row] ?? 0)
    for (let place = from; place < to; place++) packed.classes.push(table.classes[place] ?? 0)
    for (let i = from * WIDTH; i < to * WIDTH; i++) packed.bits.push(bits[i] ?? 0)
  }
  return packed
}

export function unpackTable (packed: PackedTable): Table {
  const table = emptyTable()
  let from = 0
  for (const [i, feature] of packed.features.entries()) {
    const row = openRow(table, feature)
    table.df[row] = packed.df[i] ?? 0
    const to = from + (packed.used[i] ?? 0)
    for (; from < to; from++) {
      const at = addPlace(table, row, packed.classes[from] ?? 0)
      const bits = Uint32Array.from(packed.bits.slice(from * WIDTH, (from + 1) * WIDTH))
      table.values.set(new Float32Array(bits.buffer), at)
    }
  }
  return table
}

function moveRow (table: Table, row: number): void {
  const level = table.levels[row] ?? -1
  const room = ROOMS[level + 1]
  if (room === undefined) throw new Error('a feature cannot speak for more than 65,536 classes')
  const from = table.starts[row] ?? 0
  let start = table.free[level + 1]?.pop()
  if (start === undefined) {
    start = table.places
    table.places += room
    if (table.places > table.classes.length) enlarge(table)
  }
  const used = table.used[row] ?? 0
  table.classes.copyWithin(start, from, from + used)
  table.values.copyWithin(start * WIDTH, from * WIDTH, (from + used) * WIDTH)
  if (level >= 0) (table.free[level] ??= []).push(from)
  table.starts[row] = start
  table.levels[row] = level + 1
}

function enlarge (table: Table): void {
  const length = Math.max(table.places, Math.ceil(table.classes.length * 1.5))
  const classes = new Uint16Array(length)
  const values = new Float32Array(length * WIDTH)
  classes.set(table.classes)
  values.set(table.values)
  table.classes = classes
  table.values = values
}

function widen (table: Table): void {
  const wider = (from: Int32Array): Int32Array => {
    const to = new Int32Array(from.length * 2)
    to.set(from)
    return to
  }
  table.features = wider(table.features)
  table.df = wider(table.df)
  table.starts = wider(table.starts)
  table.used = wider(table.used)
  const levels = new Int8Array(table.levels.length * 2).fill(-1)
  levels.set(table.levels)
  table.levels = levels
}
