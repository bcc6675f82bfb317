// One request on a connection of its own, exactly as it is told: no header is added or mended, and the answer counts
// even when the server gives it before the body is sent. That is what clients that behave would never do.
import { request } from 'node:http'

export interface Knock { method: string, path: string, headers?: Record<string, string | null>, body?: Buffer | string }

export interface Reply { status: number, headers: Record<string, string | undefined>, body: string }

export async function knock (origin: string, { method, path, headers = {}, body = '' }: Knock): Promise<Reply> {
  const given: Record<string, string> = {}
  for (const [name, value] of Object.entries(headers)) if (value !== null) given[name] = value
  const isSilent = 'content-length' in given || method === 'GET' || method === 'HEAD'
  const length = isSilent ? {} : { 'content-length': String(Buffer.byteLength(body)) }
  const { hostname, port } = new URL(origin)
  return await new Promise((resolve, reject) => {
    const options = { hostname, port, method, path, headers: { ...length, ...given }, agent: false, timeout: 20_000 }
    const call = request(options, answer => {
      const parts: Buffer[] = []
      const done = (): void => {
        const told: Reply['headers'] = {}
        for (const [name, value] of Object.entries(answer.headers)) told[name] = String(value)
        resolve({ status: answer.statusCode ?? 0, headers: told, body: Buffer.concat(parts).toString('utf8') })
        call.destroy()
      }
      answer.on('data', (part: Buffer) => parts.push(part))
      answer.on('end', done)
      answer.on('error', done)
    })
    call.on('timeout', () => call.destroy(new Error(`no answer to ${method} ${path}`)))
    call.on('error', reject)
    // Written apart from the head, so that a refusal on sight of the head can be heard.
    call.flushHeaders()
    if ('content-length' in given) return
    call.end(body)
  })
}
