// deskloop prove bell: an anomaly from the first ticket to the verified fix, again and again, while web and workers are
// killed at every step of it, Slack, Linear and Zendesk lose, delay and refuse, and in every second run Slack and Linear are
// down for an hour. Counted from what the pretend vendors hold: one message, one issue, one private note on each ticket.
import { copyFileSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { messageOf } from '../../src/errors.ts'
import { openEmbedded } from '../../src/store/embedded.ts'
import { makeRandom } from '../../test/sandbox/random.ts'
import type { PretendHelpdesk } from '../../test/sandbox/types.ts'
import { openZendesk } from '../../test/sandbox/zendesk.ts'
import { countBell } from '../demo/bell-count.ts'
import type { CountedAnomaly } from '../demo/bell-count.ts'
import type { Proof, ProofOptions } from '../prove.ts'
import { tellQuietWeeks } from './bell-history.ts'
import { liveOnce, STEPS } from './bell-life.ts'
import type { Life, Step } from './bell-life.ts'
import { openScene } from './bell-scene.ts'
import type { Scene } from './bell-scene.ts'
import { MOMENTS, momentsOf, shortened } from './bell-terms.ts'
import { numberOf } from './house.ts'
import { row } from './scene.ts'

const RUNS = 20
const LOG = 'service.log'
const LATE_MS = 2_000                               // what was still on its way when all was said

interface Run {
  run: number, seconds: number, kills: number, hit: string[], missed: string[], downAt: Step | null
  pressedAgain: number, lost: number, silent: boolean, deliveries: number, forged: number, believed: number
  messages: number, issues: number, others: number, strays: number, repeated: number
  notes: number, notesWanted: number, notesTwice: number, public: number, parked: number
  state: string
  wrong: string[]                                   // in words; empty: kept
}

/** `words`: the numbers of the runs that are wanted; none: all of them. */
export async function proveBell ({ root, runs = RUNS, words = [], json }: ProofOptions): Promise<Proof> {
  const wanted = words.length > 0 ? words.map(numberOfRun) : Array.from({ length: runs }, (_, i) => i)
  const folder = mkdtempSync(join(tmpdir(), 'deskloop-bell-'))
  const startedMs = performance.now()
  const desk = await openZendesk()
  const server = await openEmbedded(folder)
  const all: Run[] = []
  try {
    if (!json) process.stderr.write('three quiet weeks …\n')
    const quiet = await tellQuietWeeks(root, server.url, desk)
    for (const [done, run] of wanted.entries()) {
      const databaseUrl = await quiet.copy(`run_${run}`)
      const one = await proveOne({ root, desk, databaseUrl, folder, seed: run + 1 }, run)
      all.push(one)
      if (one.wrong.length > 0) copyFileSync(join(folder, LOG), `${folder}.log`)
      if (!json) process.stderr.write(`run ${run + 1} (${done + 1} of ${wanted.length}): ${one.seconds} s, ${one.wrong.join('; ') || 'kept'}\n`)
    }
  } finally {
    await server.close()
    await desk.close()
    rmSync(folder, { recursive: true, force: true })
  }
  const seconds = Math.round((performance.now() - startedMs) / 1000)
  const names = MOMENTS.flat().map(m => m.name)
  const hits = names.map(name => ({ name, times: all.filter(r => r.hit.includes(name)).length }))
  // In fewer runs not every moment has its turn.
  const least = Math.max(...MOMENTS.map(row => row.length))
  const untouched = words.length > 0 || runs < least ? [] : hits.filter(h => h.times === 0)
  const kept = all.length === wanted.length && all.every(r => r.wrong.length === 0) && untouched.length === 0
  const figures = { seconds, shortened: shortened(), hits, runs: all }
  const lines = layOut(all, hits, seconds, kept)
  if (all.some(r => r.wrong.length > 0)) lines.push(`What the processes logged: ${folder}.log`)
  return { kept, lines, figures }
}

function numberOfRun (word: string): number {
  if (!/^[1-9]\d{0,3}$/.test(word)) throw new Error(`prove bell knows the numbers of runs, not ${word.slice(0, 20)}`)
  return Number(word) - 1
}

interface Place { root: string, desk: PretendHelpdesk, databaseUrl: string, folder: string, seed: number }

async function proveOne (place: Place, run: number): Promise<Run> {
  const startedMs = performance.now()
  const { desk } = place
  const random = makeRandom(run + 7)
  const downAt = run % 2 === 1 ? STEPS[Math.floor(random() * STEPS.length)] ?? null : null
  const moments = momentsOf(run)
  const from = desk.journal.length
  const scene = await openScene(place)
  const silent = run % 3 === 2 && !moments.some(m => m.call === 'hook linear')
  const life: Life = { id: '', pressedAgain: 0, lost: 0, deliveries: 0 }
  const wrong: string[] = []
  try {
    await liveOnce(scene, life, { moments, downAt, silent, seed: run + 1 })
    await new Promise(resolve => setTimeout(resolve, LATE_MS))
  } catch (error) {
    wrong.push(messageOf(error))
  }
  try {
    const journal = desk.journal.slice(from)
    const counted = await count(scene, journal, life, wrong)
    const missed = moments.map(m => m.name).filter(name => !scene.hit.includes(name))
    if (missed.length > 0) wrong.push(`nobody was killed ${missed.join(', ')}`)
    const { forged, taken } = scene.refused
    if (life.lost > 0) wrong.push(`${life.lost} presses were acknowledged and lost`)
    if (taken > 0) wrong.push(`${taken} of ${forged} forged ones were believed`)
    return {
      run: run + 1, seconds: Math.round((performance.now() - startedMs) / 1000), kills: scene.crew.kills(),
      hit: [...scene.hit], missed,
      downAt, pressedAgain: life.pressedAgain, lost: life.lost, silent, deliveries: life.deliveries,
      forged, believed: taken, ...counted, wrong
    }
  } finally {
    await scene.close()
  }
}

type Counted = Pick<Run, 'messages' | 'issues' | 'others' | 'strays' | 'repeated' | 'notes' | 'notesWanted' | 'notesTwice' | 'public' | 'parked' | 'state'>

async function count (scene: Scene, journal: PretendHelpdesk['journal'], life: Life, wrong: string[]): Promise<Counted> {
  const desks = [{ name: scene.desk.name, journal }]
  const { anomalies, strays } = await countBell(scene, scene.slack, scene.linear, scene.channel, desks)
  const mine = anomalies.find(a => a.id === life.id)
  // Those of the quiet weeks were found before there was a Slack: they are told nowhere.
  const others = anomalies.filter(a => a !== mine && a.messages + a.issues > 0)
  const parked = numberOf(await scene.get('/v1/stats'), 'parked')
  const shown = journal.filter(e => e.by === 'api' && e.public).length
  const claim = (isSo: boolean, what: string): void => { if (!isSo) wrong.push(what) }
  if (mine === undefined) {
    claim(false, 'there is no anomaly')
    return { messages: 0, issues: 0, others: others.length, strays, repeated: 0, notes: 0, notesWanted: 0, notesTwice: 0, public: shown, parked, state: 'none' }
  }
  claim(mine.messages === 1, `${mine.messages} messages`)
  claim(mine.issues === 1, `${mine.issues} issues`)
  claim(others.every(a => a.messages === 1 && a.issues === 0), 'another anomaly was told more than once')
  claim(strays === 0, `${strays} messages or issues of unknown anomalies`)
  claim(mine.repeated === 0 && others.every(a => a.repeated === 0), 'a reply stands in a thread twice')
  checkEnd(mine, claim)
  claim(shown === 0, `${shown} writes that a customer could see`)
  claim(parked === 0, `${parked} effects were given up`)
  const { notes } = mine
  return {
    messages: mine.messages, issues: mine.issues, others: others.length, strays, repeated: mine.repeated,
    notes: notes.once,
    notesWanted: notes.wanted, notesTwice: notes.twice, public: shown, parked, state: mine.state
  }
}

function checkEnd (a: CountedAnomaly, claim: (isSo: boolean, what: string) => void): void {
  const { notes } = a
  claim(notes.wanted > 0 && notes.missing === 0, `${notes.missing} of ${notes.wanted} tickets were not told`)
  claim(notes.twice === 0, `${notes.twice} tickets were told twice`)
  claim(notes.elsewhere === 0, `${notes.elsewhere} other tickets were told`)
  claim(a.state === 'verified', `it ended ${a.state}`)
  claim(a.slackSays.includes('Verified'), `Slack says: ${a.slackSays}`)
  claim(a.issueState === 'completed' && a.verifiedComments === 1, `Linear: ${a.issueState}, ${a.verifiedComments} comments that it held`)
  claim(a.impact === a.tickets, `the issue says ${a.impact ?? 'nothing'} of ${a.tickets} tickets`)
  claim(a.links === a.tickets, `${a.links} of ${a.tickets} tickets are linked`)
}

function layOut (runs: Run[], hits: Array<{ name: string, times: number }>, seconds: number, kept: boolean): string[] {
  const widths = [4, 5, 6, 9, 9, 7, 12, 7, 9, 11, 7, 6, 8, 10]
  const sum = (of: (r: Run) => number): number => runs.reduce((total, r) => total + of(r), 0)
  return [
    `The bell under faults: ${runs.length} lives of an anomaly in ${seconds} s, ${sum(r => r.kills)} processes killed.`,
    `Shortened: ${shortened()}.`,
    '',
    row(['run', 's', 'kills', 'down at', 'messages', 'issues', 'notes', 'public', 'forged', 'deliveries', 'again', 'lost', 'asked', 'state'], widths),
    ...runs.map(r => row([
      String(r.run), String(r.seconds), String(r.kills), r.downAt ?? '–', String(r.messages), String(r.issues), `${r.notes} of ${r.notesWanted}`,
      String(r.public), `${r.forged - r.believed}/${r.forged}`, String(r.deliveries), String(r.pressedAgain), String(r.lost), r.silent ? 'yes' : '–', r.state
    ], widths)),
    '',
    'notes: tickets told once; forged: refused; deliveries: webhooks and presses, copies included; again: presses that a',
    'person repeated because Slack was given no answer and showed its warning; lost: presses that were acknowledged and',
    'nothing came of; asked: every webhook of Linear about its end failed, so that only asking could find it.',
    '',
    `killed ${hits.map(h => `${h.name} ${h.times}`).join(', ')}`,
    ...runs.flatMap(r => r.wrong.map(what => `run ${r.run}: ${what}`)),
    '',
    kept ? 'KEPT     one message, one issue, one private note on each ticket, in every run' : 'BROKEN   see above'
  ]
}
