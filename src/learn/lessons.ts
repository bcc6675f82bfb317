// The guard before a lesson and the ledger after it: whether a reply may teach, what is told about it, when an answer has
// grown stale, and what a person's decision does. Changes the mind in place, like all folding.
import type { Instant } from '../types.ts'
import { words } from '../text.ts'
import * as adwin from './adwin.ts'
import { findSame, textOf } from './answers.ts'
import { changeOf, topicName } from './changes.ts'
import type { Reply } from './changes.ts'
import * as gate from './gate.ts'
import { countEvidence, passesFlood, passesPace, passesShare, passesVote, teamOf } from './guard.ts'
import type { GuardRules, Why } from './guard.ts'
import { hashOf, likeness, printsOf } from './guard-hash.ts'
import { hostileIn } from './guard-screen.ts'
import { itemOf, quorumOf, refText, tombstoneFor } from './ledger.ts'
import type { ChangeKind, HeldGroup, HeldLesson, ItemState, Ref, Told } from './ledger.ts'
import type { Mind, Pending } from './mind.ts'
import { shutFor, tieNew } from './quarantine.ts'
import type { Thinking } from './recall.ts'
import { coreOf, wordF1 } from './reward.ts'
import { hasSameBlanks } from './slots.ts'
import { emptyStaleness, isStale, learnOne as learnVerdict } from './staleness.ts'
import { rootOf } from './topics.ts'

export type LessonRules = GuardRules & gate.GateRules

const DAY_MS = 86_400_000
const OLD_DAYS = 7                                  // evidence that a campaign of a few days cannot have made up
const OLD_ALIKE = 0.5                               // cosine from which an old question is the same one
const OLD_DOCS = 3
const OLD_SHARE = 2 / 3
const SAYS_OTHER = 0.5                              // word F1 below which a reply says something else
const OPEN_DAYS = 14
const MOST_GROUPS = 100
const MOST_MEMBERS = 20
const REPLIES_BACK = 3                              // sent again by two agents, an answer in watch is right again
const AGENTS_BACK = 2
const MONTH_MS = 30 * DAY_MS
const THRESHOLD_EVERY = 25
const THRESHOLD_STEP = 0.05

/** The answer that old and nearly identical questions agree on; null when there is none. Judged by evidence, not by the mind's own opinion. */
export function longKnown (sources: Thinking['sources'], at: Instant): number | null {
  const old = Date.parse(at) - OLD_DAYS * DAY_MS
  const votes = new Map<number, { docs: number, weight: number }>()
  let all = 0
  for (const s of sources) {
    if (s.similarity < OLD_ALIKE || Date.parse(s.at) > old) continue
    const vote = votes.get(s.answer) ?? { docs: 0, weight: 0 }
    votes.set(s.answer, { docs: vote.docs + 1, weight: vote.weight + s.similarity })
    all += s.similarity
  }
  for (const [answer, { docs, weight }] of votes) if (docs >= OLD_DOCS && weight >= OLD_SHARE * all) return answer
  return null
}

/** Counts a question of a topic, for what a change there would touch. */
export function countQuestion (mind: Mind, topic: number, at: Instant): void {
  const block = Math.floor(Date.parse(at) / MONTH_MS)
  const month = mind.ledger.months[topic]
  if (month === undefined || block > month.block + 1) mind.ledger.months[topic] = { block, n: 1, before: 0 }
  else if (block === month.block + 1) mind.ledger.months[topic] = { block, n: 1, before: month.n }
  else month.n++
}

