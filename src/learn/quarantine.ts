// Learning that pauses while something is broken: what agents answer then is true of the fault, not of the product. The
// questions of the topic, asked in its time, are held; answers that were learned from them all the same are tied to the
// incident and retired when it is repaired. Changes the mind in place, like all folding.
import type { Instant } from '../types.ts'
import type { Decision, HeldLesson, Incident, Ref, Told } from './ledger.ts'
import { changeOf } from './changes.ts'
import type { Reply } from './changes.ts'
import type { Mind, Pending } from './mind.ts'
import { textOf } from './answers.ts'
import { rootOf } from './topics.ts'

const GROUP = 'i-'
const MOST_MEMBERS = 200                            // of one incident: the latest are kept, all of them are listed
const MOST_INCIDENTS = 200

export type TopicDecision = Extract<Decision, { topic: string }>

/** The group of held replies of an incident, as the ledger lists it. */
export function groupOf (incident: string): string {
  return GROUP + incident
}

/** The incident that a group of held replies belongs to; null: it is a contradiction's. */
export function incidentIn (group: string | null): string | null {
  return group?.startsWith(GROUP) === true ? group.slice(GROUP.length) : null
}

/**
 * Why a reply may not teach because of where its question stands: its topic is held by a person, or it was asked in the
 * time of an incident, whose group keeps it then. `pending.topic` is the topic that remains. Null: it may. Changes `mind`.
 */
export function shutFor (
  mind: Mind, where: Ref, pending: Pending, reply: Reply
): { why: string, group: string | null } | null {
  const byPerson = mind.ledger.quarantined[pending.topic]
  if (byPerson !== undefined) return { why: byPerson, group: null }
  const found = covering(mind, pending).find(([, incident]) => incident.state === 'open' || incident.state === 'over')
  if (found === undefined) return null
  const [id, incident] = found
  incident.members.push({ where, pending, reply })
  if (incident.members.length > MOST_MEMBERS) incident.members.shift()
  return { why: incident.why, group: groupOf(id) }
}

/** Ties an answer that was just learned to the incident in whose time its question was asked. Changes `mind`. */
export function tieNew (mind: Mind, answer: number, pending: Pending, at: Instant): Told[] {
  const [found] = covering(mind, pending).filter(([, incident]) => incident.state !== 'noise')
  return found === undefined ? [] : tie(mind, found[0], found[1], answer, at)
}

/**
 * Holds a topic for an incident, from its first question on. What was learned from its questions before it was known is
 * tied to it. An incident that begins again is the same one. A topic that is not there is not held. Changes `mind`.
 */
export function holdTopic (mind: Mind, { topic: called, why, at, incident: ref }: TopicDecision): Told[] {
  const number = Number(called)
  if (ref === undefined || mind.topics.list[number] === undefined) return []
  const { incidents, born } = mind.ledger
  const before = incidents[ref.id]
  const from = before === undefined || ref.from < before.from ? ref.from : before.from
  const incident: Incident<Pending> = {
    topic: number, from, to: null, state: 'open', why, retired: false, members: before?.members ?? [], born: before?.born ?? []
  }
  incidents[ref.id] = incident
  forgetOldest(incidents)
  const root = rootOf(mind.topics, number)
  const answers = Object.keys(mind.topics.list[root]?.answers ?? {}).map(Number)
    .filter(answer => (born[answer] ?? '') >= from && mind.answers.list[answer]?.from === null)
  return [
    changeOf(mind, `t-${root}`, 'quarantine', null, root, 'und', at, null, why),
    ...answers.flatMap(answer => tie(mind, ref.id, incident, answer, at))
  ]
}

/**
 * Lets a topic go when its incident has ended. Of one that was noise the held lessons are handed back, to be heard as if
 * they came now; else they stay out, and questions asked in its time teach nothing later either. Changes `mind`.
 */
export function letTopicGo (
  mind: Mind, { why, at, incident: ref }: TopicDecision
): { told: Told[], lessons: Array<HeldLesson<Pending>> } {
  const incident = ref === undefined ? undefined : mind.ledger.incidents[ref.id]
  if (ref === undefined || incident === undefined) return { told: [], lessons: [] }
  const wasHeld = incident.state === 'open'
  const noise = ref.end === 'noise'
  const lessons = noise ? incident.members : []
  incident.to = incident.state === 'early' ? incident.from : at      // what a person let go is not held afterwards
  incident.state = noise ? 'noise' : 'over'
  if (noise) Object.assign(incident, { members: [], born: [] })
  const root = rootOf(mind.topics, incident.topic)
  return { told: wasHeld ? [changeOf(mind, `t-${root}`, 'release', null, root, 'und', at, null, why)] : [], lessons }
}

/** A person lets topics go although their incidents last. Changes `mind`. */
export function letGoEarly (mind: Mind, topics: number[], at: Instant): void {
  for (const incident of Object.values(mind.ledger.incidents)) {
    if (incident.state !== 'open' || !topics.includes(rootOf(mind.topics, incident.topic))) continue
    incident.state = 'early'
    incident.to = at
  }
}

/** What is broken was repaired: the answers of its time are not proposed any more, until several agents send them again. */
export function retireTied (mind: Mind, { incident: id, at, why }: Extract<Decision, { kind: 'retire' }>): Told[] {
  const incident = mind.ledger.incidents[id]
  if (incident === undefined) return []
  incident.retired = true
  return incident.born.flatMap(answer => {
    const known = mind.answers.list[answer]
    if (known === undefined || mind.ledger.out[answer] !== undefined) return []
    mind.ledger.out[answer] = 'retired'
    mind.ledger.again[answer] = []
    const item = mind.ledger.ids[answer] ?? ''
    return [changeOf(mind, item, 'retire', 'retired', incident.topic, known.language, at, null, why)]
  })
}

/** The held lessons of an incident, taken out because a person wants them to teach; null: there is no such group. */
export function takeHeld (mind: Mind, group: string): Array<HeldLesson<Pending>> | null {
  const id = incidentIn(group)
  const incident = id === null ? undefined : mind.ledger.incidents[id]
  return incident === undefined ? null : incident.members.splice(0)
}

// Incidents in whose topic and time a question was asked.
function covering (mind: Mind, pending: Pending): Array<[string, Incident<Pending>]> {
  return Object.entries(mind.ledger.incidents).filter(([, { topic, from, to }]) =>
    pending.at >= from && (to === null || pending.at < to) &&
    rootOf(mind.topics, topic) === rootOf(mind.topics, pending.topic))
}

function tie (mind: Mind, id: string, incident: Incident<Pending>, answer: number, at: Instant): Told[] {
  const known = mind.answers.list[answer]
  if (known === undefined || incident.born.includes(answer)) return []
  incident.born.push(answer)
  const item = mind.ledger.ids[answer] ?? ''
  return [changeOf(mind, item, 'tie', null, incident.topic, known.language, at, textOf(known), id)]
}

function forgetOldest (incidents: Record<string, Incident<Pending>>): void {
  const ended = Object.keys(incidents).filter(id => incidents[id]?.state !== 'open')
  for (const id of ended.slice(0, Math.max(0, Object.keys(incidents).length - MOST_INCIDENTS))) delete incidents[id]
}
