// One keep-alive connection that carries one request at a time. It speaks just enough HTTP to be cheap: on a machine of
// two cores a full client would measure itself.
import { connect } from 'node:net'
import type { Socket } from 'node:net'

export interface Line {
  /** `status` is 0 when the connection broke before an answer came. */
  send (head: string, body: Buffer, done: (status: number) => void): void
  close (): void
}

export function openLine (port: number): Line {
  let socket: Socket | null = null
  let done: ((status: number) => void) | null = null
  let received = ''

  const finish = (status: number): void => {
    const tell = done
    done = null
    received = ''
    tell?.(status)
  }
  const dial = (): Socket => {
    const fresh = connect({ port, host: '127.0.0.1', noDelay: true })
    fresh.setEncoding('latin1')
    fresh.on('data', (text: string) => {
      received += text
      const answer = readAnswer(received)
      if (answer === null) return
      if (answer.closes) fresh.destroy()
      finish(answer.status)
    })
    fresh.on('error', () => { /* `close` follows, and tells it */ })
    fresh.on('close', () => {
      if (socket !== fresh) return
      socket = null
      finish(0)
    })
    return fresh
  }
  return {
    send (head, body, tell) {
      done = tell
      socket ??= dial()
      socket.write(Buffer.concat([Buffer.from(head, 'latin1'), body]))
    },
    close () {
      done = null
      socket?.destroy()
    }
  }
}

/** Null while the answer is not yet whole. */
export function readAnswer (text: string): { status: number, closes: boolean } | null {
  const end = text.indexOf('\r\n\r\n')
  if (end < 0) return null
  const head = text.slice(0, end)
  const length = Number(/\r\ncontent-length: *(\d+)/i.exec(head)?.[1] ?? 0)
  if (text.length < end + 4 + length) return null
  return { status: Number(head.slice(9, 12)), closes: /\r\nconnection: *close/i.test(head) }
}
