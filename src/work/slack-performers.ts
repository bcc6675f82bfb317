// How an anomaly's messages are carried out exactly once: each carries its effect's id and is looked for by it. Its picture
// is uploaded before the message and written down at once, so that a crash between the two makes neither anew.
import type { EffectRequest, Performed } from '../outside.ts'
import { GiveUp, HeldBack } from '../errors.ts'
import type { Slack } from '../bridge/slack.ts'
import type { Rendered } from '../bridge/slack-message.ts'
import { readFacts } from '../learn/facts.ts'
import { findAnomaly } from '../store/anomalies.ts'
import type { Anomaly } from '../store/anomalies.ts'
import { recordEffect } from '../store/effects.ts'
import type { Database } from '../store/schema.ts'
import { savePictureNext, savePictureShown, takePictureBack } from '../store/telling.ts'
import type { Instant } from '../types.ts'
import { anomalyOf, newestOf } from './bell-anomaly.ts'
import type { BellDeps } from './bell-deps.ts'
import type { EffectPerformer } from './effects.ts'
import { HOUSE, follow } from './follow.ts'
import { makeKey } from './key.ts'
import { randomUUID } from 'node:crypto'
import type { Transaction } from 'kysely'

const LOOK_BACK_SECONDS = 30                        // clocks differ
const PICTURE_SECONDS = 600                         // a picture that is not ready by then never will be
const PICTURE_WAIT_MS = 5_000

export function slackPerformers (deps: BellDeps, slack: Slack): EffectPerformer[] {
  const channelFor = (a: Anomaly): string => a.telling.channel ?? deps.channel(a.kind)
  const showNewest = async (effect: EffectRequest, newest: Anomaly): Promise<Performed> => {
    const anomaly = await withPicture(deps, slack, newest)
    const place = standing(anomaly)
    await shown(deps, anomaly, words => slack.update({ ...place, effectId: effect.id, ...words }))
    return placeOf(place)
  }
  return [
    {
      kind: 'slack-message',
      resendAfterMs: deps.slackResendMs ?? 60_000,
      async look (effect) {
        const found = await slack.find(channelFor(await anomalyOf(deps.db, effect)), effect.id, since(effect))
        return found === null ? null : placeOf(found)
      },
      async send (effect) {
        const anomaly = await withPicture(deps, slack, await anomalyOf(deps.db, effect))
        const place = { channel: channelFor(anomaly), effectId: effect.id }
        return placeOf(await shown(deps, anomaly, words => slack.post({ ...place, ...words })))
      },
      async applied (trx, effect, { details }) {
        const { channel = '', ts = '' } = details ?? {}
        await trx.updateTable('anomaly').set({ slack_channel: channel, slack_ts: ts }).where('id', '=', effect.ticketId).execute()
        const anomaly = await findAnomaly(trx, { id: effect.ticketId })
        if (anomaly === null) return
        await followPicture(deps, trx, anomaly)
        // It moved on while the message was on its way.
        if (anomaly.version !== effect.payload['version']) await follow(trx, deps.to, anomaly, ['update'], await deps.now())
      }
    },
    {
      kind: 'slack-update',
      resendAfterMs: 0,
      async look () { return null },
      async send (effect) { return await showNewest(effect, await newestOf(deps.db, effect)) },
      async reconcile (effect) {                    // what came late may have brought an older state back
        await showNewest(effect, await anomalyOf(deps.db, effect))
        return 0
      },
      async applied (trx, effect) {
        const anomaly = await findAnomaly(trx, { id: effect.ticketId })
        if (anomaly !== null) await followPicture(deps, trx, anomaly)
      }
    },
    {
      kind: 'slack-chart',
      resendAfterMs: 0,
      async look () { return null },
      async send (effect) {
        const before = await anomalyOf(deps.db, effect)
        const place = standing(before)
        // Ready is not shown: a change whose answer was lost is made again.
        if (lacksPicture(deps, before) && ageOf(effect) > PICTURE_SECONDS) throw new GiveUp('skipped: slack never came to show the picture')
        const anomaly = await withPicture(deps, slack, before)
        if (lacksPicture(deps, anomaly)) throw new HeldBack('slack is still looking at the picture', PICTURE_WAIT_MS)
        const words = await deps.words.alert(anomaly)
        try {
          await slack.update({ ...place, effectId: effect.id, ...words })
        } catch (error) {
          if (!isPictureRefused(error, words)) throw error
          await takePictureBack(deps.db, anomaly.id)
          throw new HeldBack('slack does not show the picture yet', PICTURE_WAIT_MS)
        }
        return placeOf(place)
      }
    },
    {
      kind: 'slack-thread',
      resendAfterMs: deps.slackResendMs ?? 60_000,
      async look (effect) {
        const { slackChannel, slackTs } = await anomalyOf(deps.db, effect)
        if (slackChannel === null || slackTs === null) return null
        const found = await slack.find(slackChannel, effect.id, since(effect), slackTs)
        return found === null ? null : placeOf(found)
      },
      async send (effect) {
        const anomaly = await newestOf(deps.db, effect)
        const { channel, ts } = standing(anomaly)
        const message = { channel, threadTs: ts, effectId: effect.id }
        return placeOf(await slack.post({ ...message, ...await deps.words.change(anomaly) }))
      }
    }
  ]
}

