// What Linear tells of issues of ours: believed only with its signature, and even then only a reason to look. The issue as
// it stands now decides, so that what comes twice, late or in another order ends the same.
// https://linear.app/developers/webhooks
import { createHmac } from 'node:crypto'
import type { FastifyInstance } from 'fastify'
import { BadRequest, messageOf } from '../errors.ts'
import type { Log } from '../log.ts'
import { findAnomaly } from '../store/anomalies.ts'
import { listByIssue } from '../store/filings.ts'
import type { Actor } from '../store/anomalies.ts'
import type { Db } from '../store/db.ts'
import type { Instant } from '../types.ts'
import { isSame } from './signature.ts'

/** A state of a team's workflow: its own name, and the type that all teams share. */
export interface IssueState { name: string, type: string }

export interface LinearHookDeps {
  db: Db
  log: Log
  secrets: string[]                                 // up to five; none: nobody is believed
  now: () => Promise<Instant>
  nowMs: () => number
  /** The issue's present state; null: there is no such issue any more. */
  stateOf: (issueId: string) => Promise<IssueState | null>
  /** Moves the anomaly as the state asks for; `old`: it has moved since that version, so ask Linear again. */
  heed: (
    anomaly: { id: string, version: number }, state: IssueState | null, actor: Actor
  ) => Promise<'old' | 'moved' | 'same'>
  wake: () => void
  /** A person has commented on an issue; says whether an answer follows. */
  onComment?: (comment: { id: string, issueId: string, body: string }) => Promise<boolean>
}

const OLDEST_MS = 24 * 3_600_000                    // retries come after a minute, an hour and six hours, with the same body
const AHEAD_MS = 300_000
const MOST_TRIES = 4

export async function linearHook (app: FastifyInstance, deps: LinearHookDeps): Promise<void> {
  app.removeAllContentTypeParsers()
  app.addContentTypeParser('*', { parseAs: 'buffer', bodyLimit: 1 << 20 }, (_request, body, done) => { done(null, body) })
  app.post('/hooks/linear', async (request, reply) => {
    const { body } = request
    const given = request.headers['linear-signature']
    if (!Buffer.isBuffer(body) || typeof given !== 'string' || !isSigned(deps.secrets, body, given)) {
      throw new BadRequest('the signature is not the one of this webhook', 401)
    }
    const told = fieldsOf(parse(body))
    const at = Number(told['webhookTimestamp'])
    const age = deps.nowMs() - at
    if (!Number.isFinite(at) || age > OLDEST_MS || age < -AHEAD_MS) throw new BadRequest('this was signed too long ago, or in the future', 401)
    if (told['type'] === 'Comment') {
      const comment = commentOf(told)
      if (comment !== null && await deps.onComment?.(comment) === true) deps.wake()
      return await reply.send({ ok: true })
    }
    const issueId = textOf(fieldsOf(told['data'])['id'])
    if (told['type'] !== 'Issue' || issueId === '') return await reply.send({ ok: true })
    // Several anomalies may be one issue: a person said so.
    const ids = await listByIssue(deps.db, issueId)
    if (ids.length === 0) return await reply.send({ ok: true })
    const by = textOf(fieldsOf(told['actor'])['name']).slice(0, 100) || 'Linear'
    try {
      for (const id of ids) await follow(id, issueId, { by, at: await deps.now() })
    } catch (error) {
      deps.log.warn({ service: 'linear', outcome: 'not looked at', message: messageOf(error) })
      return await reply.code(503).header('retry-after', '60').send({ message: 'the issue could not be looked at: send it again' })
    }
    deps.wake()
    return await reply.send({ ok: true })
  })

  // Two webhooks at once may bring what Linear says now and what it said a moment ago: whoever sees that the anomaly has
  // moved since it asked asks again.
  async function follow (id: string, issueId: string, actor: Actor): Promise<void> {
    for (let tries = 0; tries < MOST_TRIES; tries++) {
      const anomaly = await findAnomaly(deps.db, { id })
      if (anomaly === null) return
      const { version } = anomaly
      if (await deps.heed({ id, version }, await deps.stateOf(issueId), actor) !== 'old') return
    }
    throw new Error('it moved on and on')
  }
}

// A new comment of a person. What machines write is not answered: two of them would never end.
function commentOf (told: Record<string, unknown>): { id: string, issueId: string, body: string } | null {
  const data = fieldsOf(told['data'])
  const type = textOf(fieldsOf(told['actor'])['type'])
  const [id, body] = [textOf(data['id']), textOf(data['body'])]
  const issueId = textOf(data['issueId']) || textOf(fieldsOf(data['issue'])['id'])
  if (told['action'] !== 'create' || (type !== '' && type !== 'user') || id === '' || issueId === '') return null
  return { id, issueId, body }
}

function isSigned (secrets: string[], body: Buffer, given: string): boolean {
  return secrets.map(secret => isSame(createHmac('sha256', secret).update(body).digest('hex'), given)).some(Boolean)
}

function parse (body: Buffer): unknown {
  try { return JSON.parse(body.toString('utf8')) } catch { throw new BadRequest('this is no JSON') }
}

function textOf (value: unknown): string {
  return typeof value === 'string' ? value : ''
}

function fieldsOf (value: unknown): Record<string, unknown> {
  return typeof value === 'object' && value !== null ? { ...value } : {}
}
