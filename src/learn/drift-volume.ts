// Slow change of a topic's volume: a cumulative sum of likelihood ratios, day by day, against a level that follows slowly, so
// that the drift itself does not become the measure it is held to. Changes the state in place.

/** `sum`: Page's statistic in nats; `rising`: days since it was last zero; `level`: logarithm of the slow level. */
export interface Volume { sum: number, rising: number, level: number, days: number }

export function emptyVolume (): Volume {
  return { sum: 0, rising: 0, level: 0, days: 0 }
}

const SLOW = 2 ** (-1 / (10 * 7))                   // per day: half in ten weeks
const SETTLING = 21                                 // days before levels are worth comparing
const RISEN = 1.4                                   // what an operator would care for
const MOST_OF_A_DAY = 1.5                           // nats: a drift takes many days, an outbreak is no drift
const LEAST_DAYS = 6

/**
 * One day of a topic, as a step of a cumulative sum of likelihood ratios (Page 1954) of two negative binomial laws: as many
 * as its slow level lets expect, or 1.4 times as many. `level`: logarithm of its part in the desk's level now, so that
 * growth of all is no drift; `count`, `mean`: tickets of the day, and expected of it at this level; `spread`: relative
 * variance of its days beyond chance. Returns the sum in nats; 0 while too little is known or the rise is too young.
 */
export function addDay (volume: Volume, level: number, count: number, mean: number, spread: number): number {
  volume.days++
  const settled = volume.days - SETTLING
  if (settled <= 0) return 0
  const fade = Math.min(SLOW, 1 - 1 / settled)
  const usual = mean * Math.exp(volume.level - level)
  volume.level = fade * volume.level + (1 - fade) * level
  if (settled <= 21 || usual <= 0) return 0
  const size = 1 / spread
  const risen = RISEN * usual
  const step = count * Math.log(RISEN * (size + usual) / (size + risen)) -
    size * Math.log((size + risen) / (size + usual))
  volume.sum = Math.max(0, volume.sum + Math.max(-MOST_OF_A_DAY, Math.min(MOST_OF_A_DAY, step)))
  volume.rising = volume.sum === 0 ? 0 : volume.rising + 1
  return volume.rising < LEAST_DAYS ? 0 : volume.sum
}
