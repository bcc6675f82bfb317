// Splitting an anomaly, and joining what was split by merging, as API and as the forms of its page: the same presses as in
// Slack, written down first. The form carries a name of its own, so that a double click is one press.
import { randomUUID } from 'node:crypto'
import type { FastifyInstance } from 'fastify'
import { BadRequest } from '../errors.ts'
import { findAnomaly } from '../store/anomalies.ts'
import type { Db } from '../store/db.ts'
import type { PressAct } from '../store/schema.ts'
import type { SlackPresses } from './slack-actions.ts'

export interface SplitDeps {
  db: Db
  presses: Pick<SlackPresses, 'take' | 'carryOut'>
  wake: () => void
}

type Fields = Record<string, string[]>
const MOST_REFS = 500

export async function splits (app: FastifyInstance, deps: SplitDeps): Promise<void> {
  // A box that is ticked comes once for each: only here a name may stand several times.
  app.removeAllContentTypeParsers()
  app.addContentTypeParser('application/x-www-form-urlencoded', { parseAs: 'string', bodyLimit: 131_072 }, (_request, body, done) => {
    const form = new URLSearchParams(String(body))
    done(null, Object.fromEntries([...new Set(form.keys())].map(key => [key, form.getAll(key)])))
  })
  app.addContentTypeParser('application/json', { parseAs: 'string', bodyLimit: 131_072 }, (_request, body, done) => {
    try { done(null, fieldsOf(JSON.parse(String(body)))) } catch { done(new BadRequest('this is no JSON')) }
  })
  const acts: Record<string, (fields: Fields) => PressAct> = { split: readSplit, merge: readMerge }
  for (const [name, read] of Object.entries(acts)) {
    app.post<{ Params: { id: string }, Body: Fields }>(`/v1/anomalies/:id/${name}`, async request => {
      await press(request.params.id, request.body, read)
      return { ok: true }
    })
    app.post<{ Params: { id: string }, Body: Fields }>(`/anomalies/:id/${name}`, async (request, reply) => {
      await press(request.params.id, request.body, read)
      return await reply.redirect(`/anomalies/${encodeURIComponent(request.params.id)}`, 303)
    })
  }

  async function press (id: string, body: unknown, read: (fields: Fields) => PressAct): Promise<void> {
    const fields = fieldsOf(body)
    const by = first(fields, 'who').slice(0, 100)
    if (by === '') throw new BadRequest('who did it must be said: the change is kept with a name')
    if (await findAnomaly(deps.db, { id }) === null) throw new BadRequest('there is no such anomaly', 404)
    const given = first(fields, 'press')
    const source = `page ${/^[\w-]{8,60}$/.test(given) ? given : randomUUID()}`
    await deps.presses.take({ source, anomaly: id, by, user: '', act: read(fields) })
    const said = await deps.presses.carryOut(source)
    deps.wake()
    if (said !== null) throw new BadRequest(said, 409)
  }
}

function readSplit (fields: Fields): PressAct {
  const choice = {
    refs: (fields['ticket'] ?? []).slice(0, MOST_REFS), groups: (fields['group'] ?? []).slice(0, 20),
    words: first(fields, 'words').slice(0, 200)
  }
  if (choice.refs.length + choice.groups.length === 0 && choice.words === '') {
    throw new BadRequest('say which tickets are another matter: ticket, group or words')
  }
  return { kind: 'split', choice, title: first(fields, 'title').slice(0, 150) }
}

function readMerge (fields: Fields): PressAct {
  const into = first(fields, 'into')
  if (into === '') throw new BadRequest('into must be the id of another anomaly')
  return { kind: 'merge', into }
}

// Of JSON, a text is a list of one.
function fieldsOf (body: unknown): Fields {
  if (typeof body !== 'object' || body === null || Array.isArray(body)) return {}
  return Object.fromEntries(Object.entries(body).map(([key, value]) =>
    [key, (Array.isArray(value) ? value : [value]).filter(one => typeof one === 'string')]))
}

function first (fields: Fields, name: string): string {
  return (fields[name]?.[0] ?? '').trim()
}
