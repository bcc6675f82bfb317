// The errors that say what the caller shall do. Everything else is a bug or an outage and is tried again.
import { setTimeout as wait } from 'node:timers/promises'

/** A delivery or form is wrong: the sender gets 4xx, and it is never retried. */
export class BadRequest extends Error {
  readonly status: number
  constructor (message: string, status = 400, options?: ErrorOptions) {
    super(message, options)
    this.name = 'BadRequest'
    this.status = status
  }
}

/** It will not get better (ticket gone, token refused): written to `failure`, said once, never retried. */
export class GiveUp extends Error {
  constructor (message: string, options?: ErrorOptions) {
    super(message, options)
    this.name = 'GiveUp'
  }
}

/** The account does not take our token, or not for this: 401 or 403. A person renews it; the work itself is kept. */
export class Refused extends GiveUp {
  readonly status: number
  constructor (message: string, status: number, options?: ErrorOptions) {
    super(message, options)
    this.name = 'Refused'
    this.status = status
  }
}

/** The other side said when: tried again then. */
export class RetryLater extends Error {
  readonly waitMs: number
  constructor (message: string, waitMs: number, options?: ErrorOptions) {
    super(message, options)
    this.name = 'RetryLater'
    this.waitMs = waitMs
  }
}

/** We held the call back ourselves: nothing was sent, so it is no attempt, and there is nothing to look for. */
export class HeldBack extends RetryLater {
  constructor (message: string, waitMs: number, options?: ErrorOptions) {
    super(message, waitMs, options)
    this.name = 'HeldBack'
  }
}

/** A write whose answer never came: it may have been applied. Look before it is sent again. */
export class Unclear extends Error {
  constructor (message: string, options?: ErrorOptions) {
    super(message, options)
    this.name = 'Unclear'
  }
}

/** A note was read back as public: every write of the connection stops until a person has looked. */
export class PublicNote extends Error {
  constructor (message: string, options?: ErrorOptions) {
    super(message, options)
    this.name = 'PublicNote'
  }
}

/** The message of whatever was thrown, in one line. */
export function messageOf (error: unknown): string {
  return (error instanceof Error ? error.message : String(error)).replace(/\s+/g, ' ').slice(0, 500)
}

const LONGEST_PAUSE_MS = 90_000
const MOST_PAUSES = 10

/**
 * Waits as long as the helpdesk asks and makes the same call again. Only for reads of a history: giving up a page at each
 * limit would read it again and again.
 */
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
