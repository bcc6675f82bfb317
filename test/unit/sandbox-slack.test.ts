// The pretend Slack: what it refuses, what it answers, what it sends.
import { createHmac } from 'node:crypto'
import { existsSync, readFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { IncomingHttpHeaders } from 'node:http'
import { join } from 'node:path'
import { openSlack } from '../sandbox/slack.ts'
import type { PretendSlack, SlackOptions } from '../sandbox/slack.ts'
import { slackSignature } from '../sandbox/slack-people.ts'

type Json = ReturnType<typeof JSON.parse>
interface Answer { status: number, headers: Headers, body: Json }

const AT = '2026-11-20T09:00:00Z'
const samples = join(import.meta.dirname, '../../../shared/vendors/samples/slack')

async function withSlack (run: (slack: PretendSlack) => Promise<void>, options: SlackOptions = {}): Promise<void> {
  const slack = await openSlack(options)
  slack.setNow(AT)
  try { await run(slack) } finally { await slack.close() }
}

/** Calls as the official client does: a form, with structures as JSON texts inside. */
async function call (
  slack: PretendSlack, method: string, args: Record<string, unknown> = {}, patienceMs = 3_000
): Promise<Answer> {
  const asText = (value: unknown): string => typeof value === 'string' ? value : JSON.stringify(value)
  const form = Object.entries(args).map(([name, value]) => [name, asText(value)])
  return request(slack, method, {
    body: new URLSearchParams(Object.fromEntries(form)), signal: AbortSignal.timeout(patienceMs),
    headers: { authorization: `Bearer ${slack.settings.SLACK_BOT_TOKEN}` }
  })
}

async function request (slack: PretendSlack, method: string, init: RequestInit): Promise<Answer> {
  const answer = await fetch(`${slack.url}/api/${method}`, { method: 'POST', ...init })
  const text = await answer.text()
  return { status: answer.status, headers: answer.headers, body: text.startsWith('{') ? JSON.parse(text) : text }
}

async function errorOf (slack: PretendSlack, method: string, args: Record<string, unknown>): Promise<unknown> {
  const { status, body } = await call(slack, method, args)
  expect([method, status, body.ok]).toEqual([method, 200, false])
  return body.error
}

const channelOf = (slack: PretendSlack, name = 'support-alerts'): string =>
  slack.channels().find(channel => channel.name === name)?.id ?? ''

const button = (id: string, more: object = {}): object =>
  ({ type: 'button', action_id: id, text: { type: 'plain_text', text: 'Seen' }, value: 'topic-4', ...more })
const BLOCKS = [
  { type: 'header', text: { type: 'plain_text', text: 'Logins fail' } },
  { type: 'section', fields: [{ type: 'mrkdwn', text: '*Tickets*\n12' }] },
  { type: 'actions', elements: [button('dl_seen', { style: 'primary' }), button('dl_open', { url: 'https://deskloop.example/a/4' })] }
]
const METADATA = { event_type: 'deskloop_alert', event_payload: { effect: 'e-17' } }

interface Heard { headers: IncomingHttpHeaders, body: string }

/** Lends a listener that answers 500 as often as told, then 200. */
async function withListener (
  slack: PretendSlack, failures: number, run: (heard: Heard[]) => Promise<void>
): Promise<void> {
  const heard: Heard[] = []
  const server = createServer((incoming, response) => {
    let body = ''
    incoming.on('data', chunk => { body += String(chunk) }).on('end', () => {
      heard.push({ headers: incoming.headers, body })
      response.writeHead(failures-- > 0 ? 500 : 200).end()
    })
  }).listen(0, '127.0.0.1')
  await new Promise(resolve => server.once('listening', resolve))
  const address = server.address()
  slack.webhookUrl = `http://127.0.0.1:${typeof address === 'object' ? address?.port : 0}/slack/events`
  try { await run(heard) } finally { await new Promise(resolve => server.close(resolve)) }
}

async function upload (slack: PretendSlack, name = 'chart.png'): Promise<string> {
  const content = Buffer.from('dots and lines')
  const { body } = await call(slack, 'files.getUploadURLExternal', { filename: name, length: content.length })
  const sent = await fetch(body.upload_url, { method: 'POST', body: content })
  expect(await sent.text()).toBe(`OK - ${content.length}`)
  return body.file_id
}

test('a missing token, a wrong one and an unknown method are told in the body', () => withSlack(async slack => {
  expect((await request(slack, 'auth.test', {})).body).toEqual({ ok: false, error: 'not_authed' })
  const wrong = await request(slack, 'auth.test', { headers: { authorization: 'Bearer xoxb-other' } })
  expect([wrong.status, wrong.body]).toEqual([200, { ok: false, error: 'invalid_auth' }])
  expect(await errorOf(slack, 'chat.shout', {})).toBe('unknown_method')
  expect((await call(slack, 'auth.test')).body).toMatchObject({ ok: true, team: 'Lanternworks', user: 'deskloop' })
}))

test('a scope that is missing is named', () => withSlack(async slack => {
  const { body } = await call(slack, 'files.info', { file: 'F1' })
  expect(body).toEqual({ ok: false, error: 'missing_scope', needed: 'files:read', provided: 'chat:write' })
  expect(await errorOf(slack, 'chat.postMessage', { channel: channelOf(slack, 'general'), text: 'x' })).toBe('not_in_channel')
}, { scopes: ['chat:write'] }))

test('JSON is taken, with a warning when it names no charset', () => withSlack(async slack => {
  const channel = channelOf(slack)
  const json = (method: string, body: string, type: string): Promise<Answer> => request(slack, method, {
    body, headers: { authorization: `Bearer ${slack.settings.SLACK_BOT_TOKEN}`, 'content-type': type }
  })
  const body = JSON.stringify({ channel, text: 'From JSON', blocks: BLOCKS })
  expect((await json('chat.postMessage', body, 'application/json')).body).toMatchObject({ ok: true, warning: 'missing_charset' })
  expect((await json('chat.postMessage', body, 'application/json; charset=utf-8')).body).not.toHaveProperty('warning')
  expect((await json('chat.postMessage', '{"channel":', 'application/json')).body).toEqual({ ok: false, error: 'invalid_json' })
  const bare = await json('conversations.history', body, 'application/json')
  expect(bare.body.response_metadata).toEqual({ next_cursor: '', warnings: ['missing_charset'] })
  expect(bare.body.messages).toHaveLength(2)
}))

test('messages go where they may, and nowhere else', () => withSlack(async slack => {
  const post = (args: object): Promise<unknown> => errorOf(slack, 'chat.postMessage', { text: 'x', ...args })
  expect(await post({ channel: 'C0NOWHERE' })).toBe('channel_not_found')
  expect(await post({ channel: channelOf(slack, 'board') })).toBe('channel_not_found')
  expect(await post({ channel: channelOf(slack, 'old-alerts') })).toBe('is_archived')
  expect(await post({ channel: channelOf(slack), text: '' })).toBe('no_text')
  expect(await post({ channel: channelOf(slack), thread_ts: '1.000' })).toBe('thread_not_found')
  expect(await post({})).toBe('invalid_arguments')
  expect((await call(slack, 'chat.postMessage', { channel: channelOf(slack, 'general'), text: 'Public' })).body.ok).toBe(true)
  expect(slack.messages()).toHaveLength(1)
  expect(slack.journal).toMatchObject([{ kind: 'message', by: 'api', public: false, text: 'Public', at: AT }])
}))

test('blocks beyond the limits are refused with the place of the fault', () => withSlack(async slack => {
  const channel = channelOf(slack)
  const faultsOf = async (blocks: unknown): Promise<unknown> => {
    const { body } = await call(slack, 'chat.postMessage', { channel, text: 'x', blocks })
    return body.errors?.[0] ?? body.error
  }
  const section = (text: string): object => ({ type: 'section', text: { type: 'mrkdwn', text } })
  const actions = (n: number): object => ({ type: 'actions', elements: Array.from({ length: n }, (_, i) => button(`b${i}`)) })
  const table: Array<[unknown, RegExp]> = [
    ['not json', /^invalid_blocks_format$/],
    [Array.from({ length: 51 }, () => ({ type: 'divider' })), /no more than 50 items.*\/blocks\]/],
    [[section('x'.repeat(3001))], /less than 3001.*\/blocks\/0\/text\/text/],
    [[section('')], /more than 0 characters/],
    [[{ type: 'header', text: { type: 'plain_text', text: 'x'.repeat(151) } }], /less than 151/],
    [[{ type: 'header', text: { type: 'mrkdwn', text: 'x' } }], /enum/],
    [[{ type: 'section', fields: Array.from({ length: 11 }, () => ({ type: 'mrkdwn', text: 'x' })) }], /no more than 10/],
    [[actions(26)], /no more than 25/],
    [[{ type: 'actions', elements: [button('same'), button('same')] }], /already exists/],
    [[{ type: 'actions', elements: [button('b', { text: { type: 'plain_text', text: 'x'.repeat(76) } })] }], /less than 76/],
    [[{ type: 'actions', elements: [button('b', { value: 'x'.repeat(2001) })] }], /less than 2001/],
    [[{ type: 'actions', elements: [button('b', { colour: 'red' })] }], /additional property: colour/],
    [[{ type: 'divider', block_id: 'd' }, { type: 'divider', block_id: 'd' }], /already exists/],
    [[{ type: 'poster' }], /unsupported type: poster/],
    [[{ type: 'image', image_url: 'http://127.0.0.1/a.png', alt_text: 'a' }], /downloading image failed/],
    [[{ type: 'image', image_url: 'https://a.example/a.png' }], /alt_text/],
    [Array.from({ length: 10 }, () => section('x'.repeat(1500))), /^msg_blocks_too_long$/]
  ]
  for (const [blocks, fault] of table) expect(await faultsOf(blocks)).toMatch(fault)
  expect(slack.messages()).toHaveLength(0)
  expect(await faultsOf([actions(25), section('x'.repeat(3000))])).toBeUndefined()
}))

