// All that was learned, as plain data: it survives JSON, and the same thoughts in the same order make the same mind.
import type { Instant } from '../types.ts'
import { emptyAnswers } from './answers.ts'
import type { Answers } from './answers.ts'
import * as calibrator from './calibrate.ts'
import { emptyCitations } from './citations.ts'
import type { Citations, Guess } from './citations.ts'
import { emptyChoice } from './choice.ts'
import type { Choice } from './choice.ts'
import { emptyFit } from './context-features.ts'
import type { Fit } from './context-features.ts'
import * as gate from './gate.ts'
import type { Simhash } from './guard-hash.ts'
import { emptyKnowledge } from './knowledge.ts'
import type { Knowledge } from './knowledge.ts'
import { emptyLedger, regroupLedger } from './ledger.ts'
import type { Ledger } from './ledger.ts'
import { emptyIndex } from './nearest.ts'
import type { Index } from './nearest.ts'
import * as scorer from './scorer.ts'
import { emptyTagged } from './tagged.ts'
import type { Tagged } from './tagged.ts'
import { emptyTopics, rootOf } from './topics.ts'
import type { Topics } from './topics.ts'

/** Of the form of a mind: a snapshot of another one is computed again from the thoughts. */
export const MIND_VERSION = 6

/** A draft that waits for its reply, as it was when it was made. */
export interface Pending {
  topic: number
  language: string
  logit: number
  score: number
  choices: Array<{ answer: number, features: number[] }>
  signs: number[]
  at: Instant
  stems: string[]
  title: string[]
  last: number | null                               // the answer that its ticket was given before
  context: string[]
  text: string
  person: string                                    // the customer, hashed
  print: Simhash | null                             // of what was asked, to notice floods
  known: number | null                              // the answer that old evidence agrees on
  cited: Guess                                      // the article suggested first
  hostile: string | null                            // why nothing is learned from this question
}

export interface Mind {
  index: Index
  answers: Answers
  knowledge: Knowledge                              // macros and articles
  citations: Citations                              // which articles agents cite
  topics: Topics
  tagged: Tagged                                    // tickets whose topic people have named
  choice: Choice
  fit: Fit                                          // what the place of asking adds to the words
  ranker: scorer.Scorer                             // orders candidates by how much of the reply each will hold
  scorer: scorer.Scorer                             // how likely the best is sent as is or lightly edited
  calibrator: calibrator.Calibrator
  gate: gate.Gate
  pending: Record<string, Pending>                  // drafts that have not been answered yet
  used: Record<string, number>                      // question -> the answer that was proposed, for what follows later
  ledger: Ledger<Pending>                           // who taught what, what is taken out, what waits
}

// Intercept, share of votes, best and mean similarity, trust, replies, recency, agreement with other neighbours' replies,
// lead over the second, known stems, agents, topic, what its words call for, share in its topic, already told in
// this ticket, likeness of what the team has written, whether it is written, whether nobody has sent it yet, what the
// place of asking says for it. The weights are a first opinion, corrected by every reply.
const FIRST_OPINION = [-2.5, 2, 2, 1, 1.5, 0.3, 0.5, 1, 0.5, 0.3, 0.2, 0.3, 2, 1, -2, 2, 0.3, -0.5, 1]
// How much of the reply the best should hold, its lead over the second, how well its topic has done.
const FIRST_SURE = [1, 1, 1]

export function emptyMind (): Mind {
  return {
    index: emptyIndex(),
    answers: emptyAnswers(),
    knowledge: emptyKnowledge(),
    citations: emptyCitations(),
    topics: emptyTopics(),
    tagged: emptyTagged(),
    choice: emptyChoice(),
    fit: emptyFit(),
    ranker: scorer.emptyScorer(FIRST_OPINION),
    scorer: scorer.emptyScorer([...FIRST_OPINION, ...FIRST_SURE]),
    calibrator: calibrator.emptyCalibrator(),
    gate: gate.emptyGate(),
    pending: {},
    used: {},
    ledger: emptyLedger()
  }
}

/** Topics were merged or split: what was decided in a topic, or counted there, now counts for the one that remains. Changes `mind`. */
export function regroup (mind: Mind): void {
  mind.gate = { ...mind.gate, window: mind.gate.window.map(d => ({ ...d, topic: rootOf(mind.topics, d.topic) })) }
  regroupLedger(mind.ledger, topic => rootOf(mind.topics, topic))
}
