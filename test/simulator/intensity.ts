// What is really to be expected of each topic in each hour of an invented desk, incidents aside. Only the references that
// know the truth may look at it.
import { sizeOf, upperTail } from '../../src/learn/tail.ts'

export interface Intensity {
  names: string[]                                   // topics, as the router calls them
  hours: number
  means: Float32Array                               // tickets of hour k and topic i, at k * names.length + i
  phi: number                                       // variance over mean of what comes in an hour
}

export function emptyIntensity (names: string[], hours: number, phi: number): Intensity {
  return { names, hours, means: new Float32Array(names.length * hours), phi }
}

export function setIntensity ({ names, means }: Intensity, hour: number, topic: number, mean: number): void {
  means[hour * names.length + topic] = mean
}

/** What a router makes of an hour: `right` of a topic stays, `near` of it goes to its neighbour, `anywhere` to any topic. */
export function confuse (intensity: Intensity, hour: number, right: number,
  neighbourOf: (topic: number) => number | null, anywhere: number, near = 0): void {
  const { names, means } = intensity
  const from = hour * names.length
  const truth = means.slice(from, from + names.length)
  const each = anywhere * truth.reduce((a, b) => a + b, 0) / names.length
  for (const [i, mean] of truth.entries()) means[from + i] = right * mean + each
  for (const [i, mean] of truth.entries()) {
    const place = neighbourOf(i)
    if (place !== null) means[from + place] = (means[from + place] ?? 0) + near * mean
  }
}

interface Spike {
  kind: string, topics: string[], from: number, to: number, tickets: number[], strength?: 'strong' | 'medium' | 'weak'
}

const STRONG = 7                                    // -log10 p of all its tickets, under the true intensity
const MEDIUM = 3
const HOUR = 3600

/**
 * How clear each spike is: how unlikely the tickets that it brought its clearest topic are where they came, under the true
 * intensity of that very time. Changes `truths`. `tickets` are numbered by their place.
 */
export function gradeSpikes (
  truths: Spike[], tickets: Array<{ topic: string }>, t0: number, intensity: Intensity
): void {
  for (const truth of truths) {
    if (truth.kind !== 'spike') continue
    const clear = Math.max(...truth.topics.map(topic => {
      const more = truth.tickets.filter(id => tickets[id]?.topic === topic).length
      const mean = Math.max(0.01, expectedOf(intensity, topic, truth.from - t0, truth.to - t0))
      const p = upperTail(Math.round(mean) + more, mean, sizeOf((intensity.phi - 1) / mean))
      return -Math.log10(Math.max(p, 1e-300))
    }))
    truth.strength = clear >= STRONG ? 'strong' : clear >= MEDIUM ? 'medium' : 'weak'
  }
}

/** Tickets expected of a topic between two times, in seconds since the beginning. */
export function expectedOf ({ names, hours, means }: Intensity, topic: string, from: number, to: number): number {
  const place = names.indexOf(topic)
  let sum = 0
  for (let hour = Math.max(0, Math.floor(from / HOUR)); hour < hours && hour * HOUR < to; hour++) {
    const part = Math.min(to, (hour + 1) * HOUR) - Math.max(from, hour * HOUR)
    sum += part / HOUR * (means[hour * names.length + place] ?? 0)
  }
  return sum
}