test('metadata has a form, and is shown to those who ask for it', () => withSlack(async slack => {
  const channel = channelOf(slack)
  const post = (metadata: unknown): Promise<unknown> => errorOf(slack, 'chat.postMessage', { channel, text: 'x', metadata })
  expect(await post({ event_type: 'has space', event_payload: {} })).toBe('invalid_metadata_format')
  expect(await post({ event_type: 'ok', event_payload: { a: { b: { c: 1 } } } })).toBe('invalid_metadata_schema')
  await call(slack, 'chat.postMessage', { channel, text: 'x', metadata: METADATA })
  const blind = await call(slack, 'conversations.history', { channel })
  expect(blind.body.messages[0]).not.toHaveProperty('metadata')
  const seen = await call(slack, 'conversations.history', { channel, include_all_metadata: true, oldest: '1000' })
  expect(seen.body.messages[0].metadata).toEqual(METADATA)
}))

test('an update replaces the message; what is not sent again is gone', () => withSlack(async slack => {
  const channel = channelOf(slack)
  const { ts } = (await call(slack, 'chat.postMessage', { channel, text: 'Twelve', blocks: BLOCKS, metadata: METADATA })).body
  const updated = await call(slack, 'chat.update', { channel, ts, text: 'Fourteen' })
  expect(updated.body).toMatchObject({ ok: true, ts, text: 'Fourteen', message: { edited: {} } })
  expect(updated.body.message).not.toHaveProperty('blocks')
  expect(slack.messages()).toMatchObject([{ ts, blocks: null, metadata: null }])
  expect(await errorOf(slack, 'chat.update', { channel, ts: '12.5', text: 'x' })).toBe('message_not_found')
  const theirs = slack.say(channel, { text: 'Mine' })
  expect(await errorOf(slack, 'chat.update', { channel, ts: theirs, text: 'x' })).toBe('cant_update_message')
  expect((await call(slack, 'chat.getPermalink', { channel, message_ts: ts })).body.permalink).toContain(ts.replace('.', ''))
}))

