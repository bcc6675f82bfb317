// The topic that people gave a ticket: which of its tags name one, by the patterns of the settings, and when that changed.
import type { Instant, TicketEvent } from '../types.ts'

/** `tags`: patterns, the first that fits a tag wins; one `*` stands for anything. `sure`: from which calibrated score on. */
export interface TopicRules { tags: string[], sure: number }

/** `label` names the topic from `at` on; null: no tag names one any more. */
export interface Labelled { key: string, at: Instant, label: string | null }

const LONGEST = 80

/** The topic that these tags name, lower case: of `topic_*` what the star stands for, else the tag itself. Of two tags the later. */
export function labelOf (tags: string[], patterns: string[]): string | null {
  for (const pattern of patterns) {
    const [before = '', after] = pattern.toLowerCase().split('*')
    for (const tag of tags.toReversed()) {
      const label = readTag(tag.trim().toLowerCase(), before, after)
      if (label !== null) return label.slice(0, LONGEST).toWellFormed()
    }
  }
  return null
}

function readTag (tag: string, before: string, after: string | undefined): string | null {
  if (after === undefined) return tag === before && tag !== '' ? tag : null
  if (!tag.startsWith(before) || !tag.endsWith(after) || tag.length <= before.length + after.length) return null
  return tag.slice(before.length, tag.length - after.length)
}

/** Each change of the topic that a sorted story's tags name, in its order; of one second the last. */
export function labelsOf (story: TicketEvent[], patterns: string[]): Labelled[] {
  const changes: Labelled[] = []
  let tags: string[] = []
  for (const event of story) {
    if (event.kind === 'opened') tags = [...event.tags]
    else if (event.kind === 'tagged') {
      const moved = [...event.removed, ...event.added]
      tags = [...tags.filter(t => !moved.includes(t)), ...event.added]
    } else continue
    const label = labelOf(tags, patterns)
    if (changes.at(-1)?.at === event.at) changes.pop()
    if (label !== (changes.at(-1)?.label ?? null)) changes.push({ key: event.key, at: event.at, label })
  }
  return changes
}

/** The topic that was named at a moment. */
export function labelAt (changes: Labelled[], at: Instant): string | null {
  return changes.findLast(c => c.at <= at)?.label ?? null
}

/** A label as people read it: `payment_failed` is payment failed. */
export function nameOfLabel (label: string): string {
  return label.replace(/[_\-:/.]+/g, ' ').trim() || label
}
