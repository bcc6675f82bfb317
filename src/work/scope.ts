// Whether notes are wanted on a ticket: by how it came in, whom it was assigned to, and its tags as they are now.
import type { Scope, TicketEvent } from '../types.ts'

/** Why a ticket lies outside the scope of its connection; null: notes are wanted. The story is sorted. */
export function whyOutside (story: TicketEvent[], scope: Scope | undefined): string | null {
  if (scope === undefined) return null
  const { channels = [], groups = [], tags = [], withoutTags = [] } = scope
  const opened = story.find(e => e.kind === 'opened')
  const channel = opened?.kind === 'opened' ? opened.channel : 'other'
  const carried = tagsOf(story)
  const unwanted = withoutTags.find(tag => carried.has(tag))
  if (unwanted !== undefined) return `no notes are wanted on tickets with the tag ${unwanted}`
  if (channels.length > 0 && !channels.includes(channel)) return `no notes are wanted on the channel ${channel}`
  if (tags.length > 0 && !tags.some(tag => carried.has(tag))) return 'notes are wanted only on tickets with certain tags'
  if (groups.length === 0 || groups.includes(groupOf(story) ?? '')) return null
  return 'notes are wanted only for certain groups'
}

function tagsOf (story: TicketEvent[]): Set<string> {
  const carried = new Set<string>()
  for (const event of story) {
    if (event.kind === 'opened') for (const tag of event.tags) carried.add(tag)
    if (event.kind !== 'tagged') continue
    for (const tag of event.added) carried.add(tag)
    for (const tag of event.removed) carried.delete(tag)
  }
  return carried
}

function groupOf (story: TicketEvent[]): string | null {
  const last = story.findLast(e => e.kind === 'assigned' && e.group !== undefined)
  return last?.kind === 'assigned' ? last.group ?? null : null
}