test('history and threads are read to their end', () => withSlack(async slack => {
  const channel = channelOf(slack)
  const { ts } = (await call(slack, 'chat.postMessage', { channel, text: 'Parent' })).body
  for (let i = 0; i < 7; i++) await call(slack, 'chat.postMessage', { channel, text: `Top ${i}` })
  for (let i = 0; i < 5; i++) await call(slack, 'chat.postMessage', { channel, text: `Reply ${i}`, thread_ts: ts })
  const readAll = async (method: string, args: object): Promise<string[]> => {
    const texts: string[] = []
    let cursor = ''
    do {
      const { body } = await call(slack, method, { channel, limit: 3, ...(cursor === '' ? {} : { cursor }), ...args })
      texts.push(...body.messages.map((message: Json) => message.text))
      cursor = body.response_metadata.next_cursor
      expect(body.has_more).toBe(cursor !== '')
    } while (cursor !== '')
    return texts
  }
  expect(await readAll('conversations.history', {})).toEqual([6, 5, 4, 3, 2, 1, 0].map(i => `Top ${i}`).concat('Parent'))
  expect(await readAll('conversations.replies', { ts })).toEqual(['Parent', ...[0, 1, 2, 3, 4].map(i => `Reply ${i}`)])
  expect(await errorOf(slack, 'conversations.replies', { channel, ts: '9.9' })).toBe('thread_not_found')
  expect(await errorOf(slack, 'conversations.history', { channel, cursor: 'bm8=' })).toBe('invalid_cursor')
  const lists = await call(slack, 'conversations.list', { types: 'public_channel,private_channel', exclude_archived: true })
  expect(lists.body.channels.map((one: Json) => one.name)).toEqual(['support-alerts', 'general', 'leads'])
}))