/** Why a reply may not teach, or null. What contradicts long-known answers is kept here until enough agents agree. */
export function holdBack (mind: Mind, rules: LessonRules, where: Ref, pending: Pending, reply: Reply): Told & { kind: 'held' } | null {
  const { ledger } = mind
  const { limits } = ledger
  const core = coreOf(reply.text)
  const agent = `${where.connection}/${reply.agentId}`
  const topic = String(pending.topic)
  const held = (why: Why, detail: string, group: string | null = null): Told & { kind: 'held' } => {
    if (why !== 'reverted') ledger.caught[why] = (ledger.caught[why] ?? 0) + 1
    return { kind: 'held', ref: where, why, detail, group, agent, topic: topicName(mind, pending.topic), at: reply.at }
  }
  // First, and without a trace: a mind that never saw what was reverted must be the same as this one.
  if (ledger.tombstones.length > 0) {
    const tombstone = tombstoneFor(ledger, printsOf(core), pending.language, reply.at)
    if (tombstone !== null) return held('reverted', `${tombstone.item} was taken back`)
  }
  const hostile = pending.hostile ?? hostileIn(reply.text)
  if (hostile !== null) return held('hostile', hostile)
  const shut = shutFor(mind, where, pending, reply)
  if (shut !== null) return held('incident', shut.why, shut.group)
  if (!passesPace(limits, agent, reply.at)) return held('too fast', 'more replies within an hour than a person writes')
  if (!passesFlood(limits, pending.print, reply.at)) return held('flood', 'nearly the same question came many times within a day')
  if (words(core).length < 3) return null
  const same = findSame(mind.answers, core, pending.language)
  if (same !== null && !passesVote(limits, pending.person, ledger.ids[same] ?? '', reply.at)) {
    return held('same customer', 'the same customer was given the same answer within 30 days')
  }
  const group = contradicts(mind, rules, pending, core, same, reply.at)
  if (group !== null) {
    const id = keepHeld(mind, group, { where, pending, reply }, agent)
    return held('conflict', 'older questions like this one were answered otherwise', id)
  }
  if (!passesShare(limits, topic, agent, rules)) return held('one agent', 'one agent would make up too much of this topic')
  return null
}

function contradicts (
  mind: Mind, rules: LessonRules, pending: Pending, core: string, same: number | null, at: Instant
): HeldGroup<Pending> | null {
  const { ledger } = mind
  const old = pending.known === null ? undefined : mind.answers.list[pending.known]
  if (pending.known === null || old === undefined || same === pending.known || (ledger.open[pending.topic] ?? '') > at) return null
  if (wordF1(words(core), words(textOf(old))) >= SAYS_OTHER) return null
  const team = Math.max(teamOf(ledger.limits, String(pending.topic)), teamOf(ledger.limits, whoSay(pending.known)))
  const others = same === null ? undefined : mind.answers.list[same]
  if (others !== undefined && others.agents.length >= quorumOf(team, rules)) return null
  const prints = printsOf(core)
  const known = ledger.groups.find(g => g.language === pending.language && likeness(g.prints, prints) >= 0.6)
  return known ?? { id: '', against: pending.known, language: pending.language, prints, agents: [], days: [], members: [] }
}

// Topics split and join; who has given an answer tells best how many there are to contradict it.
function whoSay (answer: number): string {
  return `answer ${answer}`
}

function keepHeld (mind: Mind, group: HeldGroup<Pending>, lesson: HeldLesson<Pending>, agent: string): string {
  const { ledger } = mind
  if (group.id === '') {
    group.id = `q-${itemOf(lesson.where).slice(2)}`
    ledger.groups.push(group)
    if (ledger.groups.length > MOST_GROUPS) ledger.groups.shift()
  }
  const day = lesson.reply.at.slice(0, 10)
  if (!group.agents.includes(agent)) group.agents.push(agent)
  if (!group.days.includes(day)) group.days.push(day)
  group.members.push(lesson)
  if (group.members.length > MOST_MEMBERS) group.members.shift()
  return group.id
}

/** The lessons of a group whose contradiction enough agents share, taken out of the held ones; empty while they do not. */
export function takeAgreed (mind: Mind, rules: LessonRules, id: string | null): Array<HeldLesson<Pending>> {
  const group = mind.ledger.groups.find(g => g.id === id)
  if (group === undefined) return []
  const topic = String(rootOf(mind.topics, group.members.at(-1)?.pending.topic ?? -1))
  const { limits } = mind.ledger
  const team = Math.max(teamOf(limits, topic), teamOf(limits, whoSay(group.against)), group.agents.length)
  if (group.agents.length < quorumOf(team, rules) || group.days.length < rules.quorumDays) return []
  return takeGroup(mind, group.id)
}

