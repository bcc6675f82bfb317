// Who may teach, and how much. No single agent, no customer and no flood can make up an answer alone: each is counted
// against what the others say. A lesson of small weight is taught every so often instead of a little each time, so that
// every learner behind the guard stays as it is. All checks cost the same however much was learned. `guard` is changed.
import type { Instant } from '../types.ts'
import { words } from '../text.ts'
import { bitsApart, simhashOf } from './guard-hash.ts'
import type { Simhash } from './guard-hash.ts'

export interface GuardRules {
  agentShare: number                                // of a topic's evidence that one agent may give, 0 to 1
  quorumAgents: number                              // who must agree before long-known answers are contradicted
  quorumDays: number                                // on how many days
  coolDownDays: number                              // how long what was reverted is not learned again
  reviewTopics: string[]                            // words of topics whose new answers wait for approval
  reviewImpact: number                              // questions in 30 days from which a new usual answer waits for approval
  halfLifeDays: number                              // until the record of an answer counts half
}

/** Why a reply taught nothing. */
export type Why = 'hostile' | 'reverted' | 'incident' | 'same customer' | 'flood' | 'one agent' | 'too fast' | 'conflict'

/** What was taught in a topic lately, older evidence fading. */
export interface Evidence { total: number, agents: Record<string, number>, credit: Record<string, number> }

/** A question that comes again and again: `n` today, `usual` a day. */
interface Flood { print: Simhash, day: number, n: number, usual: number, credit: number }

export interface Limits {
  topics: Record<string, Evidence>                  // by topic, and by answer
  floods: Flood[]
  votes: Record<string, Instant>                    // customer and answer -> when he last counted for it
  pace: Record<string, { at: Instant, n: number }>  // agent -> replies within the hour that began then
}

const FADE = 0.99                                   // evidence of a topic counts half after 69 more replies
const LEAST_EVIDENCE = 10                           // replies of a topic before shares mean anything
const MOST_AGENTS = 60                              // of a topic: who has taught least makes room
export const OVER_SHARE = 0.02                      // what a reply of an agent beyond his share weighs
const FLOOD_BITS = 14                               // of 64, up to which two questions are the same (Manku 2007 takes 3 of web pages)
const FLOOD_DAYS = 14
const FREE = 30                                     // so many near-duplicates a day are ordinary
const USUAL_STEP = 0.3                              // how fast a popular question becomes usual, by the day
const UNUSUAL = 4.75                                // standard deviations: one day in a million (Poisson, by its normal limit)
const FLOOD_WORDS = 5                               // "yes, please" comes often and is no flood
const MOST_FLOODS = 200
const MOST_TOPICS = 5_000
const VOTE_DAYS = 30
const MOST_VOTES = 20_000
const MOST_PER_HOUR = 60                            // replies of one agent; nobody reads and writes faster
const DAY_MS = 86_400_000

export function emptyLimits (): Limits {
  return { topics: {}, floods: [], votes: {}, pace: {} }
}

/** What a question is compared by when many of the same come; null when it is too short to tell. */
export function floodPrint (text: string): Simhash | null {
  return words(text).length < FLOOD_WORDS ? null : simhashOf(text)
}

/**
 * Whether this question may teach, though many of the same come: of n beyond what is usual in a day the next weighs
 * 1 / (1 + n / 2).
 */
export function passesFlood (limits: Limits, print: Simhash | null, at: Instant): boolean {
  if (print === null) return true
  const day = Math.floor(Date.parse(at) / DAY_MS)
  limits.floods = limits.floods.filter(f => day - f.day < FLOOD_DAYS)
  let nearest: Flood | null = null
  let least = FLOOD_BITS + 1
  for (const flood of limits.floods) {
    const bits = bitsApart(flood.print, print)
    if (bits < least) { least = bits; nearest = flood }
  }
  if (nearest === null) {
    limits.floods.push({ print, day, n: 1, usual: 0, credit: 0 })
    if (limits.floods.length > MOST_FLOODS) limits.floods.shift()
    return true
  }
  if (day > nearest.day) {
    nearest.usual += (nearest.n - nearest.usual) * USUAL_STEP
    nearest.usual *= (1 - USUAL_STEP) ** (day - nearest.day - 1)
    nearest.day = day
    nearest.n = 0
  }
  const extra = nearest.n++ - Math.max(FREE, nearest.usual + UNUSUAL * Math.sqrt(nearest.usual))
  return extra < 0 || spend(nearest, 1 / (1 + extra / 2))
}

