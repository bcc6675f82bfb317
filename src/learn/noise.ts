// Messages that come in like a customer's and ask nothing: machines that answer, mail that came back, absence notes,
// mass mail, and a plain thank you. Told by their words alone, and rather missed than taken for one: whoever is taken for
// noise gets no draft.
import { cutQuotes, words } from '../text.ts'
import { ABSENT, AUTOMATIC_LINES, AUTOMATIC_SUBJECT, INSTEAD, PITCH, RETURNED_BODY, RETURNED_SUBJECT, UNSUBSCRIBE } from './noise-words.ts'
import { isThanks } from './thanks.ts'

export type Noise = 'bounce' | 'auto_reply' | 'absence' | 'bulk' | 'thanks'

/** `subject` only for a ticket's first message; `from` is the address, where it is known. */
export interface Incoming { text: string, subject?: string, from?: string }

const LOOKED_AT = 1_500                             // characters: machines say at the beginning that they are machines
const FIRST_PERSON: ReadonlySet<string> = new Set(
  "i my me i'm i've ich mein meine meinen meiner mir mich je mon ma mes moi yo mi mis eu meu minha io mio mia miei ho ik mijn mij".split(' '))
const MOST_OF_A_MACHINE = 600                      // characters: who pastes what a machine wrote to him writes more
const MACHINE_ADDRESS = /^(mailer-daemon|postmaster|mail-daemon|bounces?)[@+.-]/i

/**
 * What kind of noise a message is; null when it may ask something. Needs two signs wherever one could stand in a person's
 * own words, and a question mark in what is written counts against every kind but returned mail. Linear in the text,
 * total, the same for the same message.
 */
export function noiseOf (message: Incoming): Noise | null {
  const subject = (message.subject ?? '').trim()
  const body = withoutSubject(message.text, subject)
  const said = cutQuotes(body).trim().slice(0, LOOKED_AT)
  if (isReturned(subject, body.trim().slice(0, LOOKED_AT), message.from)) return 'bounce'
  if (isThanks(said) && (subject === '' || !/\?/.test(subject))) return isTopic(subject) ? null : 'thanks'
  if (asks(said)) return null
  if (AUTOMATIC_SUBJECT.test(subject)) return ABSENT.test(said) ? 'absence' : 'auto_reply'
  if (ABSENT.test(said) && INSTEAD.test(said)) return 'absence'
  if (said.length <= MOST_OF_A_MACHINE && AUTOMATIC_LINES.test(said) && !saysI(said)) return 'auto_reply'
  if (UNSUBSCRIBE.test(body.slice(-LOOKED_AT)) && PITCH.test(said)) return 'bulk'
  return null
}

function isReturned (subject: string, body: string, from?: string): boolean {
  const signs = Number(RETURNED_SUBJECT.test(subject)) + Number(RETURNED_BODY.test(body)) +
    Number(MACHINE_ADDRESS.test(from ?? ''))
  return signs >= 2
}

// Who opens a ticket with "Thanks!" below the subject "Export as PDF" has said in the subject what he wants.
function isTopic (subject: string): boolean {
  return words(subject).length > 0 && !isThanks(subject.replace(/^((re|aw|antw|sv|rv|wg|tr)\s*:\s*)+/i, ''))
}

function asks (text: string): boolean {
  return text.replace(/https?:\/\/\S+/g, '').includes('?')
}

// A machine says `we`, and says nothing of returned mail: who tells what has happened to him says `I`.
function saysI (text: string): boolean {
  return words(text).some(word => FIRST_PERSON.has(word)) || RETURNED_BODY.test(text)
}

// Some helpdesks put the subject before the first message.
function withoutSubject (text: string, subject: string): string {
  return subject !== '' && text.startsWith(subject) && text.length > subject.length ? text.slice(subject.length) : text
}
