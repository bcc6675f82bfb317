// Publishes the stream of events to NATS JetStream, one at a time, each acknowledged before the next. The event's id is
// its Nats-Msg-Id, so that the server drops what comes twice within its window; beyond the window we look before we send
// again. https://docs.nats.io/using-nats/developer/develop_jetstream/model_deep_dive#message-deduplication
import { jetstream, JetStreamApiError, jetstreamManager } from '@nats-io/jetstream'
import type { JetStreamClient, JetStreamManager } from '@nats-io/jetstream'
import { connect, credsAuthenticator, headers, nanos } from '@nats-io/transport-node'
import type { NatsConnection } from '@nats-io/transport-node'
import type { NatsTarget, Outlet, OutletAnswer, OutletMessage } from '../outside.ts'
import { messageOf } from '../errors.ts'

export interface NatsOutlet {
  post (message: OutletMessage): Promise<OutletAnswer>
  close (): Promise<void>
}

const DEADLINE_MS = 5_000
const WINDOW_MINUTES = 10                           // of a stream that we make; the server's own default is two
const TOO_LARGE = 10054                             // JSStreamMessageExceedsMaximumErr: this message never fits

interface Line { connection: NatsConnection, client: JetStreamClient, manager: JetStreamManager }

/** Opens nothing yet: the connection is made with the first event, and anew after each failure. */
export function openNatsOutlet (outlet: Outlet, target: NatsTarget, deadlineMs = DEADLINE_MS): NatsOutlet {
  let line: Line | null = null
  // Whoever sent before us, in this process or another, may have died between the sending and the answer.
  let unsure = true

  async function open (): Promise<Line> {
    // Without reconnecting: what the library would keep and send later is what we would have sent again meanwhile.
    const connection = await connect({
      servers: outlet.url, name: `deskloop ${outlet.name}`, reconnect: false, timeout: deadlineMs, ignoreClusterUpdates: true,
      ...(outlet.url.startsWith('tls:') ? { tls: {} } : {}), ...signIn(target)
    })
    try {
      const manager = await jetstreamManager(connection, { timeout: deadlineMs })
      await ensureStream(manager, target)
      return { connection, client: jetstream(connection, { timeout: deadlineMs }), manager }
    } catch (error) {
      await connection.close()
      throw error
    }
  }

  async function drop (): Promise<void> {
    const old = line
    line = null
    unsure = true
    await old?.connection.close()
  }

  return {
    async post ({ id, route, body }) {
      const subject = `${target.subject}.${route}`
      try {
        if (line?.connection.isClosed() === true) await drop()
        line ??= await open()
        if (unsure && await isLast(line.manager, target.stream, subject, id)) {
          unsure = false
          return { kind: 'taken' }
        }
        if (Buffer.byteLength(body) > (line.connection.info?.max_payload ?? Infinity)) {
          return { kind: 'refused', message: `${outlet.name} takes at most ${line.connection.info?.max_payload} bytes` }
        }
        const about = headers()
        about.set('Content-Type', 'application/cloudevents+json; charset=utf-8')
        await line.client.publish(subject, body, {
          msgID: id, headers: about, expect: { streamName: target.stream }, timeout: deadlineMs
        })
        unsure = false
        return { kind: 'taken' }
      } catch (error) {
        await drop().catch(() => { /* it was closed already */ })
        const message = `${outlet.name} did not take it (${messageOf(error)})`
        if (error instanceof JetStreamApiError && error.code === TOO_LARGE) return { kind: 'refused', message }
        return { kind: 'later', waitMs: 0, message }
      }
    },
    async close () {
      const old = line
      line = null
      await old?.connection.close()
    }
  }
}

// A stream that is there belongs to somebody: it is used as it is. One that is not is made to keep events for a while.
async function ensureStream (manager: JetStreamManager, target: NatsTarget): Promise<void> {
  const known = await manager.streams.info(target.stream).catch((error: unknown) => {
    if (error instanceof JetStreamApiError && error.status === 404) return null
    throw error
  })
  if (known !== null) return
  await manager.streams.add({
    name: target.stream, subjects: [`${target.subject}.>`], duplicate_window: nanos(WINDOW_MINUTES * 60_000),
    max_age: nanos(target.keepDays * 86_400_000), description: 'Ticket events of Deskloop'
  })
}

// Events of one subject are sent in their order, one at a time: one that was stored is the last there.
async function isLast (manager: JetStreamManager, stream: string, subject: string, id: string): Promise<boolean> {
  const last = await manager.streams.getMessage(stream, { last_by_subj: subject }).catch((error: unknown) => {
    if (error instanceof JetStreamApiError && error.status === 404) return null
    throw error
  })
  return last?.header.get('Nats-Msg-Id') === id
}

function signIn ({ token, credentials }: NatsTarget): object {
  if (token !== undefined) return { token }
  return credentials === undefined ? {} : { authenticator: credsAuthenticator(new TextEncoder().encode(credentials)) }
}
