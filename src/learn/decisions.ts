// What a person's decision does to the mind, and the fold of everything that was recorded: steps and decisions in their
// order, without the lessons that were taken back. A mind that is folded this way has never seen them.
import type { Instant, TicketEvent } from '../types.ts'
import { rewrite, textOf } from './answers.ts'
import { changeOf } from './changes.ts'
import { holdBack, takeAgreed, takeGroup } from './lessons.ts'
import type { Decision, HeldLesson, ItemState, TakenBack, Told } from './ledger.ts'
import { foldLesson } from './loop.ts'
import type { LoopRules } from './loop.ts'
import { emptyMind } from './mind.ts'
import type { Mind, Pending } from './mind.ts'
import { holdTopic, letGoEarly, letTopicGo, retireTied, takeHeld } from './quarantine.ts'
import type { TopicDecision } from './quarantine.ts'
import { foldStep } from './steps.ts'
import type { LearnRules, Where } from './steps.ts'
import type { Step } from './story.ts'
import { foldTaught } from './taught.ts'
import type { Lesson } from './taught.ts'
import { nameOf } from './topic-names.ts'
import { rootOf } from './topics.ts'

export type Entry = { where: Where, events: TicketEvent[], step: Step } | { decision: Decision } | { taught: Lesson }

/**
 * Folds a decision in. What was reverted is out at once, and its words are not learned again until the tombstone ends;
 * that its traces in the weights go too is the work of `foldAll` without its lessons. Changes `mind`.
 */
export function foldDecision (mind: Mind, rules: LoopRules, decision: Decision): Told[] {
  const { ledger } = mind
  const { at, kind } = decision
  switch (decision.kind) {
    case 'revert':
    case 'reject': {
      const { item, language, prints, until } = decision
      const state = decision.kind === 'revert' ? 'reverted' : 'rejected'
      for (const answer of answersOf(mind, item)) ledger.out[answer] = state
      ledger.tombstones = ledger.tombstones.filter(t => t.item !== item && (t.until === null || t.until > at))
      ledger.tombstones.push({ item, language, prints, until })
      return toldOf(mind, decision, item, state)
    }
    case 'reinstate':
    case 'approve':
    case 'edit': {
      const { item } = decision
      for (const answer of answersOf(mind, item)) {
        delete ledger.out[answer]
        delete ledger.again[answer]
        if (decision.kind === 'edit') rewrite(mind.answers, answer, decision.text)
        vouchFor(mind, answer, at)
      }
      ledger.tombstones = ledger.tombstones.filter(t => t.item !== item)
      ledger.approved[item] = true
      return toldOf(mind, decision, item, 'active')
    }
    case 'return':
      return ledger.born.flatMap((born, answer) => {
        if (born <= decision.to || born > at) return []
        ledger.out[answer] = 'reverted'
        return toldOf(mind, decision, ledger.ids[answer] ?? '', 'reverted')
      })
    case 'admit':
      return (takeHeld(mind, decision.group) ?? takeGroup(mind, decision.group))
        .flatMap(l => foldLesson(mind, rules, l.where, l.pending, l.reply))
    case 'retire': return retireTied(mind, decision)
    case 'quarantine':
    case 'release':
      if (decision.incident !== undefined) return foldIncident(mind, rules, decision)
      if (decision.kind === 'release') letGoEarly(mind, topicsOf(mind, decision.topic), at)
      return topicsOf(mind, decision.topic).map(topic => {
        if (kind === 'quarantine') ledger.quarantined[topic] = decision.why
        else delete ledger.quarantined[topic]
        return changeOf(mind, `t-${topic}`, kind, null, topic, 'und', at, null, decision.why)
      })
  }
}

function foldIncident (mind: Mind, rules: LoopRules, decision: TopicDecision): Told[] {
  if (decision.kind === 'quarantine') return holdTopic(mind, decision)
  const { told, lessons } = letTopicGo(mind, decision)
  return [...told, ...lessons.flatMap(lesson => hearAgain(mind, rules, lesson))]
}

// A lesson that was held for nothing passes the rest of the guard now: floods and rogue replies come in noise, too.
function hearAgain (mind: Mind, rules: LoopRules, { where, pending: asked, reply }: HeldLesson<Pending>): Told[] {
  const pending = { ...asked, topic: rootOf(mind.topics, asked.topic) }
  const held = holdBack(mind, rules, where, pending, reply)
  if (held === null) return foldLesson(mind, rules, where, pending, reply)
  const agreed = takeAgreed(mind, rules, held.group)
  return [held, ...agreed.flatMap(l => foldLesson(mind, rules, l.where, l.pending, l.reply))]
}

/** The mind after all entries, without the lessons that are taken back, and without decisions that were taken back. */
export function foldAll (entries: Iterable<Entry>, rules: LearnRules, taken: TakenBack): Mind {
  const mind = emptyMind()
  for (const entry of entries) foldEntry(mind, rules, entry, taken)
  return mind
}

/** One entry of it. Changes `mind`. */
export function foldEntry (mind: Mind, rules: LearnRules, entry: Entry, taken: TakenBack | null): Told[] {
  if ('decision' in entry) return taken?.void.has(entry.decision.id) === true ? [] : foldDecision(mind, rules, entry.decision)
  if ('taught' in entry) return foldTaught(mind, entry.taught)
  const { where, events, step } = entry
  const ref = { ...where, questionId: step.questionId }
  if (taken !== null && step.kind !== 'ask' && step.kind !== 'label' && taken.lesson(ref, step.at)) return []
  return foldStep(mind, rules, where, events, step)
}

/** A mind in which an answer may, or may not, be proposed; it shares everything with the other. For asking only. */
export function mindWith (mind: Mind, item: string, state: ItemState): Mind {
  const out = { ...mind.ledger.out }
  for (const answer of answersOf(mind, item)) {
    if (state === 'active') delete out[answer]
    else out[answer] = state
  }
  return { ...mind, ledger: { ...mind.ledger, out } }
}

// A person who has read an answer and wants it stands for as many agents as it takes.
function vouchFor (mind: Mind, answer: number, at: Instant): void {
  const known = mind.answers.list[answer]
  if (known === undefined || known.state === 'promoted') return
  known.state = 'promoted'
  known.stateAt = at
}

function answersOf (mind: Mind, item: string): number[] {
  return mind.ledger.ids.flatMap((id, answer) => id === item ? [answer] : [])
}

// By its number, or by the name that people read.
function topicsOf (mind: Mind, topic: string): number[] {
  if (/^\d+$/.test(topic)) return mind.topics.list[Number(topic)] === undefined ? [] : [rootOf(mind.topics, Number(topic))]
  return mind.topics.list.flatMap((_, id) => nameOf(mind.topics, mind.index, id) === topic ? [id] : [])
}

function toldOf (mind: Mind, decision: { kind: Decision['kind'], at: Instant }, item: string, state: ItemState): Told[] {
  const answers = answersOf(mind, item).flatMap(a => mind.answers.list[a] ?? [])
  return answers.map(answer => ({
    ...changeOf(mind, item, decision.kind, state, -1, answer.language, decision.at, null, textOf(answer)), topic: ''
  }))
}
