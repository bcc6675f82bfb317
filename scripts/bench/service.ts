// The service under measurement: a process of its own with settings that are made up here. Nothing of the operator's
// environment reaches it, so that no real helpdesk and no real database can be meant by accident.
import { spawn } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { setTimeout as sleep } from 'node:timers/promises'
import { SECRETS } from './deliveries.ts'

export interface Usage { rssMb: number | null, cpuShare: number | null }

export interface BenchService {
  port: number
  /** Watches the process while `work` runs: its largest memory, and how much of one core it used. */
  watch<T> (work: () => Promise<T>): Promise<[T, Usage]>
  close (): Promise<void>
}

const READY_WITHIN_MS = 60_000
const GONE_WITHIN_MS = 30_000
const NOWHERE = 'http://127.0.0.1:9'                // the discard port: nothing is sent there with --only web
const TICKS_PER_SECOND = 100                        // USER_HZ, the same on all usual builds of Linux

export async function startService (root: string, dataFolder: string): Promise<BenchService> {
  const child = spawn(process.execPath, ['--no-warnings', join(root, 'scripts/deskloop.ts'), 'start', '--only', 'web'], {
    cwd: root,
    stdio: ['ignore', 'pipe', 'inherit'],
    env: {
      PATH: '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin',
      DESKLOOP_DATA: dataFolder,
      DESKLOOP_PORT: '0',
      DESKLOOP_LOG: 'error',
      DESKLOOP_CATCH_UP_MINUTES: '0',
      ZENDESK_URL: NOWHERE,
      ZENDESK_OAUTH_TOKEN: 'made-up',
      ZENDESK_WEBHOOK_SECRET: SECRETS.zendesk,
      INTERCOM_URL: NOWHERE,
      INTERCOM_ACCESS_TOKEN: 'made-up',
      INTERCOM_CLIENT_SECRET: SECRETS.intercom,
      FRESHDESK_URL: NOWHERE,
      FRESHDESK_API_KEY: 'made-up',
      FRESHDESK_WEBHOOK_SECRET: SECRETS.freshdesk
    }
  })
  const gone = new Promise<void>(resolve => child.once('close', () => resolve()))
  const close = async (): Promise<void> => {
    if (child.exitCode === null && child.signalCode === null) child.kill('SIGTERM')
    const stopped = await Promise.race([gone.then(() => true), sleep(GONE_WITHIN_MS, false, { ref: false })])
    if (!stopped) child.kill('SIGKILL')
    await gone
  }
  const told = new Promise<number | null>(resolve => {
    createInterface({ input: child.stdout }).on('line', line => {
      const port = /http:\/\/127\.0\.0\.1:(\d+)/.exec(line)?.[1]
      if (port !== undefined) resolve(Number(port))
    })
  })
  const port = await Promise.race([told, gone.then(() => null), sleep(READY_WITHIN_MS, null, { ref: false })])
  if (port === null || child.pid === undefined) {
    await close()
    throw new Error('the service did not open: its message stands above')
  }
  const { pid } = child
  return { port, close, watch: work => watch(pid, work) }
}

async function watch<T> (pid: number, work: () => Promise<T>): Promise<[T, Usage]> {
  let most = readRssMb(pid)
  const timer = setInterval(() => {
    const now = readRssMb(pid)
    if (now !== null && now > (most ?? 0)) most = now
  }, 200)
  const [cpuBefore, startMs] = [readCpuSeconds(pid), performance.now()]
  try {
    const result = await work()
    const [cpuAfter, seconds] = [readCpuSeconds(pid), (performance.now() - startMs) / 1000]
    const cpuShare = cpuBefore === null || cpuAfter === null ? null : (cpuAfter - cpuBefore) / seconds
    return [result, { rssMb: most, cpuShare: cpuShare === null ? null : Math.round(cpuShare * 100) / 100 }]
  } finally {
    clearInterval(timer)
  }
}

// Only Linux tells these in files: https://man7.org/linux/man-pages/man5/proc_pid_status.5.html
function readRssMb (pid: number): number | null {
  const file = `/proc/${pid}/status`
  const kb = existsSync(file) ? /VmRSS:\s+(\d+) kB/.exec(readFileSync(file, 'utf8'))?.[1] : undefined
  return kb === undefined ? null : Math.round(Number(kb) / 1024)
}

function readCpuSeconds (pid: number): number | null {
  const file = `/proc/${pid}/stat`
  if (!existsSync(file)) return null
  const fields = readFileSync(file, 'utf8').replace(/^.*\) /, '').split(' ')
  return (Number(fields[11]) + Number(fields[12])) / TICKS_PER_SECOND
}
