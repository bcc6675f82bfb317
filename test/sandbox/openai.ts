// The pretend language model: an OpenAI-compatible server on loopback, as strict as the real one about keys, models and
// parameters. What it "thinks" is a function of the test's choosing; how it misbehaves is said by name.
// https://platform.openai.com/docs/api-reference/chat/create
import { setTimeout as sleep } from 'node:timers/promises'
import Fastify from 'fastify'
import type { FastifyReply, FastifyRequest } from 'fastify'

/** `openai`: knows every parameter, refuses unknown ones and `max_tokens` of reasoning models. `local`: knows the old few. */
export type Profile = 'openai' | 'local'

export type ModelFault = 'rate-limited' | 'no-quota' | 'broken' | 'unavailable' | 'hangs' | 'trickles' | 'html' | 'half-json' | 'no-choices' |
  'cut-off' | 'filtered' | 'refuses' | 'null-content' | 'empty' | 'not-json' | 'wrong-schema' | 'list-as-text' | 'too-long' |
  'redirects' | 'hangs-up'

export interface Material {
  language: string, proposal: string, context: string[], earlier: string | null, question: string
  sources: Array<{ id: string, title: string, text: string }>
}

export interface PretendModel {
  url: string
  settings: Record<string, string>
  /** What it answers with: an object becomes JSON, a string is sent as it is. */
  think: (material: Material, attempt: number) => unknown
  /** Faults of the next calls, one each; after them all is well. */
  faults: ModelFault[]
  /** Every body that arrived, as bytes of text, newest last. */
  received: string[]
  requests: Array<{ method: string, path: string, headers: Record<string, unknown>, body: unknown }>
  close (): Promise<void>
}

export interface ModelOptions {
  profile?: Profile, key?: string, chatModel?: string, embeddingModel?: string | null, dimensions?: number
}

const KNOWN = new Set(['model', 'messages', 'max_tokens', 'max_completion_tokens', 'response_format', 'temperature', 'top_p', 'seed', 'stop',
  'stream', 'n', 'store', 'metadata', 'logprobs', 'top_logprobs', 'reasoning_effort', 'user', 'service_tier'])
const KNOWN_LOCALLY = new Set(['model', 'messages', 'max_tokens', 'response_format', 'temperature', 'top_p', 'seed', 'stop', 'stream'])

