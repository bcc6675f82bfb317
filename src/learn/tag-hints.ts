// Which tags of a desk could name topics: groups of tags that tickets carry one of, and that follow from what is asked. Tried on
// the tickets themselves, in their order: each is guessed before its tag is learned.
import type { TicketEvent } from '../types.ts'
import { emptyClassifier, learnOne, scoreOne } from './classify/classifier.ts'
import { languageOf } from './features.ts'
import { saidIn, sortStory, turnsOf } from './story.ts'
import { tagFeatures } from './tagged.ts'
import { labelOf } from './tags.ts'

/** `text`: what was first asked. `tags`: those that the ticket has in the end. */
export interface TaggedQuestion { text: string, language: string, tags: string[] }

/**
 * `patterns`: as in the settings. `tickets`: how many of them carry one of the group; `share`: of all, 0 to 1. `right`: how often
 * the second half was guessed right, and `usual`: how often the most frequent label would have been, 0 to 1.
 */
export interface TagHint {
  patterns: string[], labels: number, tickets: number, share: number, right: number, usual: number
}

const LEAST_TICKETS = 100
const LEAST_LABELS = 3
const LEAST_OF_LABEL = 10
const MOST_LABELS = 200
const LEAST_SHARE = 0.15                            // of all tickets
const MOST_TWICE = 0.2                              // of tickets that carry two tags of the group: those are no topics
const LEAST_GAIN = 0.25                             // of the guesses that the most frequent label would miss
const MOST_TRIED = 1_500                            // the newest: enough to tell, and done in a second or two
const MOST_PLAIN = 40
const SEED = 7
// As tagged topics are learned, but for what is frequent of late: a tag that only takes turns is no topic.
const RULES = { replays: 0, keptPerClass: 0, named: true }

/**
 * The groups of tags that could name topics, the one that names most tickets rightly first. A group is what stands behind the
 * same beginning (`topic_*`), or the tags without one that come often. Asks for 100 tickets, three labels of ten tickets each,
 * 15 % of all tickets, hardly any ticket with two tags of the group, and that a quarter of the guesses which the most
 * frequent label would miss are right. `questions` in the order of time. Nothing fits: an empty list. Throws nothing. Pure.
 */
export function findTagHints (questions: TaggedQuestion[]): TagHint[] {
  const counts = new Map<string, number>()
  for (const { tags } of questions) {
    for (const tag of new Set(tags.map(readable))) counts.set(tag, (counts.get(tag) ?? 0) + 1)
  }
  const groups = new Map<string, string[]>()
  for (const [tag, n] of [...counts].sort((a, b) => b[1] - a[1] || (a[0] < b[0] ? -1 : 1))) {
    const group = groupOf(tag)
    if (n >= LEAST_OF_LABEL && tag !== '' && !tag.includes('*')) groups.set(group, [...groups.get(group) ?? [], tag])
  }
  return [...groups].flatMap(([group, tags]) => {
    if (tags.length < LEAST_LABELS || tags.length > MOST_LABELS) return []
    const hint = tryGroup(questions, group === '' ? tags.slice(0, MOST_PLAIN) : [`${group}*`], group)
    return hint === null ? [] : [hint]
  }).sort((a, b) => b.right * b.tickets - a.right * a.tickets)
}

/** The first question of a story, and the tags it has in the end; null: nobody asked anything. */
export function taggedQuestionOf (events: TicketEvent[]): TaggedQuestion | null {
  const story = sortStory(events)
  const [turn] = turnsOf(story)
  if (turn === undefined) return null
  let tags: string[] = []
  for (const event of story) {
    if (event.kind === 'opened') tags = [...event.tags]
    else if (event.kind === 'tagged') {
      tags = [...tags.filter(t => !event.removed.includes(t) && !event.added.includes(t)), ...event.added]
    }
  }
  const text = saidIn(turn, turn.messages)
  return { text, language: languageOf(text), tags }
}

/** What to write into config/learning.json. */
export function lineOfHint ({ patterns }: TagHint): string {
  return `"topics": ${JSON.stringify({ tags: patterns, sure: 0.7 }).replaceAll('":', '": ').replaceAll(',"', ', "')}`
}

/** `topic_*: 12 topics on 64 % of 2,310 tickets; of the later ones 81 % are guessed right, by the most frequent alone 23 %`. */
export function sayHint (hint: TagHint): string {
  const { patterns, labels, tickets, share, right, usual } = hint
  const percent = (part: number): string => `${Math.round(100 * part)} %`
  const named = patterns.length > 3 ? `${patterns.slice(0, 3).join(', ')} and ${patterns.length - 3} more` : patterns.join(', ')
  return `${named}: ${labels} topics on ${tickets} tickets (${percent(share)}); of the later ones ${percent(right)} are guessed ` +
    `right before they are tagged, by the most frequent tag alone ${percent(usual)}`
}

function tryGroup (questions: TaggedQuestion[], patterns: string[], group: string): TagHint | null {
  const labelled = questions.flatMap(({ text, language, tags }) => {
    const label = labelOf(tags, patterns)
    const own = new Set(tags.map(readable).filter(t => group === '' ? patterns.includes(t) : groupOf(t) === group))
    return label === null ? [] : [{ text, language, label, isTwice: own.size > 1 }]
  })
  const share = labelled.length / Math.max(1, questions.length)
  const twice = labelled.filter(l => l.isTwice).length
  if (labelled.length < LEAST_TICKETS || share < LEAST_SHARE || twice > MOST_TWICE * labelled.length) return null
  const tried = labelled.slice(-MOST_TRIED)
  const state = emptyClassifier(SEED)
  const later = new Map<string, number>()
  let right = 0
  for (const [i, { text, language, label }] of tried.entries()) {
    const features = tagFeatures({ text, language })
    if (i >= tried.length / 2) {
      later.set(label, (later.get(label) ?? 0) + 1)
      if (scoreOne(state, features, 1).ranked[0]?.label === label) right++
    }
    learnOne(state, features, label, RULES)
  }
  const judged = Math.floor(tried.length / 2)
  const usual = Math.max(0, ...later.values()) / judged
  if (right / judged - usual < LEAST_GAIN * (1 - usual)) return null
  const labels = new Set(labelled.map(l => l.label)).size
  return { patterns, labels, tickets: labelled.length, share, right: right / judged, usual }
}

function readable (tag: string): string {
  return tag.trim().toLowerCase()
}

// The beginning of a tag up to its first mark: `topic_` of topic_late_parcel, `area::` of area::gate. Empty: it has none.
function groupOf (tag: string): string {
  return /^[\p{L}\p{N}]+(?:::|[_\-:/.])(?=.)/u.exec(tag)?.[0] ?? ''
}
