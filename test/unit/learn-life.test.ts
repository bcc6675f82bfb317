// The life of an anomaly: whatever people press and Linear tells, twice, late and in any order, its invariants hold.
import fc from 'fast-check'
import { STATES, beginLife, moveLife } from '../../src/learn/life.ts'
import type { AnomalyState, Ask, Life, Move } from '../../src/learn/life.ts'

const KINDS = ['grew', 'quiet', 'ack', 'real', 'file', 'filed', 'started', 'done', 'not_a_bug', 'duplicate', 'restarted', 'calm', 'still_high', 'undo_noise', 'split'] as const
const moves: fc.Arbitrary<Move> = fc.oneof(
  fc.constantFrom(...KINDS).map(kind => ({ kind })),
  fc.constant<Move>({ kind: 'noise', reason: 'campaign' }), fc.constant<Move>({ kind: 'refused', reason: 'no team' }),
  fc.constant<Move>({ kind: 'merge', into: 'an_other' }), fc.constant<Move>({ kind: 'attach', issue: 'ENG-80' })
)

function play (list: Move[]): { life: Life, asks: Ask[], states: AnomalyState[] } {
  let { life, asks } = beginLife()
  const states: AnomalyState[] = [life.state]
  for (const move of list) {
    const moved = moveLife(life, move)
    if (moved === null) continue
    life = moved.life
    asks = [...asks, ...moved.asks]
    states.push(life.state)
  }
  return { life, asks, states }
}

test('whatever is pressed, there is one message, and an issue is asked for once unless it was refused', () => {
  fc.assert(fc.property(fc.array(moves, { maxLength: 40 }), list => {
    const { asks, states } = play(list)
    const refusals = list.filter(m => m.kind === 'refused').length
    expect(asks.filter(a => a === 'message')).toHaveLength(1)
    expect(asks.filter(a => a === 'issue' || a === 'attach').length).toBeLessThanOrEqual(1 + refusals)
    expect(states.every(s => STATES.includes(s))).toBe(true)
  }), { numRuns: 500 })
})

test('the same move twice in a row changes nothing the second time, except growth', () => {
  fc.assert(fc.property(fc.array(moves, { maxLength: 20 }), moves, (list, move) => {
    if (['grew', 'real', 'started', 'duplicate'].includes(move.kind)) return
    const { life } = play(list)
    const once = moveLife(life, move)
    if (once === null) return
    const twice = moveLife(once.life, move)
    if (twice !== null) expect(twice.asks.includes('issue') || twice.asks.includes('notes') || twice.asks.includes('message')).toBe(false)
  }), { numRuns: 500 })
})

test('noise and merged are never opened again by growth; an issue once filed stays; nothing filed is called noise', () => {
  fc.assert(fc.property(fc.array(moves, { maxLength: 40 }), list => {
    let { life } = beginLife()
    for (const move of list) {
      const moved = moveLife(life, move)
      if (life.state === 'noise' || life.state === 'merged') expect([null, 'undo_noise']).toContain(moved === null ? null : move.kind)
      if (moved === null) continue
      if (life.hasIssue) expect([moved.life.hasIssue, moved.life.state === 'noise' || moved.life.state === 'merged']).toEqual([true, false])
      life = moved.life
    }
  }), { numRuns: 500 })
})

test('a split takes tickets and nothing else: state, message and issue stay, and what is over cannot be split', () => {
  fc.assert(fc.property(fc.array(moves, { maxLength: 40 }), list => {
    const { life } = play(list)
    const moved = moveLife(life, { kind: 'split' })
    const isOver = ['noise', 'merged', 'closed', 'verified'].includes(life.state)
    expect(moved === null).toBe(isOver)
    if (moved === null) return
    expect(moved.life).toEqual(life)
    expect(moved.asks.filter(ask => ask !== 'update' && ask !== 'block')).toEqual([])
  }), { numRuns: 500 })
  // What was taken out begins like any other: told once, nothing filed.
  expect(beginLife()).toEqual({ life: { state: 'open', hasIssue: false, filing: false, mergedInto: null, reason: null }, asks: ['message'] })
})

test.each<[string, Move[], AnomalyState]>([
  ['a quiet end', [{ kind: 'quiet' }], 'closed'],
  ['closed and grown again', [{ kind: 'quiet' }, { kind: 'grew' }], 'open'],
  ['filed and fixed', [{ kind: 'ack' }, { kind: 'file' }, { kind: 'filed' }, { kind: 'started' }, { kind: 'done' }, { kind: 'calm' }], 'verified'],
  ['fixed, and not', [{ kind: 'file' }, { kind: 'filed' }, { kind: 'done' }, { kind: 'still_high' }], 'not_fixed'],
  ['fixed at the second attempt', [{ kind: 'file' }, { kind: 'filed' }, { kind: 'done' }, { kind: 'still_high' }, { kind: 'done' }, { kind: 'calm' }], 'verified'],
  ['verified, and back', [{ kind: 'file' }, { kind: 'filed' }, { kind: 'done' }, { kind: 'calm' }, { kind: 'grew' }], 'not_fixed'],
  ['done before it was ever started', [{ kind: 'file' }, { kind: 'done' }, { kind: 'filed' }, { kind: 'done' }], 'fixed'],
  ['not a bug', [{ kind: 'file' }, { kind: 'filed' }, { kind: 'not_a_bug' }], 'closed'],
  ['two press at once: filed wins over noise', [{ kind: 'file' }, { kind: 'noise', reason: 'x' }, { kind: 'filed' }], 'filed'],
  ['noise wins over filing', [{ kind: 'noise', reason: 'x' }, { kind: 'file' }, { kind: 'grew' }], 'noise'],
  ['a filed one is not closed by quiet', [{ kind: 'file' }, { kind: 'filed' }, { kind: 'quiet' }], 'filed'],
  ['merged', [{ kind: 'merge', into: 'an_x' }, { kind: 'grew' }, { kind: 'file' }], 'merged']
])('%s', (_what, list, state) => { expect(play(list).life.state).toBe(state) })
