// The connection itself, on true sockets of this machine: silence, answers that never end, redirects, a closed door.
import { createServer } from 'node:http'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { openClient } from './client.ts'
import { Unclear } from '../../src/errors.ts'

interface Served { url: string, seen: string[] }

async function withServer (
  onWrite: (request: IncomingMessage, response: ServerResponse) => void, fn: (served: Served) => Promise<void>
): Promise<void> {
  const seen: string[] = []
  const server = createServer((request, response) => {
    seen.push(`${request.method ?? ''} ${request.url ?? ''}`)
    onWrite(request, response)
  })
  await new Promise<void>(resolve => { server.listen(0, '127.0.0.1', resolve) })
  const address = server.address()
  const port = typeof address === 'object' && address !== null ? address.port : 0
  try {
    await fn({ url: `http://127.0.0.1:${port}`, seen })
  } finally {
    server.closeAllConnections()
    await new Promise(resolve => { server.close(resolve) })
  }
}

const write = async (url: string): Promise<unknown> => await openClient(
  { INTERCOM_URL: url, INTERCOM_ACCESS_TOKEN: 'token-of-the-test' }, 1000
).writeNote('77', '900', '<p>x</p>').then(value => ({ value }), (error: unknown) => error)

test('silence after a write is unclear at the deadline, and one request was sent', async () => {
  await withServer(() => {}, async ({ url, seen }) => {
    const error = await write(url)
    expect(error).toBeInstanceOf(Unclear)
    expect(error).toHaveProperty('message', expect.stringContaining('POST /conversations/77/reply'))
    expect(seen).toEqual(['POST /conversations/77/reply'])
  })
})

test('an answer that never ends is unclear at the same deadline', async () => {
  await withServer((_request, response) => {
    response.writeHead(200, { 'content-type': 'application/json' }).write('{"type":')
  }, async ({ url, seen }) => {
    expect(await write(url)).toBeInstanceOf(Unclear)
    expect(seen).toHaveLength(1)
  })
})

test('a connection cut after the request is unclear', async () => {
  await withServer(request => { request.on('data', () => request.socket.destroy()) }, async ({ url, seen }) => {
    expect(await write(url)).toBeInstanceOf(Unclear)
    expect(seen).toHaveLength(1)
  })
})

test('a redirect is not followed', async () => {
  await withServer((_request, response) => {
    response.writeHead(307, { location: '/elsewhere' }).end()
  }, async ({ url, seen }) => {
    expect(await write(url)).toHaveProperty('name', 'GiveUp')
    expect(seen).toEqual(['POST /conversations/77/reply'])
  })
})

test('behind a closed door nothing was written: later', async () => {
  let closed = ''
  await withServer(() => {}, async ({ url }) => { closed = url })
  expect(await write(closed)).toMatchObject({ name: 'RetryLater', waitMs: 5000 })
})
