// What becomes of an anomaly once it has been told, as a state machine over plain data. People press buttons, Linear tells
// of its issue, the watch tells of growth and quiet: twice, late and in any order. A move that makes no sense in a state
// changes nothing and says so.
//
//   open ─ack→ acknowledged ─filed→ filed ─done→ fixed ─calm for 72 h→ verified
//     │             │                 ↑            │ still high
//     └──quiet──→ closed              └──restarted─┤ ↓
//     └──noise──→ noise                             not_fixed ─done→ fixed
//     └──merge──→ merged (into another)
//
// Invariants: (1) one anomaly has at most one issue and one message: `asks` names them once, and their effects have the
// anomaly as their only cause; (2) `noise`, `merged`, `verified` and `closed` end it for people, only growth opens a
// closed or verified one again; (3) `noise` and `merged` are never opened again by growth; (4) an issue once filed stays
// with it, also when it is split; (5) whoever moved it and when is a row; (6) `split` takes tickets and nothing else: state,
// message and issue stay, and what was taken out begins a life of its own (`beginLife`), which only `merge` ends in this one.

export const STATES = ['open', 'acknowledged', 'filed', 'fixed', 'verified', 'not_fixed', 'closed', 'merged', 'noise'] as const
export type AnomalyState = typeof STATES[number]

export interface Life {
  state: AnomalyState
  hasIssue: boolean
  /** Asked to be filed; the issue is on its way. */
  filing: boolean
  mergedInto: string | null
  reason: string | null                             // why noise, closed or merged
}

export type Move =
  | { kind: 'grew' } | { kind: 'quiet' }
  | { kind: 'ack' } | { kind: 'real' }
  | { kind: 'noise', reason: string }
  | { kind: 'file', reason?: string } | { kind: 'attach', issue: string } | { kind: 'filed' } | { kind: 'refused', reason: string }
  | { kind: 'started' } | { kind: 'done' } | { kind: 'not_a_bug' } | { kind: 'duplicate' } | { kind: 'restarted' }
  | { kind: 'calm' } | { kind: 'still_high' }
  | { kind: 'merge', into: string }
  | { kind: 'split' }
  | { kind: 'undo_noise' }

/** What follows outside. `message`, and `issue` or `attach`, come once; the others follow what is there. */
export type Ask = 'message' | 'update' | 'issue' | 'attach' | 'block' | 'thread' | 'notes' | 'verify' | 'comment_not_fixed' | 'comment_verified'

export interface Moved { life: Life, asks: Ask[] }

/** A new one: told at once. */
export function beginLife (): Moved {
  return { life: { state: 'open', hasIssue: false, filing: false, mergedInto: null, reason: null }, asks: ['message'] }
}

/** What an issue's present state (its type in Linear; null: it is gone) asks of the anomaly; null: nothing that is not so already. */
export function issueMove (type: string | null, { state }: Pick<Life, 'state'>): Move | null {
  if (type === 'completed') return state === 'filed' || state === 'not_fixed' ? { kind: 'done' } : null
  if (type === null || type === 'canceled') return state === 'closed' ? null : { kind: 'not_a_bug' }
  if (type === 'duplicate') return null             // the other issue has its own end; ours stays linked
  return state === 'fixed' || state === 'verified' || state === 'closed' ? { kind: 'restarted' } : null
}

/** Null: the move makes no sense here (pressed twice, late, or after somebody else's). Pure. */
export function moveLife (life: Life, move: Move): Moved | null {
  const to = (state: AnomalyState, asks: Ask[], more: Partial<Life> = {}): Moved =>
    ({ life: { ...life, ...more, state }, asks })
  const { state } = life
  const isLive = state === 'open' || state === 'acknowledged' || state === 'filed' || state === 'fixed' || state === 'not_fixed'
  switch (move.kind) {
    case 'grew':
      if (state === 'noise' || state === 'merged') return null
      if (state === 'closed') return to(life.hasIssue ? 'not_fixed' : 'open', ['update', 'thread', 'block'], { reason: null })
      if (state === 'verified') return to('not_fixed', ['update', 'thread', 'comment_not_fixed'])
      // Fixed meanwhile: who had asked before that and was not among its tickets yet is told, too.
      if (state === 'fixed') return to(state, ['update', 'thread', 'block', 'notes'])
      return to(state, life.hasIssue ? ['update', 'thread', 'block'] : ['update', 'thread'])
    case 'quiet': return state === 'open' || state === 'acknowledged' ? to('closed', ['update', 'thread'], { reason: 'back to normal' }) : null
    case 'ack': return state === 'open' ? to('acknowledged', ['update']) : null
    case 'real': return isLive ? to(state, ['update']) : null
    case 'noise': return isLive && !life.hasIssue && !life.filing ? to('noise', ['update'], { reason: move.reason }) : null
    case 'undo_noise': return state === 'noise' ? to('open', ['update'], { reason: null }) : null
    case 'file':
      return (state === 'open' || state === 'acknowledged') && !life.filing && !life.hasIssue ? to(state, ['issue', 'update'], { filing: true }) : null
    // An issue that stands there already: asked for once, like one of our own.
    case 'attach':
      return isLive && !life.filing && !life.hasIssue ? to(state, ['attach', 'update'], { filing: true }) : null
    case 'refused': return life.filing ? to(state, ['update'], { filing: false, reason: move.reason }) : null
    case 'filed':
      if (life.hasIssue || !life.filing) return null
      return to(isLive ? 'filed' : state, ['update', 'thread', 'block'], { filing: false, hasIssue: true })
    case 'started': return life.hasIssue && state === 'filed' ? to('filed', ['update']) : null
    case 'done': return life.hasIssue && (state === 'filed' || state === 'not_fixed') ? to('fixed', ['update', 'thread', 'notes', 'verify']) : null
    case 'restarted': return life.hasIssue && (state === 'fixed' || state === 'verified' || state === 'closed') ? to('filed', ['update', 'thread'], { reason: null }) : null
    case 'not_a_bug':
      return life.hasIssue && isLive ? to('closed', ['update', 'thread'], { reason: 'engineering says it is not a bug' }) : null
    case 'duplicate': return life.hasIssue && isLive ? to('filed', ['update', 'block']) : null
    case 'calm': return state === 'fixed' ? to('verified', ['update', 'thread', 'comment_verified']) : null
    case 'still_high': return state === 'fixed' ? to('not_fixed', ['update', 'thread', 'comment_not_fixed']) : null
    case 'split': return isLive ? to(state, ['update', 'block']) : null
    case 'merge':
      return isLive && !life.hasIssue && !life.filing ? to('merged', ['update'], { mergedInto: move.into, reason: `merged into ${move.into}` }) : null
  }
}
