// Setting up a helpdesk, against the pretend vendors: twice is once, what somebody deleted or edited is mended, what is
// too many goes, and what is not ours is never touched.
import { findConnectors } from '../../src/connectors.ts'
import type { Connector, Finding, Helpdesk, PlannedChange, Provision, Settings } from '../../src/types.ts'
import { openFreshdesk } from '../sandbox/freshdesk.ts'
import type { PretendFreshdesk } from '../sandbox/freshdesk.ts'
import { openIntercom } from '../sandbox/intercom.ts'
import type { PretendHelpdesk } from '../sandbox/types.ts'
import { openZendesk } from '../sandbox/zendesk.ts'
import type { PretendZendesk } from '../sandbox/zendesk.ts'

type Row = Record<string, unknown>

const DOOR = 'https://desk.harbour.example/hooks/'
const MARK = 'Deskloop · do not edit'
let connectors: Connector[]
let open: PretendHelpdesk[] = []

beforeAll(async () => { connectors = await findConnectors(new URL('../../connectors', import.meta.url).pathname) })
afterEach(async () => {
  await Promise.all(open.map(desk => desk.close()))
  open = []
})

describe('zendesk', () => {
  const door = `${DOOR}zendesk`

  test('is told once, however often it is told', async () => {
    const { provision, hooks } = await zendesk()
    expect(await provision.plan(door, 'connected')).toEqual([expect.objectContaining({ action: 'create', what: `webhook "${MARK}"` })])
    expect(await hooks()).toHaveLength(1)           // looking has changed nothing
    expect(await provision.apply(door, 'connected')).toHaveLength(1)
    expect(await provision.apply(door, 'connected')).toEqual([])
    const [foreign, ours] = await hooks()
    expect(foreign?.name).toBe('Deskloop ticket events')
    expect(ours).toMatchObject({ name: MARK, endpoint: door, status: 'active', http_method: 'POST', request_format: 'json' })
    expect(ours?.subscriptions).toContain('zen:event-type:ticket.comment_added')
  })

  test('gets back what was deleted by hand', async () => {
    const { provision, hooks, call } = await zendesk()
    await provision.apply(door, 'connected')
    await call('DELETE', `/webhooks/${String((await hooks())[1]?.id)}`)
    expect(actionsOf(await provision.apply(door, 'connected'))).toEqual(['create'])
    expect((await hooks())[1]).toMatchObject({ name: MARK, endpoint: door })
  })

  test.each([
    ['switched off', { status: 'inactive' }, 'status is "inactive"'],
    ['sent elsewhere', { endpoint: 'https://elsewhere.example/x' }, 'endpoint is'],
    ['made deaf', { subscriptions: ['zen:event-type:ticket.created'] }, 'subscribes to 1 kinds'],
    ['described anew', { description: 'hello' }, 'description is "hello"']
  ])('is mended when it was %s', async (_what, edit, says) => {
    const { provision, hooks, call } = await zendesk()
    await provision.apply(door, 'connected')
    const before = (await hooks())[1]
    await call('PATCH', `/webhooks/${String(before?.id)}`, { webhook: edit })
    const [change, ...more] = await provision.apply(door, 'connected')
    expect(more).toEqual([])
    expect(change).toMatchObject({ action: 'change', id: before?.id })
    expect(change?.details.join()).toContain(says)
    expect((await hooks())[1]).toMatchObject({ ...before, updated_at: expect.any(String) })
    expect(await provision.plan(door, 'connected')).toEqual([])
  })

  test('keeps the oldest of several webhooks', async () => {
    const { provision, hooks, call } = await zendesk()
    await provision.apply(door, 'connected')
    const before = (await hooks())[1]
    const { id: _id, created_at: _at, created_by: _by, updated_at: _up, updated_by: _who, ...copy } = before ?? {}
    await call('POST', '/webhooks', { webhook: copy })
    await call('POST', '/webhooks', { webhook: { ...copy, status: 'inactive' } })
    expect(actionsOf(await provision.apply(door, 'connected'))).toEqual(['remove', 'remove'])
    expect((await hooks()).map(hook => hook.id)).toEqual([expect.any(String), before?.id])
  })

  test('a webhook for triggers with our mark is replaced, for it cannot be switched', async () => {
    const { provision, hooks, call } = await zendesk()
    await call('POST', '/webhooks', {
      webhook: { name: MARK, endpoint: door, status: 'active', http_method: 'POST', request_format: 'json', subscriptions: ['conditional_ticket_events'] }
    })
    expect(actionsOf(await provision.apply(door, 'connected')).toSorted()).toEqual(['create', 'remove'])
    expect((await hooks()).at(-1)?.subscriptions).not.toContain('conditional_ticket_events')
    expect(await provision.plan(door, 'connected')).toEqual([])
  })

  test('nothing is left behind, and nobody else is touched', async () => {
    const { provision, hooks, call, desk } = await zendesk()
    const other = { endpoint: 'https://other.example/hooks/zendesk', status: 'active', http_method: 'POST', request_format: 'json', subscriptions: ['zen:event-type:ticket.created'] }
    await call('POST', '/webhooks', { webhook: { ...other, name: 'Billing robot', endpoint: door } })
    await call('POST', '/webhooks', { webhook: { ...other, name: MARK } })     // another Deskloop at the same account
    const before = await hooks()
    await provision.apply(door, 'connected')
    expect(textOf(await provision.check(door))).toContain('delivers to https://other.example/hooks/zendesk')
    expect(actionsOf(await provision.apply(door, 'disconnected'))).toEqual(['remove'])
    expect(await provision.apply(door, 'disconnected')).toEqual([])
    expect(await hooks()).toEqual(before)
    const changed = desk.requests.filter(({ method }) => method === 'PATCH' || method === 'PUT' || method === 'DELETE')
    expect(changed).toHaveLength(1)
  })

  test('says in words that the token may not manage webhooks', async () => {
    const { desk, connector } = await zendesk()
    const answer = await fetch(`${desk.url}/oauth/tokens`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ grant_type: 'client_credentials', client_id: desk.oauthClient.id, client_secret: desk.oauthClient.secret, scope: 'tickets:read tickets:write users:read' })
    })
    const { access_token: token } = rowOf(await answer.json())
    const provision = provisionOf(connector.open({ ...desk.settings, ZENDESK_OAUTH_TOKEN: String(token) }, 'zendesk'))
    expect(await provision.check(door)).toEqual([expect.objectContaining({ level: 'stop', why: expect.stringContaining('webhooks:write') })])
    await expect(provision.apply(door, 'connected')).rejects.toThrow(/does not let these credentials manage webhooks.*needs an admin/)
    await expect(provision.apply(door, 'connected')).rejects.toHaveProperty('name', 'GiveUp')
  })

  test('names the triggers that would mail a customer because of a private note', async () => {
    const { provision, call } = await zendesk()
    const { trigger_categories: categories } = rowOf(await call('GET', '/trigger_categories'))
    const category = rowsOf(categories)[0]?.id
    const mail = [{ field: 'notification_user', value: ['requester_id', 'News', 'There is news'] }]
    const trigger = { category_id: category, actions: mail }
    await call('POST', '/triggers', { trigger: { ...trigger, title: 'Mail on everything', conditions: { all: [{ field: 'update_type', operator: 'is', value: 'Change' }], any: [] } } })
    await call('POST', '/triggers', { trigger: { ...trigger, title: 'Mail on answers', conditions: { all: [{ field: 'comment_is_public', operator: 'is', value: 'true' }], any: [] } } })
    const told = textOf(await provision.check(door))
    expect(told).toContain('"Mail on everything" mails the requester')
    expect(told).not.toContain('Mail on answers')
  })

  test('shows the secret it signs with', async () => {
    const { provision, hooks, call } = await zendesk()
    expect(await provision.fetchSecrets?.(door)).toEqual([])
    await provision.apply(door, 'connected')
    const shown = rowOf(await call('GET', `/webhooks/${String((await hooks())[1]?.id)}/signing_secret`))
    expect(await provision.fetchSecrets?.(door)).toEqual([rowOf(shown.signing_secret).secret])
  })
})

