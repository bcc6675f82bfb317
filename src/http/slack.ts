// What people do in Slack, by Bolt over a receiver inside our own server: the signature is checked here, over the raw bytes
// and to both sides of the clock, and every press is acknowledged before anything else is done.
// https://docs.slack.dev/tools/bolt-js/concepts/receiver/
import { createHmac } from 'node:crypto'
import type { Receiver, ReceiverEvent } from '@slack/bolt'
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { BadRequest, messageOf } from '../errors.ts'
import type { Log } from '../log.ts'
import { isSame } from './signature.ts'
import { makeSlackApp, wireSlack } from './slack-actions.ts'
import type { SlackPresses } from './slack-actions.ts'

export interface SlackHookDeps {
  log: Log
  secret: string                                    // empty: nobody is believed
  token: string
  url: string
  nowMs: () => number
  presses: SlackPresses
}

const WINDOW_SECONDS = 300
const ACK_MS = 2_500

export async function slackHook (app: FastifyInstance, deps: SlackHookDeps): Promise<void> {
  const { log } = deps
  let handle: ((event: ReceiverEvent) => Promise<void>) | null = null
  const receiver: Receiver = {
    init (made) { handle = async event => { await made.processEvent(event) } },
    start: async () => {},
    stop: async () => {}
  }
  wireSlack(makeSlackApp(receiver, deps), deps)

  app.removeAllContentTypeParsers()
  app.addContentTypeParser('*', { parseAs: 'buffer', bodyLimit: 1 << 20 }, (_request, body, done) => { done(null, body) })
  app.post('/hooks/slack', async (request, reply) => {
    const { body } = request
    if (!Buffer.isBuffer(body) || !isSigned(request, body)) throw new BadRequest('the signature is not the one of this app', 401)
    const told = readBody(String(request.headers['content-type'] ?? ''), body.toString('utf8'))
    if (told === null) return await reply.send('')  // Slack looks whether the address is there
    if (told['type'] === 'url_verification') return await reply.send({ challenge: told['challenge'] })
    await pass(told, reply)
    return reply
  })

  // Answered when the handler acknowledges; what it does after that goes on by itself.
  async function pass (told: Record<string, unknown>, reply: FastifyReply): Promise<void> {
    await new Promise<void>(resolve => {
      let isDone = false
      const finish = (status: number, text: unknown = ''): void => {
        if (isDone) return
        isDone = true
        clearTimeout(timer)
        reply.code(status).send(text)
        resolve()
      }
      const timer = setTimeout(() => { finish(404) }, ACK_MS)
      const ack = async (answer: unknown): Promise<void> => { finish(200, answer ?? '') }
      handle?.({ body: told, ack }).catch((error: unknown) => {
        log.warn({ service: 'slack', outcome: 'failed', message: messageOf(error) })
        finish(500)
      })
    })
  }

  function isSigned (request: FastifyRequest, body: Buffer): boolean {
    const at = request.headers['x-slack-request-timestamp']
    const given = request.headers['x-slack-signature']
    if (deps.secret === '' || typeof at !== 'string' || typeof given !== 'string' || !/^\d{1,12}$/.test(at)) return false
    if (Math.abs(deps.nowMs() / 1000 - Number(at)) > WINDOW_SECONDS) return false
    return isSame(`v0=${createHmac('sha256', deps.secret).update(`v0:${at}:`).update(body).digest('hex')}`, given)
  }
}

// Null: `ssl_check`, which wants nothing but an answer.
function readBody (type: string, text: string): Record<string, unknown> | null {
  try {
    if (!type.startsWith('application/x-www-form-urlencoded')) return fieldsOf(JSON.parse(text))
    const form = new URLSearchParams(text)
    if (form.get('ssl_check') === '1') return null
    return fieldsOf(JSON.parse(form.get('payload') ?? '{}'))
  } catch {
    throw new BadRequest('this is no JSON')
  }
}

function fieldsOf (value: unknown): Record<string, unknown> {
  return typeof value === 'object' && value !== null ? Object.fromEntries(Object.entries(value)) : {}
}
