// The note that suggests to escalate: which rule, to whom, and what the next person has to know. It stands in place of a
// draft: what was answered to others is the wrong thing to send to somebody who has just lost his data.
import type { EscalationRule, Helpdesk, Note, TicketEvent } from '../types.ts'
import type { EffectRequest, Performer } from '../outside.ts'
import { GiveUp, PublicNote } from '../errors.ts'
import { sortStory, turnsOf } from '../learn/story.ts'
import type { Turn } from '../learn/story.ts'
import type { Db } from '../store/db.ts'
import { readStories, refOf } from '../store/stories.ts'

export interface SuggestDeps {
  db: Db
  helpdesks: ReadonlyMap<string, Helpdesk>
  rules: EscalationRule[]
  home: string
  /** How long a lost write may still be applied, per connection: not sent again before that. */
  resendAfterMs: (connection: string) => number
}

const LONGEST_WORDS = 240

export function makeSuggestPerformer (deps: SuggestDeps): Performer {
  return {
    kind: 'suggest',
    resendAfterMs: deps.resendAfterMs,
    async look (effect) {
      const helpdesk = helpdeskOf(effect)
      const found = await helpdesk.findNote(effect.ticketId, effect.marker)
      if (found === null) return null
      if (found.public) throw await hide(helpdesk, effect, found.noteId)
      return { vendorId: found.noteId }
    },
    async send (effect) {
      const helpdesk = helpdeskOf(effect)
      return { vendorId: (await helpdesk.postNote(effect.ticketId, await makeNote(effect))).noteId }
    }
  }

  function helpdeskOf ({ account }: EffectRequest): Helpdesk {
    const helpdesk = deps.helpdesks.get(account)
    if (helpdesk === undefined) throw new GiveUp(`skipped: ${account} is not connected any more`)
    return helpdesk
  }

  async function makeNote (effect: EffectRequest): Promise<Note> {
    const rule = deps.rules.find(one => one.id === effect.payload['rule'])
    if (rule === undefined) throw new GiveUp('skipped: its rule was taken out of config/escalation.json')
    const ref = { connection: effect.account, ticketId: effect.ticketId }
    const story = sortStory((await readStories(deps.db, [ref])).get(refOf(ref)) ?? [])
    const turn = turnsOf(story).find(t => t.questionId === effect.payload['questionId'])
    if (turn === undefined) throw new GiveUp('skipped: what it was about was erased')
    if (turn.answer !== null) throw new GiveUp('skipped: a person has answered meanwhile')
    const others = Array.isArray(effect.payload['others']) ? effect.payload['others'].map(String) : []
    return layOutSuggestion({ key: effect.marker, rule, others, story, turn }, deps.home)
  }

  // A connector that is asked to write a note which is there already writes none: it hides it when it is public.
  async function hide (helpdesk: Helpdesk, effect: EffectRequest, noteId: string): Promise<PublicNote> {
    const note = await makeNote(effect).catch(() => null)    // no longer wanted: then it is taken away instead
    const told = await (note === null
      ? helpdesk.provision?.removeNote(effect.ticketId, noteId)
      : helpdesk.postNote(effect.ticketId, note))?.catch((error: unknown) => error)
    if (told instanceof PublicNote) return told
    return new PublicNote(`${effect.account} showed note ${effect.marker} on ticket ${effect.ticketId} in public: look at it`)
  }
}

export interface Suggestion { key: string, rule: EscalationRule, others: string[], story: TicketEvent[], turn: Turn }

/** Line one says what and why; then whom to ask, what has happened so far, and the customer's own words. */
export function layOutSuggestion ({ key, rule, others, story, turn }: Suggestion, home: string): Note {
  const also = others.length === 0 ? '' : `, and ${others.map(id => `"${id}"`).join(', ')}`
  const newest = turn.messages.at(-1)
  const items = [
    { label: 'Rule', text: rule.says },
    ...(rule.to === undefined ? [] : [{ label: 'To', text: rule.to }]),
    { label: 'So far', text: tellSoFar(story) },
    { label: 'Said', text: `“${shorten(newest?.text ?? '')}”` }
  ]
  return {
    key,
    basis: newest?.id ?? turn.questionId,
    parts: [
      { kind: 'headline', label: 'Suggest escalation · private', text: `rule "${rule.id}"${also}` },
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
