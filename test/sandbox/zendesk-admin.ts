// How a program sets itself up in the pretend Zendesk: webhooks with their signing secrets, triggers and their categories.
// https://developer.zendesk.com/api-reference/webhooks/webhooks-api/webhooks/
// https://developer.zendesk.com/api-reference/ticketing/business-rules/triggers/
import { forbidden, invalidRecord, listOfErrors, notFound, pageOf } from './zendesk-answers.ts'
import type { Answer } from './zendesk-answers.ts'
import { TOPICS, TRIGGER_KIND } from './zendesk-hooks.ts'
import type { Hook, Hooks } from './zendesk-hooks.ts'
import { integerOf, isObject, wrapped } from './zendesk-route.ts'
import type { Call, Route } from './zendesk-route.ts'
import type { State } from './zendesk-state.ts'
import type { Trigger } from './zendesk-triggers.ts'

interface Automation {
  id: number, title: string, active: boolean, position: number, conditions: object, actions: unknown[]
}

const METHODS = ['GET', 'POST', 'PUT', 'PATCH', 'DELETE']
const FORMATS = ['json', 'xml', 'form_encoded']
const CATEGORY = { id: '42500000001', name: 'Notifications', position: 0, created_at: '2025-01-06T08:00:00Z', updated_at: '2025-01-06T08:00:00Z' }

