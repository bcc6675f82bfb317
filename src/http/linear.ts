// What Linear tells of issues of ours: believed only with its signature, and even then only a reason to look. The issue as
// it stands now decides, so that what comes twice, late or in another order ends the same.
// https://linear.app/developers/webhooks
import { createHmac } from 'node:crypto'
import type { FastifyInstance } from 'fastify'
import type { Transaction } from 'kysely'
import { BadRequest, messageOf } from '../errors.ts'
import { moveLife } from '../learn/life.ts'
import type { Ask, Move } from '../learn/life.ts'
import type { Log } from '../log.ts'
import { findAnomaly, moveAnomaly } from '../store/anomalies.ts'
import { listByIssue } from '../store/filings.ts'
import { saveIssueState } from '../store/quarantines.ts'
import type { Actor, Anomaly } from '../store/anomalies.ts'
import type { Db } from '../store/db.ts'
import type { Database } from '../store/schema.ts'
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
  follow: (trx: Transaction<Database>, anomaly: Anomaly, asks: Ask[], at: Instant) => Promise<void>
  wake: () => void
  /** A person has commented on an issue; says whether an answer follows. */
  onComment?: (comment: { id: string, issueId: string, body: string }) => Promise<boolean>
}

const OLDEST_MS = 24 * 3_600_000                    // retries come after a minute, an hour and six hours, with the same body
const AHEAD_MS = 300_000

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
    let state: IssueState | null
    try {
      state = await deps.stateOf(issueId)
    } catch (error) {
      deps.log.warn({ service: 'linear', outcome: 'not looked at', message: messageOf(error) })
      return await reply.code(503).header('retry-after', '60').send({ message: 'the issue could not be looked at: send it again' })
    }
    const now = await deps.now()
    const by = textOf(fieldsOf(told['actor'])['name']).slice(0, 100) || 'Linear'
    for (const id of ids) await follow(id, state, { by, at: now })
    deps.wake()
    return await reply.send({ ok: true })
  })

  async function follow (id: string, state: IssueState | null, actor: Actor): Promise<void> {
    const anomaly = await findAnomaly(deps.db, { id })
    if (anomaly === null) return
    if (state !== null) await saveIssueState(deps.db, id, state.name)
    const move = moveOf(state?.type ?? null, anomaly)
    if (move === null) return
    await deps.db.transaction().execute(async trx => {
      const moved = await moveAnomaly(trx, id, move, actor, moveLife)
      if (moved?.asks != null) await deps.follow(trx, moved.after, moved.asks, actor.at)
    })
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

// What the issue's present state asks of the anomaly; null where it is what we think already.
function moveOf (state: string | null, anomaly: Anomaly): Move | null {
  if (state === 'completed') return anomaly.state === 'filed' || anomaly.state === 'not_fixed' ? { kind: 'done' } : null
  if (state === null || state === 'canceled') return anomaly.state === 'closed' ? null : { kind: 'not_a_bug' }
  if (state === 'duplicate') return null            // the other issue has its own end; ours stays linked
  return anomaly.state === 'fixed' || anomaly.state === 'verified' || anomaly.state === 'closed' ? { kind: 'restarted' } : null
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
