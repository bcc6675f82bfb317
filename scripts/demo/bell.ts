// The bell of the demo: a pretend Slack and a pretend Linear, a lead who takes the alarm of week 7 and files it, and an
// engineer who repairs it. What is claimed at the end is counted from the journals of both, and of the helpdesks.
import { setTimeout as sleep } from 'node:timers/promises'
import { plus } from '../../src/learn/story.ts'
import type { Instant } from '../../src/types.ts'
import { openLinear } from '../../test/sandbox/linear.ts'
import type { PretendLinear } from '../../test/sandbox/linear.ts'
import { openSlack } from '../../test/sandbox/slack.ts'
import type { PretendSlack } from '../../test/sandbox/slack.ts'
import type { Sending } from '../../test/sandbox/types.ts'
import { countBell } from './bell-count.ts'
import type { CountedAnomaly } from './bell-count.ts'
import { rowsOf } from './checks.ts'
import type { Check } from './checks.ts'
import { incidentFixed, incidentStart, instantOf } from './clock.ts'
import type { Desks } from './player.ts'
import type { RunningService } from './service.ts'

export interface Bell {
  slack: PretendSlack
  linear: PretendLinear
  env: Record<string, string>
  /** What the people of Slack and Linear do at this moment; only while the demo's own archive is played. */
  live (now: Instant): Promise<void>
  /** `told`: in words, what became of the incident. */
  check (desks: Desks): Promise<{ checks: Check[], told: string[], figures: Record<string, unknown> }>
  close (): Promise<void>
}

type Stage = 'quiet' | 'filed' | 'started' | 'done'

// A lead files what five tickets are about; before that it may be a coincidence.
const WORTH_FILING = 5
const PATIENCE_MS = 120_000
const STARTED_AFTER = 20 * 60
const BEGIN = instantOf(incidentStart)
const REPAIRED = instantOf(incidentFixed)

/** `isStory`: the archive is the demo's own, in which invoices go out twice in week 7. */
export async function openDemoBell (
  { isStory, disorder, service, say }: {
    isStory: boolean, disorder: boolean, service: () => RunningService, say: (text: string) => void
  }
): Promise<Bell> {
  const slack = await openSlack()
  const linear = await openLinear()
  const channel = slack.channels().find(one => one.name === 'support-alerts')?.id ?? ''
  const sending: Partial<Sending> = {
    copies: disorder ? [1, 3] : [1, 1], shuffle: disorder, retries: 100, retryMs: 200
  }
  let stage: Stage = 'quiet'
  let id = ''
  let startAt = ''

  async function live (now: Instant): Promise<void> {
    if (!isStory || now < BEGIN || stage === 'done') return
    slack.webhookUrl ??= `${service().url}/hooks/slack`
    linear.webhookUrl ??= `${service().url}/hooks/linear`
    if (stage === 'quiet') return await takeAlarm(now)
    if (stage === 'filed' && now >= startAt) await setState('started', now)
    else if (now >= REPAIRED) await setState('completed', REPAIRED)
  }

  async function takeAlarm (now: Instant): Promise<void> {
    const alarms = rowsOf(await service().get('/v1/anomalies'))
      .filter(a => String(a['openedAt']) >= BEGIN && a['state'] === 'open' && Number(a['tickets']) >= WORTH_FILING)
    const [worst] = alarms.sort((a, b) => Number(b['tickets']) - Number(a['tickets']))
    if (worst === undefined) return
    id = String(worst['id'])
    const lead = slack.users()[0]
    say(`${now.slice(0, 16)}  Slack rings: ${String(worst['title'])}`)
    const ts = await message()
    slack.pressButton(ts, 'ack', lead?.id)
    await slack.send(sending)
    await until('the press on “I’m on it”', async () => await field('state') === 'acknowledged')
    const known = new Set(slack.modals().map(modal => modal.id))
    slack.pressButton(ts, 'file_linear', lead?.id)
    await slack.send(sending)
    let modal = ''
    await until('the modal', async () => {
      modal = slack.modals().find(one => !known.has(one.id))?.id ?? ''
      return modal !== ''
    })
    // Where the gate would not have an issue yet, she says why she wants one.
    const asked = JSON.stringify(slack.modals().find(one => one.id === modal)?.view ?? {}).includes('all the same')
    slack.submitView(modal, asked ? { why: { why: 'seen by myself' } } : {}, lead?.id)
    await slack.send(sending)
    await until('the issue', async () => await field('issueId') !== null)
    say(`${now.slice(0, 16)}  ${lead?.name ?? 'the lead'} is on it and files it as ${String(await field('issueIdentifier'))}`)
    startAt = plus(now, STARTED_AFTER)
    stage = 'filed'
  }

  async function setState (type: 'started' | 'completed', at: Instant): Promise<void> {
    linear.setState(String(await field('issueId')), type, { at })
    await linear.send(sending)
    stage = type === 'started' ? 'started' : 'done'
    if (type !== 'completed') return
    await until('the fix', async () => await field('fixedAt') !== null)
    say(`${at.slice(0, 16)}  an engineer says ${String(await field('issueIdentifier'))} is done: its tickets are told, it is watched for 72 h`)
  }

  // A press needs the message, in its present form: after a kill it may come a minute later.
  async function message (): Promise<string> {
    let ts = ''
    await until('the message in Slack', async () => {
      const found = slack.messages(channel).find(m => m.threadTs === null && JSON.stringify(m.blocks).includes(id))
      ts = found?.ts ?? ''
      return JSON.stringify(found?.blocks ?? '').includes('"ack"')
    })
    return ts
  }

  async function field (name: string): Promise<unknown> {
    const anomaly = await service().get(`/v1/anomalies/${id}`)
    return typeof anomaly === 'object' && anomaly !== null ? Object.entries(anomaly).find(([key]) => key === name)?.[1] : undefined
  }

  return {
    slack,
    linear,
    env: { ...slack.settings, ...linear.settings, SLACK_CHANNEL: channel },
    live,
    async check (desks) {
      const { anomalies, strays } = await countBell(service(), slack, linear, channel, Object.values(desks))
      const filed = anomalies.find(a => a.id === id)
      const checks = [
        checkOnce(anomalies, strays),
        ...(isStory ? checkStory(filed) : [])
      ]
      return { checks, told: tell(anomalies, filed), figures: { anomalies, strays } }
    },
    async close () { await Promise.all([slack.close(), linear.close()]) }
  }
}