test('a file is shown only after it was completed and made ready', () => withSlack(async slack => {
  const channel = channelOf(slack)
  const id = await upload(slack)
  const post = (): Promise<Answer> => call(slack, 'chat.postMessage', {
    channel, text: 'Chart', blocks: [{ type: 'image', slack_file: { id }, alt_text: 'Tickets' }]
  })
  expect((await post()).body.errors).toEqual(['invalid slack file [json-pointer:/blocks/0/slack_file]'])
  const files = [{ id, title: 'Tickets' }]
  expect((await call(slack, 'files.completeUploadExternal', { files })).body).toEqual({ ok: true, files })
  expect((await call(slack, 'files.info', { file: id })).body.file.mimetype).toBe('')
  expect((await call(slack, 'files.info', { file: id })).body.file).toMatchObject({ mimetype: 'image/png', filetype: 'png' })
  expect((await post()).body.ok).toBe(true)
  expect(await errorOf(slack, 'files.completeUploadExternal', { files: [{ id: 'F0NONE' }] })).toBe('file_not_found')
  expect(await errorOf(slack, 'files.getUploadURLExternal', { filename: 'a.png', length: 0 })).toBe('missing_argument')
  const short = (await call(slack, 'files.getUploadURLExternal', { filename: 'a.png', length: 99 })).body
  expect((await fetch(short.upload_url, { method: 'POST', body: 'too short' })).status).toBe(400)
}))

test('a file sent as a form and completed into a thread is a message there', () => withSlack(async slack => {
  const channel = channelOf(slack)
  const { ts } = (await call(slack, 'chat.postMessage', { channel, text: 'Parent' })).body
  const { upload_url: url, file_id: id } = (await call(slack, 'files.getUploadURLExternal', { filename: 'c.png', length: 5 })).body
  const form = new FormData()
  form.set('file', new Blob(['12345']), 'c.png')
  expect(await (await fetch(url, { method: 'POST', body: form })).text()).toBe('OK - 5')
  await call(slack, 'files.completeUploadExternal', { files: [{ id }], channel_id: channel, thread_ts: ts })
  expect(slack.messages().at(-1)).toMatchObject({ threadTs: ts, fileIds: [id] })
}))

