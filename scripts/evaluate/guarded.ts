// A classifier behind the guard: labels enter it as replies enter the mind, so that floods, single agents and campaigns
// can be tried on it. What is older than a week teaches a second one, which is asked whether a label contradicts it.
import {
  emptyClassifier, learnOne, packClassifier, scoreOne, unpackClassifier
} from '../../src/learn/classify/classifier.ts'
import type { Classifier, ClassifierRules } from '../../src/learn/classify/classifier.ts'
import { evict } from '../../src/learn/classify/evict.ts'
import type { Features } from '../../src/learn/classify/hashed.ts'
import {
  countEvidence, emptyLimits, floodPrint, passesFlood, passesShare, teamOf
} from '../../src/learn/guard.ts'
import type { GuardRules, Limits, Why } from '../../src/learn/guard.ts'
import { quorumOf } from '../../src/learn/ledger.ts'

export interface Lesson { text: string, label: string, features: Features, agent: string, at: string }

export interface Guarded {
  state: Classifier
  old: Classifier                                   // has learned only what is older than a week
  waiting: Lesson[]
  limits: Limits
  groups: Record<string, Lesson[]>                  // by what contradicts what
  open: Record<string, string>                      // contradiction -> until when it is let pass
  caught: Partial<Record<Why, number>>
}

const RULES: ClassifierRules = { replays: 2, keptPerClass: 30 }
const OLD_RULES: ClassifierRules = { replays: 0, keptPerClass: 0 }
const OLD_DAYS = 7
const OPEN_DAYS = 14
const SURE = 0.4                                    // share from which the older evidence speaks against a label
const DAY_MS = 86_400_000

export function emptyGuarded (seed: number): Guarded {
  return {
    state: emptyClassifier(seed), old: emptyClassifier(seed), waiting: [], limits: emptyLimits(), groups: {}, open: {},
    caught: {}
  }
}

export function copyGuarded (g: Guarded): Guarded {
  const { state, old, ...rest } = g
  const copy = (c: Classifier): Classifier => unpackClassifier(structuredClone(packClassifier(c)))
  return { ...structuredClone(rest), state: copy(state), old: copy(old) }
}

/** Learns a lesson if it may teach; `rules` null: everything teaches. Changes `g`. */
export function learnGuarded (g: Guarded, lesson: Lesson, rules: GuardRules | null): void {
  if (rules === null) { learnOne(g.state, lesson.features, lesson.label, RULES); return }
  while (g.waiting[0] !== undefined && Date.parse(lesson.at) - Date.parse(g.waiting[0].at) > OLD_DAYS * DAY_MS) {
    const old = g.waiting.shift()
    if (old !== undefined) learnOne(g.old, old.features, old.label, OLD_RULES)
  }
  if (!passesFlood(g.limits, floodPrint(lesson.text), lesson.at)) { caught(g, 'flood'); return }
  const known = scoreOne(g.old, lesson.features, 1).ranked[0]
  if (known !== undefined && known.label !== lesson.label && known.share >= SURE) {
    const pair = `${known.label} > ${lesson.label}`
    if ((g.open[pair] ?? '') < lesson.at) { contradict(g, lesson, pair, known.label, rules); return }
  }
  teach(g, lesson, rules)
}

function contradict (g: Guarded, lesson: Lesson, pair: string, old: string, rules: GuardRules): void {
  const group = g.groups[pair] ??= []
  group.push(lesson)
  const agents = new Set(group.map(l => l.agent)).size
  const days = new Set(group.map(l => l.at.slice(0, 10))).size
  const team = Math.max(teamOf(g.limits, old), agents)
  if (agents < quorumOf(team, rules) || days < rules.quorumDays) { caught(g, 'conflict'); return }
  delete g.groups[pair]
  g.open[pair] = new Date(Date.parse(lesson.at) + OPEN_DAYS * DAY_MS).toISOString()
  evict(g.state, old)
  evict(g.old, old)
  for (const l of group) teach(g, l, rules)
}

function teach (g: Guarded, lesson: Lesson, rules: GuardRules): void {
  if (!passesShare(g.limits, lesson.label, lesson.agent, rules)) { caught(g, 'one agent'); return }
  countEvidence(g.limits, lesson.label, lesson.agent)
  learnOne(g.state, lesson.features, lesson.label, RULES)
  g.waiting.push(lesson)
}

function caught (g: Guarded, why: Why): void {
  g.caught[why] = (g.caught[why] ?? 0) + 1
}
