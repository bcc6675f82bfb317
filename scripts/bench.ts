// deskloop bench ingest: how many webhooks a second this machine takes, how long they wait for their answer, and how that
// compares with the bare disk. Everything happens in a temporary folder and on 127.0.0.1, and is gone afterwards.
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { cpus, loadavg, tmpdir, totalmem } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { openEmbedded } from '../src/store/embedded.ts'
import { makeDelivery } from './bench/deliveries.ts'
import { openLoad, spreadOf } from './bench/load.ts'
import type { Load } from './bench/load.ts'
import { tableOf } from './bench/report.ts'
import type { BareReport, Report, RoundReport } from './bench/report.ts'
import { countLost, insertBare, withClient } from './bench/rows.ts'
import type { BareRun } from './bench/rows.ts'
import type { Round, RoundResult } from './bench/sender.ts'
import { startService } from './bench/service.ts'
import type { BenchService, Usage } from './bench/service.ts'

export interface BenchOptions { root: string, what: string, rates: number[], seconds: number, json: boolean }

const OPEN_CONNECTIONS = 256
const FULL_CONNECTIONS = 256
const TURNS = 4
const POOL = 20                                     // connections that the service keeps to its database

export async function bench ({ root, what, rates, seconds, json }: BenchOptions): Promise<void> {
  if (what === 'watch') {
    const { benchWatch } = await import('./bench/watch.ts')
    benchWatch(json)
    return
  }
  if (what !== 'ingest') throw new Error(`there is no bench called ${what.slice(0, 40)}: bench ingest, bench watch`)
  if (
    rates.length === 0 || !rates.every(rate => rate > 0 && rate <= 20_000)
  ) throw new Error('--rates are numbers from 1 to 20000, separated by commas')
  if (!(seconds >= 1 && seconds <= 3600)) throw new Error('--seconds is a number from 1 to 3600')
  const report = await measure(root, rates, seconds)
  process.stdout.write(json ? JSON.stringify(report, null, 2) + '\n' : tableOf(report))
  if (report.lost > 0) process.exitCode = 1
}

async function measure (root: string, rates: number[], seconds: number): Promise<Report> {
  const opened: Array<() => Promise<unknown>> = []
  const closeAll = async (): Promise<void> => { for (const close of opened.splice(0).reverse()) await close() }
  const onSignal = (): void => { closeAll().finally(() => process.exit(130)) }
  process.once('SIGINT', onSignal).once('SIGTERM', onSignal)
  opened.push(async () => { process.off('SIGINT', onSignal).off('SIGTERM', onSignal) })
  try {
    const load = loadavg()[0] ?? 0
    const folder = mkdtempSync(join(tmpdir(), 'deskloop-bench-'))
    opened.push(async () => { rmSync(folder, { recursive: true, force: true }) })
    tell('opening a server and the service')
    // Opened here first, the service joins it. It is stopped here even if someone still holds a connection.
    const server = await openEmbedded(folder)
    opened.push(() => server.close().then(() => stopServer(folder)))
    const service = await startService(root, folder)
    opened.push(() => service.close())
    const sender = openLoad()
    opened.push(() => sender.close())

    const place = { service, sender, url: server.url }
    await send(place, { first: 0, rate: 200, seconds: Math.min(3, seconds), connections: 64 })   // warm, as after a minute
    let first = 1_000_000                           // every delivery has a number of its own
    const reports: RoundReport[] = []
    for (const rate of rates) {
      tell(`${rate} per second for ${seconds} s`)
      reports.push(reportOf(rate, [await send(place, { first, rate, seconds, connections: OPEN_CONNECTIONS })]))
      first += Math.ceil(rate * seconds)
    }
    // In turns, so that whatever else this machine does meanwhile falls on both alike.
    const full: Sent[] = []
    const bare: BareRun[] = []
    for (let turn = 1; turn <= TURNS; turn++) {
      tell(`as fast as it answers, then bare inserts, for ${seconds / TURNS} s each (${turn} of ${TURNS})`)
      const sent = await send(place, { first, rate: null, seconds: seconds / TURNS, connections: FULL_CONNECTIONS })
      first += sent.result.sent
      full.push(sent)
      bare.push(await insertBare(server.url, POOL, seconds / TURNS))
    }
    const saturation = { ...reportOf(null, full), connections: FULL_CONNECTIONS }
    const bareReport = bareReportOf(bare)
    return {
      what: 'ingest',
      seconds,
      machine: await describeMachine(server.url, load),
      rates: reports,
      saturation,
      bare: bareReport,
      ratio: Math.round(saturation.acceptedPerSecond / bareReport.perSecond * 100) / 100,
      lost: [...reports, saturation].reduce((sum, round) => sum + round.lost, 0)
    }
  } finally {
    await closeAll()
  }
}

