// One ordinary ticket from its first message to its rating. What lies after the end of the archive has not happened yet.

import type { ArchiveTicket } from '../archive.ts'
import { drawKind, dressed, isStale, usualAnswer, writeAnswer, type Desk } from './answers.ts'
import type { Chance } from './chance.ts'
import { pickClosest } from './closest.ts'
import { atDesk, DAY, HOUR, instantOf, lastSecond, MINUTE, type Clock } from './clock.ts'
import type { Agent, Customer } from './people.ts'
import { askIn, type AskedBy } from './questions.ts'
import { drawSlots, fill } from './slots.ts'
import { smallTalk } from './small-talk.ts'
import type { Topic } from './wording.ts'

export type Draft = Omit<ArchiveTicket, 'id'>
export type Line = { role: 'customer' | 'agent' | 'note', text: string, at: number, agent?: string }
export interface World { chance: Chance, clock: Clock, topics: Topic[] }
export interface Opening { at: number, topic: Topic, customer: Customer, agent: Agent }

/** How content the customer is in the end decides the rating: 0 is not at all. */
interface Course { lines: Line[], mood: number }

export function tellStory (world: World, opening: Opening): Draft {
  const { chance } = world
  const { topic, customer, at } = opening
  const channel = chance.weighted<AskedBy>(['email', 'web', 'chat'], (_, nth) => [50, 28, 22][nth] ?? 0)
  const slots = drawSlots(chance, at, customer.language)
  const wording = topic[customer.language]
  const asked = chance.pick(wording.questions)
  const desk: Desk = { agent: opening.agent, customer, channel, slots, asked }
  const question = sayInTurn(world, askIn(chance, asked, customer, channel, slots), at)
  const course = converse(world, opening, desk, question)
  const ending = finish(world, course, wording.second, desk)
  return {
    customer_id: customer.id,
    opened_at: instantOf(question[0]?.at ?? at),
    ...(channel === 'chat' ? {} : { subject: fill(pickClosest(chance, wording.subjects, asked), slots) }),
    channel,
    ...(chance.happens(0.7) ? { tags: topic.tags.slice(0, chance.int(1, topic.tags.length)) } : {}),
    topic_label: topic.label,
    context: contextOf(customer, chance.happens(0.7) ? topic.page : null),
    ...ending
  }
}

export function contextOf (customer: Customer, page: string | null): Record<string, unknown> {
  const { name, email, company, plan, language } = customer
  return { name, email, company, plan, language, ...(page === null ? {} : { page }) }
}

/** Several messages of one turn follow each other within a minute. */
export function sayInTurn (world: World, texts: string[], at: number): Line[] {
  let last = at
  return texts.map((text, nth) => {
    last = world.clock.take(nth === 0 ? at : last + world.chance.int(6, 26))
    return { role: 'customer', text, at: last }
  })
}

