// The calls that install automation rules. The reference shows the list in an envelope, live accounts
// were seen with a bare array; the desk can answer either way.
// https://developers.freshdesk.com/api/#automations
import type { FastifyInstance, FastifyRequest } from 'fastify'
import type { Desk } from './freshdesk-model.ts'
import { nextId } from './freshdesk-model.ts'
import type { Condition, ConditionSet, Rule, RuleEvent } from './freshdesk-rules.ts'
import type { Fields, Shape } from './freshdesk-refusals.ts'
import {
  PAGE_KEYS, Refusal, idIn, invalid, isRecord, isText, notFound, readBody, readQuery, wrongValue
} from './freshdesk-refusals.ts'
import type { Json } from './freshdesk-shapes.ts'

const COMMON: Shape = {
  name: { kind: 'String' },
  description: { kind: 'String', nullable: true },
  position: { kind: 'Integer' },
  active: { kind: 'Boolean' },
  conditions: { kind: 'Array' },
  operator: { kind: 'String' },
  actions: { kind: 'Array' }
}
const UPDATED: Shape = { ...COMMON, performer: { kind: 'Object' }, events: { kind: 'Array' } }
const WEBHOOK_KEYS = ['request_type', 'url', 'content_type', 'content_layout', 'content']

export function addAutomations (app: FastifyInstance, desk: Desk): void {
  const path = '/api/v2/automations/:type/rules'

  app.get(path, request => {
    readQuery(request, PAGE_KEYS)
    const rules = rulesOf(desk, typeOf(desk, request)).map(listedRule)
    return desk.rulesAsArray ? rules : { rules, meta: { count: rules.length, cascading_rules: desk.runsAllRules } }
  })
  app.post(path, (request, reply) => {
    const type = typeOf(desk, request)
    const fields = readBody(request, shapeOf(type, true))
    const now = desk.booth.now()
    const rule: Rule = {
      id: nextId(desk, 'rule'),
      automation_type_id: type,
      name: '',
      position: rulesOf(desk, type).length + 1,
      active: true,
      // A rule without conditions comes back with one empty set.
      conditions: [{ name: 'condition_set_1', match_type: 'any', properties: [] }],
      actions: [],
      created_at: now,
      updated_at: now,
      last_updated_by: desk.self.id,
      runs: 0
    }
    Object.assign(rule, partsOf(fields))
    placeRule(desk, rule)
    return reply.code(201).send({ ...ruleView(rule), meta: metaOf(desk, type) })
  })
  app.get(`${path}/:id`, request => {
    readQuery(request, [])
    return ruleView(ruleIn(desk, request))
  })
  app.put(`${path}/:id`, request => {
    const rule = ruleIn(desk, request)
    const parts = partsOf(readBody(request, shapeOf(rule.automation_type_id, false)))
    Object.assign(rule, parts, { updated_at: desk.booth.now(), last_updated_by: desk.self.id })
    placeRule(desk, rule)
    return { ...ruleView(rule), meta: metaOf(desk, rule.automation_type_id) }
  })
  app.delete(`${path}/:id`, (request, reply) => {
    const rule = ruleIn(desk, request)
    desk.rules.splice(desk.rules.indexOf(rule), 1)
    return reply.code(204).send()
  })
}

/** A plan without automations and a role without the right are refused alike but for the code. */
function typeOf (desk: Desk, request: FastifyRequest): number {
  if (desk.automations === 'not in the plan') {
    const message = 'The Automations feature is not supported in your plan. Please upgrade your account to use it.'
    throw new Refusal(403, { code: 'require_feature', message })
  }
  if (desk.automations === 'not for this role') {
    throw new Refusal(403, { code: 'access_denied', message: 'You are not authorized to perform this action.' })
  }
  const type = idIn(request, 'type')
  if (![1, 3, 4].includes(type)) throw notFound()
  return type
}

function rulesOf (desk: Desk, type: number): Rule[] {
  return desk.rules.filter(rule => rule.automation_type_id === type)
}

function ruleIn (desk: Desk, request: FastifyRequest): Rule {
  const type = typeOf(desk, request)
  const id = idIn(request)
  const rule = desk.rules.find(one => one.id === id && one.automation_type_id === type)
  if (rule === undefined) throw notFound()
  return rule
}

/** Only rules for updates have a performer and events. */
function shapeOf (type: number, isNew: boolean): Shape {
  const shape = type === 4 ? UPDATED : COMMON
  if (!isNew) return shape
  const required: Shape = {
    ...shape, name: { kind: 'String', required: true }, actions: { kind: 'Array', required: true }
  }
  if (type !== 4) return required
  return { ...required, performer: { kind: 'Object', required: true }, events: { kind: 'Array', required: true } }
}

