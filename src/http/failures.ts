// What stopped, and the decisions of people about it: as API, and as the forms of the pages. A form counts only when it
// comes from a page of our own.
import type { FastifyInstance, FastifyRequest } from 'fastify'
import { BadRequest } from '../errors.ts'
import type { Db } from '../store/db.ts'
import { countFailures, listFailures } from '../store/failures.ts'
import type { FailureKind } from '../store/failures.ts'
import { clearAlarm, listNoteAlarms, listPauses, recordAudit, resumeAccount } from '../store/pauses.ts'
import type { Decision } from '../store/pauses.ts'

export interface FailureDeps {
  db: Db
  wake: () => void
  replayOne: (id: string) => Promise<{ replayed: number, still: number }>
  replayAll: (kind: FailureKind) => Promise<{ replayed: number, still: number }>
}

const KINDS: readonly FailureKind[] = ['effect', 'delivery', 'look', 'wake-up']
const MOST = 1000

export async function failures (app: FastifyInstance, deps: FailureDeps): Promise<void> {
  const { db } = deps
  // Only here is a form understood: everywhere else a body is JSON.
  app.addContentTypeParser('application/x-www-form-urlencoded', { parseAs: 'string', bodyLimit: 16_384 }, (_request, body, done) => {
    done(null, Object.fromEntries(new URLSearchParams(String(body))))
  })

  app.get('/v1/failures', async () => ({ counts: await countFailures(db), failures: await listFailures(db, MOST) }))
  app.get<{ Params: { id: string } }>('/v1/failures/:id', async request => {
    const [failure] = await listFailures(db, 1, request.params.id)
    if (failure === undefined) throw new BadRequest('there is no such failure', 404)
    return failure
  })
  app.post<{ Params: { id: string } }>('/v1/failures/:id/replay', async request => await replay(request, { id: request.params.id }))
  app.post<{ Body: unknown }>('/v1/failures/replay', async request => await replay(request, { kind: wordOf(request.body, 'kind') }))
  app.get('/v1/alarms', async () => ({ alarms: await listNoteAlarms(db), pauses: await listPauses(db) }))
  app.post<{ Params: { id: string } }>('/v1/alarms/:id/clear', async request => await clear(request, request.params.id))
  // Also for accounts that are no helpdesk.
  app.post<{ Params: { account: string } }>('/v1/pauses/:account/resume', async request => await resume(request, request.params.account))
  app.post<{ Params: { name: string } }>('/v1/connections/:name/resume', async request => await resume(request, request.params.name))

  app.post<{ Body: unknown }>('/failures/replay', async (request, reply) => {
    fromOwnPage(request)
    const id = wordOf(request.body, 'id')
    const { replayed, still } = await replay(request, id === '' ? { kind: wordOf(request.body, 'kind') } : { id })
    return await reply.redirect(`/failures?replayed=${replayed}&still=${still}`, 303)
  })
  app.post<{ Params: { id: string } }>('/alarms/:id/clear', async (request, reply) => {
    fromOwnPage(request)
    await clear(request, request.params.id)
    return await reply.redirect('/', 303)
  })

  async function replay (
    request: FastifyRequest, what: { id: string } | { kind: string }
  ): Promise<{ replayed: number, still: number }> {
    const kind = 'kind' in what ? KINDS.find(one => one === what.kind) : undefined
    if (!('id' in what) && kind === undefined) throw new BadRequest(`kind must be one of ${KINDS.join(', ')}`)
    const done = 'id' in what ? await deps.replayOne(what.id) : await deps.replayAll(kind ?? 'effect')
    if ('id' in what && done.replayed + done.still === 0) throw new BadRequest('there is no such failure', 404)
    const subject = 'id' in what ? what.id : `all of the kind ${what.kind}`
    await recordAudit(db, 'replay', subject, { who: personOf(request) || 'api', why: wordOf(request.body, 'why') })
    deps.wake()
    return done
  }

  async function clear (request: FastifyRequest, id: string): Promise<{ account: string, resumed: boolean }> {
    if (!/^\d{1,18}$/.test(id)) throw new BadRequest('there is no such alarm', 404)
    const cleared = await clearAlarm(db, id, decisionOf(request))
    if (cleared === null) throw new BadRequest('there is no such open alarm', 404)
    deps.wake()
    return cleared
  }

  // A refused token may be tried at any time; what was public is a decision, and is signed.
  async function resume (request: FastifyRequest, account: string): Promise<{ resumed: string }> {
    const pause = (await listPauses(db)).find(one => one.account === account)
    if (pause === undefined) throw new BadRequest(`${account.slice(0, 60)} is not paused`, 404)
    const decision = pause.kind === 'public' ? decisionOf(request) : { who: personOf(request) || 'api', why: wordOf(request.body, 'why') }
    await resumeAccount(db, account, decision)
    deps.wake()
    return { resumed: account }
  }
}

function decisionOf (request: FastifyRequest): Decision {
  const decision = { who: personOf(request), why: wordOf(request.body, 'why') }
  if (decision.who === '' || decision.why === '') {
    throw new BadRequest('a note was public: say who you are and what you found, as {"who": "…", "why": "…"}')
  }
  return decision
}

/** Who says so: the name in the form, else the name with which the browser signed in. */
function personOf (request: FastifyRequest): string {
  const [kind = '', value = ''] = (request.headers.authorization ?? '').split(' ')
  const name = kind.toLowerCase() === 'basic' ? Buffer.from(value, 'base64').toString('utf8').split(':')[0] ?? '' : ''
  return wordOf(request.body, 'who') || name.trim().slice(0, 100)
}

function wordOf (body: unknown, name: string): string {
  const value = typeof body === 'object' && body !== null && Object.hasOwn(body, name) ? Reflect.get(body, name) : ''
  return typeof value === 'string' ? value.trim().slice(0, 500) : ''
}

// Browsers name the page's origin with every form they post: https://fetch.spec.whatwg.org/#origin-header
function fromOwnPage (request: FastifyRequest): void {
  const { origin, host, 'sec-fetch-site': site } = request.headers
  const same = origin !== undefined && URL.canParse(origin) && new URL(origin).host === host
  if (site === undefined ? !same : site !== 'same-origin') throw new BadRequest('this form was not sent from a page of Deskloop', 403)
}
