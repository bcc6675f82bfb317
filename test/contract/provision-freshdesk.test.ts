// Setting up Freshdesk, against the pretend one: two rules, once each, mended when bent, gone when disconnected, and the
// rules of the desk run as they did before.
import { openFreshdesk } from '../sandbox/freshdesk.ts'
import type { PretendFreshdesk } from '../sandbox/freshdesk.ts'
import { actionsOf, HOME, MARK, openConnected, provisionOf, rowOf, rowsOf, textOf } from '../support/provision.ts'
import type { Opened, Row } from '../support/provision.ts'

const close: Array<() => Promise<void>> = []
afterEach(async () => { for (const one of close.splice(0)) await one() })

const door = `${HOME}freshdesk`

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

test('names the rules that would mail the requester because of a private note', async () => {
  const { provision, call } = await freshdesk()
  const rule = (name: string, value: string): object => ({
    name, performer: { type: 3 }, events: [{ field_name: 'note_type', value }],
    conditions: [{ name: 'condition_set_1', match_type: 'any', properties: [{ resource_type: 'ticket', field_name: 'priority', operator: 'in', value: [1, 2, 3, 4] }] }],
    actions: [{ field_name: 'send_email_to_requester', email_subject: 'News', email_body: 'There is news' }]
  })
  await call('POST', '/automations/4/rules', rule('Mail on any note', '--'))
  await call('POST', '/automations/4/rules', rule('Mail on public notes', 'public'))
  const told = textOf(await provision.check(door))
  expect(told).toContain('look: the rule "Mail on any note" mails the requester when a private note is added')
  expect(told).not.toContain('Mail on public notes')
})

test('without a secret nothing is made', async () => {
  const { connector, settings, rules } = await freshdesk()
  const { FRESHDESK_WEBHOOK_SECRET: _secret, ...bare } = settings
  const provision = provisionOf(connector.open(bare, 'freshdesk'))
  expect(await provision.check(door)).toEqual([expect.objectContaining({ level: 'stop', what: 'FRESHDESK_WEBHOOK_SECRET is not set' })])
  await expect(provision.apply(door, 'connected')).rejects.toThrow('set FRESHDESK_WEBHOOK_SECRET')
  expect(await rules(1)).toEqual([])
})

async function freshdesk (
  options: Parameters<typeof openFreshdesk>[0] = {}
): Promise<Opened<PretendFreshdesk> & { rules: (type: number) => Promise<Row[]> }> {
  const desk = await openFreshdesk({ rules: false, ...options })
  close.push(() => desk.close())
  const opened = await openConnected(desk, ({ FRESHDESK_API_KEY: key }) => `${key}:X`)
  return {
    ...opened,
    async rules (type) {
      const list = await opened.call('GET', `/automations/${type}/rules`)
      return Array.isArray(list) ? rowsOf(list) : rowsOf(rowOf(list).rules)
    }
  }
}