test('a pressed button is told in a signed form, and answers through its own address', () => withSlack(async slack => {
  const channel = channelOf(slack)
  const { ts } = (await call(slack, 'chat.postMessage', { channel, text: 'Alert', blocks: BLOCKS })).body
  slack.pressButton(ts, 'dl_seen', slack.users()[1]?.id)
  slack.pressButton(ts, 'dl_open')
  expect(() => slack.pressButton(ts, 'nothing')).toThrow('no button')
  await withListener(slack, 0, async heard => {
    expect(await slack.send({ concurrency: 1 })).toMatchObject({ sent: 2, failed: 0 })
    for (const { headers, body } of heard) {
      const signed = `v0:${headers['x-slack-request-timestamp']}:${body}`
      const digest = createHmac('sha256', slack.settings.SLACK_SIGNING_SECRET).update(signed).digest('hex')
      expect(headers['x-slack-signature']).toBe(`v0=${digest}`)
      expect(Math.abs(Number(headers['x-slack-request-timestamp']) - Date.now() / 1000)).toBeLessThan(30)
    }
    const [seen, link] = heard.map(one => JSON.parse(new URLSearchParams(one.body).get('payload') ?? ''))
    expect(seen).toMatchObject({
      type: 'block_actions', user: { name: 'jonas' }, container: { message_ts: ts, channel_id: channel },
      actions: [{ action_id: 'dl_seen', value: 'topic-4', style: 'primary' }]
    })
    expect(link.actions[0]).not.toHaveProperty('value')
    const respond = (body: object): Promise<Response> => fetch(seen.response_url, {
      method: 'POST', body: JSON.stringify(body), headers: { 'content-type': 'application/json' }
    })
    expect(await (await respond({ replace_original: true, text: 'Seen by Jonas' })).text()).toBe('ok')
    expect(slack.messages()).toMatchObject([{ ts, text: 'Seen by Jonas' }])
    for (let i = 0; i < 4; i++) expect((await respond({ text: `note ${i}` })).status).toBe(200)
    expect(await (await respond({ text: 'once more' })).json()).toEqual({ ok: false, error: 'used_url' })
  })
}))

test('a modal opens with a fresh trigger, once, and comes back filled in', () => withSlack(async slack => {
  const channel = channelOf(slack)
  const { ts } = (await call(slack, 'chat.postMessage', { channel, text: 'Alert', blocks: BLOCKS })).body
  const plain = (text: string): object => ({ type: 'plain_text', text })
  const input = { type: 'input', block_id: 'why', label: plain('Why'), element: { type: 'plain_text_input', action_id: 'text' } }
  const view = { type: 'modal', callback_id: 'dl_dismiss', title: plain('Dismiss'), submit: plain('Save'), blocks: [input] }
  const trigger = slack.pressButton(ts, 'dl_seen')
  expect(await errorOf(slack, 'views.open', { view, trigger_id: trigger })).toBe('expired_trigger_id')
  await withListener(slack, 0, async heard => {
    await slack.send()
    expect(await errorOf(slack, 'views.open', { view, trigger_id: '1.2' })).toBe('invalid_trigger_id')
    for (const wrong of [{ title: plain('x'.repeat(25)) }, { type: 'page' }, { submit: null }]) {
      expect(['invalid_arguments', 'invalid_blocks']).toContain(
        await errorOf(slack, 'views.open', { view: { ...view, ...wrong }, trigger_id: trigger }))
    }
    const opened = (await call(slack, 'views.open', { view, trigger_id: trigger })).body.view
    expect(await errorOf(slack, 'views.open', { view, trigger_id: trigger })).toBe('exchanged_trigger_id')
    expect(await errorOf(slack, 'views.update', { view, view_id: opened.id, hash: 'old' })).toBe('hash_conflict')
    expect((await call(slack, 'views.update', { view, view_id: opened.id, hash: opened.hash })).body.ok).toBe(true)
    expect(slack.modals()).toHaveLength(1)
    slack.submitView(opened.id, { why: { text: 'A planned test' } })
    await slack.send()
    const payload = JSON.parse(new URLSearchParams(heard.at(-1)?.body).get('payload') ?? '')
    expect(payload).toMatchObject({
      type: 'view_submission',
      view: { callback_id: 'dl_dismiss', state: { values: { why: { text: { type: 'plain_text_input', value: 'A planned test' } } } } }
    })
  })
  expect(await errorOf(slack, 'views.update', { view, view_id: 'V0' })).toBe('not_found')
}))

