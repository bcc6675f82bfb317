// Behind the links in a note: a page with a button. Opening it does nothing, because mail programs and scanners open links
// by themselves; pressing the button does, and doing it again changes nothing more.
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { BadRequest } from '../errors.ts'
import { silencedAt, sortStory } from '../learn/story.ts'
import type { Queue } from '../queue.ts'
import { isConflict } from '../store/db.ts'
import type { Db } from '../store/db.ts'
import { findDraftByKey } from '../store/drafts.ts'
import { checkLink, findFlag, isQuiet, recordFlag, saveQuiet } from '../store/links.ts'
import type { LinkPurpose } from '../store/links.ts'
import { ensurePartitions } from '../store/partitions.ts'
import { recordFacts } from '../store/recorder.ts'
import { readStories, refOf } from '../store/stories.ts'
import { plainText } from '../text.ts'
import type { FlagReason, Instant, TicketEvent } from '../types.ts'
import { layOutFlagForm, layOutLinkedDraft, layOutNoLink, layOutQuietForm } from './note-page.ts'
import type { LinkedDraft } from './note-page.ts'
import { speechIn } from './note-page-words.ts'
import type { Speech } from './note-page-words.ts'
import type { ScoreRules } from './wording.ts'

export interface NoteLinkDeps {
  db: Db
  queue: Pick<Queue, 'send' | 'wake'>
  linkKey: Buffer
  rules: ScoreRules
  /** Of the agents; English where we have no words in it. */
  language: string
  now: () => Promise<Instant>
  nowMs: () => number
}

interface LinkRoute { Params: { purpose: string, key: string }, Querystring: { until?: unknown, sign?: unknown } }
type Found = LinkedDraft & { connection: string, turnId: string, purpose: LinkPurpose }

const FORM = 'application/x-www-form-urlencoded'
const MOST_BYTES = 16_384
const LONGEST_COMMENT = 1_000

export async function noteLinks (app: FastifyInstance, deps: NoteLinkDeps): Promise<void> {
  const speech = speechIn(deps.language)
  if (!app.hasContentTypeParser(FORM)) {
    app.addContentTypeParser(FORM, { parseAs: 'string', bodyLimit: MOST_BYTES }, (_request, body, done) => { done(null, body) })
  }

  app.get<LinkRoute>('/note/:purpose/:key', async (request, reply) => {
    const found = await findLinked(deps, request)
    if (typeof found === 'string') return await refuse(reply, found, request.params.key, speech)
    return await sendPage(reply, await layOut(deps, found, request.url, speech))
  })

  app.post<LinkRoute>('/note/:purpose/:key', async (request, reply) => {
    checkOrigin(request)
    const found = await findLinked(deps, request)
    if (typeof found === 'string') return await refuse(reply, found, request.params.key, speech)
    const form = readForm(request.body)
    if (found.purpose === 'wrong') await flag(deps, found, form)
    else if (found.purpose === 'quiet') await saveQuiet(deps.db, found, readChoice(form.get('quiet')))
    else throw new BadRequest('this page has no button', 405)
    // What happened is shown by the page itself, which can be loaded again without doing it again.
    return await reply.redirect(request.url, 303)
  })
}

async function findLinked (
  deps: NoteLinkDeps, request: FastifyRequest<LinkRoute>
): Promise<Found | 'expired' | 'foreign'> {
  const { purpose, key } = request.params
  const { until, sign } = request.query
  if (!isPurpose(purpose) || typeof until !== 'string' || typeof sign !== 'string' || !/^\d{1,12}$/.test(until)) return 'foreign'
  const link = { purpose, draftKey: key, until: Number(until), sign }
  const state = checkLink(deps.linkKey, link, Math.floor(deps.nowMs() / 1000))
  if (state !== 'valid') return state
  const draft = await findDraftByKey(deps.db, key)
  if (draft === null) return 'foreign'              // erased: nothing is known of it any more
  const stories = await readStories(deps.db, [{ connection: draft.connection, ticketId: draft.ticketId }])
  const { connection, ticketId, topic, language, text, score, askedAt, replacedBy, questionId } = draft
  return {
    key, connection, ticketId, topic, language, text, score, askedAt, replacedBy, purpose,
    turnId: draft.turnId ?? questionId,
    outcome: draft.verdict?.outcome ?? null,
    isGone: silencedAt(sortStory(stories.get(refOf(draft)) ?? [])) !== null
  }
}

async function layOut (deps: NoteLinkDeps, found: Found, action: string, speech: Speech): Promise<string> {
  if (found.purpose === 'quiet') return layOutQuietForm(found, await isQuiet(deps.db, found), action, speech)
  if (found.purpose === 'open') return layOutLinkedDraft(found, deps.rules, speech)
  return layOutFlagForm(found, deps.rules, await findFlag(deps.db, found, found.key), action, speech)
}

// A fact about the ticket like any other: recorded once, and thought about in its turn.
async function flag (deps: NoteLinkDeps, found: Found, form: URLSearchParams): Promise<void> {
  const { connection, ticketId, key, turnId } = found
  const reason = form.get('reason') ?? ''
  if (!isReason(reason)) throw new BadRequest('say what is the matter with it: wrong, outdated, tone or other')
  const comment = plainText(form.get('comment') ?? '').slice(0, LONGEST_COMMENT).toWellFormed()
  const now = await deps.now()
  const at = now > found.askedAt ? now : found.askedAt
  const event: TicketEvent = { key: `flagged:${key}`, connection, ticketId, at, kind: 'flagged', questionId: turnId, reason }
  await ensurePartitions(deps.db, [], [at])
  for (let tries = 0; ; tries++) {
    try {
      await deps.db.transaction().execute(async trx => {
        if (!await recordFlag(trx, found, { key, reason, comment, at })) return
        await deps.queue.send(trx, await recordFacts(trx, [{ connection, facts: [event] }]))
      })
      deps.queue.wake()
      return
    } catch (error) {
      if (!isConflict(error) || tries >= 3) throw error
    }
  }
}

// A browser says by itself where a form comes from; the link is the permission, so whoever says nothing may act.
function checkOrigin ({ headers }: FastifyRequest): void {
  const { origin, host } = headers
  if (origin === undefined || headers['sec-fetch-site'] === 'same-origin') return
  if (URL.parse(origin)?.host !== host) throw new BadRequest('this form was sent from another site', 403)
}

function readForm (body: unknown): URLSearchParams {
  return new URLSearchParams(typeof body === 'string' ? body : '')
}

function readChoice (value: string | null): boolean {
  if (value !== 'on' && value !== 'off') throw new BadRequest('quiet must be on or off')
  return value === 'on'
}

function isPurpose (value: string): value is LinkPurpose {
  return value === 'open' || value === 'wrong' || value === 'quiet'
}

function isReason (value: string): value is FlagReason {
  return value === 'wrong' || value === 'outdated' || value === 'tone' || value === 'other'
}

async function refuse (reply: FastifyReply, state: 'expired' | 'foreign', key: string, speech: Speech): Promise<FastifyReply> {
  return await sendPage(reply.code(state === 'expired' ? 410 : 404), layOutNoLink(state, key, speech))
}

// The address is the permission: no other site is told it. The own one is, or browsers would send no origin with a form.
async function sendPage (reply: FastifyReply, page: string): Promise<FastifyReply> {
  return await reply.header('referrer-policy', 'same-origin').type('text/html; charset=utf-8').send(page)
}
