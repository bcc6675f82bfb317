// A true NATS server for tests, where one is installed: on a free port, with a folder of its own, killed and started again.
import { spawn } from 'node:child_process'
import type { ChildProcess } from 'node:child_process'
import { existsSync, mkdtempSync, rmSync } from 'node:fs'
import { connect as dial, createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'

const PROGRAM = ['/usr/sbin/nats-server', '/usr/local/bin/nats-server', '/usr/bin/nats-server', '/opt/homebrew/bin/nats-server']
  .find(path => existsSync(path))

/** Null: there is no server on this machine, and what needs one is skipped. */
export const natsProgram: string | null = PROGRAM ?? null

export interface NatsServer {
  port: number
  url: string
  start: () => Promise<void>
  /** As a machine that loses its power would. */
  kill: () => Promise<void>
  close: () => Promise<void>
}

export async function openNats (args: string[] = []): Promise<NatsServer> {
  if (natsProgram === null) throw new Error('there is no nats-server on this machine')
  const program = natsProgram
  const folder = mkdtempSync(join(tmpdir(), 'deskloop-nats-'))
  const port = await freePort()
  let child: ChildProcess | null = null
  const server: NatsServer = {
    port,
    url: `nats://127.0.0.1:${port}`,
    async start () {
      child = spawn(program, ['-js', '-a', '127.0.0.1', '-p', String(port), '-sd', folder, ...args], { stdio: 'ignore' })
      for (let tries = 0; tries < 200; tries++) {
        if (await isOpen(port)) return
        await sleep(25)
      }
      throw new Error('the nats-server does not listen')
    },
    async kill () {
      const old = child
      child = null
      if (old === null || old.exitCode !== null) return
      const gone = new Promise(resolve => { old.once('exit', resolve) })
      old.kill('SIGKILL')
      await gone
    },
    async close () {
      await server.kill()
      rmSync(folder, { recursive: true, force: true })
    }
  }
  await server.start()
  return server
}

async function freePort (): Promise<number> {
  return await new Promise((resolve, reject) => {
    const probe = createServer().once('error', reject).listen(0, '127.0.0.1', () => {
      const address = probe.address()
      probe.close(() => { resolve(typeof address === 'object' && address !== null ? address.port : 0) })
    })
  })
}

async function isOpen (port: number): Promise<boolean> {
  return await new Promise(resolve => {
    const socket = dial(port, '127.0.0.1')
    socket.once('data', () => { socket.destroy(); resolve(true) })      // the server speaks first
    socket.once('error', () => { socket.destroy(); resolve(false) })
  })
}