test('events are tried again with the number and the reason; the address is verified', () => withSlack(async slack => {
  slack.say(channelOf(slack), { text: 'Is it the deploy?' })
  const challenge = slack.verifyUrl()
  await withListener(slack, 1, async heard => {
    await slack.send({ concurrency: 1, retries: 1, retryMs: 1 })
    expect(heard).toHaveLength(3)
    expect(heard[0]?.headers).not.toHaveProperty('x-slack-retry-num')
    expect(heard[1]?.headers).toMatchObject({ 'x-slack-retry-num': '1', 'x-slack-retry-reason': 'http_error' })
    expect(JSON.parse(heard[1]?.body ?? '')).toMatchObject({ type: 'event_callback', event: { text: 'Is it the deploy?' } })
    expect(JSON.parse(heard[2]?.body ?? '')).toMatchObject({ type: 'url_verification', challenge })
  })
}))

test('people and reactions', () => withSlack(async slack => {
  const channel = channelOf(slack)
  const user = slack.users()[0]
  expect((await call(slack, 'users.info', { user: user?.id })).body.user.profile.email).toBe(user?.email)
  expect(await errorOf(slack, 'users.info', { user: 'U0' })).toBe('user_not_found')
  expect(await errorOf(slack, 'users.lookupByEmail', { email: 'no@one.example' })).toBe('users_not_found')
  const { ts } = (await call(slack, 'chat.postMessage', { channel, text: 'x' })).body
  expect((await call(slack, 'reactions.add', { channel, timestamp: ts, name: 'eyes' })).body).toEqual({ ok: true })
  expect(await errorOf(slack, 'reactions.add', { channel, timestamp: ts, name: 'eyes' })).toBe('already_reacted')
  expect(await errorOf(slack, 'reactions.add', { channel, timestamp: 'now', name: 'eyes' })).toBe('bad_timestamp')
}))

test('each fault does what it says, and reads are spared', () => withSlack(async slack => {
  const channel = channelOf(slack)
  const post = (patienceMs?: number): Promise<Answer> =>
    call(slack, 'chat.postMessage', { channel, text: 'Once', metadata: METADATA }, patienceMs)
  slack.faults = { ...slack.faults, error500: 1 }
  expect((await post()).status).toBe(500)
  expect((await call(slack, 'conversations.history', { channel })).body.messages).toEqual([])
  slack.faults = { ...slack.faults, error500: 0, rateLimited: 1 }
  const limited = await post()
  expect([limited.status, limited.headers.get('retry-after'), limited.body.error]).toEqual([429, '1', 'ratelimited'])
  slack.faults = { ...slack.faults, rateLimited: 0, hang: 1 }
  await expect(post(100)).rejects.toThrow()
  expect(slack.messages()).toHaveLength(0)
  slack.faults = { ...slack.faults, hang: 0, lostAnswer: 1 }
  await expect(post()).rejects.toThrow()
  expect(slack.messages()).toHaveLength(1)
  slack.faults = { ...slack.faults, lostAnswer: 0, late: 1, lateMs: 20 }
  await expect(post(150)).rejects.toThrow()
  expect(slack.messages()).toMatchObject([{ text: 'Once' }, { text: 'Once', metadata: METADATA }])
}))

test('with limits on, a channel takes about one message a second', () => withSlack(async slack => {
  const answers = []
  for (let i = 0; i < 5; i++) answers.push((await call(slack, 'chat.postMessage', { channel: channelOf(slack), text: `${i}` })).status)
  expect(answers).toEqual([200, 200, 200, 429, 429])
}, { limits: true }))

