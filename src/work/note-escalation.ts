// A note that proposes to hand a ticket on instead of an answer: which rule says so, to whom, and what it is about.
import type { Note } from '../types.ts'
import type { NoteFrame } from './note.ts'
import { wordsIn } from './note-words.ts'

export interface EscalationNote {
  key: string
  basis: string                                     // message id of the newest public message that was seen
  rule: string                                      // its name, as people gave it
  to: string                                        // a group or a person, as people named it; empty: not said
  why: string[]                                     // what in this ticket made the rule speak
  summary: string[]                                 // paragraphs for whoever takes over; ready to be pasted
}

/** Same frame as a draft's note: the first line tells what it is, what can be pasted stands alone between two rules. */
export function layOutEscalation (escalation: EscalationNote, frame: NoteFrame): Note {
  const say = wordsIn(frame.language)
  const { key, basis, rule, to, why, summary } = escalation
  const items = [
    { label: say.rule, text: rule },
    ...to === '' ? [] : [{ label: say.to, text: to }],
    ...why.length === 0 ? [] : [{ label: say.why, text: why.slice(0, 5).join('; ') }]
  ]
  return {
    key,
    basis,
    parts: [
      { kind: 'headline', label: say.escalate, text: `${say.rule.toLowerCase()} “${rule}”` },
      { kind: 'rule' },
      { kind: 'draft', paragraphs: summary },
      { kind: 'rule' },
      { kind: 'facts', items },
      { kind: 'footer', hint: '', links: [], key }
    ]
  }
}