export async function openPretendModel (options: ModelOptions = {}): Promise<PretendModel> {
  const { profile = 'openai', key = 'sk-sandbox', chatModel = 'pretend-mini', embeddingModel = null, dimensions = 8 } = options
  const app = Fastify({ bodyLimit: 4 << 20, forceCloseConnections: true })
  const attempts = new Map<string, number>()
  const model: PretendModel = {
    url: '',
    settings: {},
    think: material => ({ can_answer: true, reply: material.proposal, used_sources: material.sources.map(s => s.id) }),
    faults: [],
    received: [],
    requests: [],
    close: () => app.close()
  }
  // Read as text: what left the house is looked at byte by byte.
  app.addContentTypeParser('application/json', { parseAs: 'string' }, (_request, body, done) => {
    model.received.push(String(body))
    try { done(null, JSON.parse(String(body))) } catch (error) { done(error instanceof Error ? error : new Error('no JSON')) }
  })

  app.addHook('preHandler', async (request, reply) => {
    const { method, url: path, headers, body } = request
    model.requests.push({ method, path, headers: { ...headers }, body })
    model.received.push(JSON.stringify(request.headers), request.url)
    if (key !== '' && request.headers.authorization !== `Bearer ${key}`) return await refuse(reply, 401, 'invalid_api_key')
    const fault = model.faults.shift()
    if (fault !== undefined) return await misbehave(fault, request, reply)
  })

  app.get('/v1/models', async () => ({
    object: 'list',
    data: [chatModel, embeddingModel].flatMap(id => id === null ? [] : [{ id, object: 'model', created: 1 }])
  }))

  app.post('/v1/chat/completions', async (request, reply) => {
    const body = fieldsOf(request.body)
    const strange = Object.keys(body).find(name => !(profile === 'openai' ? KNOWN : KNOWN_LOCALLY).has(name))
    if (strange !== undefined) return await refuse(reply, 400, 'unknown_parameter', strange)
    if (body['model'] !== chatModel) return await refuse(reply, 404, 'model_not_found')
    const messages = Array.isArray(body['messages']) ? body['messages'].map(fieldsOf) : []
    if (messages.length === 0 || messages.some(m => typeof m['content'] !== 'string' || typeof m['role'] !== 'string')) {
      return await refuse(reply, 400, 'invalid_type', 'messages')
    }
    if (profile === 'local' && messages.some(m => m['role'] === 'developer')) return await refuse(reply, 400, 'invalid_role')
    const format = fieldsOf(body['response_format'])
    if (format['type'] === 'json_schema' && !isStrict(fieldsOf(format['json_schema']))) {
      return await refuse(reply, 400, 'invalid_json_schema')
    }
    const user = String(messages.find(m => m['role'] === 'user')?.['content'])
    const attempt = (attempts.get(user) ?? 0) + 1
    attempts.set(user, attempt)
    return completion(model.think(JSON.parse(user), attempt))
  })

  app.post('/v1/embeddings', async (request, reply) => {
    const body = fieldsOf(request.body)
    if (embeddingModel === null) return await refuse(reply, 404, 'not_found')
    if (body['model'] !== embeddingModel) return await refuse(reply, 404, 'model_not_found')
    if (body['encoding_format'] !== 'float' && profile === 'local') return await refuse(reply, 400, 'invalid_encoding')
    const input = Array.isArray(body['input']) ? body['input'] : [body['input']]
    const isWrong = input.length > 2048 || input.some(text => typeof text !== 'string' || text === '')
    if (isWrong) return await refuse(reply, 400, 'invalid_input')
    const data = input.map((text, index) => ({ object: 'embedding', index, embedding: vectorOf(String(text), dimensions) }))
    return { object: 'list', data: data.reverse(), model: embeddingModel, usage: { prompt_tokens: 1, total_tokens: 1 } }
  })

  function completion (
    answer: unknown, over: { finish?: string, refusal?: string, content?: string | null } = {}
  ): object {
    const content = over.content === undefined ? typeof answer === 'string' ? answer : JSON.stringify(answer) : over.content
    return {
      id: 'chatcmpl-pretend',
      object: 'chat.completion',
      created: 1_790_000_000,
      model: chatModel,
      choices: [{ index: 0, message: { role: 'assistant', content, refusal: over.refusal ?? null }, finish_reason: over.finish ?? 'stop', logprobs: null }],
      usage: { prompt_tokens: 120, completion_tokens: 40, total_tokens: 160 }
    }
  }

  async function misbehave (fault: ModelFault, _request: FastifyRequest, reply: FastifyReply): Promise<unknown> {
    switch (fault) {
      case 'rate-limited': return await refuse(reply.header('retry-after', '20'), 429, 'rate_limit_exceeded')
      case 'no-quota': return await refuse(reply, 429, 'insufficient_quota')
      case 'broken': return await reply.code(500).send({ error: { message: 'pretend failure', type: 'server_error', param: null, code: null } })
      case 'unavailable': return await reply.code(503).type('text/html').send('<html>busy</html>')
      case 'too-long': return await refuse(reply, 400, 'context_length_exceeded')
      case 'redirects': return await reply.code(307).header('location', 'http://127.0.0.1:9/elsewhere').send('')
      case 'html': return await reply.type('text/html').send('<html><body>Sign in</body></html>')
      case 'half-json': return await reply.type('application/json').send('{"id":"chatcmpl-1","choices":[{"index":0,"mess')
      case 'no-choices': return await reply.send({ ...completion(''), choices: [] })
      case 'cut-off': return await reply.send(completion('{"can_answer": true, "rep', { finish: 'length' }))
      case 'filtered': return await reply.send(completion('', { finish: 'content_filter' }))
      case 'refuses': return await reply.send(completion('', { refusal: 'I will not', content: null }))
      case 'null-content': return await reply.send(completion('', { content: null }))
      case 'empty': return await reply.send(completion('', { content: '' }))
      case 'not-json': return await reply.send(completion('Sure! Here is a reply for your customer.'))
      case 'wrong-schema': return await reply.send(completion({ can_answer: 'yes', text: 'hello' }))
      case 'list-as-text': return await reply.send(completion({ can_answer: true, reply: 'hello', used_sources: 's1' }))
      case 'hangs-up': reply.hijack(); reply.raw.destroy(); return reply
      case 'trickles': {
        reply.hijack()
        reply.raw.writeHead(200, { 'content-type': 'application/json' })
        for (const byte of JSON.stringify(completion({ can_answer: true, reply: 'late', used_sources: [] }))) {
          if (reply.raw.destroyed) break
          reply.raw.write(byte)
          await sleep(50)
        }
        reply.raw.end()
        return reply
      }
      case 'hangs': reply.hijack(); return reply
    }
  }

  await app.listen({ port: 0, host: '127.0.0.1' })
  const address = app.server.address()
  if (address === null || typeof address === 'string') throw new Error('the pretend model has no address')
  model.url = `http://127.0.0.1:${address.port}/v1`
  model.settings = {
    OPENAI_BASE_URL: model.url,
    OPENAI_API_KEY: key,
    DESKLOOP_CHAT_MODEL: chatModel,
    ...(embeddingModel === null ? {} : { DESKLOOP_EMBEDDING_MODEL: embeddingModel })
  }
  return model
}

async function refuse (
  reply: FastifyReply, status: number, code: string, param: string | null = null
): Promise<FastifyReply> {
  return await reply.code(status).send({ error: { message: `pretend: ${code}`, type: 'invalid_request_error', param, code } })
}

// Every object closed, every property required, a name that is allowed.
function isStrict (given: Record<string, unknown>): boolean {
  const schema = fieldsOf(given['schema'])
  const properties = Object.keys(fieldsOf(schema['properties']))
  const required = Array.isArray(schema['required']) ? schema['required'] : []
  return given['strict'] === true && /^[\w-]{1,64}$/.test(String(given['name'])) && schema['type'] === 'object' &&
    schema['additionalProperties'] === false && properties.every(name => required.includes(name))
}

// Words that share letters lie near each other: enough to see that the nearest is picked.
function vectorOf (text: string, dimensions: number): number[] {
  const vector = Array.from({ length: dimensions }, () => 0.01)
  for (const word of text.toLowerCase().match(/\p{L}{4,}/gu) ?? []) {
    const at = [...word].reduce((sum, c) => sum * 31 + c.charCodeAt(0), 7) % dimensions
    vector[Math.abs(at)] = (vector[Math.abs(at)] ?? 0) + 1
  }
  return vector
}

function fieldsOf (value: unknown): Record<string, unknown> {
  return typeof value === 'object' && value !== null ? { ...value } : {}
}
