// How an anomaly's issue, its block of numbers, its links and its comments are carried out exactly once: Linear takes an id
// of ours for all that it creates.
import { GiveUp } from '../errors.ts'
import type { Issue, Linear } from '../bridge/linear.ts'
import { moveLife } from '../learn/life.ts'
import type { EffectRequest, Performed } from '../outside.ts'
import { moveAnomaly } from '../store/anomalies.ts'
import { findAttachTo } from '../store/filings.ts'
import type { Anomaly } from '../store/anomalies.ts'
import { findHolder } from '../store/splits.ts'
import { anomalyOf, newestOf } from './bell-anomaly.ts'
import type { BellDeps } from './bell-deps.ts'
import type { EffectPerformer } from './effects.ts'
import { follow } from './follow.ts'

export function linearPerformers (deps: BellDeps, linear: Linear): EffectPerformer[] {
  const performedOf = (issue: Issue): Performed =>
    ({ vendorId: issue.id, details: { identifier: issue.identifier, url: issue.url, state: issue.state.name } })
  const issueOf = async (effect: EffectRequest): Promise<{ anomaly: Anomaly, issueId: string }> => {
    const anomaly = await anomalyOf(deps.db, effect)
    if (anomaly.issueId === null) throw new GiveUp('skipped: its issue is gone')
    return { anomaly, issueId: anomaly.issueId }
  }
  const describeNewest = async (effect: EffectRequest, anomaly: Anomaly): Promise<Performed> => {
    const { issueId } = await issueOf(effect)
    const issue = await linear.findIssue(issueId)
    if (issue === null) throw new GiveUp('skipped: its issue is gone')
    const description = await deps.words.block(anomaly, issue.description)
    if (description === null) throw new GiveUp('skipped: the block was taken out of the issue')
    if (description !== issue.description) await linear.describeIssue(issueId, description)
    return { vendorId: issueId }
  }
  // The issue that a person named. Where there is none of that name, nothing is being filed any more.
  const attachedTo = async (effect: EffectRequest): Promise<Issue> => {
    const named = await findAttachTo(deps.db, effect.ticketId)
    const issue = named === null ? null : await linear.findIssue(named)
    if (issue !== null) return issue
    const now = await deps.now()
    const reason = `Linear has no issue ${named ?? 'of that name'}`
    await deps.db.transaction().execute(async trx => {
      const actor = { by: 'deskloop', at: now, source: `effect ${effect.id} refused` }
      const moved = await moveAnomaly(trx, effect.ticketId, { kind: 'refused', reason }, actor, moveLife)
      if (moved?.asks != null) await follow(trx, deps.to, moved.after, moved.asks, now)
    })
    throw new GiveUp(`skipped: ${reason}`)
  }
  const filed: NonNullable<EffectPerformer['applied']> = async (trx, effect, { vendorId, details }) => {
    const now = await deps.now()
    const actor = { by: 'deskloop', at: now, source: `effect ${effect.id}` }
    const moved = await moveAnomaly(trx, effect.ticketId, { kind: 'filed' }, actor, moveLife, {
      issue_id: vendorId, issue_identifier: details?.['identifier'] ?? null, issue_url: details?.['url'] ?? null,
      issue_state: details?.['state'] ?? null
    })
    if (moved?.asks != null) await follow(trx, deps.to, moved.after, moved.asks, now)
  }
  return [
    {
      kind: 'linear-issue',
      resendAfterMs: 0,                             // the same id cannot make a second issue
      async look (effect) {
        const issue = await linear.findIssue(effect.id)
        return issue === null ? null : performedOf(issue)
      },
      async send (effect) {
        const anomaly = await anomalyOf(deps.db, effect)
        const issue = await deps.words.issue(anomaly)
        try {
          const input = { id: effect.id, ...issue }
          return performedOf(await linear.createIssue(input))
        } catch (error) {
          // What a taken id is answered is nowhere written: any refusal may mean that it stands there.
          const found = error instanceof GiveUp ? await linear.findIssue(effect.id) : null
          if (found !== null) return performedOf(found)
          throw error
        }
      },
      applied: filed
    },
    {
      kind: 'linear-attach',
      resendAfterMs: 0,                             // its comment carries our id
      async look (effect) {
        if (!await linear.hasComment(effect.id)) return null
        return performedOf(await attachedTo(effect))
      },
      async send (effect) {
        const anomaly = await anomalyOf(deps.db, effect)
        const issue = await attachedTo(effect)
        await linear.createComment({ id: effect.id, issueId: issue.id, body: deps.words.comment(anomaly, 'attached') })
        return performedOf(issue)
      },
      applied: filed
    },
    {
      kind: 'linear-need',
      resendAfterMs: 0,
      async look (effect) {
        const { issueId } = await issueOf(effect)
        return await linear.hasNeed(issueId, effect.id) ? { vendorId: effect.id } : null
      },
      async send (effect) {
        const { anomaly, issueId } = await issueOf(effect)
        const account = String(effect.payload['account'])
        const need = await deps.words.need?.(anomaly, account) ?? null
        if (need === null) throw new GiveUp('skipped: the company is not known any more')
        const { body, ...customer } = need
        await linear.saveCustomer({ externalId: account, ...customer })
        try {
          await linear.createNeed({ id: effect.id, issueId, customer: account, body, priority: 0 })
        } catch (error) {
          if (!(error instanceof GiveUp) || !await linear.hasNeed(issueId, effect.id)) throw error
        }
        return { vendorId: effect.id }
      }
    },
    {
      kind: 'linear-answer',
      resendAfterMs: 0,
      async look (effect) { return await linear.hasComment(effect.id) ? { vendorId: effect.id } : null },
      async send (effect) {
        const { anomaly, issueId } = await issueOf(effect)
        const body = await deps.words.answer?.(anomaly, effect.payload) ?? ''
        if (body === '') throw new GiveUp('skipped: nobody answers questions here')
        await linear.createComment({ id: effect.id, issueId, body })
        return { vendorId: effect.id }
      }
    },
    {
      kind: 'linear-block',
      resendAfterMs: 0,
      async look () { return null },
      async send (effect) { return await describeNewest(effect, await newestOf(deps.db, effect)) },
      async reconcile (effect) {                    // what came late may have brought an older state back
        await describeNewest(effect, await anomalyOf(deps.db, effect))
        return 0
      }
    },
    {
      kind: 'linear-link',
      resendAfterMs: 0,                             // one link per issue and address
      async look () { return null },
      async send (effect) {
        const { issueId } = await issueOf(effect)
        const { connection, ticketId, at } = effect.payload
        const ref = { connection: String(connection), ticketId: String(ticketId) }
        if (await findHolder(deps.db, [effect.ticketId], ref) === null) throw new GiveUp('skipped: its ticket was split off')
        const url = deps.words.link(String(connection), String(ticketId))
        const title = await deps.words.linkTitle?.(String(connection), String(ticketId)) ?? `Ticket of ${String(connection)}`
        await linear.attach({ id: effect.id, issueId, url, title, subtitle: String(at) })
        return { vendorId: effect.id }
      }
    },
    {
      kind: 'linear-unlink',
      resendAfterMs: 0,                             // to take off what is off is harmless
      async look () { return null },
      async send (effect) {
        const { link: made, connection, ticketId } = effect.payload
        const link = String(made)
        const ref = { connection: String(connection), ticketId: String(ticketId) }
        if (await findHolder(deps.db, [effect.ticketId], ref) !== null) throw new GiveUp('skipped: its ticket has come back')
        await linear.detach(link)
        return { vendorId: link }
      }
    },
    {
      kind: 'linear-comment',
      resendAfterMs: 0,
      async look (effect) { return await linear.hasComment(effect.id) ? { vendorId: effect.id } : null },
      async send (effect) {
        const { anomaly, issueId } = await issueOf(effect)
        const body = deps.words.comment(anomaly, String(effect.payload['what']))
        await linear.createComment({ id: effect.id, issueId, body })
        return { vendorId: effect.id }
      }
    }
  ]
}
