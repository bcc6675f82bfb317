// A story says the same whatever order it arrives in, and what it said once it does not take back later.
import fc from 'fast-check'
import { compareDue, compareIds } from '../../src/learn/steps.ts'
import { plus, sortStory, turnsOf, whatNext } from '../../src/learn/story.ts'
import type { Step } from '../../src/learn/story.ts'
import type { EventFact, Instant, TicketEvent } from '../../src/types.ts'

const RULES = { quietSeconds: 15, quietCapSeconds: 60, durableHours: 72, reopenDays: 7 }
const START = '2026-11-02T09:00:00Z'
const NOTHING: ReadonlySet<string> = new Set()
const PERSON = { id: 'p-7' }

type Made = { after: number, fact: EventFact }

const GREETINGS = ['hi', 'hello there', 'Guten Tag', '']
const SENTENCES = [
  'the invoice of October shows the wrong address', 'I cannot open the roster on my phone',
  'wie ändere ich den Namen der Firma', 'is there a way to export all shifts'
]

// Mostly seconds, sometimes hours and days, so that bursts, caps and lasting solutions all come up
const pause = fc.oneof(
  { weight: 6, arbitrary: fc.integer({ min: 0, max: 25 }) },
  { weight: 2, arbitrary: fc.integer({ min: 30, max: 3_600 }) },
  { weight: 2, arbitrary: fc.integer({ min: 1, max: 10 }).map(days => days * 86_400) },
  { weight: 1, arbitrary: fc.constantFrom(15, 60, 72 * 3_600, 7 * 86_400) }
)

const said = fc.constantFrom<EventFact>(
  ...SENTENCES.map((text): EventFact => ({ kind: 'asked', messageId: '', text, person: PERSON })),
  { kind: 'answered', messageId: '', agentId: 'ag-1', text: 'Please look under Settings.', by: 'human' },
  { kind: 'answered', messageId: '', agentId: 'ag-2', text: 'It is repaired.', by: 'human' },
  { kind: 'answered', messageId: '', agentId: 'robot', text: 'We got your message.', by: 'bot' },
  { kind: 'solved' }, { kind: 'reopened' }, { kind: 'abandoned' },
  { kind: 'tagged', added: ['billing'], removed: [] }, { kind: 'assigned', agentId: 'ag-1' }
)
const greeted = fc.constantFrom(...GREETINGS)
  .map((text): EventFact => ({ kind: 'asked', messageId: '', text, person: PERSON }))
const judged = fc.constantFrom<EventFact>(
  { kind: 'rated', good: true }, { kind: 'rated', good: false }, { kind: 'escalated', how: 'urgent' }
)
const silenced = fc.constantFrom<EventFact>({ kind: 'spam' }, { kind: 'deleted' }, { kind: 'merged', into: '77' })

const anyFact = fc.oneof(
  { weight: 12, arbitrary: said }, { weight: 2, arbitrary: greeted },
  { weight: 3, arbitrary: judged }, { weight: 1, arbitrary: silenced }
)

function storyOf (made: Made[]): TicketEvent[] {
  let at: Instant = START
  return made.map(({ after, fact }, i) => {
    at = plus(at, after)
    const key = `e-${String(i).padStart(3, '0')}`
    const base = { key, connection: 'desk', ticketId: '41', at }
    return { ...base, ...('messageId' in fact ? { ...fact, messageId: `m-${i}` } : fact) }
  })
}

// A ticket is opened before anything is said in it, at the latest in the same second
const opening = fc.constantFrom('Question', 'The roster of our second branch is empty').map((subject): Made => {
  return { after: 0, fact: { kind: 'opened', subject, channel: 'web', person: PERSON, tags: [] } }
})

function stories (fact: fc.Arbitrary<EventFact>): fc.Arbitrary<TicketEvent[]> {
  return fc.tuple(fc.option(opening), fc.array(fc.record({ after: pause, fact }), { maxLength: 14 }))
    .map(([opened, rest]) => storyOf(opened === null ? rest : [opened, ...rest]))
}

