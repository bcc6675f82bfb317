// The form of the outgoing stream, as JSON schema: one description per kind of event. Published, so that a reader can
// check what he gets; a change that an old reader could not bear gets a new version.
import type { EventKind } from '../types.ts'
import { SCHEMA_ID } from '../store/cloud-event.ts'

type Schema = Readonly<Record<string, unknown>>

const text: Schema = { type: 'string' }
const id: Schema = { type: 'string', minLength: 1 }
const tags: Schema = { type: 'array', items: text }

function facts (required: Record<string, Schema>, optional: Record<string, Schema> = {}): Schema {
  const properties = { ...required, ...optional }
  return { type: 'object', additionalProperties: false, required: Object.keys(required), properties }
}

const person = facts({ id: text }, { name: text, email: text })

// Where somebody asked from is kept for the learner; it is not told to others.
const DATA: Record<Exclude<EventKind, 'context'>, Schema> = {
  opened: facts({
    subject: text,
    channel: { enum: ['email', 'web', 'chat', 'api', 'phone', 'social', 'other'] },
    person,
    tags
  }, { page: text }),
  asked: facts({ messageId: id, text, person }),
  answered: facts({ messageId: id, agentId: text, text, by: { enum: ['human', 'bot'] } }),
  assigned: facts({}, { agentId: text, group: text }),
  escalated: facts({ how: text }),
  solved: facts({}),
  reopened: facts({}),
  rated: facts({ good: { type: 'boolean' } }, { score: { type: 'number' }, comment: text }),
  tagged: facts({ added: tags, removed: tags }),
  merged: facts({ into: id }),
  spam: facts({}),
  deleted: facts({}),
  redacted: facts({ messageId: id }),
  abandoned: facts({}),
  flagged: facts({ questionId: id, reason: { enum: ['wrong', 'outdated', 'tone', 'other'] } })
}

export const eventSchema: Schema = {
  $schema: 'http://json-schema.org/draft-07/schema#',
  $id: SCHEMA_ID,
  title: 'An event of a ticket, as CloudEvents 1.0 JSON',
  type: 'object',
  additionalProperties: false,
  required: ['specversion', 'id', 'source', 'type', 'subject', 'time', 'datacontenttype', 'dataschema', 'sequence', 'data'],
  properties: {
    specversion: { const: '1.0' },
    id: { type: 'string', pattern: '^evt_[0-9a-f]{32}$', description: 'the same whenever this event is told' },
    source: { type: 'string', pattern: '^/connections/[a-z][a-z0-9-]*$', description: 'the account of a helpdesk' },
    type: { enum: Object.keys(DATA).map(kind => `deskloop.ticket.${kind}`) },
    subject: { type: 'string', minLength: 1, description: 'the ticket, by the helpdesk’s own id' },
    time: { type: 'string', pattern: '^\\d{4}-\\d{2}-\\d{2}T\\d{2}:\\d{2}:\\d{2}Z$', description: 'when it happened' },
    datacontenttype: { const: 'application/json' },
    dataschema: { const: SCHEMA_ID },
    sequence: { type: 'string', pattern: '^[0-9a-f]{32}$', description: 'its place: go on with ?after= this' },
    data: { type: 'object' }
  },
  allOf: Object.entries(DATA).map(([kind, data]) => ({
    if: { type: 'object', properties: { type: { const: `deskloop.ticket.${kind}` } } },
    then: { type: 'object', properties: { data } }
  }))
}