function checkOnce (anomalies: CountedAnomaly[], strays: number): Check {
  const wrong = anomalies.filter(a => a.messages !== 1 || a.issues !== (a.issue === null ? 0 : 1))
  const issues = anomalies.reduce((sum, a) => sum + a.issues, 0)
  const says = `${anomalies.length} anomalies, ${anomalies.reduce((sum, a) => sum + a.messages, 0)} messages in Slack, ${issues} ${issues === 1 ? 'issue' : 'issues'} in Linear, ${strays} of unknown ones${wrong.length > 0 ? `; wrong: ${wrong.map(a => `${a.id} ${a.messages}/${a.issues}`).join(', ')}` : ''}`
  return { name: 'one message and at most one issue each', ok: wrong.length === 0 && strays === 0, says }
}

function checkStory (a: CountedAnomaly | undefined): Check[] {
  if (a === undefined) return [{ name: 'the incident of week 7', ok: false, says: 'nobody was told of it' }]
  const { notes } = a
  return [
    {
      name: 'its tickets were told once, in private',
      ok: notes.twice === 0 && notes.missing === 0 && notes.public === 0 && notes.elsewhere === 0 && notes.once > 0,
      says: `${notes.once} of ${notes.wanted} tickets that asked before it was done; twice ${notes.twice}, in public ${notes.public}, on others ${notes.elsewhere}`
    },
    {
      name: 'verified after 72 h, in both places',
      ok: a.state === 'verified' && a.slackSays.includes('Verified') && a.verifiedComments === 1 && a.issueState === 'completed',
      says: `here ${a.state}; Slack: ${a.slackSays}; Linear: ${a.issue ?? 'no issue'} ${a.issueState}, ${a.verifiedComments} comment that it held`
    },
    {
      name: 'the issue follows its tickets',
      ok: a.impact === a.tickets,
      says: `${a.impact ?? 'no number'} in its block, ${a.tickets} here, ${a.links} linked`
    }
  ]
}

function tell (anomalies: CountedAnomaly[], filed: CountedAnomaly | undefined): string[] {
  if (anomalies.length === 0) return ['The bell was silent: nothing was out of the ordinary']
  return [
    `The bell rang ${anomalies.length} times:`,
    ...anomalies.map(a => `  ${a.openedAt.slice(0, 16)}  ${a.title} (${a.tickets} tickets, ${a.state}${a.issue === null ? '' : `, ${a.issue}`})`),
    ...(filed === undefined ? [] : [`${filed.issue ?? 'Its issue'} is done: ${filed.notes.once} tickets have an internal note with a ready reply`])
  ]
}

async function until (what: string, isSo: () => Promise<boolean>): Promise<void> {
  const untilMs = performance.now() + PATIENCE_MS
  while (!await isSo()) {
    if (performance.now() > untilMs) throw new Error(`${what} did not come within ${PATIENCE_MS / 1000} s`)
    await sleep(20)
  }
}
