// What was measured, as data and as a table for people.
import type { Spread } from './load.ts'
import type { Usage } from './service.ts'

export interface RoundReport extends Usage {
  rate: number | null                               // null: as fast as the service answers
  sent: number
  accepted: number
  acceptedPerSecond: number
  latencyMs: Spread | null
  errors: Record<string, number>
  lost: number
}

export interface BareReport { connections: number, perSecond: number, inserted: number, latencyMs: Spread | null }

export interface Report {
  what: 'ingest'
  seconds: number
  machine: { cpus: number, model: string, memoryGb: number, load: number, node: string, postgres: string }
  rates: RoundReport[]
  saturation: RoundReport & { connections: number }
  bare: BareReport
  ratio: number                                     // accepted per second at saturation to bare inserts per second
  lost: number
}

export function tableOf (report: Report): string {
  const { machine, bare, saturation } = report
  const rows = [
    ['per second', 'sent', 'accepted/s', 'p50', 'p90', 'p99', 'max', 'errors', 'memory', 'cores', 'lost'],
    ...report.rates.map(round => cellsOf(String(round.rate), round)),
    cellsOf('most', saturation)
  ]
  const widths = rows[0]?.map((_, i) => Math.max(...rows.map(row => row[i]?.length ?? 0))) ?? []
  const table = rows.map(row => row.map((cell, i) => cell.padStart(widths[i] ?? 0)).join('  '))
  return [
    `Ingest: signed deliveries of three helpdesks, ${report.seconds} s each, answered when they are on the disk.`,
    `${machine.cpus} x ${machine.model}, ${machine.memoryGb} GB, load ${machine.load} before, ` +
      `Node ${machine.node}, ${machine.postgres}.`,
    'Latency in ms, from the instant a request was due; memory (MB, most) and cores are those of the service.',
    '',
    ...table,
    '',
    `most: ${saturation.connections} connections that send as soon as they are answered.`,
    `Bare durable inserts of the same bytes, ${bare.connections} connections, one row per commit: ` +
      `${bare.perSecond}/s, p50 ${cell(bare.latencyMs?.p50)} ms, p99 ${cell(bare.latencyMs?.p99)} ms.`,
    `Both took turns, a quarter of the time each turn. The service takes ${report.ratio.toFixed(2)} times as many per second as bare inserts.`,
    report.lost === 0 ? 'Every acknowledged delivery is in the database.' : `${report.lost} ACKNOWLEDGED DELIVERIES ARE LOST.`
  ].join('\n') + '\n'
}

function cellsOf (name: string, round: RoundReport): string[] {
  const { latencyMs: ms } = round
  const errors = Object.entries(round.errors).map(([status, count]) => `${count} x ${status}`).join(' ')
  return [
    name, String(round.sent), String(round.acceptedPerSecond),
    cell(ms?.p50), cell(ms?.p90), cell(ms?.p99), cell(ms?.max),
    errors === '' ? '0' : errors, cell(round.rssMb, 0), cell(round.cpuShare, 2), String(round.lost)
  ]
}

function cell (value: number | null | undefined, digits = 1): string {
  return value === null || value === undefined ? '-' : value.toFixed(digits)
}