/** The lessons of a held group, taken out. Its topic may contradict what it knew for two weeks. */
export function takeGroup (mind: Mind, id: string): Array<HeldLesson<Pending>> {
  const group = mind.ledger.groups.find(g => g.id === id)
  const last = group?.members.at(-1)
  if (group === undefined || last === undefined) return []
  mind.ledger.groups = mind.ledger.groups.filter(g => g.id !== id)
  mind.ledger.open[rootOf(mind.topics, last.pending.topic)] = later(last.reply.at, OPEN_DAYS)
  return group.members
}

/** Tells the watch what became of a draft of this answer, 0 to 1. An answer that has fallen is taken out. */
export function noteVerdict (mind: Mind, answer: number, topic: number, verdict: number, at: Instant, what: 'accepted' | 'lasting'): Told[] {
  const { ledger } = mind
  const stale = ledger.stale[answer] ??= { accepted: emptyStaleness(), lasting: emptyStaleness() }
  stale[what] = learnVerdict(stale[what], verdict)
  const told: Told[] = []
  if (what === 'accepted') {
    const { state, fell } = adwin.learnOne(ledger.topics[topic] ?? adwin.emptyAdwin(), verdict)
    ledger.topics[topic] = state
    if (fell !== null && fell > 0) {
      ledger.open[topic] = later(at, OPEN_DAYS)
      told.push(changeOf(mind, `t-${topic}`, 'drift', null, topic, 'und', at, percent(adwin.meanOf(state) + fell), percent(adwin.meanOf(state))))
    }
  }
  if (!isStale(stale[what]) || ledger.out[answer] !== undefined) return told
  ledger.stale[answer] = { accepted: emptyStaleness(), lasting: emptyStaleness() }
  ledger.out[answer] = 'watch'
  ledger.again[answer] = []
  ledger.open[topic] = later(at, OPEN_DAYS)
  const known = mind.answers.list[answer]
  if (known !== undefined) { known.good /= 2; known.bad /= 2 }
  delete mind.topics.list[topic]?.answers[answer]
  const usualShare = percent(stale[what].mean)
  return [...told, changeOf(mind, ledger.ids[answer] ?? '', 'watch', 'watch', topic, known?.language ?? 'und', at, usualShare, what)]
}

/** Lets the record of an answer fade, so that it is judged by how it does now. */
export function fadeRecord (mind: Mind, rules: LessonRules, answer: number, at: Instant): void {
  const credit = mind.ledger.credit[answer] ??= { agents: 0, customers: 0, at }
  const days = (Date.parse(at) - Date.parse(credit.at)) / DAY_MS
  if (days < 1) return
  const factor = 2 ** (-days / rules.halfLifeDays)
  const known = mind.answers.list[answer]
  if (known !== undefined) { known.good *= factor; known.bad *= factor }
  mind.ledger.credit[answer] = { agents: credit.agents * factor, customers: credit.customers * factor, at }
}

