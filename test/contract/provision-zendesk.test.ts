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

async function zendesk (): Promise<Opened<PretendZendesk> & { hooks: () => Promise<Row[]> }> {
  const desk = await openZendesk()
  close.push(() => desk.close())
  const opened = await openConnected(desk, ({ ZENDESK_EMAIL: email, ZENDESK_API_TOKEN: token }) => `${email}/token:${token}`)
  return { ...opened, hooks: async () => rowsOf(rowOf(await opened.call('GET', '/webhooks')).webhooks) }
}
