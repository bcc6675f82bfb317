// Stands between a connector and its pretend helpdesk and refuses some of its requests, as a vendor refuses one odd ticket
// or a token that was taken back.
import { createServer } from 'node:http'

export interface Relay { url: string, close: () => void }

/** `refuse` gives the status that a path is answered with; null: it is passed on. */
export async function openRelay (target: string, refuse: (path: string) => number | null): Promise<Relay> {
  const server = createServer((request, response) => {
    const path = request.url ?? '/'
    const status = refuse(path)
    const parts: Buffer[] = []
    request.on('data', (part: Buffer) => { parts.push(part) })
    request.on('end', () => {
      if (status !== null) {
        response.writeHead(status, { 'content-type': 'application/json' }).end('{"message":"refused by the relay"}')
        return
      }
      const { host: _host, connection: _connection, 'content-length': _length, ...headers } = request.headers
      const sent: Record<string, string> = {}
      for (const [name, value] of Object.entries(headers)) if (typeof value === 'string') sent[name] = value
      const body = parts.length === 0 ? {} : { body: Buffer.concat(parts) }
      fetch(target + path, { method: request.method ?? 'GET', headers: sent, redirect: 'manual', ...body }).then(async answer => {
        const content = answer.headers.get('content-type')
        const link = answer.headers.get('link')
        response.writeHead(answer.status, { ...(content === null ? {} : { 'content-type': content }), ...(link === null ? {} : { link }) })
        response.end(Buffer.from(await answer.arrayBuffer()))
      }).catch(() => { response.destroy() })
    })
  })
  await new Promise<void>(resolve => { server.listen(0, '127.0.0.1', resolve) })
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('the relay has no port')
  return {
    url: `http://127.0.0.1:${address.port}`,
    close () { server.closeAllConnections(); server.close() }
  }
}