/** Writes down that a reply was learned as this answer, and what changed by it. `before` is its text before; null: it is new. */
export function noteLesson (
  mind: Mind, rules: LessonRules, where: Ref, pending: Pending, reply: Reply, learned: number, before: string | null
): Told[] {
  const { ledger } = mind
  const agent = `${where.connection}/${reply.agentId}`
  const answer = mind.answers.list[learned]
  if (answer === undefined) return []
  const { language } = answer
  const { at } = reply
  const topic = String(pending.topic)
  const item = ledger.ids[learned] ??= itemOf(where)
  ledger.born[learned] ??= at
  ledger.lessons++
  countEvidence(ledger.limits, topic, agent)
  countEvidence(ledger.limits, whoSay(learned), agent)
  if (before === null) passesVote(ledger.limits, pending.person, item, at)
  const told: Told[] = [{ kind: 'taught', ref: where, item, agent, topic: topicName(mind, pending.topic), at }]
  const change = (what: ChangeKind, state: ItemState | null, from: string | null, to: string | null): void => {
    told.push(changeOf(mind, item, what, state, pending.topic, language, at, from, to))
  }
  const now = textOf(answer)
  if (before === null) {
    const risky = rules.reviewTopics.some(word => pending.stems.includes(`~${word.toLowerCase().slice(0, 6)}`))
    if (risky) ledger.out[learned] = 'review'
    change('new', risky ? 'review' : 'active', null, now)
    told.push(...tieNew(mind, learned, pending, at))
  } else if (wordF1(words(before), words(now)) < 0.9 || !hasSameBlanks(before, now)) change('text', null, before, now)
  told.push(...usualOf(mind, rules, pending.topic, at))
  if (ledger.out[learned] === 'watch' || ledger.out[learned] === 'retired') {
    const again = ledger.again[learned] ??= []
    again.push(agent)
    if (again.length >= REPLIES_BACK && new Set(again).size >= AGENTS_BACK) {
      delete ledger.out[learned]
      delete ledger.again[learned]
      change('back', 'active', null, now)
    }
  }
  if (ledger.lessons % THRESHOLD_EVERY === 0) told.push(...thresholdMove(mind, rules, at))
  return told
}

// The usual answer of a topic is the one that most of its recent replies gave.
function usualOf (mind: Mind, rules: LessonRules, topic: number, at: Instant): Told[] {
  const { ledger } = mind
  const shares = Object.entries(mind.topics.list[topic]?.answers ?? {})
    .sort((a, b) => b[1] - a[1] || Number(a[0]) - Number(b[0]))
  const best = Number(shares[0]?.[0] ?? -1)
  const was = ledger.usual[topic]
  const answer = mind.answers.list[best]
  if (answer === undefined || best === was || (shares[0]?.[1] ?? 0) < 2) return []
  const old = was === undefined ? undefined : mind.answers.list[was]
  ledger.usual[topic] = best
  const item = ledger.ids[best] ?? ''
  const month = ledger.months[topic]
  const touches = month === undefined ? 0 : Math.max(month.n, month.before)
  const asks = old !== undefined && touches >= rules.reviewImpact && ledger.approved[item] === undefined &&
    ledger.out[best] === undefined
  if (asks) ledger.out[best] = 'review'
  const told = [changeOf(mind, `t-${topic}`, 'usual', null, topic, answer.language, at, old === undefined ? null : textOf(old), textOf(answer))]
  if (asks) told.push(changeOf(mind, item, 'review', 'review', topic, answer.language, at, old === undefined ? null : textOf(old), textOf(answer)))
  return told
}

function thresholdMove (mind: Mind, rules: LessonRules, at: Instant): Told[] {
  const { ledger } = mind
  const now = Math.min(1, gate.thresholdOf(mind.gate, null, rules))
  const was = ledger.threshold
  if (was !== null && Math.abs(now - was) < THRESHOLD_STEP) return []
  ledger.threshold = now
  const words_ = (t: number): string => t >= 1 ? 'silent' : percent(t)
  return [{
    kind: 'change', item: 'threshold', what: 'threshold', state: null, topic: 'all topics', language: 'und', at,
    before: was === null ? null : words_(was), after: words_(now)
  }]
}

/** A customer as the ledger knows him: a number that tells him from others and nothing else. */
export function personOf (where: { connection: string }, personId: string): string {
  return hashOf(`${where.connection}/${personId}`, 5).toString(36)
}

/** Who a later signal about a question comes from; empty when nobody remembers. */
export function customerOf (mind: Mind, where: Ref): string {
  return mind.ledger.people[refText(where)] ?? ''
}

function percent (share: number): string {
  return `${Math.round(share * 100)} %`
}

function later (at: Instant, days: number): Instant {
  return new Date(Date.parse(at) + days * DAY_MS).toISOString().slice(0, 19) + 'Z'
}
