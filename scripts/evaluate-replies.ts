// deskloop evaluate replies: would the right reply have been proposed? An archive in the order of time with its real
// delays. Same input and seed, same output, but for speed and memory.
import { writeFileSync } from 'node:fs'
import { readArchive } from './archive.ts'
import type { ArchiveTicket } from './archive.ts'
import { readTitles } from './evaluate/articles.ts'
import { evaluateFree } from './evaluate/free.ts'
import { evaluateLabelled } from './evaluate/labelled.ts'
import { inParts } from './evaluate/measures.ts'
import { momentsOf, repliesOf } from './evaluate/moments.ts'
import type { Reply } from './evaluate/moments.ts'

const COMPARED = 5_000
const WARMED = 1_000                                // proposals until the machine has compiled what it runs

export interface RepliesArgs {
  stream: string | null, articles: string | null, seed: number, dump: string | null
  orders?: number                                   // in which the guarantee is tried, where replies carry labels
  now: () => number, say: (line: string) => void
}

export async function evaluateReplies (args: RepliesArgs): Promise<Record<string, unknown>> {
  if (args.stream === null) throw new Error('evaluate replies needs an archive: --stream FILE')
  const { tickets, faults } = await readArchive(args.stream)
  for (const fault of faults) args.say(`line ${fault.line} is left out: ${fault.why}`)
  const replies = tickets.flatMap(repliesOf)
  if (replies.length === 0) throw new Error(`${args.stream} holds no reply to a customer`)
  const labelled = replies.some(r => typeof r.message.label === 'string')
  args.say(`${tickets.length} tickets, ${replies.length} replies`)
  const took: number[] = []
  const told = { say: args.say, now: args.now, took: (ms: number) => { took.push(ms) } }
  const startedMs = args.now()
  const titles = await readTitles(args.articles)
  const { report, dump } = labelled
    ? evaluateLabelled(momentsOf(replies), { seed: args.seed, told, orders: args.orders ?? 0 })
    : evaluateFree(momentsOf(tickets.flatMap(firstReplyOf)), { told, titles })
  const seconds = (args.now() - startedMs) / 1000
  if (args.dump !== null) writeFileSync(args.dump, dump.map(p => JSON.stringify(p) + '\n').join(''))
  const sorted = took.toSorted((a, b) => a - b)
  return {
    ...report,
    tickets_per_s: Math.round(tickets.length / seconds),
    p99_ms: sorted[Math.floor(sorted.length * 0.99)] ?? null,
    median_ms: {
      first_5000: medianOf(took.slice(WARMED, WARMED + COMPARED)), last_5000: medianOf(took.slice(-COMPARED)),
      by_fifth: inParts(took, 5, medianOf)
    },
    rss_mb: Math.round(process.memoryUsage().rss / 1e6)
  }
}

// Of proposals, one after the other: what a longer memory costs.
function medianOf (took: number[]): number | null {
  return took.toSorted((a, b) => a - b)[Math.floor(took.length / 2)] ?? null
}

function firstReplyOf (ticket: ArchiveTicket): Reply[] {
  return repliesOf(ticket).filter(r => r.before.length > 0 && r.before.every(b => !b.isAgent)).slice(0, 1)
}
