// What people do in Slack, by a socket that we open: for desks behind a firewall, which Slack cannot reach. The same
// handlers as at the door. Bolt's receiver speaks; when the line is lost we call again ourselves, because a call of its own
// that fails ends in a rejection that nobody hears. https://docs.slack.dev/apis/events-api/using-socket-mode
import { setTimeout as sleep } from 'node:timers/promises'
import bolt from '@slack/bolt'
import { messageOf } from '../errors.ts'
import type { Log } from '../log.ts'
import { makeSlackApp, wireSlack } from './slack-actions.ts'
import type { SlackPresses } from './slack-actions.ts'

export interface SlackSocketDeps {
  log: Log, token: string, appToken: string, url: string, presses: SlackPresses
  againMs?: number                                  // first wait before calling again; default a second
}

export interface SlackSocket {
  readonly connected: boolean
  close (): Promise<void>
}

const AGAIN_MS = 1_000
const LONGEST_MS = 60_000
const CLOSE_MS = 2_000

/** Returns at once; the line is opened, and opened again, behind it. */
export function openSlackSocket (deps: SlackSocketDeps): SlackSocket {
  const { log } = deps
  const stop = new AbortController()
  let isConnected = false
  const receiver = new bolt.SocketModeReceiver({
    appToken: deps.appToken,
    autoReconnectEnabled: false,
    logLevel: bolt.LogLevel.ERROR,
    logger: quiet(log),
    installerOptions: { clientOptions: { slackApiUrl: `${deps.url}/api/`, retryConfig: { retries: 0 }, rejectRateLimitedCalls: true, timeout: 10_000 } }
  })
  wireSlack(makeSlackApp(receiver, deps), deps)
  const { client } = receiver
  const waitMs = (failures: number): number => Math.min(
    LONGEST_MS, (deps.againMs ?? AGAIN_MS) * 2 ** Math.min(failures, 10)
  )

  async function keepOpen (): Promise<void> {
    let failures = 0
    while (!stop.signal.aborted) {
      try {
        const lost = new Promise<void>(resolve => { client.once('disconnected', () => resolve()) })
        await client.start()
        isConnected = true
        failures = 0
        log.info({ service: 'slack', outcome: 'socket open' })
        await lost
      } catch (error) {
        failures++
        log.warn({ service: 'slack', outcome: 'socket refused', failures, message: messageOf(error) })
      }
      isConnected = false
      await sleep(failures === 0 ? 10 : waitMs(failures), null, { signal: stop.signal }).catch(() => { /* closing */ })
    }
  }
  const ended = keepOpen()
  return {
    get connected () { return isConnected },
    async close () {
      stop.abort()
      // A peer that does not say good-bye keeps nobody from leaving.
      await Promise.race([client.disconnect().catch(() => {}), sleep(CLOSE_MS, null, { ref: false })])
      await Promise.race([ended, sleep(CLOSE_MS, null, { ref: false })])
    }
  }
}

// The library's own words go to our log, and only what it calls an error.
function quiet (log: Log): NonNullable<ConstructorParameters<typeof bolt.SocketModeReceiver>[0]['logger']> {
  const nothing = (): void => {}
  return {
    debug: nothing,
    info: nothing,
    warn: nothing,
    error: (...words: unknown[]) => { log.warn({ service: 'slack', outcome: 'socket error', message: words.map(String).join(' ').slice(0, 300) }) },
    setLevel: nothing,
    getLevel: () => bolt.LogLevel.ERROR,
    setName: nothing
  }
}