async function stopServer (folder: string): Promise<void> {
  const file = join(folder, 'postgres', 'postmaster.pid')
  if (!existsSync(file)) return
  process.kill(Number(readFileSync(file, 'utf8').split('\n')[0]), 'SIGINT')       // fast shutdown
  for (let i = 0; i < 200 && existsSync(file); i++) await sleep(50)
}

interface Place { service: BenchService, sender: Load, url: string }
interface Sent { result: RoundResult, usage: Usage, lost: number, elapsedMs: number }

async function send ({ service, sender, url }: Place, round: Omit<Round, 'port'>): Promise<Sent> {
  await sender.prepare({ port: service.port, ...round })
  const since = new Date()
  const [result, usage] = await service.watch(() => sender.run())
  const lost = await countLost(url, result.acknowledged, since, n => makeDelivery(n, 0).proof)
  // A round that ends behind its schedule has taken longer than it was given.
  const elapsedMs = Math.max(result.elapsedMs, round.rate === null ? 0 : round.seconds * 1000)
  return { result, usage, lost, elapsedMs }
}

function reportOf (rate: number | null, parts: Sent[]): RoundReport {
  const sum = (of: (part: Sent) => number): number => parts.reduce((total, part) => total + of(part), 0)
  const errors: Record<string, number> = {}
  for (const { result } of parts) {
    for (const [status, count] of Object.entries(result.errors)) errors[status] = (errors[status] ?? 0) + count
  }
  const accepted = sum(part => part.result.acknowledged.length)
  const knowsMemory = parts.every(part => part.usage.rssMb !== null)
  const knowsCpu = parts.every(part => part.usage.cpuShare !== null)
  return {
    rate,
    sent: sum(part => part.result.sent),
    accepted,
    acceptedPerSecond: Math.round(accepted * 1000 / sum(part => part.elapsedMs)),
    latencyMs: spreadOf(Float64Array.from(parts.flatMap(part => [...part.result.latenciesMs])).sort()),
    errors,
    lost: sum(part => part.lost),
    rssMb: knowsMemory ? Math.max(...parts.map(part => part.usage.rssMb ?? 0)) : null,
    cpuShare: knowsCpu ? Math.round(sum(part => part.usage.cpuShare ?? 0) * 100 / parts.length) / 100 : null
  }
}

function bareReportOf (parts: BareRun[]): BareReport {
  const latencies = Float64Array.from(parts.flatMap(part => part.latenciesMs)).sort()
  const elapsedMs = parts.reduce((total, part) => total + part.elapsedMs, 0)
  const perSecond = Math.round(latencies.length * 1000 / elapsedMs)
  return { connections: POOL, perSecond, inserted: latencies.length, latencyMs: spreadOf(latencies) }
}

async function describeMachine (url: string, load: number): Promise<Report['machine']> {
  const postgres = await withClient(url, async client => {
    const { rows } = await client.query<{ server_version: string }>('show server_version')
    return `PostgreSQL ${rows[0]?.server_version ?? 'unknown'}`
  })
  const [cpu] = cpus()
  return {
    cpus: cpus().length, model: cpu?.model.trim() ?? 'unknown', memoryGb: Math.round(totalmem() / 2 ** 30),
    load: Math.round(load * 100) / 100, node: process.versions.node, postgres
  }
}

function tell (line: string): void {
  process.stderr.write(`bench: ${line}\n`)
}
