// The digests and the roll-up as Slack messages. Topics are words of customers: escaped like everything that they share.
import type { KnownBlock } from '@slack/web-api'
import { cut, escapeMrkdwn, fit } from './slack-message.ts'
import type { Rendered } from './slack-message.ts'

const LONGEST = 2_900
const LONGEST_TOPIC = 80

export interface LearningDigest {
  learned: number, accepted: number, changed: number, retired: number, drifting: string[], reverted: number
  quarantined: number, waiting: number, review: Array<{ id: string, topic: string }>
}

export interface AuditDigest {
  drafts: Array<{ key: string, topic: string, action: string, outcome: string | null }>
  items: Array<{ id: string, topic: string }>
  of: { drafts: number, items: number }
}

// What was written down when it was due, read back: whatever an older version left out is nothing.
export function readLearningDigest (body: Readonly<Record<string, unknown>>): LearningDigest {
  const n = (name: string): number => typeof body[name] === 'number' ? body[name] : 0
  const texts = (value: unknown): string[] => Array.isArray(value) ? value.filter(v => typeof v === 'string') : []
  return {
    learned: n('learned'), accepted: n('accepted'), changed: n('changed'), retired: n('retired'), reverted: n('reverted'),
    quarantined: n('quarantined'), waiting: n('waiting'), drifting: texts(body['drifting']), review: itemsOf(body['review'])
  }
}

export function readAuditDigest (body: Readonly<Record<string, unknown>>): AuditDigest {
  const of = fieldsOf(body['of'])
  const count = (value: unknown): number => typeof value === 'number' ? value : 0
  const drafts = (Array.isArray(body['drafts']) ? body['drafts'] : []).map(fieldsOf).map(d => ({
    key: textOf(d['key']), topic: textOf(d['topic']), action: textOf(d['action']), outcome: d['outcome'] === null ? null : textOf(d['outcome'])
  }))
  return { drafts, items: itemsOf(body['items']), of: { drafts: count(of['drafts']), items: count(of['items']) } }
}

function itemsOf (value: unknown): Array<{ id: string, topic: string }> {
  return (Array.isArray(value) ? value : []).map(fieldsOf).map(i => ({ id: textOf(i['id']), topic: textOf(i['topic']) }))
}

function textOf (value: unknown): string {
  return typeof value === 'string' ? value : ''
}

function fieldsOf (value: unknown): Record<string, unknown> {
  return typeof value === 'object' && value !== null ? Object.fromEntries(Object.entries(value)) : {}
}

/** `home`: where the dashboard is; empty: nothing is linked. */
export function renderLearning (d: LearningDigest, period: string, home: string): Rendered {
  const lead = `${things(d.learned, 'answer')} learned, ${d.accepted} in use without review, ${d.waiting} waiting for you, ${things(d.drifting.length, 'topic')} drifting`
  const lines = [
    `*Learned* ${d.learned} (${d.accepted} in use without review) · *changed* ${d.changed} · *retired* ${d.retired}`,
    `*Reverted* ${d.reverted} · *held back* ${d.quarantined} ${d.quarantined === 1 ? 'reply' : 'replies'} · *waiting for review* ${d.waiting}`,
    ...(d.drifting.length === 0 ? [] : [`*Drifting*: ${d.drifting.slice(0, 8).map(named).join(', ')}`])
  ]
  const review = d.review.map(item => `• ${linked(home, `/learning/${encodeURIComponent(item.id)}`, item.topic)}`)
  return message(`What Deskloop learned in ${period}`, lead, [
    lines.join('\n'), ...(review.length === 0 ? [] : [`*For you to decide*\n${review.join('\n')}`]),
    ...(home === '' ? [] : [`<${home}/learning|All of it>`])
  ])
}

export function renderAudit (d: AuditDigest, period: string, home: string): Rendered {
  const lead = `${things(d.drafts.length, 'draft')} of ${d.of.drafts} and ${things(d.items.length, 'learned answer')} of ${d.of.items}, drawn by lot: would you have sent them?`
  const drafts = d.drafts.map(one =>
    `• ${linked(home, `/drafts/${encodeURIComponent(one.key)}`, one.topic)}: ${escapeMrkdwn(one.outcome ?? one.action).replaceAll('_', ' ')}`)
  const items = d.items.map(one => `• ${linked(home, `/learning/${encodeURIComponent(one.id)}`, one.topic)}`)
  return message(`Audit of ${period}`, lead, [
    lead, ...(drafts.length === 0 ? [] : [`*Drafts*\n${drafts.join('\n')}`]), ...(items.length === 0 ? [] : [`*Learned*\n${items.join('\n')}`])
  ])
}

/** Alerts beyond the channel's share of a day, as one message. */
export function renderRollup (list: Array<{
  id: string, title: string, state: string, tickets: number, people: number
}>, day: string, home: string): Rendered {
  const lead = `${things(list.length, 'more alert')} on ${day}, beyond the messages that this channel gets in a day`
  const lines = list.slice(0, 20).map(a =>
    `• ${linked(home, `/anomalies/${encodeURIComponent(a.id)}`, a.title)}: ${things(a.tickets, 'ticket')} of ${things(a.people, 'customer')}, ${a.state.replaceAll('_', ' ')}`)
  const rest = list.length - lines.length
  return message(lead, `${lead}.`, [...chunks(lines), ...(rest > 0 ? [`and ${rest} more`] : [])])
}

function message (title: string, text: string, parts: string[]): Rendered {
  const blocks: KnownBlock[] = [
    { type: 'header', text: { type: 'plain_text', text: cut(title, 150), emoji: true } },
    ...parts.map((part): KnownBlock => ({ type: 'section', text: { type: 'mrkdwn', text: cut(part, LONGEST) } }))
  ]
  return { text: cut(escapeMrkdwn(text), 3_000), blocks: fit(blocks) }
}

// Whole lines only: a link that is cut in two is none.
function chunks (lines: string[]): string[] {
  const parts: string[] = []
  for (const line of lines) {
    const last = parts.at(-1)
    if (last !== undefined && last.length + line.length + 1 < LONGEST) parts[parts.length - 1] = `${last}\n${line}`
    else parts.push(line)
  }
  return parts
}

function named (topic: string): string {
  return escapeMrkdwn(cut(topic.replace(/\s+/g, ' '), LONGEST_TOPIC))
}

function linked (home: string, path: string, name: string): string {
  const label = named(name).replaceAll('|', '¦') || 'untitled'
  return home === '' ? label : `<${home}${path}|${label}>`
}

function things (n: number, what: string): string {
  return `${n} ${what}${n === 1 ? '' : 's'}`
}
