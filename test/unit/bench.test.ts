// The benchmark is only worth something if its deliveries are true ones and its clock is honest.
import { createServer } from 'node:http'
import freshdesk from '../../connectors/freshdesk/index.ts'
import intercom from '../../connectors/intercom/index.ts'
import zendesk from '../../connectors/zendesk/index.ts'
import { SECRETS, makeDelivery, signedHeaders } from '../../scripts/bench/deliveries.ts'
import { readAnswer } from '../../scripts/bench/line.ts'
import { spreadOf } from '../../scripts/bench/load.ts'
import { prepare } from '../../scripts/bench/sender.ts'
import { readDelivery } from '../../src/http/webhooks.ts'
import { verify } from '../../src/http/signature.ts'

const DOORS = new Map([
  ['zendesk', { name: 'zendesk', connector: zendesk, settings: { ZENDESK_WEBHOOK_SECRET: SECRETS.zendesk } }],
  ['intercom', { name: 'intercom', connector: intercom, settings: { INTERCOM_CLIENT_SECRET: SECRETS.intercom } }],
  ['freshdesk', { name: 'freshdesk', connector: freshdesk, settings: { FRESHDESK_WEBHOOK_SECRET: SECRETS.freshdesk } }]
])
const NOW = Date.parse('2026-10-05T07:30:00Z')

function headersOf (lines: string): Record<string, string> {
  return Object.fromEntries(lines.split('\r\n').filter(line => line !== '').map(line => {
    const [name = '', ...rest] = line.split(': ')
    return [name, rest.join(': ')]
  }))
}

test('every delivery is signed as its helpdesk signs and says one thing about one ticket', () => {
  const kinds = new Map<string, number>()
  for (let n = 0; n < 300; n++) {
    const delivery = makeDelivery(n, NOW)
    const door = DOORS.get(delivery.connection)
    if (door === undefined) throw new Error(`there is no door called ${delivery.connection}`)
    const headers = headersOf(signedHeaders(delivery, NOW))
    expect(verify(door.connector.signature, door.settings, headers, delivery.body, NOW)).toBe('true')
    const arrival = readDelivery(door, headers, delivery.body, false)
    expect(arrival).toMatchObject({ state: 'read', identity: delivery.identity })
    expect(arrival.facts.map(f => f.kind)).toEqual([delivery.connection === 'freshdesk' ? 'look' : 'asked'])
    kinds.set(delivery.connection, (kinds.get(delivery.connection) ?? 0) + 1)
  }
  expect([...kinds.values()].every(count => count >= 90)).toBe(true)
})

test('no two deliveries can be taken for one another, and each number gives the same one', () => {
  const proofs = Array.from({ length: 5000 }, (_, n) => makeDelivery(n, NOW).proof)
  expect(new Set(proofs).size).toBe(5000)
  expect(makeDelivery(4321, 0).proof).toBe(proofs[4321])
})

test('percentiles are the nearest rank', () => {
  expect(spreadOf(Array.from({ length: 200 }, (_, i) => i + 1))).toEqual({ p50: 100, p90: 180, p99: 198, max: 200 })
  expect(spreadOf([7])).toEqual({ p50: 7, p90: 7, p99: 7, max: 7 })
  expect(spreadOf([])).toBeNull()
})

test('an answer is read when it is whole', () => {
  const text = 'HTTP/1.1 503 Service Unavailable\r\nContent-Length: 5\r\nConnection: close\r\n\r\nhello'
  for (let i = 0; i < text.length; i++) expect(readAnswer(text.slice(0, i))).toBeNull()
  expect(readAnswer(text)).toEqual({ status: 503, closes: true })
  expect(readAnswer('HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n')).toEqual({ status: 200, closes: false })
})

test('a server that stalls is charged for every request that was due meanwhile', async () => {
  let stallUntil = 0
  let requests = 0
  const server = createServer((request, response) => {
    request.resume().on('end', () => {
      requests++
      if (requests === 20) stallUntil = performance.now() + 400
      const status = requests % 50 === 0 ? 503 : 200
      setTimeout(() => response.writeHead(status).end(), Math.max(0, stallUntil - performance.now()))
    })
  })
  const port = await new Promise<number>(resolve => server.listen(0, '127.0.0.1', () => {
    const address = server.address()
    resolve(typeof address === 'object' && address !== null ? address.port : 0)
  }))
  try {
    const result = await prepare({ port, first: 0, rate: 100, seconds: 1, connections: 1 })()
    expect(result.sent).toBe(100)
    expect(requests).toBe(100)
    expect(result.errors).toEqual({ 503: 2 })
    expect(result.acknowledged).toHaveLength(98)
    // Forty requests were due during the stall, with one connection only one of them could really wait.
    expect(result.latenciesMs.filter(ms => ms > 100).length).toBeGreaterThanOrEqual(25)
  } finally {
    server.close()
  }
})

test('a request whose connection breaks is an error and never an acknowledgement', async () => {
  const server = createServer(request => request.socket.destroy())
  const port = await new Promise<number>(resolve => server.listen(0, '127.0.0.1', () => {
    const address = server.address()
    resolve(typeof address === 'object' && address !== null ? address.port : 0)
  }))
  try {
    const result = await prepare({ port, first: 0, rate: 50, seconds: 1, connections: 4 })()
    expect([result.errors, result.acknowledged.length]).toEqual([{ none: 50 }, 0])
  } finally {
    server.close()
  }
})
