// Tags that could name topics are found, with the very line to write; tags that cannot are not.
import { readFileSync } from 'node:fs'
import fc from 'fast-check'
import { makeDemoArchive } from '../../scripts/demo/demo-archive.ts'
import { makeChance } from '../../scripts/demo/chance.ts'
import { readinessOf } from '../../scripts/backtest/readiness.ts'
import { readRules } from '../../src/config-files.ts'
import { findTagHints, lineOfHint, sayHint, taggedQuestionOf } from '../../src/learn/tag-hints.ts'
import type { TaggedQuestion } from '../../src/learn/tag-hints.ts'
import { plus } from '../../src/learn/story.ts'
import type { TicketEvent } from '../../src/types.ts'

const SAYS: Record<string, string[]> = {
  gate: ['the barrier stays shut', 'our gate will not open', 'barrier stuck half way'],
  badge: ['the badge is not read', 'my new badge is missing', 'badge lost on the train'],
  bill: ['the invoice names the wrong company', 'we were charged twice', 'invoice without tax number']
}

function questions (n: number, tagsOf: (label: string, i: number) => string[]): TaggedQuestion[] {
  const chance = makeChance(3)
  return Array.from({ length: n }, (_, i) => {
    const label = chance.pick(Object.keys(SAYS))
    return { text: `${chance.pick(SAYS[label] ?? [])}, please help us at yard ${i}`, language: 'en', tags: tagsOf(label, i) }
  })
}

test('a group of tags that follows from what is asked is found, and its line is one that the settings take', () => {
  const list = questions(300, (label, i) => i % 3 === 0 ? ['vip', `team_${i % 4}`] : [`topic_${label}`, `team_${i % 4}`])
  const [hint, ...others] = findTagHints(list)
  expect(others).toEqual([])
  expect(hint).toMatchObject({ patterns: ['topic_*'], labels: 3, tickets: 200 })
  expect(hint?.right).toBeGreaterThan(0.95)
  if (hint === undefined) throw new Error('no hint')
  expect(lineOfHint(hint)).toBe('"topics": {"tags": ["topic_*"], "sure": 0.7}')
  const config = new URL('../../config', import.meta.url).pathname
  expect(readRules(config, `{${lineOfHint(hint)}}`, [])).toMatchObject({ topics: { tags: ['topic_*'], sure: 0.7 } })
  expect(sayHint(hint)).toMatch(/^topic_\*: 3 topics on 200 tickets \(67 %\); of the later ones 100 % are guessed right/)
})

test('tags without a common beginning are named one by one', () => {
  const [hint] = findTagHints(questions(300, label => [label]))
  expect(hint?.patterns.toSorted()).toEqual(['badge', 'bill', 'gate'])
})

test.each<[why: string, n: number, tagsOf: (label: string, i: number) => string[]]>([
  ['too few tickets', 90, label => [`topic_${label}`]],
  ['tags that nothing in the question tells', 300, (_, i) => [`shift_${i % 3}`]],
  ['two at a time', 300, label => [`topic_${label}`, 'topic_open']],
  ['one for nearly all', 300, (label, i) => [i % 20 === 0 ? `topic_${label}` : 'topic_other']],
  ['on hardly any ticket', 2_000, (label, i) => i % 12 === 0 ? [`topic_${label}`] : []],
  ['no tags at all', 300, () => []]
])('nothing is proposed for %s', (_why, n, tagsOf) => {
  expect(findTagHints(questions(n, tagsOf))).toEqual([])
})

test('whatever the tags are, nothing breaks', () => {
  const tag = fc.oneof(fc.string(), fc.constantFrom('a_b', 'a_c', 'a_d', '__proto__', '*', 'a_*', '::', 'x::y'))
  fc.assert(fc.property(fc.array(fc.array(tag, { maxLength: 4 }), { maxLength: 150 }), lists => {
    const hints = findTagHints(lists.map((tags, i) => ({ text: `question ${i}`, language: 'en', tags })))
    for (const { right, usual, share } of hints) {
      for (const part of [right, usual, share]) expect(part >= 0 && part <= 1).toBe(true)
    }
  }), { numRuns: 40 })
})

test('a story gives its first question and the tags it has in the end', () => {
  const where = { connection: 'desk', ticketId: '1' }
  const at = '2026-04-06T09:00:00Z'
  const person = { id: 'p' }
  const story: TicketEvent[] = [
    { ...where, key: 'o', at, kind: 'opened', subject: 'Gate', channel: 'web', person, tags: ['topic_gate'] },
    { ...where, key: 'm', at, kind: 'asked', messageId: 'm', text: 'it stays shut', person },
    { ...where, key: 't', at: plus(at, 60), kind: 'tagged', added: ['topic_lock'], removed: ['topic_gate'] }
  ]
  expect(taggedQuestionOf(story)).toMatchObject({ tags: ['topic_lock'], text: expect.stringContaining('it stays shut') })
  expect(taggedQuestionOf([])).toBeNull()
})

test('readiness says it of an archive, and no more once the settings name them', () => {
  const archive = makeDemoArchive(1).slice(0, 400)
    .map(t => ({ ...t, tags: t.topic_label === 'spam' ? [] : [`area::${t.topic_label}`] }))
  const line = readinessOf(archive, []).find(l => l.what === 'Tags that name topics')
  expect(line?.cost).toContain('"topics": {"tags": ["area::*"], "sure": 0.7}')
  expect(readinessOf(archive, [], ['area::*']).map(l => l.what)).not.toContain('Tags that name topics')
  expect(readFileSync(new URL('../../config/learning.json', import.meta.url), 'utf8')).toContain('"topics": { "tags": []')
})
