// Waits as long as Intercom asks and makes the same call again. Only for reads of a history: giving up a page at each
// limit would read its conversations again and again.
import { setTimeout as wait } from 'node:timers/promises'
import { RetryLater } from '../../src/errors.ts'

const LONGEST_PAUSE_MS = 90_000
const MOST_PAUSES = 10

export async function patiently<T> (read: () => Promise<T>): Promise<T> {
  for (let pauses = 0; ; pauses++) {
    try {
      return await read()
    } catch (error) {
      if (!(error instanceof RetryLater) || error.waitMs > LONGEST_PAUSE_MS || pauses === MOST_PAUSES) throw error
      await wait(error.waitMs)
    }
  }
}
