// The true table of routes of whatever server is opened meanwhile: a route added later is in it by itself.
import { subscribe, unsubscribe } from 'node:diagnostics_channel'

export interface Route { method: string, url: string }

interface Server {
  addHook: (name: 'onRoute', hook: (route: { method: string | string[], url: string }) => void) => unknown
}

/** Lends the watch to `open`; the table is filled as the server is. */
export async function withRoutes<T> (routes: Route[], open: () => Promise<T>): Promise<T> {
  const onServer = (message: unknown): void => {
    if (!isServer(message)) return
    message.fastify.addHook('onRoute', route => {
      for (const method of [route.method].flat()) routes.push({ method, url: route.url })
    })
  }
  subscribe('fastify.initialization', onServer)
  try { return await open() } finally { unsubscribe('fastify.initialization', onServer) }
}

function isServer (message: unknown): message is { fastify: Server } {
  return typeof message === 'object' && message !== null && 'fastify' in message
}
