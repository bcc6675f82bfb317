// Asks a language model to word a learned answer for the question at hand. What leaves the house is redacted, what comes
// back is checked; whenever anything is wrong the learned answer stays, and the reason is kept.
import { plainText } from '../text.ts'
import type { Drafter, Wording, WordingRequest } from '../outside.ts'
import { findUnfaithful } from './faithful.ts'
import { ModelError, openModel } from './openai.ts'
import type { Completion, Model, ModelSettings } from './openai.ts'
import { makePrompt, readReply } from './prompt.ts'
import type { ModelReply, Prompt } from './prompt.ts'
import { openRedactor } from './redact.ts'
import type { Redactor } from './redact.ts'
import { speaksToMachine } from './screen.ts'

const MOST_SOURCES = 4
const FAILURES_BEFORE_REST = 3
const REST_MS = 60_000
const LONGEST_REST_MS = 900_000

interface Asked { reply: ModelReply | null, reason: string, tokensIn: number, tokensOut: number }

/** `nowMs`: after some failures in a row the model is left alone for a while, and drafts do not wait for it. */
export function openDrafter (
  settings: ModelSettings, nowMs: () => number, model: Model = openModel(settings)
): Drafter {
  const rest = { failures: 0, untilMs: 0 }
  let embeds = settings.embeddingModel !== ''

  return {
    async word (request) {
      const kept = (reason: string, more: Partial<Wording> = {}): Wording => ({
        state: 'kept',
        text: '',
        reason,
        sent: '',
        model: settings.chatModel,
        usedSources: [],
        tokensIn: 0,
        tokensOut: 0,
        hidden: {},
        ...more
      })
      if (nowMs() < rest.untilMs) return kept('the model is resting after failures')
      if (speaksToMachine(`${request.question}\n${request.before ?? ''}`)) {
        return kept('the question speaks to the machine: no model sees it')
      }
      const redactor = openRedactor(request.names)
      const sources = await pickSources(request, redactor)
      const prompt = makePrompt({
        language: request.language,
        proposal: redactor.hide(request.proposal),
        sources,
        context: request.context.map(fact => redactor.hide(fact)),
        before: request.before === null ? null : redactor.hide(request.before),
        question: redactor.hide(request.question)
      })
      const told = { sent: `${prompt.system}\n\n${prompt.user}`, hidden: redactor.counts() }
      try {
        const { reply, reason, ...spent } = await ask(prompt)
        rest.failures = 0
        if (reply === null) return kept(reason, { ...told, ...spent })
        const fault = findFault(request, redactor, reply)
        if (fault !== null) return kept(fault, { ...told, ...spent })
        const text = plainText(redactor.restore(reply.reply))
        const usedSources = reply.used_sources.slice(0, MOST_SOURCES)
        return { state: 'worded', text, reason: 'worded by the model', model: settings.chatModel, usedSources, ...told, ...spent }
      } catch (error) {
        if (!(error instanceof ModelError)) throw error
        const isRefused = error.status === 401 || error.status === 403
        if (error.later || isRefused) countFailure()
        return kept(`the model ${error.message}${isRefused ? ': check OPENAI_API_KEY' : ''}`, told)
      }
    }
  }

  function countFailure (): void {
    rest.failures++
    const more = rest.failures - FAILURES_BEFORE_REST
    if (more >= 0) rest.untilMs = nowMs() + Math.min(LONGEST_REST_MS, REST_MS * 2 ** more)
  }

  // Repaired once; then silence.
  async function ask (prompt: Prompt): Promise<Asked> {
    const { content, refused, tokensIn, tokensOut }: Completion = await model.complete(prompt)
    if (refused !== null) return { reply: null, reason: refused, tokensIn, tokensOut }
    const read = readReply(content)
    if ('reply' in read) return { ...answerOf(read.reply), tokensIn, tokensOut }
    const second = await model.complete(prompt, { answer: content.slice(0, 4_000), fault: read.fault })
    const spent = { tokensIn: tokensIn + second.tokensIn, tokensOut: tokensOut + second.tokensOut }
    if (second.refused !== null) return { reply: null, reason: second.refused, ...spent }
    const again = readReply(second.content)
    if ('reply' in again) return { ...answerOf(again.reply), ...spent }
    return { reply: null, reason: `${again.fault}, twice`, ...spent }
  }

  function answerOf (reply: ModelReply): Pick<Asked, 'reply' | 'reason'> {
    if (reply.can_answer) return { reply, reason: '' }
    return { reply: null, reason: 'the model says that the sources do not answer this question' }
  }

  // With embeddings the sources nearest in meaning to the question; else as many as fit, in the order given.
  async function pickSources (request: WordingRequest, redactor: Redactor): Promise<WordingRequest['sources']> {
    const sources = request.sources.map(({ title, text }, i) =>
      ({ id: `s${i + 1}`, title: redactor.hide(title), text: redactor.hide(text) }))
    if (!embeds || sources.length <= MOST_SOURCES) return sources.slice(0, MOST_SOURCES)
    try {
      const texts = [redactor.hide(request.question), ...sources.map(s => `${s.title}\n${s.text}`)]
      const [asked, ...others] = await model.embed(texts)
      if (asked === undefined) return sources.slice(0, MOST_SOURCES)
      return sources.map((source, i) => ({ source, likeness: cosine(asked, others[i] ?? []) }))
        .sort((a, b) => b.likeness - a.likeness).slice(0, MOST_SOURCES).map(({ source }) => source)
    } catch (error) {
      if (!(error instanceof ModelError)) throw error
      if (!error.later) embeds = false              // this server has none: it is not asked again
      return sources.slice(0, MOST_SOURCES)
    }
  }
}

// Null when the reply may be shown.
function findFault (request: WordingRequest, redactor: Redactor, reply: ModelReply): string | null {
  const [strange] = redactor.unknown(reply.reply)
  if (strange !== undefined) return `the reply has a placeholder that was never given: ${strange}`
  const text = plainText(redactor.restore(reply.reply))
  const ours = [request.proposal, ...request.sources.flatMap(s => [s.title, s.text])]
  // An address in the customer's words is not one that we would send him to.
  const link = text.match(/\b(?:https?:\/\/|www\.)[^\s<>"')\]]+/gi)?.find(url => !ours.join('\n').includes(url.replace(/[.,;:!?]+$/, '')))
  if (link !== undefined) return 'the reply has a link that no source of ours has'
  return findUnfaithful(text, [...ours, request.question, request.before ?? '', ...request.context, ...request.names])
}

function cosine (a: number[], b: number[]): number {
  const dot = a.reduce((sum, x, i) => sum + x * (b[i] ?? 0), 0)
  return dot / (Math.hypot(...a) * Math.hypot(...b) || 1)
}