const anyStory = stories(anyFact)

function shuffled (events: TicketEvent[]): fc.Arbitrary<TicketEvent[]> {
  return fc.shuffledSubarray(events, { minLength: events.length, maxLength: events.length })
}

function dueUntil (steps: Step[], cut: Instant): Step[] {
  return steps.filter(step => step.at <= cut)
}

function asked (seconds: number, text: string, id = `q-${seconds}`): TicketEvent {
  const base = { key: `message:${id}`, connection: 'desk', ticketId: '41', at: plus(START, seconds) }
  return { ...base, kind: 'asked', messageId: id, text, person: PERSON }
}

describe('what a story asks for', () => {
  test('the order of arrival plays no part', () => {
    const pairs = anyStory.chain(events => fc.tuple(fc.constant(events), shuffled(events)))
    fc.assert(fc.property(pairs, ([told, mixed]) => {
      expect(sortStory(mixed)).toEqual(sortStory(told))
      expect(whatNext(mixed, NOTHING, RULES)).toEqual(whatNext(told, NOTHING, RULES))
    }), { numRuns: 300 })
  })

  test('events of one second have one order, even when their keys are all that tells them apart', () => {
    const second = fc.array(anyFact, { minLength: 2, maxLength: 8 })
      .map(facts => storyOf(facts.map(fact => ({ after: 0, fact }))))
    fc.assert(fc.property(second.chain(events => fc.tuple(fc.constant(events), shuffled(events))), ([told, mixed]) => {
      expect(whatNext(mixed, NOTHING, RULES)).toEqual(whatNext(told, NOTHING, RULES))
    }))
  })

  test('an event told twice is told once, in any order', () => {
    const twice = stories(fc.oneof({ weight: 9, arbitrary: said }, { weight: 1, arbitrary: silenced }))
      .chain(events => fc.tuple(fc.constant(events), fc.subarray(events)))
      .chain(([events, again]) => fc.tuple(fc.constant(events), shuffled([...events, ...again.map(e => ({ ...e }))])))
    fc.assert(fc.property(twice, ([told, mixed]) => {
      expect(whatNext(mixed, NOTHING, RULES)).toEqual(whatNext(told, NOTHING, RULES))
    }), { numRuns: 200 })
  })

  test('a greeting told twice does not become long enough to be a question', () => {
    const hello = asked(0, 'good morning friends')
    expect(whatNext([hello, { ...hello }], NOTHING, RULES)).toEqual(whatNext([hello], NOTHING, RULES))
  })

  test('what is due by a moment follows from what happened by that moment', () => {
    const cuts = fc.integer({ min: 0, max: 13 }).chain(i => fc.tuple(fc.constant(i), pause))
    fc.assert(fc.property(anyStory, cuts, (events, [i, later]) => {
      const cut = plus(events[i % (events.length || 1)]?.at ?? START, later)
      const known = events.filter(e => e.at <= cut)
      expect(dueUntil(whatNext(known, NOTHING, RULES), cut)).toEqual(dueUntil(whatNext(events, NOTHING, RULES), cut))
    }), { numRuns: 500 })
  })

  test('a step that was taken is not asked for again, and the others stay', () => {
    const some = anyStory.chain(events => {
      const ids = whatNext(events, NOTHING, RULES).map(step => step.id)
      return fc.tuple(fc.constant(events), fc.subarray(ids))
    })
    fc.assert(fc.property(some, ([events, taken]) => {
      const all = whatNext(events, NOTHING, RULES)
      const done = new Set(taken)
      // A turn that was answered and heard is over: what is told late of it asks for no further draft.
      const isOver = (step: Step): boolean => step.kind === 'ask' && step.messageId !== undefined && done.has(`hear:${step.questionId}`)
      expect(whatNext(events, done, RULES)).toEqual(all.filter(step => !done.has(step.id) && !isOver(step)))
      expect(whatNext(events, new Set(all.map(step => step.id)), RULES)).toEqual([])
    }), { numRuns: 200 })
  })

  test('a question is asked before its answer is heard, and its answer before what came of it', () => {
    fc.assert(fc.property(anyStory, events => {
      const steps = whatNext(events, NOTHING, RULES)
      expect(steps.map(step => step.at)).toEqual(steps.map(step => step.at).sort())
      for (const [i, step] of steps.entries()) {
        const before = steps.slice(0, i).map(s => s.id)
        if (step.kind !== 'ask') expect(before).toContain(`ask:${step.questionId}`)
        if (step.kind === 'outcome') expect(before).toContain(`hear:${step.questionId}`)
      }
    }), { numRuns: 200 })
  })

  test('neither the story nor its events are changed', () => {
    fc.assert(fc.property(anyStory, events => {
      const before = structuredClone(events)
      whatNext(events.map(event => Object.freeze(event)), NOTHING, RULES)
      expect(events).toEqual(before)
    }), { numRuns: 50 })
  })

  test('nothing asks for nothing', () => {
    expect(whatNext([], NOTHING, RULES)).toEqual([])
  })

  test('two judgements within one second have two names, because a step is taken once', () => {
    const base = { connection: 'desk', ticketId: '41', at: plus(START, 90) }
    const steps = whatNext([
      asked(0, 'the export is empty since this morning'),
      { ...base, key: 'message:a-1', kind: 'answered', messageId: 'a-1', agentId: 'ag-1', text: 'Repaired.', by: 'human' },
      { ...base, key: 'rated:501', kind: 'rated', good: true },
      { ...base, key: 'rated:502', kind: 'rated', good: true }
    ], NOTHING, RULES)
    expect(new Set(steps.map(step => step.id)).size).toBe(steps.length)
  })
})

