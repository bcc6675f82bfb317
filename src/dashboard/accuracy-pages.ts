// The page of accuracy and its pictures. Reads only.
import type { FastifyInstance } from 'fastify'
import { BadRequest } from '../errors.ts'
import { LEAST_OWN, thresholdOf } from '../learn/gate.ts'
import type { GateRules } from '../learn/gate.ts'
import type { Mind } from '../learn/mind.ts'
import { nameOf } from '../learn/topic-names.ts'
import { rootOf } from '../learn/topics.ts'
import { listJudgedScores } from '../store/accuracy.ts'
import type { JudgedRow } from '../store/accuracy.ts'
import type { Db } from '../store/db.ts'
import type { Instant } from '../types.ts'
import { coverageOption, DARK, LIGHT, reliabilityOption, renderSvg } from './accuracy-chart.ts'
import { layOutAccuracy } from './accuracy.ts'
import type { AccuracyLine, AccuracyPage } from './accuracy.ts'
import { binsOf, coverageOf, overThreshold } from './measures.ts'

export interface AccuracyDeps {
  db: Db, findMind: () => Promise<Mind | null>, rules: GateRules, now: () => Promise<Instant>
}

const DAYS = 90
const MOST = 50_000
const DAY_MS = 86_400_000
// The picture carries its own styles and, opened by itself, may do nothing else.
const PICTURE_POLICY = "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'; sandbox"

export async function accuracyPages (app: FastifyInstance, deps: AccuracyDeps): Promise<void> {
  app.get<{ Querystring: { topic?: unknown } }>('/accuracy', async (request, reply) =>
    await reply.type('text/html; charset=utf-8').send(layOutAccuracy(await findPage(deps, request.query.topic))))

  for (const [name, dark] of [['reliability', false], ['reliability-dark', true], ['coverage', false], ['coverage-dark', true]] as const) {
    app.get<{ Querystring: { topic?: unknown } }>(`/accuracy/${name}.svg`, async (request, reply) => {
      const { shown, weeks } = await findPage(deps, request.query.topic)
      const colour = dark ? DARK : LIGHT
      const now = shown.threshold === Infinity ? null : overThreshold(shown.judged, shown.threshold, weeks)
      const option = name.startsWith('reliability')
        ? reliabilityOption(binsOf(shown.judged), colour)
        : coverageOption(coverageOf(shown.judged), now, colour)
      return await reply.header('content-security-policy', PICTURE_POLICY).type('image/svg+xml').send(renderSvg(option))
    })
  }
}

async function findPage ({ db, findMind, rules, now }: AccuracyDeps, wish: unknown): Promise<AccuracyPage> {
  const until = await now()
  const since = new Date(Date.parse(until) - DAYS * DAY_MS).toISOString()
  const [rows, mind] = await Promise.all([listJudgedScores(db, since, MOST), findMind()])
  const lines = [...Map.groupBy(rows, row => topicOf(mind, row)).entries()]
    .flatMap(([topic, judged]) => topic === null ? [] : [lineOf(mind, rules, topic, judged)])
  const all: AccuracyLine = { topic: null, name: 'all topics', judged: rows, threshold: thresholdIn(mind, null, rules) }
  const first = rows.at(-1)?.at
  const weeks = first === undefined ? 0 : Math.max(1, (Date.parse(until) - Date.parse(first)) / DAY_MS) / 7
  const shown = wish === undefined ? all : lines.find(line => String(line.topic) === wish)
  if (shown === undefined) throw new BadRequest('there is no such topic with answered questions', 404)
  const promised = { risk: rules.risk, doubt: rules.doubt, leastOwn: LEAST_OWN }
  return { lines, shown, weeks, days: DAYS, promised }
}

// Topics may have been merged since: what was drafted in a part counts for the whole.
function topicOf (mind: Mind | null, { topic }: JudgedRow): number | null {
  return topic === null || mind?.topics.list[topic] === undefined ? null : rootOf(mind.topics, topic)
}

function lineOf (mind: Mind | null, rules: GateRules, topic: number, judged: JudgedRow[]): AccuracyLine {
  const name = mind === null ? `#${topic}` : nameOf(mind.topics, mind.index, topic)
  return { topic, name, judged, threshold: thresholdIn(mind, topic, rules) }
}

function thresholdIn (mind: Mind | null, topic: number | null, rules: GateRules): number {
  return mind === null ? Infinity : thresholdOf(mind.gate, topic, rules)
}