function partsOf (fields: Fields): Partial<Rule> {
  const parts: Partial<Rule> = {}
  if (isText(fields.name)) parts.name = fields.name
  if (isText(fields.description)) parts.description = fields.description
  if (isText(fields.operator)) parts.operator = fields.operator
  if (typeof fields.position === 'number') parts.position = fields.position
  if (typeof fields.active === 'boolean') parts.active = fields.active
  if (fields.performer !== undefined) parts.performer = performerOf(fields.performer)
  if (Array.isArray(fields.events)) parts.events = eventsOf(fields.events)
  if (Array.isArray(fields.conditions)) parts.conditions = setsOf(fields.conditions)
  if (Array.isArray(fields.actions)) parts.actions = actionsOf(fields.actions)
  return parts
}

function performerOf (raw: unknown): { type: number, members?: number[] } {
  const type = isRecord(raw) ? raw.type : undefined
  if (typeof type !== 'number' || ![1, 2, 3, 4].includes(type)) {
    throw wrongValue('performer[:type]', "It should be one of these values: '1,2,3,4'")
  }
  const members = isRecord(raw) && Array.isArray(raw.members)
    ? raw.members.filter((one: unknown) => typeof one === 'number')
    : null
  return members === null ? { type } : { type, members }
}

const EVENTS = [
  'status', 'priority', 'responder_id', 'group_id', 'ticket_type', 'note_type', 'reply_sent', 'ticket_action',
  'customer_feedback'
]

function eventsOf (raw: unknown[]): RuleEvent[] {
  return raw.map(event => {
    if (isRecord(event) && isText(event.field_name) && EVENTS.includes(event.field_name)) {
      return { ...event, field_name: event.field_name }
    }
    throw wrongValue('events[:field_name]', `It should be one of these values: '${EVENTS.join(',')}'`)
  })
}

function setsOf (raw: unknown[]): ConditionSet[] {
  if (raw.length > 2) throw wrongValue('conditions', 'It can have maximum of 2 condition sets')
  return raw.map(set => {
    if (!isRecord(set) || !isText(set.name) || !['all', 'any'].includes(String(set.match_type))) {
      throw wrongValue('conditions[:match_type]', "It should be one of these values: 'all,any'")
    }
    const properties: unknown[] = Array.isArray(set.properties) ? set.properties : []
    return { name: set.name, match_type: String(set.match_type), properties: properties.map(conditionOf) }
  })
}

function conditionOf (raw: unknown): Condition {
  if (isRecord(raw) && isText(raw.field_name) && isText(raw.operator)) {
    return { ...raw, field_name: raw.field_name, operator: raw.operator, value: raw.value }
  }
  throw invalid([{ field: 'conditions[:field_name]', message: 'It should be a/an String', code: 'missing_field' }])
}

function actionsOf (raw: unknown[]): Array<Record<string, unknown>> {
  const actions = raw.filter(isRecord)
  if (actions.length === 0 || actions.length < raw.length || !actions.every(one => isText(one.field_name))) {
    throw invalid([{ field: 'actions[:field_name]', message: 'It should be a/an String', code: 'missing_field' }])
  }
  const webhooks = actions.filter(one => one.field_name === 'trigger_webhook')
  // An incomplete webhook breaks the vendor instead of being refused, as integrators found.
  if (webhooks.some(one => WEBHOOK_KEYS.some(key => one[key] === undefined))) {
    throw new Refusal(500, { code: 'internal_error', message: 'We’re sorry, but something went wrong.' })
  }
  for (const { url, request_type: method } of webhooks) {
    if (!isText(url) || !/^https?:\/\/\S+$/.test(url)) throw wrongValue('actions[:url]', 'It should be a valid URL')
    if (!['GET', 'POST', 'PUT', 'PATCH', 'DELETE'].includes(String(method))) {
      throw wrongValue('actions[:request_type]', "It should be one of these values: 'GET,POST,PUT,PATCH,DELETE'")
    }
  }
  return actions
}

/** Rules run in the order of their positions; a new one pushes the others down. */
function placeRule (desk: Desk, rule: Rule): void {
  const others = rulesOf(desk, rule.automation_type_id).filter(one => one !== rule)
  const seat = Math.min(Math.max(rule.position, 1), others.length + 1)
  const ordered = others.toSpliced(seat - 1, 0, rule)
  ordered.forEach((one, i) => { one.position = i + 1 })
  const foreign = desk.rules.filter(one => one.automation_type_id !== rule.automation_type_id)
  desk.rules.splice(0, desk.rules.length, ...foreign, ...ordered)
}

function metaOf (desk: Desk, type: number): Json {
  const rules = rulesOf(desk, type)
  return { total_active_count: rules.filter(rule => rule.active).length, total_count: rules.length }
}

function listedRule (rule: Rule): Json {
  const { runs, operator, description, ...row } = rule
  return { ...row, outdated: false, affected_tickets_count: runs }
}

function ruleView (rule: Rule): Json {
  const { runs, automation_type_id: _type, ...row } = rule
  const sets = rule.conditions.map(set => [set.name, ['…']])
  const parts = { conditions: Object.fromEntries(sets), actions: ['…'] }
  const summary = rule.events === undefined ? parts : { performer: 'When ...', events: ['…'], ...parts }
  return { ...row, outdated: false, summary, affected_tickets_count: runs === 0 ? null : runs }
}
