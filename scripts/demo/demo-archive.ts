// Eight weeks of support at Rosterly, an invented service for firms with people in vans: the archive the demo replays.
// One seed, one archive. Two answers change in week 5, and in week 7 invoices go out twice.

import type { ArchiveTicket } from '../archive.ts'
import { dressed } from './answers.ts'
import { makeChance, type Chance } from './chance.ts'
import {
  DAY, firstDay, HOUR, incidentFixed, incidentStart, instantOf, isWeekday, lastSecond, makeClock, MINUTE, officeSecond
} from './clock.ts'
import { pickClosest } from './closest.ts'
import { incidentLabel, incidentWording, spam } from './incident.ts'
import { agents, makeCustomers, type Agent, type Customer } from './people.ts'
import { askIn } from './questions.ts'
import { drawSlots, fill } from './slots.ts'
import { contextOf, finish, sayInTurn, tellStory, type Draft, type Line, type World } from './story.ts'
import { ordinaryTopics, topicWeight } from './topics.ts'
import type { Language } from './wording.ts'

const PER_WEEKDAY = [0, 23, 20, 18, 18, 15, 2]      // Sunday to Saturday
const INCIDENT_TICKETS = 46
const INCIDENT_CUSTOMERS = 31
const BEFORE_THEY_KNEW = 3

export function makeDemoArchive (seed: number): ArchiveTicket[] {
  const chance = makeChance(seed)
  const world: World = { chance, clock: makeClock(), topics: ordinaryTopics }
  const customers = makeCustomers(chance)
  const drafts = [
    ...tellOrdinaryDays(world, customers),
    ...tellIncident(world, customers),
    ...receiveSpam(world)
  ]
  // Instants in one form sort as text
  return drafts.sort((a, b) => a.opened_at < b.opened_at ? -1 : 1).map((draft, nth) => {
    const id = `RT-${10_001 + nth}`
    return { id, ...draft, messages: draft.messages.map((message, m) => ({ id: `${id}-${m + 1}`, ...message })) }
  })
}

function tellOrdinaryDays (world: World, customers: Customer[]): Draft[] {
  const { chance } = world
  const drafts: Draft[] = []
  for (let day = firstDay; day <= lastSecond; day += DAY) {
    const usual = PER_WEEKDAY[new Date(day * 1000).getUTCDay()] ?? 0
    const count = isWeekday(day) ? usual + chance.int(-2, 2) : usual
    for (let nth = 0; nth < count; nth++) {
      const language: Language = chance.happens(0.21) ? 'de' : 'en'
      drafts.push(tellStory(world, {
        at: officeSecond(chance, day),
        topic: chance.weighted(ordinaryTopics, topicWeight),
        customer: drawCustomer(chance, customers, language),
        agent: drawAgent(chance, language)
      }))
    }
  }
  return drafts
}

/** Some firms write every week and some twice a year. */
function drawCustomer (chance: Chance, customers: Customer[], language: Language): Customer {
  return chance.weighted(customers, (customer, nth) => customer.language === language ? 1 + (nth * 7) % 5 : 0)
}

function drawAgent (chance: Chance, language: Language): Agent {
  // Who speaks German is kept free for it
  return chance.weighted(agents, agent => {
    if (!agent.languages.includes(language)) return 0
    return language === 'en' && agent.languages[0] === 'de' ? agent.load / 3 : agent.load
  })
}

function tellIncident (world: World, customers: Customer[]): Draft[] {
  const { chance } = world
  const some = chance.shuffled(customers)
  const german = some.filter(customer => customer.language === 'de').slice(0, 6)
  const english = some.filter(customer => customer.language === 'en').slice(0, INCIDENT_CUSTOMERS - german.length)
  const hit = chance.shuffled([...german, ...english])
  const lengthSeconds = incidentFixed - incidentStart - 26 * MINUTE
  // Slowly at first, then from everywhere, then less
  const moments = Array.from({ length: INCIDENT_TICKETS }, () => {
    return incidentStart + Math.round(lengthSeconds * (chance.next() + chance.next()) / 2)
  }).sort((a, b) => a - b)
  return moments.map((at, nth) => {
    const customer = hit[nth] ?? chance.pick(hit)
    return tellHit(world, at, customer, nth < BEFORE_THEY_KNEW)
  })
}

/** One ticket of the incident: a holding answer, perhaps an impatient word, and the good news once it is repaired. */
function tellHit (world: World, at: number, customer: Customer, early: boolean): Draft {
  const { chance, clock } = world
  const wording = incidentWording[customer.language]
  const slots = drawSlots(chance, at, customer.language)
  const channel = chance.pick(['email', 'email', 'web', 'chat'] as const)
  const agent = drawAgent(chance, customer.language)
  const asked = chance.pick(wording.questions)
  const desk = { agent, customer, channel, slots, asked }
  const lines: Line[] = sayInTurn(world, askIn(chance, asked, customer, channel, slots), at)
  const answer = (text: string, when: number) => {
    lines.push({ role: 'agent', text: dressed(chance, text, desk), at: clock.take(when), agent: agent.id })
  }
  const opened = lines[0]?.at ?? at
  const holdingAt = opened + chance.int(4 * MINUTE + 5, 17 * MINUTE)
  if (early) answer(wording.asked, holdingAt)
  const knownAt = early ? incidentStart + chance.int(75 * MINUTE, 85 * MINUTE) : 0
  answer(wording.holding.join(' '), Math.max(holdingAt + (early ? 30 * MINUTE : 0), knownAt))
  const held = lines.at(-1)?.at ?? at
  if (chance.happens(0.22) && held + 20 * MINUTE < incidentFixed) {
    const text = fill(chance.pick(wording.impatient), slots)
    lines.push({ role: 'customer', text, at: clock.take(held + (incidentFixed - held) * (0.5 + chance.next() * 0.4)) })
  }
  answer(wording.fixed.join(' '), incidentFixed + chance.int(3 * MINUTE, 2.6 * HOUR))
  const subject = channel === 'chat' ? {} : { subject: fill(pickClosest(chance, wording.subjects, asked), slots) }
  return {
    customer_id: customer.id,
    opened_at: instantOf(opened),
    ...subject,
    channel,
    topic_label: incidentLabel,
    context: contextOf(customer, chance.happens(0.7) ? '/invoices/export' : null),
    ...finish(world, { lines, mood: 0.8 }, [wording.fixed.join(' ')], desk)
  }
}

function receiveSpam (world: World): Draft[] {
  const { chance, clock } = world
  return spam.map(({ subject, text }, nth) => {
    const at = instantOf(clock.take(firstDay + chance.int(0, 53 * DAY)))
    return {
      customer_id: `stranger-${String(nth + 1).padStart(2, '0')}`,
      opened_at: at,
      subject,
      channel: 'email',
      topic_label: 'spam',
      messages: [{ role: 'customer', text, at }],
      resolved: false
    }
  })
}
