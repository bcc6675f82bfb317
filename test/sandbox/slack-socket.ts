// The pretend Slack's side of Socket Mode: a web socket (RFC 6455, text frames only) for whoever holds a ticket of
// apps.connections.open; envelopes that want to be acknowledged, and lines that are cut, politely or not.
// https://docs.slack.dev/apis/events-api/using-socket-mode
import { createHash } from 'node:crypto'
import type { Server } from 'node:http'
import type { Duplex } from 'node:stream'
import type { SlackState } from './slack-records.ts'
import { Refusal, isJson } from './slack-records.ts'

export interface SlackSockets {
  /** Lines that are open now. */
  readonly open: number
  /** Sends every interaction that is pending by one of the open lines; gives back how many were acknowledged in time. */
  send (waitMs?: number): Promise<number>
  /** Tells every line that it ends, and closes it, as Slack does when a machine is renewed. */
  disconnect (reason?: string): void
  /** The network is gone: no frame, no good-bye. */
  cut (): void
  /** While true, nobody gets an address to connect to. */
  refuse: boolean
  /** What the other side did that the protocol forbids. */
  violations (): string[]
}

interface Line { socket: Duplex, left: Buffer }
interface Frame { opcode: number, payload: Buffer, masked: boolean }

const MAGIC = '258EAFA5-E914-47DA-95CA-C5AB0DC85B11'
const MOST_LINES = 10
const TEXT = 1
const CLOSE = 8
const PING = 9
const PONG = 10

export function openSockets (
  state: SlackState, server: Server
): SlackSockets & { connect (): { url: string }, close (): void } {
  const tickets = new Set<string>()
  const lines = new Set<Line>()
  const waiting = new Map<string, () => void>()
  const faults: string[] = []
  let turn = 0
  let refuse = false

  server.on('upgrade', (request, socket: Duplex) => {
    socket.on('error', () => { /* cut by the other side */ })
    const ticket = new URL(request.url ?? '/', 'http://localhost').searchParams.get('ticket') ?? ''
    const key = request.headers['sec-websocket-key']
    if (!tickets.delete(ticket) || key === undefined) {
      socket.end('HTTP/1.1 401 Unauthorized\r\nconnection: close\r\n\r\n')
      return
    }
    const accept = createHash('sha1').update(key + MAGIC).digest('base64')
    socket.write(`HTTP/1.1 101 Switching Protocols\r\nupgrade: websocket\r\nconnection: Upgrade\r\nsec-websocket-accept: ${accept}\r\n\r\n`)
    const line: Line = { socket, left: Buffer.alloc(0) }
    lines.add(line)
    socket.on('close', () => { lines.delete(line) })
    socket.on('data', (data: Buffer) => { hear(line, data) })
    write(line, { type: 'hello', num_connections: lines.size, debug_info: { host: 'sandbox', approximate_connection_time: 18_060 }, connection_info: { app_id: state.bot.appId } })
  })

  function hear (line: Line, data: Buffer): void {
    line.left = Buffer.concat([line.left, data])
    for (;;) {
      const read = readFrame(line.left)
      if (read === null) return
      line.left = read.rest
      const { opcode, payload, masked } = read.frame
      if (!masked) faults.push('a frame of the client was not masked')
      if (opcode === PING) line.socket.write(frame(PONG, payload))
      else if (opcode === CLOSE) line.socket.end(frame(CLOSE, payload))
      else if (opcode === TEXT) acknowledge(payload.toString('utf8'))
    }
  }

  function acknowledge (text: string): void {
    let said: unknown = null
    try { said = JSON.parse(text) } catch { /* told below */ }
    const id = isJson(said) ? said.envelope_id : undefined
    const done = typeof id === 'string' ? waiting.get(id) : undefined
    if (done === undefined) faults.push(`an acknowledgement of nothing that was sent: ${text.slice(0, 80)}`)
    else done()
  }

  return {
    get open () { return lines.size },
    get refuse () { return refuse },
    set refuse (to) { refuse = to },
    connect () {
      if (refuse) throw new Refusal('internal_error')
      if (lines.size >= MOST_LINES) throw new Refusal('too_many_websockets')
      const ticket = state.newId('t')
      tickets.add(ticket)
      return { url: `${state.origin().replace('http', 'ws')}/link/?ticket=${ticket}&app_id=${state.bot.appId}` }
    },
    async send (waitMs = 3_000) {
      const deliveries = state.booth.pending.splice(0)
      const acked = await Promise.all(deliveries.map(async delivery => {
        const all = [...lines]
        const line = all[turn++ % Math.max(1, all.length)]
        const payload: unknown = JSON.parse(new URLSearchParams(delivery.body).get('payload') ?? 'null')
        if (line === undefined || payload === null) return false
        delivery.headers(new Date())                // from here on its trigger counts its three seconds
        const id = `${state.newId('E')}-${turn}`
        const done = new Promise<boolean>(resolve => {
          const timer = setTimeout(() => { waiting.delete(id); resolve(false) }, waitMs)
          waiting.set(id, () => { clearTimeout(timer); waiting.delete(id); resolve(true) })
        })
        write(line, { envelope_id: id, payload, type: 'interactive', accepts_response_payload: isJson(payload) && payload.type === 'view_submission' })
        return await done
      }))
      return acked.filter(Boolean).length
    },
    disconnect (reason = 'refresh_requested') {
      for (const line of lines) {
        write(line, { type: 'disconnect', reason, debug_info: { host: 'sandbox' } })
        line.socket.write(frame(CLOSE, Buffer.from([0x03, 0xe8])))
      }
    },
    cut () { for (const line of lines) line.socket.destroy() },
    violations: () => [...faults],
    close () { for (const line of lines) line.socket.destroy() }
  }
}

function write (line: Line, message: object): void {
  line.socket.write(frame(TEXT, Buffer.from(JSON.stringify(message))))
}

function frame (opcode: number, payload: Buffer): Buffer {
  const { length } = payload
  const head = length < 126 ? Buffer.alloc(2) : length < 65_536 ? Buffer.alloc(4) : Buffer.alloc(10)
  head[0] = 0x80 | opcode
  if (head.length === 2) head[1] = length
  else if (head.length === 4) {
    head[1] = 126; head.writeUInt16BE(length, 2)
  } else { head[1] = 127; head.writeBigUInt64BE(BigInt(length), 2) }
  return Buffer.concat([head, payload])
}

// Null: not all of it has come.
function readFrame (data: Buffer): { frame: Frame, rest: Buffer } | null {
  if (data.length < 2) return null
  const [first = 0, second = 0] = data
  const masked = (second & 0x80) !== 0
  let length = second & 0x7f
  let at = 2
  if (length === 126) {
    if (data.length < 4) return null
    length = data.readUInt16BE(2)
    at = 4
  } else if (length === 127) {
    if (data.length < 10) return null
    length = Number(data.readBigUInt64BE(2))
    at = 10
  }
  const start = at + (masked ? 4 : 0)
  if (data.length < start + length) return null
  const payload = Buffer.from(data.subarray(start, start + length))
  if (masked) for (let i = 0; i < length; i++) payload[i] = (payload[i] ?? 0) ^ (data[at + i % 4] ?? 0)
  return { frame: { opcode: first & 0x0f, payload, masked }, rest: data.subarray(start + length) }
}
