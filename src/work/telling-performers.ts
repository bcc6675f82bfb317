// How roll-ups and digests get into Slack exactly once: the same machine as for alerts. What a digest says was written down
// when it was due, so that a second try says the same.
import { randomUUID } from 'node:crypto'
import type { EffectRequest } from '../outside.ts'
import { GiveUp } from '../errors.ts'
import type { Slack } from '../bridge/slack.ts'
import type { Rendered } from '../bridge/slack-message.ts'
import type { Log } from '../log.ts'
import { duePeriods } from '../learn/telling.ts'
import type { Period } from '../learn/telling.ts'
import { plus } from '../learn/story.ts'
import type { Anomaly } from '../store/anomalies.ts'
import type { Db } from '../store/db.ts'
import { drawAuditMonth, findLearningWeek } from '../store/digests.ts'
import { recordEffect } from '../store/effects.ts'
import { claimDigest, findDigest, findRollup, listRolledUp, placeRollup } from '../store/telling.ts'
import type { Rollup } from '../store/telling.ts'
import type { Instant } from '../types.ts'
import type { Duty } from './duties.ts'
import type { EffectPerformer } from './effects.ts'
import { HOUSE } from './follow.ts'
import { makeKey } from './key.ts'
import { placeOf, since } from './slack-performers.ts'
import { tellRollup } from './telling.ts'

export interface TellingDeps {
  db: Db
  slack: Slack
  digestChannel: string
  words: {
    rollup: (list: Anomaly[], day: string) => Rendered
    digest: (kind: string, period: string, body: Record<string, unknown>) => Rendered
  }
  slackResendMs?: number
}

export function makeTellingPerformers (deps: TellingDeps): EffectPerformer[] {
  const { db, slack } = deps
  const resendAfterMs = deps.slackResendMs ?? 60_000
  const probe: NonNullable<EffectPerformer['probe']> = async account => {
    if (account !== 'slack') throw new GiveUp(`${account} is not slack`)
    return await slack.fetchSelf()
  }
  const worded = async (rollup: Rollup): Promise<Rendered> => deps.words.rollup(
    await listRolledUp(db, rollup.key), rollup.day
  )
  return [
    {
      kind: 'slack-rollup',
      resendAfterMs,
      probe,
      async look (effect) {
        const found = await slack.find((await rollupOf(db, effect)).channel, effect.id, since(effect))
        return found === null ? null : placeOf(found)
      },
      async send (effect) {
        const rollup = await rollupOf(db, effect)
        return placeOf(await slack.post({ channel: rollup.channel, effectId: effect.id, ...await worded(rollup) }))
      },
      async applied (trx, effect, { details }) {
        const rollup = await placeRollup(trx, effect.ticketId, details?.['ts'] ?? '')
        // It grew while the message was on its way.
        if (rollup !== null && rollup.version !== effect.payload['version']) await tellRollup(trx, rollup.key)
      }
    },
    {
      kind: 'slack-rollup-update',
      resendAfterMs: 0,
      probe,
      async look () { return null },
      async send (effect) {
        const rollup = await rollupOf(db, effect)
        if (rollup.version > Number(effect.payload['version'])) throw new GiveUp('skipped: a newer state is on its way')
        if (rollup.ts === null) throw new GiveUp('skipped: its message is gone')
        const place = { channel: rollup.channel, ts: rollup.ts }
        await slack.update({ ...place, effectId: effect.id, ...await worded(rollup) })
        return placeOf(place)
      }
    },
    {
      kind: 'slack-digest',
      resendAfterMs,
      probe,
      async look (effect) {
        const found = await slack.find(deps.digestChannel, effect.id, since(effect))
        return found === null ? null : placeOf(found)
      },
      async send (effect) {
        const [kind = '', period = ''] = effect.ticketId.split(':')
        const digest = await findDigest(db, kind, period)
        if (digest === null) throw new GiveUp('skipped: the digest is gone')
        return placeOf(await slack.post({
          channel: deps.digestChannel, effectId: effect.id, ...deps.words.digest(kind, period, digest.body)
        }))
      }
    }
  ]
}

export interface DigestDeps {
  db: Db, log: Log, zone: string, kinds: string[], now: () => Promise<Instant>, wake?: () => void
}

const LOOK_MS = 60_000

/** Writes down each digest that is due, once for its period, with the effect that tells it. Returns how many are told. */
export async function digestOnce (deps: DigestDeps): Promise<number> {
  const now = await deps.now()
  let told = 0
  for (const due of duePeriods(deps.zone, now).filter(p => deps.kinds.includes(p.kind))) {
    if (await findDigest(deps.db, due.kind, due.period) !== null) continue
    const body = await bodyOf(deps.db, due)
    const isNew = await deps.db.transaction().execute(async trx => {
      if (!await claimDigest(trx, {
        kind: due.kind, period: due.period, at: now, told: body !== null, body: body ?? {}
      })) return false
      if (body === null) return true
      await recordEffect(trx, {
        id: randomUUID(), kind: 'slack-digest', account: 'slack', connection: HOUSE, ticketId: `${due.kind}:${due.period}`,
        cause: 'digest', marker: makeKey(), payload: {}, skipped: null
      })
      return true
    })
    if (!isNew) continue
    deps.log.info({ job: 'digest', kind: due.kind, period: due.period, outcome: body === null ? 'nothing to tell' : 'told' })
    if (body !== null) told++
  }
  return told
}

export function digestDuty (deps: DigestDeps): Duty {
  return { job: 'digest', pauseMs: LOOK_MS, once: async () => { await digestOnce(deps); return 0 } }
}

// Null: there is nothing to tell.
async function bodyOf (db: Db, { kind, period, from, due }: Period): Promise<object | null> {
  // Nine hours before it is due, by the wall clock, the period ended.
  const until = plus(due, -9 * 3600)
  if (kind === 'learning') {
    const week = await findLearningWeek(db, from, until)
    const { learned, changed, retired, drifting, reverted, quarantined, waiting } = week
    return learned + changed + retired + drifting.length + reverted + quarantined + waiting === 0 ? null : week
  }
  const month = await drawAuditMonth(db, period, from, until)
  return month.drafts.length + month.items.length === 0 ? null : month
}

async function rollupOf (db: Db, effect: EffectRequest): Promise<Rollup> {
  const rollup = await findRollup(db, effect.ticketId)
  if (rollup === null) throw new GiveUp('skipped: the roll-up is gone')
  return rollup
}
