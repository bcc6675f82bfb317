// The note that suggests to escalate: which rule, to whom, and what the next person has to know. It stands in place of a
// draft: what was answered to others is the wrong thing to send to somebody who has just lost his data.
import type { EscalationRule, Helpdesk, Note, TicketEvent } from '../types.ts'
import type { EffectRequest } from '../outside.ts'
import { GiveUp } from '../errors.ts'
import { sortStory, turnsOf } from '../learn/story.ts'
import type { Turn } from '../learn/story.ts'
import type { Db } from '../store/db.ts'
import { readStories, refOf } from '../store/stories.ts'
import type { EffectPerformer } from './effects.ts'
import { wordsIn } from './note-words.ts'
import { makeNotePerformerOf } from './private-notes.ts'

export interface SuggestDeps {
  db: Db
  helpdesks: ReadonlyMap<string, Helpdesk>
  rules: EscalationRule[]
  home: string
  /** In which the note is framed. */
  language?: string
  /** How long a lost write may still be applied, per connection: not sent again before that. */
  resendAfterMs: (connection: string) => number
}

const LONGEST_WORDS = 240

export function makeSuggestPerformer (deps: SuggestDeps): EffectPerformer {
  const { helpdesks, resendAfterMs } = deps
  return makeNotePerformerOf('suggest', { helpdesks, resendAfterMs, note: makeNote })

  async function makeNote (effect: EffectRequest): Promise<Note> {
    const rule = deps.rules.find(one => one.id === effect.payload['rule'])
    if (rule === undefined) throw new GiveUp('skipped: its rule was taken out of config/escalation.json')
    const ref = { connection: effect.account, ticketId: effect.ticketId }
    const story = sortStory((await readStories(deps.db, [ref])).get(refOf(ref)) ?? [])
    const turn = turnsOf(story).find(t => t.questionId === effect.payload['questionId'])
    if (turn === undefined) throw new GiveUp('skipped: what it was about was erased')
    if (turn.answer !== null) throw new GiveUp('skipped: a person has answered meanwhile')
    const others = Array.isArray(effect.payload['others']) ? effect.payload['others'].map(String) : []
    return layOutSuggestion({ key: effect.marker, rule, others, story, turn }, deps.home, deps.language)
  }
}

export interface Suggestion { key: string, rule: EscalationRule, others: string[], story: TicketEvent[], turn: Turn }

/** Line one says what and why; then whom to ask, what has happened so far, and the customer's own words. */
export function layOutSuggestion ({ key, rule, others, story, turn }: Suggestion, home: string, language = 'en'): Note {
  const say = wordsIn(language)
  const also = others.length === 0 ? '' : `, and ${others.map(id => `"${id}"`).join(', ')}`
  const newest = turn.messages.at(-1)
  const items = [
    { label: say.rule, text: rule.says },
    ...(rule.to === undefined ? [] : [{ label: say.to, text: rule.to }]),
    { label: 'So far', text: tellSoFar(story) },
    { label: 'Said', text: `“${shorten(newest?.text ?? '')}”` }
  ]
  return {
    key,
    basis: newest?.id ?? turn.questionId,
    parts: [
      { kind: 'headline', label: say.escalate, text: `${say.rule.toLowerCase()} "${rule.id}"${also}` },
      { kind: 'facts', items },
      {
        kind: 'footer', hint: 'Nothing was changed in this ticket: whether to escalate is for you to say.',
        links: home === '' ? [] : [{ text: 'All rules', url: `${home}/escalation` }], key
      }
    ]
  }
}

function tellSoFar (story: TicketEvent[]): string {
  const asked = story.filter(e => e.kind === 'asked')
  const answered = story.flatMap(e => e.kind === 'answered' && e.by === 'human' ? [e.agentId] : [])
  const people = new Set(answered).size
  const reopened = story.filter(e => e.kind === 'reopened').length
  const parts = [
    `first asked ${asked[0]?.at.slice(0, 16).replace('T', ' ') ?? 'at an unknown time'} UTC`,
    `${asked.length} message${asked.length === 1 ? '' : 's'} of the customer`,
    people === 0 ? 'no answer yet' : `${answered.length} answer${answered.length === 1 ? '' : 's'} by ${people} ${people === 1 ? 'person' : 'people'}`,
    ...(reopened === 0 ? [] : [`reopened ${reopened === 1 ? 'once' : `${reopened} times`}`])
  ]
  return parts.join(', ')
}

// What a stranger wrote, in one line: no addresses to click on, nothing that looks like a line of ours.
function shorten (text: string): string {
  const line = text.replace(/\S*(:\/\/|www\.)\S*/gi, '[link]').replace(/[\p{C}\p{Zl}\p{Zp}<>`*]/gu, ' ').replace(/\s+/g, ' ').trim()
  const letters = [...line]
  return letters.length <= LONGEST_WORDS ? line : `${letters.slice(0, LONGEST_WORDS - 1).join('')}…`
}
