// How far a long run is, and how long it still takes: a line every two seconds, on stderr.

export interface Progress { tell: (done: number, all: number, at: string) => void }

const EVERY_MS = 2_000

/** The rest is reckoned from the pace of the last minute: a run slows down as it learns. */
export function openProgress (now: () => number, say: (line: string) => void): Progress {
  const marks: Array<{ ms: number, done: number }> = []
  return {
    tell (done, all, at) {
      const ms = now()
      const last = marks.at(-1)
      if (last !== undefined && ms - last.ms < EVERY_MS) return
      marks.push({ ms, done })
      if (last === undefined) return
      if (marks.length > 30) marks.shift()
      const first = marks[0] ?? last
      const left = (all - done) * (ms - first.ms) / Math.max(1, done - first.done)
      say(`${String(Math.floor(100 * done / all)).padStart(3)} %  ${at.slice(0, 10)}  ${done} of ${all} steps, ${inWords(left)} left\n`)
    }
  }
}

function inWords (ms: number): string {
  const seconds = Math.ceil(ms / 1000)
  return seconds < 90 ? `${seconds} s` : `${Math.ceil(seconds / 60)} min`
}