describe('freshdesk', () => {
  const door = `${DOOR}freshdesk`

  test.each([['in an envelope', false], ['as a bare array', true]])('is told once, with the rules listed %s', async (_form, rulesAsArray) => {
    const { provision, rules, settings } = await freshdesk({ rulesAsArray })
    expect(actionsOf(await provision.apply(door, 'connected'))).toEqual(['create', 'create'])
    expect(await provision.apply(door, 'connected')).toEqual([])
    const [created, updated] = [await rules(1), await rules(4)]
    expect([created.length, updated.length]).toEqual([1, 1])
    expect(created[0]).toMatchObject({ name: `${MARK} · new tickets`, active: true, position: 1 })
    expect(updated[0]).toMatchObject({ name: `${MARK} · changes`, performer: { type: 3 } })
    expect(rowsOf(updated[0]?.events)).not.toContainEqual(expect.objectContaining({ value: 'private' }))
    for (const rule of [...created, ...updated]) {
      expect(rowsOf(rule.actions)).toEqual([expect.objectContaining({
        field_name: 'trigger_webhook', url: door, custom_headers: { 'X-Deskloop-Secret': settings.FRESHDESK_WEBHOOK_SECRET }
      })])
      expect(rowOf(rowsOf(rule.actions)[0]?.content)).toMatchObject({ schema: 'deskloop.freshdesk/1', ticket_id: '{{ticket.id}}' })
    }
  })

  test('a rule that was deleted, switched off, bent or doubled is mended', async () => {
    const { provision, rules, call } = await freshdesk()
    await provision.apply(door, 'connected')
    const [rule] = await rules(4)
    const path = `/automations/4/rules/${String(rule?.id)}`
    const { name: called, performer, events, conditions, actions } = rule ?? {}
    const copy = { name: called, performer, events, conditions, actions }

    await call('DELETE', path)
    expect(actionsOf(await provision.apply(door, 'connected'))).toEqual(['create'])
    const again = `/automations/4/rules/${String((await rules(4))[0]?.id)}`

    await call('PUT', again, { active: false })
    expect((await provision.apply(door, 'connected'))[0]).toMatchObject({ action: 'change', details: ['is switched off'] })

    await call('PUT', again, { events: [{ field_name: 'note_type', value: 'private' }] })
    expect((await provision.apply(door, 'connected'))[0]?.details).toEqual(['listens to other events'])

    const bent = rowsOf(copy.actions).map(action => ({ ...action, url: 'https://elsewhere.example/x', content: '{"a":1}' }))
    await call('PUT', again, { actions: bent })
    expect((await provision.apply(door, 'connected'))[0]?.details).toEqual(['calls https://elsewhere.example/x', 'sends other content'])

    await call('POST', '/automations/4/rules', copy)
    expect((await provision.apply(door, 'connected'))).toMatchObject([{ action: 'remove', details: ['there is more than one'] }])
    expect(await rules(4)).toHaveLength(1)
    expect(await provision.plan(door, 'connected')).toEqual([])
  })

  test('content that an account keeps as one text counts as the same', async () => {
    const { provision, rules, call } = await freshdesk()
    await provision.apply(door, 'connected')
    const [rule] = await rules(1)
    const actions = rowsOf(rule?.actions).map(action => ({ ...action, content: JSON.stringify(action.content), content_layout: 'advanced' }))
    await call('PUT', `/automations/1/rules/${String(rule?.id)}`, { actions })
    expect(await provision.plan(door, 'connected')).toEqual([])
  })

  test('nothing is left behind, and nobody else is touched', async () => {
    const { provision, rules, call, desk } = await freshdesk()
    const actions = [{ field_name: 'priority', value: 3 }]
    await call('POST', '/automations/1/rules', { name: 'Our priorities', actions })
    const before = rowsOf(await rules(1))
    await provision.apply(door, 'connected')
    await provision.apply(door, 'connected')
    const asked = desk.requests.length
    expect(actionsOf(await provision.apply(door, 'disconnected'))).toEqual(['remove', 'remove'])
    expect(await provision.apply(door, 'disconnected')).toEqual([])
    // A place that was left is not filled again.
    expect(await rules(1)).toEqual(before.map(rule => ({ ...rule, position: expect.any(Number) })))
    expect(await rules(4)).toEqual([])
    const own = String(before[0]?.id)
    expect(desk.requests.slice(asked).filter(({ method, path }) => method !== 'GET' && path.includes(own))).toEqual([])
  })

  test('where only the first rule runs, the rules of the desk still run', async () => {
    const { provision, rules, call, desk } = await freshdesk({ runsAllRules: false })
    await call('POST', '/automations/1/rules', {
      name: 'Tell the night shift',
      conditions: [{ name: 'condition_set_1', match_type: 'any', properties: [{ resource_type: 'ticket', field_name: 'priority', operator: 'in', value: [1] }] }],
      actions: [{ field_name: 'trigger_webhook', request_type: 'POST', url: 'https://night.example/x', content_type: 'JSON', content_layout: '2', content: { a: 'b' } }]
    })
    expect(textOf(await provision.check(door))).toContain('only the first matching rule')
    await provision.apply(door, 'connected')
    expect((await rules(1)).map(rule => rule.name)).toEqual(['Tell the night shift', `${MARK} · new tickets`])
    desk.openTicket({ at: '2026-05-04T09:00:00Z', subject: 'No light', text: 'It is dark.', person: { id: 'p1', name: 'Ada Bell', email: 'ada@example.org' } })
    expect(desk.pending.map(({ body }) => body)).toEqual(['{"a":"b"}'])
    // Somebody drags ours to the top: it would silence the other.
    await call('PUT', `/automations/1/rules/${String((await rules(1))[1]?.id)}`, { position: 1 })
    expect((await provision.apply(door, 'connected'))[0]?.details).toEqual([expect.stringContaining('must be last')])
    expect((await rules(1)).map(rule => rule.name)).toEqual(['Tell the night shift', `${MARK} · new tickets`])
    expect(await provision.plan(door, 'connected')).toEqual([])
  })

  test.each([
    ['not in the plan', /plan of this account has no automation rules/],
    ['not for this role', /agent who is no admin/]
  ] as const)('a 403 is told in words: %s', async (automations, says) => {
    const { provision } = await freshdesk({ automations })
    const findings = await provision.check(door)
    expect(findings).toEqual([expect.objectContaining({ level: 'stop', why: expect.stringMatching(says) })])
    await expect(provision.apply(door, 'connected')).rejects.toThrow(says)
  })

  test('a new secret goes into the rules while the old one is still believed', async () => {
    const { connector, rules, provision, settings } = await freshdesk()
    await provision.apply(door, 'connected')
    const next = provisionOf(connector.open({ ...settings, FRESHDESK_WEBHOOK_SECRET: `brand-new, ${String(settings.FRESHDESK_WEBHOOK_SECRET)}` }, 'freshdesk'))
    expect((await next.apply(door, 'connected')).map(({ details }) => details)).toEqual([['sends another secret'], ['sends another secret']])
    expect(JSON.stringify(await rules(1))).toContain('brand-new')
    expect(await next.plan(door, 'connected')).toEqual([])
  })

  test('without a secret nothing is made', async () => {
    const { connector, settings, rules } = await freshdesk()
    const { FRESHDESK_WEBHOOK_SECRET: _secret, ...bare } = settings
    const provision = provisionOf(connector.open(bare, 'freshdesk'))
    expect(await provision.check(door)).toEqual([expect.objectContaining({ level: 'stop', what: 'FRESHDESK_WEBHOOK_SECRET is not set' })])
    await expect(provision.apply(door, 'connected')).rejects.toThrow('set FRESHDESK_WEBHOOK_SECRET')
    expect(await rules(1)).toEqual([])
  })
})

