// On which tickets notes are wanted, and what is wrong in the file that says so.
import { copyFileSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { readScopes } from '../../src/config-scopes.ts'
import { readConfig } from '../../src/config.ts'
import type { EventFact, Scope, TicketEvent } from '../../src/types.ts'
import { whyOutside } from '../../src/work/scope.ts'
import { ROOT } from '../support/house.ts'

const CONFIG = join(ROOT, 'config')

const story = storyOf([
  { kind: 'opened', subject: 'Berth', channel: 'chat', person: { id: 'p' }, tags: ['pilot', 'old'] },
  { kind: 'assigned', group: 'first' }, { kind: 'tagged', added: ['vip'], removed: ['old'] }, { kind: 'assigned', group: 'second' },
  { kind: 'assigned', agentId: 'mira' }
])

test.each<[Scope | undefined, string | null]>([
  [undefined, null], [{}, null], [{ channels: [], tags: [], groups: [], withoutTags: [] }, null],
  [{ channels: ['chat', 'email'] }, null], [{ channels: ['email'] }, 'no notes are wanted on the channel chat'],
  [{ tags: ['pilot'] }, null], [{ tags: ['old'] }, 'notes are wanted only on tickets with certain tags'],
  [{ withoutTags: ['old'] }, null], [{ tags: ['pilot'], withoutTags: ['vip'] }, 'no notes are wanted on tickets with the tag vip'],
  [{ groups: ['second'] }, null], [{ groups: ['first'] }, 'notes are wanted only for certain groups']
])('%j: %s', (scope, why) => {
  expect(whyOutside(story, scope)).toBe(why)
})

test('a ticket without a group is in no group’s scope, and one whose opening is unknown came in no known way', () => {
  const bare = storyOf([{ kind: 'asked', messageId: 'm', text: 'Is it free', person: { id: 'p' } }])
  expect(whyOutside(bare, { groups: ['first'] })).not.toBeNull()
  expect(whyOutside(bare, { channels: ['email'] })).toBe('no notes are wanted on the channel other')
})

describe('config/scopes.json', () => {
  let folder = ''
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'deskloop-scopes-'))
    for (const name of ['scopes.schema.json', 'learning.json', 'learning.schema.json']) copyFileSync(join(CONFIG, name), join(folder, name))
  })
  afterEach(() => { rmSync(folder, { recursive: true }) })

  const read = (text?: string): [Record<string, Scope>, string[]] => {
    if (text !== undefined) writeFileSync(join(folder, 'scopes.json'), text)
    const faults: string[] = []
    return [readScopes(folder, faults), faults]
  }

  test('the example is right, and without a file notes are wanted everywhere', () => {
    expect(read()).toEqual([{}, []])
    copyFileSync(join(CONFIG, 'scopes.example.json'), join(folder, 'scopes.json'))
    const [scopes, faults] = read()
    expect([Object.keys(scopes), faults]).toEqual([['zendesk', 'intercom'], []])
  })

  test.each(['[]', '{"zendesk":{"channel":["email"]}}', '{"zendesk":{"channels":["fax"]}}', '{"Zen desk":{}}', '{'])('%s is a fault', text => {
    const [scopes, faults] = read(text)
    expect(scopes).toEqual({})
    expect(faults.length).toBeGreaterThan(0)
    for (const fault of faults) expect(fault).toContain('scopes.json')
  })

  test('a connection that is not there, an unknown time zone and a short key are told at the start', () => {
    writeFileSync(join(folder, 'scopes.json'), '{"nobody":{}}')
    const env = { DESKLOOP_TIME_ZONE: 'Atlantis/Harbour', DESKLOOP_LANGUAGE: 'xx', DESKLOOP_LINK_KEY: 'short' }
    let told = ''
    try { readConfig(env, folder, []) } catch (error) { told = String(error) }
    for (const word of ['nobody', 'Atlantis/Harbour', 'DESKLOOP_LANGUAGE must', 'DESKLOOP_LINK_KEY must']) expect(told).toContain(word)
  })
})

function storyOf (facts: EventFact[]): TicketEvent[] {
  return facts.map((fact, i) => ({
    key: `k${i}`, connection: 'quay', ticketId: '1', at: `2026-11-02T09:00:0${i}Z`, ...fact
  }))
}
