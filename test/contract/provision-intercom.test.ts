// Setting up Intercom, which no program can: every step is said, and every topic that is asked for is read.
import { openIntercom } from '../sandbox/intercom.ts'
import type { PretendIntercom } from '../sandbox/intercom.ts'
import { HOME, openConnected } from '../support/provision.ts'
import type { Opened } from '../support/provision.ts'

const close: Array<() => Promise<void>> = []
afterEach(async () => { for (const one of close.splice(0)) await one() })

const door = `${HOME}intercom`

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

async function intercom (): Promise<Opened<PretendIntercom>> {
  const desk = await openIntercom()
  close.push(() => desk.close())
  return await openConnected(desk, () => '')
}
