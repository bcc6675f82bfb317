// Who wrote a message, and what it says in plain text. Private notes are told from messages here and nowhere else.
import { cutQuotes, eitherToText, htmlToText, plainText } from '../../src/text.ts'
import type { Fields } from './fields.ts'
import { stringOf } from './fields.ts'

export type Role = 'customer' | 'human' | 'bot' | 'automation'

const LONGEST_EXACT = 20_000                        // characters, of up to three bytes each
const CUSTOMERS = new Set(['user', 'lead', 'contact', 'visitor'])

// Parts that a machine writes about the conversation; some carry a body, such as "we usually reply in a few hours".
// The set of part types is open: what is not listed here counts as a message.
const AUTOMATIC = new RegExp('^(' + [
  'channel_and_reply_time_expectation', 'user_became_idle', 'attribute_collected', 'call_summary', 'title_changed',
  'priority_changed', 'operator_workflow_event', '(merged|participant|conversation|ticket|custom_action|language)_'
].join('|') + ')')

/** Any part type that calls itself a note is private: better one message too few than one note taken for an answer. */
export function isNote (partType: string): boolean {
  return /(^|_)note(_|$)/.test(partType)
}

/** Null when the author's type is missing. Fin may speak in a teammate's name, and then says so (since API 2.14). */
export function roleOf (author: Fields, partType = ''): Role | null {
  const type = stringOf(author.type)
  if (type === '') return null
  if (type === 'admin') return author.from_ai_agent === true || author.is_ai_answer === true ? 'bot' : 'human'
  if (AUTOMATIC.test(partType)) return 'automation'
  return CUSTOMERS.has(type) ? 'customer' : 'bot'
}

export function messageText (body: unknown): string {
  return cutQuotes(eitherToText(stringOf(body)))
}

/** A subject is html in one road and plain text in the other, and has no tag to tell them apart: entities do. */
export function subjectText (subject: unknown): string {
  const raw = stringOf(subject)
  return /^\s*<[a-z]|&(#\w+|[a-z]+);/i.test(raw) ? htmlToText(raw) : plainText(raw)
}

/** The reference that ends our notes. A public message that ends so was written by us, not by a person. */
export function hasMarker (text: string): boolean {
  return /\bdl-[a-z0-9]{13}\b/.test(text.slice(text.lastIndexOf('\n') + 1))
}

/**
 * Whether a webhook's text is surely what the REST interface gives. Bodies of webhooks are html up to API version 2.14
 * and plain text from 2.15 on, while REST stays html (https://developers.intercom.com/docs/references/changelog):
 * how plain text shows lines and links is not documented, and a customer may well type something that looks like a tag.
 */
export function isExact (body: unknown, priority: unknown): boolean {
  const raw = stringOf(body)
  if (/^\s*<[a-z!]/i.test(raw)) {
    const isPlainForSure = typeof priority === 'string' && /^(none|low|medium|high|urgent)$/.test(priority)   // 2.16
    return !isPlainForSure && /^\s*<(p|h[1-6]|div|ul|ol|pre|table|blockquote|html)\b/i.test(raw)
  }
  // What is longer than 64 kB is cut, and the two forms are not cut at the same character.
  return raw.length < LONGEST_EXACT && !/[\r\n\u2028\u2029]|:\/\//.test(raw.trim())
}