describe('intercom', () => {
  const door = `${DOOR}intercom`

  test('leaves the subscription to a person, and says each step', async () => {
    const { provision } = await intercom()
    expect(await provision.check(door)).toEqual([])
    expect(await provision.apply(door, 'connected')).toEqual([])
    const steps = (provision.steps?.(door, 'connected') ?? []).join('\n')
    for (const word of [door, 'HEAD', 'conversation.user.replied', 'conversation.rating.added', 'INTERCOM_CLIENT_SECRET']) expect(steps).toContain(word)
  })

  test('says what a person has to take away again', async () => {
    const { provision } = await intercom()
    expect((provision.steps?.(door, 'disconnected') ?? []).join('\n')).toContain(`remove the endpoint ${door}`)
  })

  test('every topic that a person subscribes to is read', async () => {
    const { provision, connector } = await intercom()
    const steps = (provision.steps?.(door, 'connected') ?? []).join('\n')
    const topics = /these topics: ([^\n]+)\.$/m.exec(steps)?.[1]?.split(', ') ?? []
    expect(topics.length).toBeGreaterThan(20)
    const item = { type: 'conversation', id: '77', conversation: { model: { id: 77 } } }
    const said = topics.map(topic => {
      const about = topic.startsWith('ticket.') ? { type: 'ticket', id: '77' } : item
      return [topic, connector.normalize({ topic, id: 'n1', created_at: 1770000000, data: { item: about } }, 'intercom').length]
    })
    expect(said.filter(([, count]) => count === 0)).toEqual([])
  })
})