describe('redactions', () => {
  const redaction: TicketEvent = {
    key: 'r', connection: 'desk', ticketId: '41', at: plus(START, 900), kind: 'redacted', messageId: 'q-0'
  }

  test('a message that was taken back is asked about no more, whenever that is told', () => {
    const events = [asked(0, 'my secret number is the following one'), redaction]
    expect(whatNext(events, NOTHING, RULES)).toEqual([])
    expect(whatNext(events.toReversed(), NOTHING, RULES)).toEqual([])
  })

  test('the rest of the turn stays, named after its first message that is left', () => {
    const events = [asked(0, 'my secret number is the following one'), asked(5, 'how do I change my card'), redaction]
    expect(turnsOf(sortStory(events)).map(turn => turn.questionId)).toEqual(['q-5'])
    expect(JSON.stringify(turnsOf(sortStory(events)))).not.toContain('secret')
  })
})

describe('the order of many tickets', () => {
  const step = (at: number, id = 'ask:1'): Step => ({ kind: 'ask', id, at: plus(START, at), questionId: '1' })
  const due = fc.record({
    where: fc.record({ connection: fc.constantFrom('a', 'b'), ticketId: fc.constantFrom('8', '9', '10', '101') }),
    step: fc.integer({ min: 0, max: 3 }).map(at => step(at))
  })

  test('the ninth ticket comes before the tenth', () => {
    expect(['10', '9', '101', '1'].sort(compareIds)).toEqual(['1', '9', '10', '101'])
  })

  test('time first, then connection, then ticket: the same whatever they arrive in', () => {
    const lists = fc.array(due, { maxLength: 12 }).chain(list => {
      return fc.tuple(fc.constant(list), fc.shuffledSubarray(list, { minLength: list.length }))
    })
    fc.assert(fc.property(lists, ([list, mixed]) => {
      expect([...mixed].sort(compareDue)).toEqual([...list].sort(compareDue))
      const ats = [...list].sort(compareDue).map(d => d.step.at)
      expect(ats).toEqual([...ats].sort())
    }))
  })
})