export function adminRoutes (state: State, hooks: Hooks): Route[] {
  const { triggers } = state
  const automations = new Map<number, Automation>()
  const routes: Route[] = [
    { method: 'GET', path: 'webhooks', handle: listHooks },
    { method: 'POST', path: 'webhooks', handle: createHook },
    { method: 'GET', path: 'webhooks/:', handle: call => ({ status: 200, body: { webhook: hookOf(call) } }) },
    { method: 'PUT', path: 'webhooks/:', handle: call => changeHook(call, readHook(call)) },
    { method: 'PATCH', path: 'webhooks/:', handle: call => changeHook(call, readHook(call, hookOf(call))) },
    { method: 'DELETE', path: 'webhooks/:', handle: deleteHook },
    { method: 'GET', path: 'webhooks/:/signing_secret', handle: call => showSecret(hooks.secrets.get(hookOf(call).id) ?? '', 200) },
    { method: 'POST', path: 'webhooks/:/signing_secret', handle: call => showSecret(hooks.resetSecret(hookOf(call).id), 201) },
    { method: 'GET', path: 'triggers', handle: call => ({ status: 200, body: pageOf('triggers', { items: [...triggers.values()], idOf: one => one.id, show: showTrigger }, call.url).body }) },
    { method: 'POST', path: 'triggers', handle: createTrigger },
    { method: 'GET', path: 'triggers/:', handle: call => ({ status: 200, body: { trigger: showTrigger(triggerOf(call)) } }) },
    { method: 'PUT', path: 'triggers/:', handle: updateTrigger },
    { method: 'DELETE', path: 'triggers/:', handle: call => { triggers.delete(triggerOf(call).id); return { status: 204 } } },
    { method: 'GET', path: 'automations', handle: call => ({ status: 200, body: pageOf('automations', { items: [...automations.values()], idOf: one => one.id, show: one => one }, call.url).body }) },
    { method: 'POST', path: 'automations', handle: createAutomation },
    { method: 'GET', path: 'trigger_categories', handle: call => ({ status: 200, body: pageOf('trigger_categories', { items: [CATEGORY], idOf: one => one.id, show: one => one }, call.url).body }) }
  ]
  // All of this is for admins.
  return routes.map(route => ({
    ...route,
    handle (call) {
      if (call.user.role !== 'admin') throw forbidden()
      return route.handle(call)
    }
  }))

  function hookOf (call: Call): Hook {
    const hook = hooks.all.get(call.params[0] ?? '')
    if (hook === undefined) throw listOfErrors(404, 'WebhookNotFound', 'Webhook not found')
    return hook
  }

  function listHooks (call: Call): Answer {
    const name = call.url.searchParams.get('filter[name_contains]')
    const status = call.url.searchParams.get('filter[status]')
    const items = [...hooks.all.values()]
      .filter(hook => name === null || hook.name.toLowerCase().includes(name.toLowerCase()))
      .filter(hook => status === null || hook.status === status)
    const url = new URL(call.url)
    // This list is always paged by cursor.
    if (!url.searchParams.has('page[size]')) url.searchParams.set('page[size]', '100')
    return { status: 200, body: pageOf('webhooks', { items, idOf: hook => hook.id, show: hook => hook }, url).body }
  }

  function createHook (call: Call): Answer {
    const input = readHook(call)
    const at = state.booth.now()
    const who = String(call.user.id)
    const made = { id: hooks.nextId(), created_at: at, created_by: who, updated_at: at, updated_by: who }
    const hook: Hook = { ...input, ...made }
    hooks.all.set(hook.id, hook)
    hooks.resetSecret(hook.id)
    return { status: 201, body: { webhook: hook } }
  }

  function changeHook (call: Call, input: HookInput): Answer {
    const hook = hookOf(call)
    if (isForTriggers(hook.subscriptions) !== isForTriggers(input.subscriptions)) {
      throw listOfErrors(400, 'InvalidWebhook', 'A webhook cannot change between event subscriptions and triggers')
    }
    Object.assign(hook, input, { updated_at: state.booth.now(), updated_by: String(call.user.id) })
    return { status: 204 }
  }

  function deleteHook (call: Call): Answer {
    const hook = hookOf(call)
    if ([...triggers.values()].some(trigger => trigger.active && hookIdsOf(trigger.actions).includes(hook.id))) {
      throw listOfErrors(400, 'WebhookInUse', 'Webhook is used by an active trigger')
    }
    hooks.all.delete(hook.id)
    return { status: 204 }
  }

  function triggerOf (call: Call): Trigger {
    const trigger = triggers.get(integerOf(call.params[0], 'id', 'api/v2/rules/triggers/show'))
    if (trigger === undefined) throw notFound()
    return trigger
  }

  function createTrigger (call: Call): Answer {
    const at = state.booth.now()
    const input = readTrigger(wrapped(call.body, 'trigger', 'api/v2/rules/triggers/create'))
    const made = { id: state.nextId(), position: triggers.size + 1, created_at: at, updated_at: at }
    const trigger: Trigger = { ...made, ...input }
    triggers.set(trigger.id, trigger)
    return { status: 201, body: { trigger: showTrigger(trigger) } }
  }

  function updateTrigger (call: Call): Answer {
    const trigger = triggerOf(call)
    const input = wrapped(call.body, 'trigger', 'api/v2/rules/triggers/update')
    Object.assign(trigger, readTrigger({ ...trigger, ...input }), { updated_at: state.booth.now() })
    return { status: 200, body: { trigger: showTrigger(trigger) } }
  }

  // An automation has to ask for a time and for a status, and runs by the hour.
  // https://developer.zendesk.com/api-reference/ticketing/business-rules/automations/
  function createAutomation (call: Call): Answer {
    const { title, conditions, actions, active = true } = wrapped(call.body, 'automation', 'api/v2/rules/automations/create')
    if (typeof title !== 'string' || title === '') throw invalidRecord('title', 'Title: cannot be blank', 'BlankValue')
    const { all } = { all: [], ...isObject(conditions) ? conditions : {} }
    const asksForTime = Array.isArray(all) && all.filter(isObject).some(({ field }) => /(_at|_date)$|^(NEW|OPEN|PENDING|SOLVED|CLOSED)$/.test(String(field)))
    if (!isObject(conditions) || !asksForTime) throw invalidRecord('conditions', 'Conditions: must include a time based condition')
    if (!Array.isArray(actions) || actions.length === 0) throw invalidRecord('actions', 'Actions: cannot be blank', 'BlankValue')
    const position = automations.size + 1
    const automation = { id: state.nextId(), title, active: active !== false, position, conditions, actions }
    automations.set(automation.id, automation)
    return { status: 201, body: { automation } }
  }

  function readTrigger (input: Record<string, unknown>): Omit<Trigger, 'id' | 'position' | 'created_at' | 'updated_at'> {
    const { title, conditions, actions, category_id: category, active = true, description = null } = input
    if (typeof title !== 'string' || title === '') throw invalidRecord('title', 'Title: cannot be blank', 'BlankValue')
    if (!isObject(conditions)) throw invalidRecord('conditions', 'Conditions: cannot be blank', 'BlankValue')
    if (!Array.isArray(actions) || actions.length === 0) throw invalidRecord('actions', 'Actions: cannot be blank', 'BlankValue')
    // The id of a category is a string, and an account with categories wants one.
    if (category !== CATEGORY.id) throw invalidRecord('category_id', 'Category: is invalid')
    for (const id of hookIdsOf(actions)) {
      const hook = hooks.all.get(id)
      if (hook === undefined || !isForTriggers(hook.subscriptions)) throw invalidRecord('base', `Webhook: ${id} cannot be used in a trigger`)
    }
    const told = typeof description === 'string' ? description : null
    return { title, conditions, actions, category_id: CATEGORY.id, active: active !== false, description: told }
  }

  function showTrigger (trigger: Trigger): object {
    const url = `${state.url}/api/v2/triggers/${trigger.id}.json`
    return { url, ...trigger, default: false, raw_title: trigger.title }
  }
}

