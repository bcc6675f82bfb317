// All that was learned, as plain data: it survives JSON, and the same thoughts in the same order make the same mind.
import type { Instant } from '../types.ts'
import { emptyAnswers } from './answers.ts'
import type { Answers } from './answers.ts'
import * as calibrator from './calibrate.ts'
import { emptyChoice } from './choice.ts'
import type { Choice } from './choice.ts'
import * as gate from './gate.ts'
import type { Simhash } from './guard-hash.ts'
import { emptyLedger } from './ledger.ts'
import type { Ledger } from './ledger.ts'
import { emptyIndex } from './nearest.ts'
import type { Index } from './nearest.ts'
import * as scorer from './scorer.ts'
import { emptyTopics } from './topics.ts'
import type { Topics } from './topics.ts'

/** Of the form of a mind: a snapshot of another one is computed again from the thoughts. */
export const MIND_VERSION = 2

/** A draft that waits for its reply, as it was when it was made. */
export interface Pending {
  topic: number
  language: string
  logit: number
  score: number
  choices: Array<{ answer: number, features: number[] }>
  at: Instant
  stems: string[]
  text: string
  person: string                                    // the customer, hashed
  print: Simhash | null                             // of what was asked, to notice floods
  known: number | null                              // the answer that old evidence agrees on
  hostile: string | null                            // why nothing is learned from this question
}

export interface Mind {
  index: Index
  answers: Answers
  topics: Topics
  choice: Choice
  scorer: scorer.Scorer
  calibrator: calibrator.Calibrator
  gate: gate.Gate
  pending: Record<string, Pending>                  // drafts that have not been answered yet
  used: Record<string, number>                      // question -> the answer that was proposed, for what follows later
  ledger: Ledger<Pending>                           // who taught what, what is taken out, what waits
}

// Intercept, share of votes, best and mean similarity, trust, replies, recency, agreement with other neighbours' replies,
// lead over the second, known stems, agents, topic, what its words call for, share in its topic, already told in
// this ticket. The weights are a first opinion, corrected by every reply.
const FIRST_OPINION = [-2.5, 2, 2, 1, 1.5, 0.3, 0.5, 1, 0.5, 0.3, 0.2, 0.3, 2, 1, -2]

export function emptyMind (): Mind {
  return {
    index: emptyIndex(),
    answers: emptyAnswers(),
    topics: emptyTopics(),
    choice: emptyChoice(),
    scorer: scorer.emptyScorer(FIRST_OPINION),
    calibrator: calibrator.emptyCalibrator(),
    gate: gate.emptyGate(),
    pending: {},
    used: {},
    ledger: emptyLedger()
  }
}
