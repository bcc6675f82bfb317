// The overview: how much the drafts are worth, how that has grown, whether each helpdesk is heard, and the latest drafts.
import { html } from 'ghtml'
import type { Alarm } from '../store/alarms.ts'
import type { OutletHealth } from '../store/outlets.ts'
import type { StoppedNote } from '../store/pages.ts'
import type { ConnectionHealth, CurvePoint, DraftLine, Stats } from '../store/stats.ts'
import type { Instant } from '../types.ts'
import type { CredentialsByConnection } from './credential.ts'
import { layOutCurve } from './curve.ts'
import { layOutDraftTable } from './drafts.ts'
import { layOutHeadline } from './headline.ts'
import { layOutHealth, layOutNeeds } from './health.ts'
import { layOutPage } from './layout.ts'
import type { ScoreRules } from './wording.ts'

export interface Overview {
  stats: Stats, proposed: number, curve: CurvePoint[], health: ConnectionHealth[], latest: DraftLine[]
  stopped: StoppedNote[], outlets: OutletHealth[], alarms?: Alarm[], now: Instant
  credentials?: CredentialsByConnection
}

export function layOutOverview (o: Overview, rules: ScoreRules): string {
  const more = o.stats.drafts > o.latest.length ? '<p class="more"><a href="/drafts">All drafts</a></p>' : ''
  return layOutPage('Overview', 'overview', html`<h1>Overview</h1>
!${layOutNeeds(o.health, o.stats, o.stopped, o.outlets, o.alarms, o.credentials)}
<section aria-labelledby="numbers"><h2 id="numbers">What became of the drafts</h2>
!${layOutHeadline(o.stats, o.proposed)}</section>
<section aria-labelledby="curve"><h2 id="curve">Learning, week by week</h2>
!${layOutCurve(o.curve, o.now)}</section>
<section aria-labelledby="connections"><h2 id="connections">Connections</h2>
!${layOutHealth(o.health)}</section>
<section aria-labelledby="latest"><h2 id="latest">Latest drafts</h2>
!${layOutDraftTable(o.latest, rules)}
!${more}</section>`)
}
