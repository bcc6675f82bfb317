// How an agent answers: mostly the team's usual words, sometimes edited, sometimes something quite different.

import type { Chance } from './chance.ts'
import { pickClosest } from './closest.ts'
import { changeDay, DAY } from './clock.ts'
import type { Agent, Customer } from './people.ts'
import type { AskedBy } from './questions.ts'
import { fill, type Slots } from './slots.ts'
import { smallTalk } from './small-talk.ts'
import type { Wording } from './wording.ts'

export type AnswerKind = 'usual' | 'edited' | 'special'

/** The one who answers, and all that this agent has at hand; `asked` is the question as its template. */
export interface Desk { agent: Agent, customer: Customer, channel: AskedBy, slots: Slots, asked: string }

export function drawKind (chance: Chance, agent: Agent): AnswerKind {
  const drawn = chance.next()
  if (drawn < agent.asIs) return 'usual'
  return drawn < agent.asIs + agent.edits ? 'edited' : 'special'
}

/** After a change of the product some agents go on sending what they had saved. */
export function isStale (wording: Wording, agent: Agent, at: number): boolean {
  return wording.since !== undefined && at >= changeDay && at < changeDay + agent.staleDays * DAY
}

/** The usual answer of the day, for an agent who may be behind. */
export function usualAnswer (wording: Wording, at: number, stale: boolean): string[] {
  return wording.since !== undefined && at >= changeDay && !stale ? wording.since.house : wording.house
}

export function writeAnswer (chance: Chance, kind: AnswerKind, wording: Wording, usual: string[], desk: Desk): string {
  if (kind === 'special') {
    const { byHand } = smallTalk[desk.customer.language]
    return dressed(chance, pickClosest(chance, wording.special, desk.asked, byHand), desk)
  }
  const sentences = kind === 'edited' ? edited(chance, wording, usual, desk) : usual
  return dressed(chance, sentences.join(' '), desk)
}

/** Greeting above, sign-off below, each as this agent writes them. In a chat nobody signs. */
export function dressed (chance: Chance, body: string, desk: Desk): string {
  const { agent, customer, channel } = desk
  const me = { first: customer.first, name: customer.name }
  const bare = chance.happens(channel === 'chat' ? 0.5 : 0.06)
  const hello = bare ? '' : fill(agent.greeting[customer.language], me)
  const bye = channel === 'chat' ? '' : agent.signOff[customer.language]
  return [hello, fill(body, desk.slots), bye].filter(Boolean).join('\n\n')
}

function edited (chance: Chance, wording: Wording, usual: string[], desk: Desk): string[] {
  const fits = chance.happens(0.85)
  const extra = fits ? pickClosest(chance, wording.extras, desk.asked) : chance.pick(wording.extras)
  const inner = chance.int(1, usual.length - 1)
  const way = chance.weighted(['add', 'open', 'swap', 'shorten'], (_, nth) => [45, 15, 25, 15][nth] ?? 0)
  if (way === 'add') return [...usual, extra]
  if (way === 'open') return [chance.pick(smallTalk[desk.customer.language].openers), ...usual, extra]
  if (way === 'swap') return usual.toSpliced(inner, 1, extra)
  return [...usual.toSpliced(inner, 1), extra]
}
