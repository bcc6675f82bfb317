// Which tickets a person means when he splits an anomaly, and where new ones belong afterwards.
import fc from 'fast-check'
import { chosenBy, groupsOf, nearestAmong } from '../../src/learn/split.ts'
import type { SplitTicket } from '../../src/learn/split.ts'

const ticket = (ref: string, text: string, more: Partial<SplitTicket> = {}): SplitTicket =>
  ({ ref, text, topic: null, company: null, companyName: null, page: null, ...more })

const nearestGroup = (one: SplitTicket, groups: SplitTicket[][]): number => nearestAmong(groups)(one)

const okta = ['1', '2', '3'].map(n => ticket(`z/${n}`, `Okta login loops back, case ${n}`, { topic: 'sso', company: 'c1', companyName: 'Quay' }))
const invoice = ['4', '5'].map(n => ticket(`z/${n}`, `The invoice shows a doubled amount ${n}`, { topic: 'billing', page: '/invoices' }))
const all = [...okta, ...invoice]

test('groups are by topic, company, page and shared words, never all of them', () => {
  const groups = groupsOf(all)
  const found = new Map(groups.map(g => [g.key, g.refs.length]))
  expect(found.get('topic:sso')).toBe(3)
  expect(found.get('topic:billing')).toBe(2)
  expect(groups).toHaveLength(2)                    // company, page and words mean the same tickets
  const without = all.map(t => ({ ...t, topic: null }))
  expect(groupsOf(without).map(g => [g.key, g.label, g.refs.length])).toEqual([
    ['company:c1', 'of Quay', 3], ['page:/invoices', 'on /invoices', 2]
  ])
  const bare = without.map(t => ({ ...t, company: null, page: null }))
  expect(groupsOf(bare).map(g => g.refs.length)).toEqual([3, 2])
  expect(groupsOf(bare).every(g => g.key.startsWith('says:'))).toBe(true)
  expect(groups.every(g => g.refs.length < all.length)).toBe(true)
  expect(groupsOf(okta).some(g => g.key === 'topic:sso')).toBe(false)
})

test('a choice is what is named, what a group holds and what says all of the words; nothing named is none', () => {
  expect(chosenBy(all, { refs: ['z/4'], groups: [], words: '' })).toEqual(['z/4'])
  expect(chosenBy(all, { refs: [], groups: ['topic:sso'], words: '' })).toEqual(['z/1', 'z/2', 'z/3'])
  expect(chosenBy(all, { refs: ['z/1'], groups: [], words: 'INVOICE amount' })).toEqual(['z/1', 'z/4', 'z/5'])
  expect(chosenBy(all, { refs: [], groups: [], words: '  ' })).toEqual([])
  expect(chosenBy(all, { refs: ['z/99'], groups: ['topic:none'], words: 'harbour' })).toEqual([])
})

test('a group that is shown means the same tickets when it is chosen, however many groups there are', () => {
  const texts = fc.array(fc.constantFrom('alpha crane', 'alpha bravo', 'crane delta', 'bravo delta echoes', 'foxtrot'), { minLength: 2, maxLength: 30 })
  fc.assert(fc.property(texts, list => {
    const tickets = list.map((text, i) => ticket(`z/${i}`, text, { topic: text.split(' ')[0] ?? null }))
    for (const g of groupsOf(tickets)) {
      expect(chosenBy(tickets, { refs: [], groups: [g.key], words: '' }).sort()).toEqual([...g.refs].sort())
    }
  }))
})

test('a new ticket belongs to the group that it is like; where nothing tells, to the first', () => {
  const groups = [okta, invoice]
  expect(nearestGroup(ticket('n', 'invoice with a doubled amount again'), groups)).toBe(1)
  expect(nearestGroup(ticket('n', 'login with okta loops'), groups)).toBe(0)
  expect(nearestGroup(ticket('n', 'something about boats'), groups)).toBe(0)
  expect(nearestGroup(ticket('n', 'something about boats'), [invoice, okta])).toBe(0)
  expect(nearestGroup(ticket('n', 'it does not work', { page: '/invoices' }), groups)).toBe(1)
  expect(nearestGroup(ticket('n', 'it does not work', { company: 'c1' }), [invoice, okta])).toBe(1)
})

test('a small group is not outvoted by a large one, nor the large one drawn into the small', () => {
  const large = Array.from({ length: 60 }, (_, i) => ticket(`a/${i}`, `the crane stops with fault ${i % 2 === 0 ? 'hoist' : 'brake'}`))
  const small = [ticket('b/1', 'the crane booking page is blank')]
  expect(nearestGroup(ticket('n', 'crane booking is blank'), [large, small])).toBe(1)
  expect(nearestGroup(ticket('n', 'crane stops with fault brake'), [large, small])).toBe(0)
})

test('every ticket of a group is nearest to its own, where the groups share no word', () => {
  fc.assert(fc.property(fc.integer({ min: 1, max: 20 }), fc.integer({ min: 1, max: 20 }), (a, b) => {
    const one = Array.from({ length: a }, (_, i) => ticket(`a/${i}`, 'mooring berth harbour'))
    const two = Array.from({ length: b }, (_, i) => ticket(`b/${i}`, 'diesel pump station'))
    for (const t of one) expect(nearestGroup(t, [one, two])).toBe(0)
    for (const t of two) expect(nearestGroup(t, [one, two])).toBe(1)
  }), { numRuns: 40 })
})

test('what the redactor took out is no word that a group shares', () => {
  const hidden = ['1', '2', '3'].map(n => ticket(`z/${n}`, n === '3' ? 'harbour' : 'mail [EMAIL_1] to [PERSON_2] harbour'))
  expect(groupsOf(hidden).map(g => g.key)).toEqual(['says:mail'])
})
