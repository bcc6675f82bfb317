// An example as the voters read it: the rows of its features, and how much each counts. Rare features count more (idf,
// Spärck Jones 1972), and the values have length 1.
import type { Features } from './hashed.ts'
import { openRow } from './table.ts'
import type { Table } from './table.ts'

/** `rows` holds -1 where a feature has no row, or must not get places in it. */
export interface Weighed { rows: Int32Array, values: Float64Array }

// Of most features the count is small: their logarithms are looked up.
const LOGS = Float64Array.from({ length: 1025 }, (_, n) => Math.log(n))

/** The features of an example among `seen` ones. Reads only. */
export function weigh (table: Table, seen: number, features: Features): Weighed {
  const { ids, values: counts } = features
  const rows = new Int32Array(ids.length)
  const values = new Float64Array(ids.length)
  const all = Math.log(seen + 2)
  let squared = 0
  for (let i = 0; i < rows.length; i++) {
    const row = table.rowOf[ids[i] ?? 0] ?? -1
    const df = row < 0 ? 0 : table.df[row] ?? 0
    const value = Math.sqrt(counts[i] ?? 0) * (all - (df < 1024 ? LOGS[df + 1] ?? 0 : Math.log(df + 1)))
    rows[i] = row
    values[i] = value
    squared += value * value
  }
  const length = Math.sqrt(squared) || 1
  for (let i = 0; i < values.length; i++) values[i] = (values[i] ?? 0) / length
  return { rows, values }
}

/** Counts an example's features, and gives each a row. Changes `table`. */
export function countFeatures (table: Table, features: Features): void {
  for (const id of features.ids) {
    const row = openRow(table, id)
    table.df[row] = (table.df[row] ?? 0) + 1
  }
}

/** Leaves out what has come less than `least` times: most features come once and never again. Changes `x`. */
export function keepFrequent (table: Table, x: Weighed, least: number): Weighed {
  for (let i = 0; i < x.rows.length; i++) if ((table.df[x.rows[i] ?? -1] ?? 0) < least) x.rows[i] = -1
  return x
}

/** How much of an example's weight lies in features that came at least twice, 0 to 1: the rest is new, or came by chance. */
export function knownShare (table: Table, x: Weighed): number {
  let share = 0
  for (let i = 0; i < x.rows.length; i++) if ((table.df[x.rows[i] ?? -1] ?? 0) > 1) share += (x.values[i] ?? 0) ** 2
  return Math.min(1, share)
}
