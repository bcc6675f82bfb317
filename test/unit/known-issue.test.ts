// The note of a known issue, in every language that it speaks.
import { layOutKnownIssue } from '../../src/work/known-issue.ts'

const START = '2026-03-02T08:00:00Z'

test.each([['de', 'behoben'], ['fr', 'résolu'], ['es', 'resuelto'], ['it', 'risolto'], ['pt', 'resolvido'], ['nl', 'opgelost'], ['xx', 'solved']])('the holding reply in %s', (language, word) => {
  const issue = {
    id: 'an_1', topic: 0, title: 'T', state: 'not_fixed' as const, issue: 'ENG-7', issueState: 'Done', people: 1,
    openedAt: START, grownAt: START
  }
  const note = layOutKnownIssue(issue, { key: 'dl-1', basis: 'm', language, workaround: null, quiet: null }, '')
  expect(JSON.stringify(note.parts.find(p => p.kind === 'draft'))).toContain(word)
  expect(note.parts[0]).toMatchObject({ text: 'ENG-7 done, and not fixed · 1 customer' })
})
