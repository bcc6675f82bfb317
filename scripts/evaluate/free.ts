// Archives whose replies are free text: how much of the first reply to a ticket was in the draft, and was the article that
// it cites among those suggested? Every draft is made when it is due; every reply is learned when it was sent.
import { emptyCitations, findArticles, guessOf, learnOne as learnCitation } from '../../src/learn/citations.ts'
import type { CitedQuestion, Suggested } from '../../src/learn/citations.ts'
import { emptyConsensus, findProposals, learnOne as learnProposals } from '../../src/learn/consensus.ts'
import type { Proposal } from '../../src/learn/consensus.ts'
import { languageOf, stemsOf } from '../../src/learn/features.ts'
import { articlesIn } from '../../src/learn/links.ts'
import { addDoc, countOne, emptyIndex, findNearest } from '../../src/learn/nearest.ts'
import { titleOf } from '../../src/learn/recall.ts'
import { commonLength, wordF1 } from '../../src/learn/reward.ts'
import { words } from '../../src/text.ts'
import type { Evaluated, Prediction, Told } from './labelled.ts'
import { auroc, brier, calibrationError, inParts, meanOf } from './measures.ts'
import { customerOf } from './moments.ts'
import type { Moment, Reply } from './moments.ts'

const NEIGHBOURS = 30
const MOST_WORDS = 400

interface Asked {
  question: CitedQuestion
  proposals: Proposal[], suggested: Suggested, ms: number
}

interface Past { text: string, agent: string, at: string, articles: string[], similarity: number }

interface Judged extends Prediction { f1: number, best: number, rouge: number, rank: number | null, cites: boolean }

/** `titles`: of articles, as stems. */
export interface FreeArgs { told: Told, titles: ReadonlyMap<string, string[]> }

/** `moments` are those of each ticket's first reply. */
export function evaluateFree (moments: Moment[], args: FreeArgs): Evaluated {
  const { told } = args
  const index = emptyIndex()
  const replies: Array<Omit<Past, 'similarity'>> = []
  const byAgent = new Map<string, number>()
  const citations = emptyCitations()
  let consensus = emptyConsensus()
  const open = new Map<string, Asked>()
  const judged: Judged[] = []

  function findPast (stems: string[], language: string): Past[] {
    return findNearest(index, stems, language, NEIGHBOURS).flatMap(h => {
      const past = replies[index.docs[h.doc]?.answer ?? -1]
      return past === undefined ? [] : [{ ...past, similarity: h.similarity }]
    })
  }

  function suggest (question: CitedQuestion, votes: Past[]): Suggested {
    const titleOf = (article: string): string[] | null => args.titles.get(article) ?? null
    return findArticles(citations, question, { counts: index, votes, written: [], titleOf, isGone: () => false })
  }

  function ask (reply: Reply): Asked {
    const startedMs = told.now()
    const { said } = customerOf(reply)
    const locale = reply.ticket.context?.['locale']
    const language = typeof locale === 'string' ? locale : languageOf(said)
    const stems = [...stemsOf(said).keys()]
    const found = findPast(stems, language)
    const proposals = findProposals(consensus, found.map(p => ({
      text: p.text, similarity: p.similarity, replies: byAgent.get(p.agent) ?? 0,
      ageDays: Math.max(0, (Date.parse(reply.dueAt) - Date.parse(p.at)) / 86_400_000)
    })))
    const question = { stems, title: titleOf(said), language, at: reply.dueAt }
    const suggested = suggest(question, found)
    return { question, proposals, suggested, ms: told.now() - startedMs }
  }

  for (const { kind, reply } of moments) {
    if (kind === 'ask') {
      const asked = ask(reply)
      told.took(asked.ms)
      countOne(index, asked.question.stems)
      open.set(reply.id, asked)
      continue
    }
    const asked = open.get(reply.id)
    if (asked === undefined) continue
    open.delete(reply.id)
    const articles = articlesIn(reply.text)
    if (asked.proposals.length > 0) judged.push(judge(reply, asked, articles))
    consensus = learnProposals(consensus, asked.proposals, reply.text)
    const heard = { ...asked.question, at: reply.at }
    learnCitation(citations, heard, guessOf(asked.suggested), articles, index,
      () => suggest(heard, findPast(heard.stems, heard.language)))
    const agent = reply.message.agent_id ?? ''
    byAgent.set(agent, (byAgent.get(agent) ?? 0) + 1)
    const answer = replies.push({ text: reply.text, agent, at: reply.at, articles }) - 1
    const { id: ticketId } = reply.ticket
    const { stems, language } = asked.question
    addDoc(index, stems, { connection: 'archive', ticketId, language, at: reply.at, answer })
    if (replies.length % 2500 === 0) told.say(`${replies.length} replies, word F1 ${meanOf(judged.map(j => j.f1))?.toFixed(3)}`)
  }
  const dump = judged.map(({ id, at, predicted, score, correct }) => ({ id, at, predicted, score, correct }))
  return { report: reportOf(judged), dump }
}

function judge (reply: Reply, asked: Asked, articles: string[]): Judged {
  const sent = words(reply.text).slice(0, MOST_WORDS)
  const drafts = asked.proposals.slice(0, 5).map(p => words(p.text).slice(0, MOST_WORDS))
  const f1s = drafts.map(d => wordF1(d, sent))
  const common = commonLength(drafts[0] ?? [], sent)
  const rank = asked.suggested.list.findIndex(s => articles.includes(s.article))
  const predicted = asked.suggested.list[0]?.article ?? null
  return {
    id: reply.id, at: reply.dueAt, predicted, score: asked.suggested.score,
    correct: predicted !== null && articles.includes(predicted),
    f1: f1s[0] ?? 0, best: Math.max(...f1s), rouge: 2 * common / (((drafts[0]?.length ?? 0) + sent.length) || 1),
    rank: rank < 0 ? null : rank, cites: articles.length > 0
  }
}

function reportOf (judged: Judged[]): Record<string, unknown> {
  const settled = judged.slice(Math.floor(judged.length / 10))
  return {
    scored: judged.length,
    f1_at_1: meanOf(judged.map(j => j.f1)),
    f1_best_of_5: meanOf(judged.map(j => j.best)),
    rouge_l: meanOf(judged.map(j => j.rouge)),
    article: { ...hitsOf(judged), ece: calibrationError(settled), brier: brier(settled), auroc: auroc(settled) },
    by_fifth: inParts(judged, 5, part => ({ f1_at_1: meanOf(part.map(j => j.f1)), hit1: hitsOf(part).hit1 }))
  }
}

// Of the replies that cite an article: was it suggested?
function hitsOf (judged: Judged[]): Record<'cited' | 'hit1' | 'hit3' | 'hit5' | 'mrr', number | null> {
  const citing = judged.filter(j => j.cites)
  const within = (most: number): number | null => meanOf(citing.map(j => j.rank !== null && j.rank < most ? 1 : 0))
  const mrr = meanOf(citing.map(j => j.rank === null ? 0 : 1 / (j.rank + 1)))
  return { cited: citing.length, hit1: within(1), hit3: within(3), hit5: within(5), mrr }
}
