// A draft in the words of an agent when no two replies are the same: of the replies to similar questions the one that says
// most of what the others say (minimum Bayes risk under word F1, Kumar & Byrne 2004), corrected by what came true.
import { EMPTY_BAG, bagF1, bagOf } from './bags.ts'
import * as scorer from './scorer.ts'

/** A reply that was given to a similar question. */
export interface Precedent { text: string, similarity: number, ageDays: number, replies: number }

export interface Consensus { ranker: scorer.Scorer }

export interface Proposal { text: string, features: number[], expected: number }

// Intercept, agreement with the other replies, similarity of the question, length, its square, recency, how often the
// agent replies.
const FIRST_OPINION = [-2, 4, 0.5, 0, 0, 0.1, 0]

export function emptyConsensus (): Consensus {
  return { ranker: scorer.emptyScorer(FIRST_OPINION) }
}

/** The precedents as proposals, best first; `expected` is the word F1 that each is likely to reach, 0 to 1. */
export function findProposals (consensus: Consensus, precedents: Precedent[]): Proposal[] {
  const bags = precedents.map(p => bagOf(p.text))
  const weights = precedents.map(p => p.similarity)
  const all = weights.reduce((a, b) => a + b, 0)
  const agreement = precedents.map(() => 0)
  for (const [i, a] of bags.entries()) {
    for (let j = i + 1; j < bags.length; j++) {
      const f1 = bagF1(a, bags[j] ?? EMPTY_BAG)
      agreement[i] = (agreement[i] ?? 0) + f1 * (weights[j] ?? 0)
      agreement[j] = (agreement[j] ?? 0) + f1 * (weights[i] ?? 0)
    }
  }
  return precedents.map((p, i) => {
    const rest = all - p.similarity
    const length = Math.log1p(bags[i]?.size ?? 0) / 5
    const agrees = rest <= 0 ? 0 : (agreement[i] ?? 0) / rest
    const fresh = Math.exp(-p.ageDays / 60)
    const features = [1, 4 * agrees, p.similarity, length, length * length, fresh, Math.log1p(p.replies) / 5]
    return { text: p.text, features, expected: scorer.scoreOne(consensus.ranker, features) }
  }).sort((a, b) => b.expected - a.expected || (a.text < b.text ? -1 : 1))
}

/** Learns how much of each proposal was in the reply that was really sent. */
export function learnOne (consensus: Consensus, proposals: Proposal[], sent: string): Consensus {
  const truth = bagOf(sent)
  const learned = (ranker: scorer.Scorer, p: Proposal): scorer.Scorer =>
    scorer.learnOne(ranker, p.features, bagF1(bagOf(p.text), truth))
  return { ranker: proposals.reduce(learned, consensus.ranker) }
}
