// Keeps a long backtest so that it can be killed at any moment: the drafts settled so far, and from time to time all that
// it needs to go on. What was appended after the last saved state is cut off again, so that nothing is there twice.
import { createHash } from 'node:crypto'
import {
  closeSync, createReadStream, existsSync, fsyncSync, ftruncateSync, mkdirSync, openSync, readFileSync, renameSync,
  writeSync
} from 'node:fs'
import { join } from 'node:path'
import type { BacktestDraft, BacktestPlace } from '../../src/learn/backtest.ts'
import { emptyMind, MIND_VERSION } from '../../src/learn/mind.ts'
import { linesOf } from '../archive.ts'

export interface Checkpoint {
  place: BacktestPlace | null                       // null: nothing was saved before
  drafts: BacktestDraft[]
  /** Appends drafts that are settled. They count from the next `save` on. */
  add (drafts: BacktestDraft[]): void
  save (place: BacktestPlace): void
  close (): void
}

const FORM = 1

/** What a saved state depends on, in a few letters: the files, the rules, and the form of the mind. */
export async function fingerprintOf (files: string[], settings: unknown): Promise<string> {
  const hash = createHash('sha256').update(JSON.stringify([FORM, MIND_VERSION, settings]))
  for (const file of files) for await (const chunk of createReadStream(file)) hash.update(chunk)
  return hash.digest('hex').slice(0, 32)
}

/** Opens a folder to go on from, or to begin in. Throws when it belongs to another archive or other rules. */
export async function openCheckpoint (folder: string, fingerprint: string): Promise<Checkpoint> {
  mkdirSync(folder, { recursive: true })
  const stateFile = join(folder, 'state.ndjson')
  const draftsFile = join(folder, 'drafts.ndjson')
  const saved = existsSync(stateFile) ? readState(stateFile) : null
  if (saved !== null && saved.fingerprint !== fingerprint) {
    throw new Error(`${folder} holds a run over another archive, or with other rules: give another folder, or empty this one`)
  }
  const bytes = saved?.bytes ?? 0
  const file = openSync(draftsFile, existsSync(draftsFile) ? 'r+' : 'w+')
  ftruncateSync(file, bytes)
  const drafts: BacktestDraft[] = []
  if (bytes > 0) for await (const line of linesOf(draftsFile)) drafts.push(JSON.parse(line))
  let end = bytes
  return {
    place: saved?.place ?? null,
    drafts,
    add (settled) {
      if (settled.length === 0) return
      const text = settled.map(d => JSON.stringify(d) + '\n').join('')
      end += writeSync(file, text, end)
    },
    save (place) {
      fsyncSync(file)
      const next = openSync(stateFile + '.new', 'w')
      const write = (part: object): void => { writeSync(next, JSON.stringify(part) + '\n') }
      write({ fingerprint, bytes: end, step: place.step, taught: place.taught, open: place.open })
      // One line a part: a mind as one text may be longer than a text can be.
      for (const [name, value] of Object.entries(place.mind)) write({ name, value })
      write({ whole: true })
      fsyncSync(next)
      closeSync(next)
      renameSync(stateFile + '.new', stateFile)
    },
    close: () => closeSync(file)
  }
}

function readState (file: string): { fingerprint: string, bytes: number, place: BacktestPlace } {
  // A line may be hundreds of megabytes long: cut as bytes, each becomes a text once.
  const bytesRead = readFileSync(file)
  const parts: Array<Record<string, unknown>> = []
  for (let from = 0, to = bytesRead.indexOf(10); to >= 0; from = to + 1, to = bytesRead.indexOf(10, from)) {
    parts.push(JSON.parse(bytesRead.toString('utf8', from, to)))
  }
  const [head, ...rest] = parts
  if (head === undefined || rest.pop()?.['whole'] !== true) throw new Error(`${file} is not whole: remove it to begin anew`)
  const { fingerprint, bytes, step, taught, open } = head
  const mind: object = Object.fromEntries(rest.map(part => [String(part['name']), part['value']]))
  if (typeof fingerprint !== 'string' || typeof bytes !== 'number' || typeof step !== 'number' || typeof taught !== 'number') {
    throw new Error(`${file} is no saved state: remove it to begin anew`)
  }
  if (!isOpen(open) || !isMind(mind)) throw new Error(`${file} is no saved state: remove it to begin anew`)
  return { fingerprint, bytes, place: { step, taught, open, mind } }
}

// We wrote it ourselves, for this form of a mind: that its parts are there is enough.
function isMind (value: object): value is BacktestPlace['mind'] {
  return Object.keys(emptyMind()).every(name => name in value)
}

function isOpen (value: unknown): value is BacktestPlace['open'] {
  return Array.isArray(value) && value.every(pair => Array.isArray(pair) && pair.length === 2 && typeof pair[0] === 'string')
}
