// The customer writes on before anybody has answered: it is the same question, said better. What is proposed for it is
// made anew, and nothing of it is counted twice.
import type { Question } from '../types.ts'
import * as calibrator from './calibrate.ts'
import { guessOf } from './citations.ts'
import { floodPrint } from './guard.ts'
import { hostileIn } from './guard-screen.ts'
import { longKnown } from './lessons.ts'
import { foldAsk, keyOf } from './loop.ts'
import type { LoopRules } from './loop.ts'
import type { Mind } from './mind.ts'
import { textIn, think } from './recall.ts'
import type { Thinking } from './recall.ts'
import * as scorer from './scorer.ts'

/**
 * Folds in a further draft of a question that still waits for its reply: the reply will judge this one. Its stems were
 * counted and its topic shaped by the first. Changes `mind`; never throws.
 */
export function foldAgain (
  mind: Mind, rules: LoopRules, question: Question, thinking: Thinking = think(mind, rules, question)
): void {
  const key = keyOf(question)
  const earlier = mind.pending[key]
  if (earlier === undefined) {                      // of many thousands the oldest were forgotten
    foldAsk(mind, rules, question, thinking)
    return
  }
  const { topic, language, choices, signs, stems, sources, context } = thinking
  const [best] = choices
  const logit = best === undefined ? -8 : scorer.logitOf(mind.scorer, signs)
  mind.pending[key] = {
    topic: topic ?? earlier.topic,
    language,
    logit,
    score: best === undefined ? 0 : calibrator.scoreOne(mind.calibrator, logit),
    choices,
    signs,
    at: question.at,
    stems: [...stems.keys()],
    title: thinking.title,
    last: thinking.last,
    context,
    text: textIn(mind, best?.answer),
    hostile: earlier.hostile ?? hostileIn(question.text),
    person: earlier.person,
    print: floodPrint(question.text),
    known: longKnown(sources, question.at),
    cited: guessOf(thinking.suggested)
  }
}
