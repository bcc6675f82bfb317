// deskloop bench watch: what the watch over the stream costs by ticket and by topic, on invented desks of 200, 400 and
// 2,000 topics, and whether a long history makes it dearer.
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { emptyWatch, foldTicket, tick } from '../../src/learn/watch.ts'
import type { Watch } from '../../src/learn/watched.ts'
import { simulateDesk } from '../../test/simulator/table.ts'

interface WatchReport {
  desk: string, topics: number, tickets: number, ticketsPerSecond: number
  microsecondsEarly: number, microsecondsLate: number   // of the second week, and of the last
  heapMb: number, bytesPerTopic: number, savedMb: number
}

const DESKS: Array<[desk: string, weeks: number]> = [['town-base', 8], ['town-large', 3], ['town-vast', 3]]
const RULES = { spikesPerWeek: 1, novelPerWeek: 0.5, driftsPerWeek: 0.1 }
const WEEK = 7 * 86_400

export function benchWatch (json: boolean): void {
  const reports = DESKS.map(([desk, weeks]) => measure(desk, weeks))
  process.stdout.write(json ? JSON.stringify({ what: 'watch', desks: reports }, null, 2) + '\n' : reports.map(lineOf).join(''))
}

function measure (desk: string, weeks: number): WatchReport {
  const simulation = simulateDesk(desk, 1, weeks)
  const { tickets, t0, end, zone, deploys } = simulation
  const held = { watch: emptyWatch({ t0, zone, deploys }, RULES) }
  const spent: number[] = []
  const counts: number[] = []
  let next = 0
  for (let week = 0; week < weeks; week++) {
    const began = process.cpuUsage()
    const first = next
    for (let t = t0 + week * WEEK + 300; t <= Math.min(end, t0 + (week + 1) * WEEK); t += 300) {
      for (let one = tickets[next]; one !== undefined && one.t <= t; one = tickets[++next]) foldTicket(held.watch, one)
      tick(held.watch, t)
    }
    spent.push(process.cpuUsage(began).user)
    counts.push(next - first)
  }
  const topics = Object.keys(held.watch.topics).length
  const bytesPerTopic = Math.round(bytesOfTopics(held.watch))
  const savedMb = round(JSON.stringify(held.watch).length / 2 ** 20)
  // What is freed when the watch is let go, with the tickets still there
  const bytes = usedHeap()
  held.watch = emptyWatch({ t0, zone, deploys }, RULES)
  const heapMb = round((bytes - usedHeap()) / 2 ** 20)
  const cost = (week: number): number => round((spent.at(week) ?? 0) / Math.max(1, counts.at(week) ?? 1))
  return {
    desk, topics, tickets: tickets.length,
    ticketsPerSecond: Math.round(1e6 * next / spent.reduce((a, b) => a + b, 0)),
    microsecondsEarly: cost(1), microsecondsLate: cost(-1), heapMb, bytesPerTopic, savedMb
  }
}

// What stays when the texts are forgotten, as it is saved
function bytesOfTopics (watch: Watch): number {
  const list = Object.values(watch.topics)
  return list.reduce((sum, topic) => sum + JSON.stringify(topic).length, 0) / Math.max(1, list.length)
}

function lineOf (report: WatchReport): string {
  return `${report.desk}: ${report.topics} topics, ${report.tickets} tickets: ${report.ticketsPerSecond} a second; ` +
    `${report.microsecondsEarly} us a ticket in the second week, ${report.microsecondsLate} in the last; ` +
    `${report.heapMb} MB in all, ${report.bytesPerTopic} bytes by topic as saved, ${report.savedMb} MB saved\n`
}

// Only what is still reachable counts
function usedHeap (): number {
  setFlagsFromString('--expose-gc')
  const collect: unknown = runInNewContext('gc')
  if (typeof collect === 'function') collect()
  return process.memoryUsage().heapUsed
}

function round (x: number): number {
  return Math.round(x * 10) / 10
}
