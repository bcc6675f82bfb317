// The secrets that are live at one door: those that were set, those that were added while the service runs, and those
// that the helpdesk itself says it signs with. So a secret changes with neither a restart nor a refused delivery.
import { setTimeout as sleep } from 'node:timers/promises'
import { messageOf } from '../errors.ts'
import type { Log } from '../log.ts'
import { fingerprintOf } from '../store/webhook-secrets.ts'
import type { KeptSecret } from '../store/webhook-secrets.ts'
import type { Settings } from '../types.ts'

export interface Secrets {
  current (): Settings
  /** Asks the helpdesk, but seldom and not for long: whoever knocks with a false signature must not make us busy. */
  refresh (): Promise<Settings>
  /** Reads again what was added and ended. Called every other second. */
  reload (): Promise<void>
}

export interface SecretsDeps {
  settings: Settings
  setting: string                                   // the one that holds the secrets
  fetchSecrets: (() => Promise<string[]>) | null    // null: this helpdesk does not tell
  listKept: () => Promise<KeptSecret[]>
  log: Log
  nowMs: () => number
}

const REST_MS = 5_000                               // after it was asked in vain
const PATIENCE_MS = 2_000                           // a helpdesk waits some seconds for the answer to a delivery
const MOST_LEARNED = 2                              // the present one, and the one before for what is still on its way
const OVERLAP_MS = 600_000                          // how long the one before is still believed

interface Learned { secret: string, endsAtMs: number | null }

export function openSecrets ({ settings, setting, fetchSecrets, listKept, log, nowMs }: SecretsDeps): Secrets {
  let learned: Learned[] = []
  let kept: KeptSecret[] = []
  let restUntilMs = Number.NEGATIVE_INFINITY
  let asking: Promise<void> | null = null

  const known = (): string[] => (settings[setting] ?? '').split(',').map(one => one.trim()).filter(one => one !== '')
  const lives = ({ endsAtMs }: { endsAtMs: number | null }): boolean => endsAtMs === null || endsAtMs > nowMs()

  function current (): Settings {
    const ended = new Set(kept.filter(one => !lives(one)).map(one => one.fingerprint))
    const added = kept.flatMap(one => lives(one) && one.secret !== null ? [one.secret] : [])
    const told = learned.filter(lives).map(one => one.secret)
    if (told.length === 0 && added.length === 0 && ended.size === 0) return settings
    const all = [...new Set([...told, ...added, ...known()])].filter(secret => !ended.has(fingerprintOf(secret)))
    return { ...settings, [setting]: all.join(',') }
  }

  /** Was there a new one? Never throws. */
  async function ask (fetch: () => Promise<string[]>): Promise<boolean> {
    try {
      const found = (await fetch()).filter(secret => !secret.includes(','))
      const isNew = found.some(secret => !learned.some(one => one.secret === secret) && !known().includes(secret))
      if (found.length === 0) return false
      const before = learned.filter(one => !found.includes(one.secret) && lives(one))
        .map(one => ({ ...one, endsAtMs: one.endsAtMs ?? nowMs() + OVERLAP_MS }))
      learned = [...found.map(secret => ({ secret, endsAtMs: null })), ...before]
        .slice(0, Math.max(MOST_LEARNED, found.length))
      if (isNew) log.warn({ job: 'secrets', setting, outcome: 'the helpdesk signs with another secret: it was learned' })
      return isNew
    } catch (error) {
      log.warn({ job: 'secrets', setting, outcome: 'failed', message: messageOf(error) })
      return false
    }
  }

  return {
    current,
    async refresh () {
      if (fetchSecrets === null) return current()
      if (asking === null && nowMs() >= restUntilMs) {
        asking = ask(fetchSecrets).then(isNew => {
          // Who has just learned one may ask at once again: a webhook made anew may get another secret right after.
          restUntilMs = isNew ? Number.NEGATIVE_INFINITY : nowMs() + REST_MS
          asking = null
        })
      }
      if (asking !== null) await Promise.race([asking, sleep(PATIENCE_MS, null, { ref: false })])
      return current()
    },
    async reload () {
      try {
        kept = await listKept()
      } catch (error) {
        log.warn({ job: 'secrets', setting, outcome: 'failed', message: messageOf(error) })
      }
    }
  }
}