type HookInput = Omit<Hook, 'id' | 'created_at' | 'created_by' | 'updated_at' | 'updated_by'>

/** The whole hook of a PUT or POST, or the changed parts of a PATCH over what is there. */
function readHook (call: Call, over?: Hook): HookInput {
  const input = { ...over, ...wrapped(call.body, 'webhook', 'api/v2/webhooks') }
  const { name, endpoint, status, subscriptions, description = null, authentication, custom_headers: headers } = input
  const text = (value: unknown, field: string): string => {
    if (typeof value !== 'string' || value === '') throw listOfErrors(400, 'InvalidWebhook', `${field} is missing or invalid`)
    return value
  }
  const among = (value: unknown, field: string, values: string[]): string => {
    if (!values.includes(text(value, field))) throw listOfErrors(400, 'InvalidWebhook', `${field} is missing or invalid`)
    return String(value)
  }
  if (!text(endpoint, 'endpoint').startsWith('https://')) throw listOfErrors(400, 'InvalidWebhook', 'endpoint must be an https address')
  const method = among(input.http_method, 'http_method', METHODS)
  const format = among(input.request_format, 'request_format', FORMATS)
  const topics = readTopics(subscriptions)
  if (!isForTriggers(topics) && (method !== 'POST' || format !== 'json')) {
    throw listOfErrors(400, 'InvalidWebhook', 'Event subscriptions are sent by POST as json')
  }
  const hook: HookInput = {
    name: text(name, 'name'),
    description: typeof description === 'string' ? description : null,
    status: among(status, 'status', ['active', 'inactive']),
    subscriptions: topics,
    endpoint: String(endpoint),
    http_method: method,
    request_format: format
  }
  if (isObject(headers)) hook.custom_headers = headers
  // What it authenticates with is never shown again, only how.
  if (isObject(authentication)) {
    hook.authentication = { type: among(authentication.type, 'authentication.type', ['basic_auth', 'bearer_token', 'api_key']), add_position: 'header' }
  }
  return hook
}

function readTopics (value: unknown): string[] {
  const topics = Array.isArray(value) ? value.map(String) : []
  const known = topics.every(topic => topic === TRIGGER_KIND || TOPICS.has(topic))
  const mixed = topics.includes(TRIGGER_KIND) && topics.length > 1
  if (topics.length === 0 || !known || mixed) throw listOfErrors(400, 'InvalidWebhook', 'subscriptions are missing or invalid')
  return topics
}

function isForTriggers (subscriptions: string[]): boolean {
  return subscriptions.includes(TRIGGER_KIND)
}

function hookIdsOf (actions: unknown[]): string[] {
  return actions.filter(isObject).filter(action => action.field === 'notification_webhook')
    .map(action => Array.isArray(action.value) ? String(action.value[0]) : String(action.value))
}

function showSecret (secret: string, status: number): Answer {
  return { status, body: { signing_secret: { algorithm: 'SHA256', secret } } }
}
