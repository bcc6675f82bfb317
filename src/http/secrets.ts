// The secrets that are live at one door: those that were set, and before them those that the helpdesk itself says it
// signs with. So a secret that was drawn anew over there needs neither a restart nor a refused delivery.
import { setTimeout as sleep } from 'node:timers/promises'
import { messageOf } from '../errors.ts'
import type { Log } from '../log.ts'
import type { Settings } from '../types.ts'

export interface Secrets {
  current (): Settings
  /** Asks the helpdesk, but seldom and not for long: whoever knocks with a false signature must not make us busy. */
  refresh (): Promise<Settings>
}

export interface SecretsDeps {
  settings: Settings
  setting: string                                   // the one that holds the secrets
  fetchSecrets: () => Promise<string[]>
  log: Log
  nowMs: () => number
}

const REST_MS = 5_000
const PATIENCE_MS = 2_000                           // a helpdesk waits some seconds for the answer to a delivery
const MOST_LEARNED = 2                              // the present one, and the one before for what is still on its way

export function openSecrets ({ settings, setting, fetchSecrets, log, nowMs }: SecretsDeps): Secrets {
  let learned: string[] = []
  let askedMs = Number.NEGATIVE_INFINITY
  let asking: Promise<void> | null = null

  const known = (): string[] => (settings[setting] ?? '').split(',').map(one => one.trim()).filter(one => one !== '')
  const current = (): Settings => learned.length === 0
    ? settings
    : { ...settings, [setting]: [...new Set([...learned, ...known()])].join(',') }

  async function ask (): Promise<void> {
    try {
      const found = (await fetchSecrets()).filter(secret => !secret.includes(','))
      const fresh = found.filter(secret => !learned.includes(secret) && !known().includes(secret))
      if (fresh.length === 0) return
      learned = [...fresh, ...learned].slice(0, MOST_LEARNED)
      log.warn({ job: 'secrets', setting, outcome: 'the helpdesk signs with another secret: it was learned' })
    } catch (error) {
      log.warn({ job: 'secrets', setting, outcome: 'failed', message: messageOf(error) })
    }
  }

  return {
    current,
    async refresh () {
      if (asking === null && nowMs() - askedMs >= REST_MS) {
        askedMs = nowMs()
        asking = ask().finally(() => { asking = null })
      }
      const leftMs = askedMs + PATIENCE_MS - nowMs()
      if (asking !== null && leftMs > 0) await Promise.race([asking, sleep(leftMs, null, { ref: false })])
      return current()
    }
  }
}
