// Speaks to OpenAI or to a server that is compatible with it: chat completions, and embeddings where there are any. Every
// path uses the same address, key and headers; only what is configured is sent, because small servers refuse the rest.
import OpenAI from 'openai'
import { messageOf } from '../errors.ts'
import type { Prompt } from './prompt.ts'
import { REPLY_SCHEMA } from './prompt.ts'

export interface ModelSettings {
  url: string                                       // with /v1; empty: OpenAI's own
  key: string
  chatModel: string
  embeddingModel: string                            // empty: none
  headers: Record<string, string>
  timeoutSeconds: number
  maxReplyTokens: number
  tokenField: 'max_tokens' | 'max_completion_tokens'
  structured: 'json_schema' | 'json_object' | 'none'
}

/** What a model answered. `refused`: it gave no usable answer, and `content` is empty. */
export interface Completion { content: string, refused: string | null, tokensIn: number, tokensOut: number }

export interface Model {
  complete (prompt: Prompt, repair?: { answer: string, fault: string }): Promise<Completion>
  /** One vector per text, in their order. */
  embed (texts: string[]): Promise<number[][]>
}

/** A model that cannot be had now (`later`) or not at all with these settings. */
export class ModelError extends Error {
  readonly later: boolean
  readonly status: number | null
  constructor (message: string, later: boolean, status: number | null) {
    super(message)
    this.name = 'ModelError'
    this.later = later
    this.status = status
  }
}

const LONGEST_EMBEDDED = 6_000                      // characters, far below 8,192 tokens
const MOST_EMBEDDED = 64

export function openModel (settings: ModelSettings): Model {
  const client = new OpenAI({
    // Every other setting of the SDK's own environment is set aside, so that ours decide.
    apiKey: settings.key === '' ? 'none' : settings.key,
    baseURL: settings.url === '' ? 'https://api.openai.com/v1' : settings.url,
    organization: null,
    project: null,
    timeout: settings.timeoutSeconds * 1000,
    maxRetries: 0,                                  // a retried completion is billed again: the drafter repairs once, itself
    defaultHeaders: settings.headers,
    // A redirect would carry the customer's words to an address that nobody set.
    fetchOptions: { redirect: 'manual' }
  })

  return {
    async complete (prompt, repair) {
      const answer = await attempt(signal => client.chat.completions.create({
        model: settings.chatModel,
        messages: [
          { role: 'system', content: prompt.system },
          { role: 'user', content: prompt.user },
          ...(repair === undefined
            ? []
            : [{ role: 'assistant' as const, content: repair.answer }, { role: 'user' as const, content: `${repair.fault}. Answer again, with the JSON object alone.` }])
        ],
        [settings.tokenField]: settings.maxReplyTokens,
        ...formatOf(settings.structured, repair !== undefined)
      }, { signal }))
      const choice = answer.choices?.[0]
      const tokensIn = answer.usage?.prompt_tokens ?? 0
      const tokensOut = answer.usage?.completion_tokens ?? 0
      const refused = (why: string): Completion => ({ content: '', refused: why, tokensIn, tokensOut })
      if (choice === undefined) return refused('the model gave no answer')
      if (typeof choice.message?.refusal === 'string' && choice.message.refusal !== '') return refused('the model refused')
      if (choice.finish_reason === 'length') return refused('the answer was cut off')
      if (choice.finish_reason !== 'stop') return refused(`the model ended with ${String(choice.finish_reason).slice(0, 30)}`)
      const { content } = choice.message
      if (typeof content !== 'string' || content.trim() === '') return refused('the model answered nothing')
      return { content, refused: null, tokensIn, tokensOut }
    },
    async embed (texts) {
      const input = texts.slice(0, MOST_EMBEDDED).map(text => text.slice(0, LONGEST_EMBEDDED) || ' ')
      const answer = await attempt(signal => client.embeddings.create(
        { model: settings.embeddingModel, input, encoding_format: 'float' }, { signal }
      ))
      const vectors = [...answer.data ?? []].sort((a, b) => a.index - b.index).map(row => row.embedding)
      const size = vectors[0]?.length ?? 0
      const isWhole = vectors.length === input.length && size > 0
      if (!isWhole || vectors.some(v => v.length !== size || !v.every(Number.isFinite))) {
        throw new ModelError('the embeddings are not as asked', false, null)
      }
      return vectors
    }
  }

  // The whole call has one deadline, the reading of a slow answer included.
  async function attempt<T> (call: (signal: AbortSignal) => Promise<T>): Promise<T> {
    try {
      return await call(AbortSignal.timeout(settings.timeoutSeconds * 1000))
    } catch (error) {
      const status = error instanceof OpenAI.APIError && typeof error.status === 'number' ? error.status : null
      const code = error instanceof OpenAI.APIError ? error.code : null
      const isLimited = status === 429 && code !== 'insufficient_quota'
      const later = status === null || status === 408 || status === 409 || status >= 500 || isLimited
      throw new ModelError(status === null ? `no answer (${nameOf(error)})` : `answered ${status}`, later, status)
    }
  }
}

// Its sentence may carry what was sent: only the kind of the failure is told.
function nameOf (error: unknown): string {
  if (error instanceof OpenAI.APIConnectionTimeoutError || error instanceof OpenAI.APIUserAbortError) return 'too slow'
  if (error instanceof OpenAI.APIConnectionError) return 'not reached'
  if (error instanceof SyntaxError) return 'no JSON'
  return error instanceof Error ? error.name : messageOf(error).slice(0, 40)
}

type Format = {
  response_format?: { type: 'json_object' } |
    { type: 'json_schema', json_schema: { name: string, strict: true, schema: typeof REPLY_SCHEMA } }
}

// A server that fails at a schema is asked for plain JSON the second time.
function formatOf (structured: ModelSettings['structured'], repairing: boolean): Format {
  if (structured === 'none') return {}
  if (structured === 'json_object' || repairing) return { response_format: { type: 'json_object' } }
  return { response_format: { type: 'json_schema', json_schema: { name: 'support_reply', strict: true, schema: REPLY_SCHEMA } } }
}
