// Setting up Zendesk, against the pretend one: twice is once, what somebody deleted or edited is mended, what is too many
// goes, and what is not ours is never touched.
import { openZendesk } from '../sandbox/zendesk.ts'
import type { PretendZendesk } from '../sandbox/zendesk.ts'
import { actionsOf, HOME, MARK, openConnected, provisionOf, rowOf, rowsOf, textOf } from '../support/provision.ts'
import type { Opened, Row } from '../support/provision.ts'

const close: Array<() => Promise<void>> = []
afterEach(async () => { for (const one of close.splice(0)) await one() })

const door = `${HOME}zendesk`

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
  expect(await provision.check(door)).toEqual([
    expect.objectContaining({ level: 'stop', why: expect.stringContaining('webhooks:write') }),
    expect.objectContaining({ level: 'stop', what: 'these credentials may not read exports' })
  ])
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

test('names the automations whose hours a private note would start anew', async () => {
  const { provision, call } = await zendesk()
  const automation = { actions: [{ field: 'status', value: 'solved' }] }
  const hours = (field: string): object => ({ all: [{ field, operator: 'greater_than', value: '48' }], any: [] })
  await call('POST', '/automations', { automation: { ...automation, title: 'Close the quiet ones', conditions: hours('updated_at') } })
  await call('POST', '/automations', { automation: { ...automation, title: 'Close what was solved', conditions: hours('SOLVED') } })
  const told = textOf(await provision.check(door))
  expect(told).toContain('look: the automation "Close the quiet ones" counts the hours since the last update')
  expect(told).not.toContain('Close what was solved')
})

test('says in words that the one who signs in has no agent seat', async () => {
  const { desk, connector } = await zendesk()
  desk.self.role = 'end-user'
  desk.oauth.life = 600
  const { id, secret } = desk.oauth.client
  const settings = { ...desk.settings, ZENDESK_OAUTH_CLIENT_ID: id, ZENDESK_OAUTH_CLIENT_SECRET: secret }
  const findings = await provisionOf(connector.open(settings, 'zendesk')).check(door)
  expect(findings).toContainEqual({ level: 'stop', what: 'Deskloop has no agent seat', why: expect.stringContaining('give that user an agent seat') })
})

test('tells which rules mailed somebody because of a note, and whom', async () => {
  const { provision, call, desk, connector } = await zendesk()
  const helpdesk = connector.open(desk.settings, 'zendesk')
  const ticket = desk.openTicket({ at: '2026-05-04T09:00:00Z', subject: 'No light', text: 'Dark.', person: { id: 'p', name: 'Ada Bell', email: 'ada@example.org' } })
  const [asked] = (await helpdesk.fetchTicket(ticket)).filter(event => event.kind === 'asked')
  const write = async (key: string): Promise<string> => (await helpdesk.postNote(ticket, {
    key, basis: asked?.kind === 'asked' ? asked.messageId : '', parts: [{ kind: 'footer', hint: 'a note', links: [], key }]
  })).noteId
  expect(await provision.findMails?.(ticket, await write('dl-4q8m2x7v1c9zk'))).toEqual([])
  const { trigger_categories: categories } = rowOf(await call('GET', '/trigger_categories'))
  const common = { category_id: rowsOf(categories)[0]?.id, conditions: { all: [{ field: 'update_type', operator: 'is', value: 'Change' }], any: [] } }
  const mail = (to: string): object[] => [{ field: 'notification_user', value: [to, 'News', 'There is news'] }]
  await call('POST', '/triggers', { trigger: { ...common, title: 'Mail on everything', actions: mail('requester_id') } })
  await call('POST', '/triggers', { trigger: { ...common, title: 'Tell the duty desk', actions: mail('assignee_id') } })
  const noteId = await write('dl-7v1c9zk4q8m2x')
  expect(await provision.findMails?.(ticket, noteId)).toEqual([
    { rule: 'Mail on everything', to: 'customer' }, { rule: 'Tell the duty desk', to: 'staff' }
  ])
  expect(desk.journal.filter(({ kind }) => kind === 'mailed').map(({ public: toCustomer }) => toCustomer)).toEqual([true, false])
})

test('shows the secret it signs with', async () => {
  const { provision, hooks, call } = await zendesk()
  expect(await provision.fetchSecrets?.(door)).toEqual([])
  await provision.apply(door, 'connected')
  const shown = rowOf(await call('GET', `/webhooks/${String((await hooks())[1]?.id)}/signing_secret`))
  expect(await provision.fetchSecrets?.(door)).toEqual([rowOf(shown.signing_secret).secret])
})

async function zendesk (): Promise<Opened<PretendZendesk> & { hooks: () => Promise<Row[]> }> {
  const desk = await openZendesk()
  close.push(() => desk.close())
  const opened = await openConnected(desk, ({ ZENDESK_EMAIL: email, ZENDESK_API_TOKEN: token }) => `${email}/token:${token}`)
  return { ...opened, hooks: async () => rowsOf(rowOf(await opened.call('GET', '/webhooks')).webhooks) }
}
