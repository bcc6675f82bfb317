// Stands between a service and its database, so that a test can cut the line and mend it again.
import { connect, createServer } from 'node:net'
import type { Server, Socket } from 'node:net'

export interface Proxy {
  url: string                                       // the database's address, by way of the proxy
  cut: () => void                                   // every connection breaks, and new ones are refused
  mend: () => Promise<void>
  close: () => Promise<void>
}

export async function openProxy (target: string): Promise<Proxy> {
  const { hostname, port } = new URL(target)
  const sockets = new Set<Socket>()
  const keep = (socket: Socket, other: Socket): void => {
    sockets.add(socket)
    socket.on('error', () => { /* the other end hears of it by 'close' */ })
    socket.on('close', () => { sockets.delete(socket); other.destroy() })
  }
  const answer = (near: Socket): void => {
    const far = connect(Number(port), hostname)
    keep(near, far)
    keep(far, near)
    near.pipe(far)
    far.pipe(near)
  }
  let server = await listen(createServer(answer), 0)
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('the proxy has no port')
  const url = new URL(target)
  url.hostname = '127.0.0.1'
  url.port = String(address.port)
  const cut = (): void => {
    server.close()
    for (const socket of sockets) socket.destroy()
  }
  return {
    url: url.toString(),
    cut,
    async mend () { server = await listen(createServer(answer), address.port) },
    async close () { cut() }
  }
}

async function listen (server: Server, port: number): Promise<Server> {
  return await new Promise((resolve, reject) => {
    server.once('error', reject)
    server.listen(port, '127.0.0.1', () => { resolve(server) })
  })
}