test('the same calls give the same answers', async () => {
  const answers: Json[] = []
  for (let i = 0; i < 2; i++) {
    await withSlack(async slack => {
      answers.push((await call(slack, 'chat.postMessage', { channel: channelOf(slack), text: 'Same', blocks: BLOCKS })).body)
    })
  }
  expect(answers[0].ts).toMatch(/^\d{10}\.\d{6}$/)
  expect(answers[1]).toEqual(answers[0])
})

/** A test against reference data of the vendor, which is not part of the project. */
function testWith (path: string, name: string, run: () => Promise<void>): void {
  if (existsSync(path)) test(name, run)
  else test.skip(`${name} (skipped: the vendor's reference data is not on this machine)`, run)
}

function readSample (name: string): Json {
  return JSON.parse(readFileSync(join(samples, name), 'utf8'))
}

testWith(samples, 'the signature of the published vector is ours', async () => {
  const vector = readSample('signature.vector.json')
  expect(slackSignature(vector.signing_secret, vector.headers['X-Slack-Request-Timestamp'], vector.raw_body))
    .toBe(vector.headers['X-Slack-Signature'])
})

testWith(samples, 'answers and payloads have the keys of real ones', () => withSlack(async slack => {
  const channel = channelOf(slack)
  const keys = (value: Json): string[] => Object.keys(value).sort()
  const posted = (await call(slack, 'chat.postMessage', { channel, text: 'x', blocks: BLOCKS, metadata: METADATA })).body
  const realPost = readSample('chat.postMessage.response.json')
  expect(keys(posted)).toEqual(keys(realPost))
  expect(keys(posted.message)).toEqual(keys(realPost.message))
  const updated = (await call(slack, 'chat.update', { channel, ts: posted.ts, text: 'x', blocks: BLOCKS, metadata: METADATA })).body
  expect(keys(updated)).toEqual(keys(readSample('chat.update.response.json')))
  expect(keys((await call(slack, 'conversations.history', { channel })).body))
    .toEqual(keys(readSample('conversations.history.with-metadata.response.json')))
  expect(keys((await call(slack, 'auth.test')).body)).toEqual(keys(readSample('auth.test.response.json')))
  const id = await upload(slack)
  await call(slack, 'files.completeUploadExternal', { files: [{ id }] })
  for (const name of ['files.info.response.not-ready.json', 'files.info.response.ready.json']) {
    const ours = (await call(slack, 'files.info', { file: id })).body
    expect(keys(ours)).toEqual(keys(readSample(name)))
    expect(keys(ours.file)).toEqual(keys(readSample(name).file))
  }
  slack.pressButton(posted.ts, 'dl_seen')
  const payload = JSON.parse(new URLSearchParams(slack.pending.at(-1)?.body).get('payload') ?? '')
  const realPress = readSample('interactivity.block_actions.payload.json')
  expect(keys(payload)).toEqual(keys(realPress))
  expect(keys(payload.actions[0])).toEqual(keys(realPress.actions[0]))
  slack.say(channel, { text: 'Reply', threadTs: posted.ts })
  const event = JSON.parse(slack.pending.at(-1)?.body ?? '')
  const realEvent = readSample('events.event_callback.message.json')
  expect(keys(event)).toEqual(keys(realEvent))
  expect(keys(event.event)).toEqual(keys(realEvent.event))
}))

testWith(samples, 'the sample requests are taken', () => withSlack(async slack => {
  const channel = channelOf(slack)
  const id = await upload(slack)
  await call(slack, 'files.completeUploadExternal', { files: [{ id }] })
  await call(slack, 'files.info', { file: id })
  const withOurs = (name: string): Json =>
    JSON.parse(JSON.stringify(readSample(name)).replaceAll('F08RTN5C1YM', id).replaceAll('C07QX4M2P9K', channel))
  const posted = await call(slack, 'chat.postMessage', withOurs('chat.postMessage.request.json'))
  expect(posted.body).toMatchObject({ ok: true })
  const updated = await call(slack, 'chat.update', { ...withOurs('chat.update.request.json'), ts: posted.body.ts })
  expect(updated.body).toMatchObject({ ok: true })
}))