function converse (world: World, opening: Opening, desk: Desk, question: Line[]): Course {
  const { chance, clock } = world
  const { topic, agent, customer } = opening
  const wording = topic[customer.language]
  const talk = smallTalk[customer.language]
  const asked = question.at(-1)?.at ?? opening.at
  const lines = [...question]
  const waitMinutes = Math.min(88, 4 + (chance.next() ** 1.8) * 70 * agent.pace)
  const replyAt = (question[0]?.at ?? asked) + Math.max(waitMinutes * MINUTE, 4 * MINUTE) + chance.int(3, 59)
  if (chance.happens(0.07)) {
    const noteAt = clock.take(asked + (replyAt - asked) * 0.6)
    lines.push({ role: 'note', text: chance.pick(talk.notes), at: noteAt, agent: agent.id })
  }
  const answer = (text: string, at: number) => {
    lines.push({ role: 'agent', text, at: clock.take(at), agent: agent.id })
  }
  const reply = (text: string, least: number, most: number) => {
    const at = clock.take((lines.at(-1)?.at ?? asked) + chance.int(least, most))
    lines.push({ role: 'customer', text: fill(text, desk.slots), at })
  }
  const answerAgain = (text: string) => {
    answer(text, atDesk(chance, (lines.at(-1)?.at ?? asked) + chance.int(9 * MINUTE, 100 * MINUTE)))
  }
  const current = usualAnswer(wording, replyAt, false)

  if (chance.happens(0.025)) {
    const other = chance.pick(world.topics.filter(candidate => candidate !== topic))[customer.language]
    answer(dressed(chance, usualAnswer(other, replyAt, false).join(' '), desk), replyAt)
    reply(chance.pick(talk.notAsked), 4 * MINUTE, 90 * MINUTE)
    answerAgain(dressed(chance, [talk.sorry, ...current].join(' '), desk))
    return { lines, mood: 0.2 }
  }
  const stale = isStale(wording, agent, replyAt)
  const kind = drawKind(chance, agent)
  answer(writeAnswer(chance, kind, wording, stale ? usualAnswer(wording, replyAt, true) : current, desk), replyAt)
  if (stale && kind !== 'special' && wording.since !== undefined && chance.happens(0.8)) {
    reply(wording.since.stuck, 8 * MINUTE, 3 * HOUR)
    answerAgain(dressed(chance, current.join(' '), desk))
    return { lines, mood: 0.4 }
  }
  const stuck = kind !== 'special' && chance.happens(0.14)
  if (stuck) {
    reply(pickClosest(chance, wording.stuck, desk.asked, talk.stillStuck), 8 * MINUTE, 4 * HOUR)
    answerAgain(dressed(chance, chance.pick(wording.second), desk))
  }
  if (chance.happens(stuck ? 0.4 : thanksAfter[kind])) reply(chance.pick(talk.worked), 5 * MINUTE, 3 * HOUR)
  return { lines, mood: stuck ? 0.75 : moodAfter[kind] }
}

// Special answers often announce something: nobody writes back at once that it works
const thanksAfter = { usual: 0.22, edited: 0.22, special: 0.03 }
const moodAfter = { usual: 0.96, edited: 0.96, special: 0.68 }

/** Solved or not, rated or not, reopened or not; then the line is drawn at the end of the archive. */
export function finish (world: World, course: Course, second: string[], desk: Desk): Pick<Draft, 'messages' | 'resolved'> {
  const { chance, clock } = world
  const lines = [...course.lines]
  const talk = smallTalk[desk.customer.language]
  const lastSaid = lines.at(-1)?.at ?? 0
  const solvedAt = lastSaid + chance.int(10 * MINUTE, HOUR) + Math.round(chance.next() ** 3 * 41 * HOUR)
  const solved = chance.happens(0.89) && solvedAt <= lastSecond
  const ratedAt = solvedAt + chance.int(4 * MINUTE, 14 * HOUR)
  const rated = solved && chance.happens(0.31) && ratedAt <= lastSecond
  const good = chance.happens(course.mood)
  const comment = chance.happens(0.45) ? { comment: chance.pick(good ? talk.praise : talk.blame) } : {}
  const reopenedAt = clock.take(atDesk(chance, ratedAt + chance.int(HOUR, 3 * DAY)))
  const reopened = solved && chance.happens(course.mood < 0.8 ? 0.1 : 0.066) && reopenedAt <= lastSecond
  if (reopened) {
    const answerAt = atDesk(chance, reopenedAt + chance.int(6 * MINUTE, 80 * MINUTE))
    const text = dressed(chance, chance.pick(second), desk)
    lines.push({ role: 'customer', text: chance.pick(talk.again), at: reopenedAt })
    lines.push({ role: 'agent', text, at: clock.take(answerAt), agent: desk.agent.id })
  }
  return {
    messages: toMessages(lines),
    resolved: solved && !reopened,
    ...(solved ? { solved_at: instantOf(solvedAt) } : {}),
    ...(rated ? { csat: { good, ...comment, at: instantOf(ratedAt) } } : {}),
    ...(reopened ? { reopened_at: instantOf(reopenedAt) } : {})
  }
}

export function toMessages (lines: Line[]): ArchiveTicket['messages'] {
  return lines.filter(line => line.at <= lastSecond).map(line => ({
    role: line.role,
    text: line.text,
    at: instantOf(line.at),
    ...(line.agent === undefined ? {} : { agent_id: line.agent })
  }))
}
