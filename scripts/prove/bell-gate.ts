// A gate in front of a vendor, or of our own webhooks: every call goes through it, so that the proof sees a call arrive,
// be applied and be answered, and can lose it or its answer at just that moment.
import { createServer, request as httpRequest } from 'node:http'
import type { IncomingMessage, ServerResponse } from 'node:http'

export interface Call { name: string, body: string }
export type Phase = 'arrived' | 'applied' | 'answered'

export interface Gate {
  url: string
  /** Nobody gets through. */
  isDown: boolean
  close (): Promise<void>
}

export interface GateOptions {
  target: () => string                              // an origin
  nameOf: (method: string, path: string, body: string) => string
  /** `lose`: the caller gets no answer; at `arrived` the call does not reach the vendor either. */
  onCall: (call: Call, phase: Phase, status: number) => 'pass' | 'lose'
}

export async function openGate (options: GateOptions): Promise<Gate> {
  const gate: Gate = { url: '', isDown: false, close: async () => {} }
  const server = createServer((incoming, answer) => {
    readAll(incoming).then(body => { pass(incoming, answer, body) }, () => { answer.destroy() })
  })
  await new Promise<void>(resolve => { server.listen(0, '127.0.0.1', resolve) })
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('the gate has no address')
  gate.url = `http://127.0.0.1:${address.port}`
  gate.close = async () => {
    const closed = new Promise(resolve => server.close(resolve))
    server.closeAllConnections()
    await closed
  }
  return gate

  function pass (incoming: IncomingMessage, answer: ServerResponse, body: Buffer): void {
    if (gate.isDown) { answer.destroy(); return }
    const [method, path] = [incoming.method ?? 'GET', incoming.url ?? '/']
    const text = body.toString('utf8')
    const call = { name: options.nameOf(method, path, text), body: text }
    if (options.onCall(call, 'arrived', 0) === 'lose') { answer.destroy(); return }
    // A caller that dies does not take back what was sent: the call goes on to the vendor.
    const onward = httpRequest(options.target() + path, { method, headers: incoming.headers, agent: false }, told => {
      readAll(told).then(said => {
        const status = told.statusCode ?? 502
        if (options.onCall(call, 'applied', status) === 'lose') { answer.destroy(); return }
        answer.writeHead(status, told.headers)
        answer.end(said, () => { options.onCall(call, 'answered', status) })
      }, () => { answer.destroy() })
    })
    onward.on('error', () => { answer.destroy() })
    answer.on('close', () => { if (!answer.writableFinished) setTimeout(() => onward.destroy(), 5_000).unref() })
    onward.end(body)
  }
}

async function readAll (stream: IncomingMessage): Promise<Buffer> {
  const parts: Buffer[] = []
  for await (const part of stream) parts.push(Buffer.from(part))
  return Buffer.concat(parts)
}

export function nameSlackCall (_method: string, path: string, body: string): string {
  const method = path.split('?')[0]?.replace('/api/', '') ?? ''
  if (method !== 'chat.postMessage') return `slack ${method}`
  return /(^|&)thread_ts=|"thread_ts"/.test(body) ? 'slack reply' : 'slack post'
}

export function nameLinearCall (_method: string, _path: string, body: string): string {
  return `linear ${/(?:mutation|query)\s+(\w+)/.exec(body)?.[1] ?? 'call'}`
}

export function nameZendeskCall (method: string, path: string, body: string): string {
  return method === 'PUT' && path.startsWith('/api/v2/tickets/') && body.includes('"comment"') ? 'zendesk note' : `zendesk ${method}`
}

export function nameHook (_method: string, path: string): string {
  return path.startsWith('/hooks/') ? `hook ${path.slice('/hooks/'.length)}` : 'api'
}
