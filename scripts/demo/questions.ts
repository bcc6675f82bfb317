// How a customer puts a question: with or without a greeting, in one message or in a burst, with slips of the fingers.

import type { Chance } from './chance.ts'
import type { Customer } from './people.ts'
import { fill, type Slots } from './slots.ts'
import { smallTalk } from './small-talk.ts'

export type AskedBy = 'email' | 'web' | 'chat'

/** The messages of one turn, in order. More than one is a burst: they are sent within a minute. */
export function askIn (chance: Chance, template: string, customer: Customer, channel: AskedBy, slots: Slots): string[] {
  const said = fill(template, slots)
  const parts = said.split('|').map(part => part.trim())
  const burst = channel === 'chat' || customer.hasty
  const talk = smallTalk[customer.language]
  const urge = chance.happens(0.16) ? chance.pick(talk.urge) : ''

  if (burst && parts.length > 1 && chance.happens(0.75)) {
    const first = chance.happens(0.3) ? [chance.pick(talk.hello).replace(',', '')] : []
    return [...first, ...parts].slice(0, 3).map(part => handWritten(chance, part, customer))
  }
  const whole = [parts.join(' '), urge].filter(Boolean).join(' ')
  if (channel === 'chat' && chance.happens(0.25)) {
    return [chance.pick(talk.hello).replace(',', ''), handWritten(chance, whole, customer)]
  }
  if (channel === 'chat') return [handWritten(chance, whole, customer)]
  return [letter(chance, handWritten(chance, whole, customer), customer)]
}

function letter (chance: Chance, body: string, customer: Customer): string {
  const talk = smallTalk[customer.language]
  const me = { first: customer.first, name: customer.name, company: customer.company }
  const hello = customer.formal ? chance.pick(talk.letterHello) : chance.pick(talk.hello)
  const bye = customer.formal ? chance.pick(talk.letterBye) : chance.pick(talk.bye)
  const above = customer.formal || chance.happens(0.6) ? hello : ''
  const below = customer.formal || chance.happens(0.5) ? fill(bye, me) : ''
  return [above, body, below].filter(Boolean).join('\n\n')
}

function handWritten (chance: Chance, text: string, customer: Customer): string {
  const slipped = chance.happens(customer.hasty ? 0.35 : 0.07) ? withSlip(chance, text) : text
  return customer.hasty && chance.happens(0.4) ? slipped.charAt(0).toLowerCase() + slipped.slice(1) : slipped
}

/** Two neighbouring letters change places, or one is left out; only in longer words that are no names or numbers. */
function withSlip (chance: Chance, text: string): string {
  const tokens = text.split(' ')
  const long = tokens.flatMap((token, index) => /^\p{Ll}{6,}$/u.test(token) ? [index] : [])
  if (long.length === 0) return text
  const index = chance.pick(long)
  const token = tokens[index] ?? ''
  const at = chance.int(1, token.length - 3)
  const swapped = token.slice(0, at) + token.charAt(at + 1) + token.charAt(at) + token.slice(at + 2)
  tokens[index] = chance.happens(0.6) ? swapped : token.slice(0, at) + token.slice(at + 1)
  return tokens.join(' ')
}
