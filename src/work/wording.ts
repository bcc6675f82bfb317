// Has a draft put into words by the language model, once: what the model was sent and what came of it is kept. With no
// model, no budget or a model that fails the learned answer is what the note says.
import { setTimeout as sleep } from 'node:timers/promises'
import type { Drafter, Wording, WordingRequest } from '../outside.ts'
import type { Log } from '../log.ts'
import { contextFacts } from '../learn/context.ts'
import { languageOf } from '../learn/features.ts'
import { questionOf } from '../learn/steps.ts'
import type { LearnRules } from '../learn/steps.ts'
import { silencedAt, sortStory, turnsOf } from '../learn/story.ts'
import { findAsker, listContext } from '../store/context.ts'
import type { Db } from '../store/db.ts'
import { findDraftByKey } from '../store/drafts.ts'
import type { DraftRow } from '../store/drafts.ts'
import { readStories, refOf } from '../store/stories.ts'
import { claimWording, findMeter, findWording, listUnworded, saveWording } from '../store/wordings.ts'

export interface WordingDeps {
  db: Db, log: Log, drafter: Drafter, model: string, hourlyTokens: number, rules: LearnRules
}

const AT_A_TIME = 4
const ABANDONED_MS = 150_000                        // longer than two calls of the longest deadline: its worker has died
const POLL_MS = 250

/** Words the drafts that wait for it; returns how many. For desks that only observe: a note is worded when it is its turn. */
export async function wordOnce (deps: WordingDeps): Promise<number> {
  const keys = await listUnworded(deps.db, AT_A_TIME)
  await Promise.all(keys.map(async key => {
    const draft = await findDraftByKey(deps.db, key)
    if (draft !== null) await wordDraft(deps, draft)
  }))
  return keys.length
}

/** The text of a draft's note. The model is asked at most once per draft, whoever asks. */
export async function wordDraft (deps: WordingDeps, draft: DraftRow): Promise<string> {
  if (draft.text === '') return ''
  if (await claimWording(deps.db, draft.key, deps.model)) {
    const startedMs = performance.now()
    const wording = await makeWording(deps, draft)
    await saveWording(deps.db, draft.key, wording)
    const { state, reason, tokensIn, tokensOut } = wording
    const ms = Math.round(performance.now() - startedMs)
    deps.log.info({ job: 'wording', key: draft.key, outcome: state, reason, tokensIn, tokensOut, ms })
    return state === 'worded' ? wording.text : draft.text
  }
  for (;;) {
    const row = await findWording(deps.db, draft.key)
    if (row === null || row.state === 'kept') return draft.text
    if (row.state === 'worded') return row.text
    if (Date.now() - Date.parse(row.at) > ABANDONED_MS) return draft.text
    await sleep(POLL_MS)
  }
}

async function makeWording (deps: WordingDeps, draft: DraftRow): Promise<Wording> {
  const kept = (reason: string): Wording => ({
    state: 'kept', text: '', reason, sent: '', model: deps.model, usedSources: [], tokensIn: 0, tokensOut: 0, hidden: {}
  })
  const { tokensIn, tokensOut } = await findMeter(deps.db, 1)
  if (tokensIn + tokensOut >= deps.hourlyTokens) return kept('the budget of this hour is spent')
  const request = await gather(deps, draft)
  if (request === null) return kept('the question is not there any more')
  const wording = await deps.drafter.word(request)
  if (wording.state !== 'worded') return wording
  const language = languageOf(wording.text)
  if (language !== 'und' && draft.language !== 'und' && language !== draft.language) {
    return { ...wording, state: 'kept', text: '', reason: `the reply is in another language (${language}) than the question (${draft.language})` }
  }
  return wording
}

async function gather ({ db, rules }: WordingDeps, draft: DraftRow): Promise<WordingRequest | null> {
  const stories = await readStories(db, [draft, ...draft.sources])
  const story = stories.get(refOf(draft)) ?? []
  if (silencedAt(sortStory(story)) !== null) return null
  const asked = turnsOf(sortStory(story)).some(t => t.questionId === draft.questionId)
  if (!asked) return null
  const { question, turn } = questionOf(draft, story, draft.questionId, rules)
  const asker = await findAsker(db, draft.connection, draft.ticketId)
  const context = asker === null ? [] : contextFacts(await listContext(db, asker, draft.askedAt), draft.askedAt)
  const sources = draft.sources.flatMap(source => {
    const sorted = sortStory(stories.get(refOf(source)) ?? [])
    const text = silencedAt(sorted) === null ? turnsOf(sorted).find(t => t.answer !== null)?.answer?.text ?? '' : ''
    return text === '' ? [] : [{ id: source.ticketId, title: 'what an agent sent to a similar question', text }]
  })
  const told = (question.told ?? []).map(text => `answered: ${text}`)
  const before = [...question.before === undefined ? [] : [question.before], ...told].join('\n')
  return {
    question: question.text,
    before: before === '' ? null : before,
    language: draft.language,
    names: [turn.person.name, turn.person.email].filter(name => name !== undefined),
    proposal: draft.text,
    sources,
    context
  }
}