/** The anomaly with its newest picture, as far as it is to be had within seconds. Never throws for a picture's sake. */
async function withPicture (deps: BellDeps, slack: Slack, anomaly: Anomaly): Promise<Anomaly> {
  const drawnAt = courseOf(anomaly)
  if (deps.draw === undefined || drawnAt === null) return anomaly
  const { chartAt, chartNext, chartNextAt } = anomaly.telling
  if (chartAt === drawnAt) return anomaly
  if (chartNext !== null && chartNextAt === drawnAt) {
    if (!await slack.isReady(chartNext)) return anomaly
    await savePictureShown(deps.db, anomaly.id, chartNext, drawnAt)
  } else {
    const png = deps.draw(anomaly)
    const picture = png === null ? null : await slack.upload(png, `${anomaly.id}.png`)
    if (picture === null) return anomaly
    const save = picture.ready ? savePictureShown : savePictureNext
    await save(deps.db, anomaly.id, picture.id, drawnAt)
  }
  return await findAnomaly(deps.db, { id: anomaly.id }) ?? anomaly
}

// A refused message was not posted: sent again without its picture, it cannot be the second one.
async function shown<T> (deps: BellDeps, anomaly: Anomaly, send: (words: Rendered) => Promise<T>): Promise<T> {
  const words = await deps.words.alert(anomaly)
  try {
    return await send(words)
  } catch (error) {
    if (!isPictureRefused(error, words)) throw error
    await takePictureBack(deps.db, anomaly.id)
    return await send({ ...words, blocks: words.blocks.filter(block => block.type !== 'image') })
  }
}

function isPictureRefused (error: unknown, words: Rendered): boolean {
  return error instanceof GiveUp && error.message.includes('invalid_blocks') && words.blocks.some(block => block.type === 'image')
}

/** When the course was looked at that its picture should show; null: it has none. */
function courseOf ({ facts }: Anomaly): Instant | null {
  const { trace, drift } = readFacts(facts)
  const shown = drift ?? trace
  return shown === null ? null : new Date(shown.until * 1000).toISOString().slice(0, 19) + 'Z'
}

function lacksPicture (deps: BellDeps, anomaly: Anomaly): boolean {
  const drawnAt = courseOf(anomaly)
  return deps.draw !== undefined && drawnAt !== null && anomaly.telling.chartAt !== drawnAt
}

/** A picture that was not to be had when its message went out comes by a change of the message. */
async function followPicture (deps: BellDeps, trx: Transaction<Database>, anomaly: Anomaly): Promise<void> {
  if (!lacksPicture(deps, anomaly)) return
  await recordEffect(trx, {
    id: randomUUID(), kind: 'slack-chart', account: 'slack', connection: HOUSE, ticketId: anomaly.id,
    cause: `chart:${courseOf(anomaly) ?? ''}`, marker: makeKey(), payload: {}, skipped: null
  })
}

function standing (anomaly: Anomaly): { channel: string, ts: string } {
  if (anomaly.slackTs === null || anomaly.slackChannel === null) throw new GiveUp('skipped: its message is gone')
  return { channel: anomaly.slackChannel, ts: anomaly.slackTs }
}

export function placeOf ({ channel, ts }: { channel: string, ts: string }): Performed {
  return { vendorId: `${channel}/${ts}`, details: { channel, ts } }
}

function ageOf (effect: EffectRequest): number {
  return 'ageSeconds' in effect && typeof effect.ageSeconds === 'number' ? effect.ageSeconds : 3_600
}

/** From when on a message of this effect may stand (unix seconds). */
export function since (effect: EffectRequest): number {
  return Math.floor(Date.now() / 1000 - ageOf(effect) - LOOK_BACK_SECONDS)
}
