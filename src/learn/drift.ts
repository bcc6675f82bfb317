// Slow change: has the rate of something been above its usual for weeks, by a step or creeping? For each week of the last
// twelve as the beginning, what came after is held against what came before; the evidence of all beginnings is added up
// (Shiryaev 1963, Roberts 1966: among rules that are as seldom wrong, the one that is soonest right, wherever it begins).

/** A rise by the days since it began: what the rate is multiplied by, and the logarithm of that. */
export interface Rise { times: number[], logs: number[] }

/** `nats`: logarithm of the evidence for any rise; `back`: days since the likeliest beginning. */
export interface Evidence { nats: number, back: number }

/** What is believed before the first day: as if `x` had been seen where `e` was expected. */
export interface Before { x: number, e: number }

const STEP = 7                                      // days between two beginnings that are looked at
const MOST_NATS = 60

/**
 * Evidence that the rate x / e has risen. `x`: what was seen each day (newest last, not negative); `e`: what lets expect it,
 * in any unit, the same for all days; `before`: both summed over all days before these, with what is believed; `least`: `e`
 * that must lie before a beginning. Under the law that there was no rise, counts are Poisson with one unknown rate, whose
 * gamma law is what came before the beginning; a rise multiplies it by `times`, at once or in a straight line of `over` days.
 * The ratio of both probabilities, the rate integrated out, is for each beginning
 * product(rise_d ^ x_d) x ((B + sum e_d) / (B + sum e_d rise_d)) ^ (A + sum x_d), A and B being what was seen and expected
 * before. Over all beginnings it is summed, over `rises` averaged. Work: days x beginnings x rises.
 */
export function evidenceOf (x: number[], e: number[], before: Before, rises: readonly Rise[], least: number): Evidence {
  const days = x.length
  let total = 0
  let best = { nats: -Infinity, back: 0 }
  let seenAfter = 0
  let usualAfter = 0
  for (let day = 0; day < days; day++) {
    seenAfter += x[day] ?? 0
    usualAfter += e[day] ?? 0
  }
  let A = before.x
  let B = before.e
  for (let begin = 0; begin < days; begin++) {
    const back = days - begin
    if (back % STEP === 0 && B >= least) {
      for (const { times, logs } of rises) {
        let grown = 0
        let logSum = 0
        for (let age = 0; age < back; age++) {
          logSum += (x[begin + age] ?? 0) * (logs[age] ?? 0)
          grown += (e[begin + age] ?? 0) * (times[age] ?? 1)
        }
        const nats = logSum - (A + seenAfter) * Math.log((B + grown) / (B + usualAfter))
        total += Math.exp(Math.min(MOST_NATS, nats)) / rises.length
        if (nats > best.nats) best = { nats, back }
      }
    }
    const seen = x[begin] ?? 0
    const usual = e[begin] ?? 0
    A += seen
    B += usual
    seenAfter -= seen
    usualAfter -= usual
  }
  return { nats: Math.log(Math.max(1e-9, total)), back: best.back }
}

/** To `times` as much within `over` days (0: at once), for the first `days`. */
export function makeRise (times: number, over: number, days: number): Rise {
  const course = Array.from({ length: days }, (_, age) =>
    over === 0 ? times : 1 + (times - 1) * Math.min(1, (age + 0.5) / over))
  return { times: course, logs: course.map(Math.log) }
}