/**
 * Whether an agent may teach this topic once more. Beyond max(`agentShare`, 1.5 / team) of its evidence, the team being
 * those who teach it, one reply in fifty counts. A topic that one person answers alone is his.
 */
export function passesShare (limits: Limits, topic: string, agent: string, rules: GuardRules): boolean {
  const evidence = limits.topics[topic] ??= emptyEvidence()
  const own = evidence.agents[agent] ?? 0
  const team = Object.keys(evidence.agents).length + (evidence.agents[agent] === undefined ? 1 : 0)
  const most = Math.max(rules.agentShare, 1.5 / team)
  const share = (own + 1) / (evidence.total + 1)
  if (evidence.total < LEAST_EVIDENCE || share <= most) return true
  const credit = { credit: evidence.credit[agent] ?? 0 }
  const passes = spend(credit, OVER_SHARE)
  evidence.credit[agent] = credit.credit
  return passes
}

/** Counts what was taught. Only what passed counts, so that nobody can widen his share by trying. */
export function countEvidence (limits: Limits, topic: string, agent: string): void {
  const evidence = limits.topics[topic] ??= emptyEvidence()
  for (const [name, n] of Object.entries(evidence.agents)) evidence.agents[name] = n * FADE
  evidence.total = evidence.total * FADE + 1
  evidence.agents[agent] = (evidence.agents[agent] ?? 0) + 1
  drop(evidence.agents, MOST_AGENTS, evidence.credit)
  const names = Object.keys(limits.topics)
  if (names.length > MOST_TOPICS) for (const name of names.slice(0, MOST_TOPICS / 10)) delete limits.topics[name]
}

/** What was taught in two topics that are one. */
export function joinEvidence (a: Evidence, b: Evidence): Evidence {
  const sum = (x: Record<string, number>, y: Record<string, number>): Record<string, number> =>
    Object.fromEntries([...new Set([...Object.keys(y), ...Object.keys(x)])].map(k => [k, (x[k] ?? 0) + (y[k] ?? 0)]))
  return { total: a.total + b.total, agents: sum(a.agents, b.agents), credit: sum(a.credit, b.credit) }
}

/** How many agents teach a topic at present. */
export function teamOf (limits: Limits, topic: string): number {
  return Object.keys(limits.topics[topic]?.agents ?? {}).length
}

/** Whether a customer's word on an answer counts: once in thirty days. Counts it. */
export function passesVote (limits: Limits, customer: string, answer: string, at: Instant): boolean {
  const key = `${customer} ${answer}`
  const last = limits.votes[key]
  if (last !== undefined && Date.parse(at) - Date.parse(last) < VOTE_DAYS * DAY_MS) return false
  delete limits.votes[key]                          // what is set again stands at the end
  limits.votes[key] = at
  const keys = Object.keys(limits.votes)
  if (keys.length > MOST_VOTES) for (const old of keys.slice(0, MOST_VOTES / 10)) delete limits.votes[old]
  return true
}

/** Whether an agent writes no faster than a person can. Counts the reply. */
export function passesPace (limits: Limits, agent: string, at: Instant): boolean {
  const pace = limits.pace[agent]
  if (pace === undefined || Math.abs(Date.parse(at) - Date.parse(pace.at)) >= 3_600_000) {
    limits.pace[agent] = { at, n: 1 }
    return true
  }
  return ++pace.n <= MOST_PER_HOUR
}

/**
 * How much of a customer's signal an answer takes: all signals of customers together stay within a third of what agents
 * have said of it. Both are sums of weights; the result is 0 to `weight`.
 */
export function customerWeight (agents: number, customers: number, weight: number): number {
  return Math.max(0, Math.min(weight, agents / 3 - customers))
}

function emptyEvidence (): Evidence {
  return { total: 0, agents: {}, credit: {} }
}

// Small weights add up to a whole one now and then.
function spend (account: { credit: number }, weight: number): boolean {
  account.credit += weight
  if (account.credit < 1) return false
  account.credit -= 1
  return true
}

function drop (counts: Record<string, number>, most: number, beside: Record<string, number>): void {
  const names = Object.keys(counts)
  if (names.length <= most) return
  let least = names[0] ?? ''
  for (const name of names) if ((counts[name] ?? 0) < (counts[least] ?? 0)) least = name
  delete counts[least]
  delete beside[least]
}
