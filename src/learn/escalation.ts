// When a ticket counts as escalated: rules that people can read, applied to a story. Each finding follows from one event
// and what came before it, so that webhooks, the helpdesk's history and a backtest come to the same ones.
import type { EscalationRule, TicketEvent } from '../types.ts'
import { cutQuotes } from '../text.ts'
import { findPhrase, readPhrases, sentencesOf } from './phrases.ts'
import type { Phrase } from './phrases.ts'
import { silencedAt, sortStory } from './story.ts'

/** A rule that fired, and the event it makes. */
export interface Escalation { rule: EscalationRule, event: TicketEvent & { kind: 'escalated' } }

export interface EscalationRules { rules: EscalationRule[], find: (events: TicketEvent[]) => Escalation[] }

/** Every story has none of them: where no rules are given. */
export const noEscalation: EscalationRules = { rules: [], find: () => [] }

const MARK = 'escalated:rule:'

/**
 * Makes rules ready to be applied. Throws on a phrase that cannot be read.
 * `find` takes a ticket's events in any order, each possibly twice, with or without the events that rules made before, and
 * returns what fires, in the order of its causes: the same for the same events. A spam, deleted or merged ticket fires
 * nothing from then on. The key of each event is the rule's id and the key of its cause, so that it is recorded once
 * however often the story is read; `how` also tells the rule's version.
 */
export function readEscalation (rules: EscalationRule[]): EscalationRules {
  const judges = rules.map(rule => ({ rule, fires: judgeOf(rule) }))
  return {
    rules,
    find (events) {
      const story = sortStory(events.filter(e => !isRuleEvent(e)))
      const silenced = silencedAt(story)
      const heard = silenced === null ? story : story.filter(e => e.at < silenced)
      const agents: string[] = []
      return heard.flatMap(cause => {
        const isNewAgent = cause.kind === 'answered' && cause.by === 'human' && !agents.includes(cause.agentId)
        if (isNewAgent) agents.push(cause.agentId)
        const nth = isNewAgent ? agents.length : 0
        return judges.filter(judge => judge.fires(cause, nth)).map(({ rule }) => escalationOf(rule, cause))
      })
    }
  }
}

/** An event that a rule made, in contrast to one that the helpdesk told. */
export function isRuleEvent (event: { kind: string, key: string }): boolean {
  return event.kind === 'escalated' && event.key.startsWith(MARK)
}

/** The rule behind an event's key; null when the helpdesk told it. */
export function ruleOfKey (key: string): string | null {
  return key.startsWith(MARK) ? key.slice(MARK.length).split(':')[0] ?? null : null
}

/** A story with what the rules make of it: what a reader of the whole stream sees. */
export function withEscalations (events: TicketEvent[], escalation: EscalationRules): TicketEvent[] {
  const made = escalation.find(events)
  return made.length === 0 ? events : [...events, ...made.map(e => e.event)]
}

function escalationOf (rule: EscalationRule, cause: TicketEvent): Escalation {
  const { connection, ticketId, at } = cause
  return {
    rule,
    event: {
      kind: 'escalated', key: `${MARK}${rule.id}:${cause.key}`, connection, ticketId, at, how: `rule ${rule.id} v${rule.version}`
    }
  }
}

type Fires = (cause: TicketEvent, nthAgent: number) => boolean

function judgeOf ({ when }: EscalationRule): Fires {
  if ('helpdesk' in when) return () => false        // the helpdesk's own event is one already; a second would count double
  if ('group' in when) return cause => cause.kind === 'assigned' && cause.group !== undefined && fits(when.group, cause.group)
  if ('tag' in when) return cause => tagsOf(cause).some(tag => fits(when.tag, tag))
  if ('agents' in when) return (_, nth) => nth >= when.agents
  const { phrases, unless = {} } = when
  const tongues = Object.entries(phrases).map(([language, texts]) => ({
    phrases: readPhrases(texts), unless: readPhrases(unless[language] ?? [])
  }))
  return cause => {
    const sentences = sentencesOf(cutQuotes(textOf(cause)))
    return sentences.length > 0 && tongues.some(tongue => says(sentences, tongue.phrases, tongue.unless))
  }
}

/** Whether a rule of the kind `helpdesk` names this way of escalating, as a connector tells it. */
export function namesHow (rule: EscalationRule, how: string): boolean {
  return 'helpdesk' in rule.when && fits(rule.when.helpdesk, how)
}

// What the customer wrote: messages, and the subject, which some helpdesks keep apart from the first of them.
function textOf (event: TicketEvent): string {
  if (event.kind === 'opened') return event.subject
  return event.kind === 'asked' ? event.text : ''
}

function says (sentences: string[][], phrases: Phrase[], unless: Phrase[]): boolean {
  return sentences.some(sentence => findPhrase(sentence, phrases) !== null && findPhrase(sentence, unless) === null)
}

function tagsOf (event: TicketEvent): string[] {
  if (event.kind === 'opened') return event.tags
  return event.kind === 'tagged' ? event.added : []
}

// A name as people write it in a file, `*` for anything. Case plays no part.
function fits (patterns: string[], name: string): boolean {
  const given = name.trim().toLowerCase()
  return patterns.some(pattern => glob(pattern.toLowerCase().split('*'), given))
}

// Each part in its order, as early as it can be: what `*` stands for never needs to be tried twice.
function glob (parts: string[], name: string): boolean {
  const [first = '', ...rest] = parts
  const last = rest.pop()
  if (last === undefined) return name === first
  if (!name.startsWith(first) || !name.endsWith(last) || name.length < first.length + last.length) return false
  let at = first.length
  for (const part of rest) {
    const found = name.indexOf(part, at)
    if (found < 0) return false
    at = found + part.length
  }
  return at <= name.length - last.length
}