async function zendesk (): Promise<Opened<PretendZendesk> & { hooks: () => Promise<Row[]> }> {
  const opened = use(await openZendesk(), 'zendesk', desk => ({ authorization: basic(`${desk.settings.ZENDESK_EMAIL}/token:${desk.settings.ZENDESK_API_TOKEN}`) }))
  return { ...opened, hooks: async () => rowsOf(rowOf(await opened.call('GET', '/webhooks')).webhooks) }
}

async function freshdesk (
  options: Parameters<typeof openFreshdesk>[0] = {}
): Promise<Opened<PretendFreshdesk> & { rules: (type: number) => Promise<Row[]> }> {
  const opened = use(await openFreshdesk({ rules: false, ...options }), 'freshdesk', desk => ({ authorization: basic(`${desk.settings.FRESHDESK_API_KEY}:X`) }))
  return {
    ...opened,
    async rules (type) {
      const list = await opened.call('GET', `/automations/${type}/rules`)
      return Array.isArray(list) ? rowsOf(list) : rowsOf(rowOf(list).rules)
    }
  }
}

async function intercom (): Promise<Opened<PretendHelpdesk>> {
  return use(await openIntercom(), 'intercom', () => ({}))
}

interface Opened<Desk> {
  desk: Desk, connector: Connector, provision: Provision, settings: Settings
  call: (method: string, path: string, body?: object) => Promise<unknown>
}

function use<Desk extends PretendHelpdesk> (
  desk: Desk, name: string, headersOf: (desk: Desk) => Record<string, string>
): Opened<Desk> {
  open.push(desk)
  const connector = connectors.find(one => one.name === name)
  if (connector === undefined) throw new Error(`there is no connector ${name}`)
  return {
    desk,
    connector,
    settings: desk.settings,
    provision: provisionOf(connector.open(desk.settings, name)),
    async call (method, path, body) {
      const answer = await fetch(`${desk.url}/api/v2${path}`, {
        method,
        headers: { ...headersOf(desk), ...(body === undefined ? {} : { 'content-type': 'application/json' }) },
        ...(body === undefined ? {} : { body: JSON.stringify(body) })
      })
      const text = await answer.text()
      if (!answer.ok) throw new Error(`${method} ${path}: ${answer.status} ${text}`)
      return text === '' ? null : JSON.parse(text)
    }
  }
}

function provisionOf (helpdesk: Helpdesk): Provision {
  if (helpdesk.provision === undefined) throw new Error('this helpdesk cannot be set up')
  return helpdesk.provision
}

function basic (pair: string): string {
  return `Basic ${Buffer.from(pair).toString('base64')}`
}

function actionsOf (changes: PlannedChange[]): string[] {
  return changes.map(({ action }) => action)
}

function textOf (findings: Finding[]): string {
  return findings.map(({ level, what, why }) => `${level}: ${what}: ${why}`).join('\n')
}

function rowOf (value: unknown): Row {
  return typeof value === 'object' && value !== null ? { ...value } : {}
}

function rowsOf (value: unknown): Row[] {
  return Array.isArray(value) ? value.map(rowOf) : []
}
