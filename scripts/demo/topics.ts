// All topics of the demo in the order of how often they come up, and their readable names.

import { accountTopics } from './topics-account.ts'
import { calendarTopics } from './topics-calendar.ts'
import { crewTopics } from './topics-crew.ts'
import { dataTopics } from './topics-data.ts'
import { documentTopics } from './topics-documents.ts'
import { fieldTopics } from './topics-field.ts'
import { invoiceTopics } from './topics-invoices.ts'
import { paymentTopics } from './topics-payments.ts'
import { phoneTopics } from './topics-phone.ts'
import { planningTopics } from './topics-planning.ts'
import { incidentLabel } from './incident.ts'
import type { Topic } from './wording.ts'

const BY_FREQUENCY = [
  'app_sync', 'invoice_not_received', 'password_reset', 'invite_users', 'plan_price', 'visit_locked',
  'bookkeeping_export', 'time_clock', 'invoice_correction', 'recurring_visits', 'app_photos', 'payment_reminders',
  'calendar_feed', 'two_factor', 'client_texts', 'pay_link', 'signature_missing', 'push_alerts', 'absences',
  'vat_rate', 'double_booking', 'client_import', 'app_crash', 'price_visibility', 'invoice_layout', 'route_order',
  'cancel_plan', 'api_keys'
]

export const ordinaryTopics: Topic[] = [
  ...invoiceTopics, ...documentTopics, ...paymentTopics, ...planningTopics, ...calendarTopics, ...fieldTopics,
  ...phoneTopics, ...crewTopics, ...accountTopics, ...dataTopics
].sort((a, b) => BY_FREQUENCY.indexOf(a.label) - BY_FREQUENCY.indexOf(b.label))

/** Zipf, flattened at the head so that no topic drowns the rest. */
export function topicWeight (_topic: Topic, rank: number): number {
  return 1 / (rank + 3) ** 0.8
}

/** Label -> readable name, for everything the archive labels. */
export const demoTopics: Readonly<Record<string, string>> = {
  ...Object.fromEntries(ordinaryTopics.map(topic => [topic.label, topic.name])),
  [incidentLabel]: 'Invoices sent twice (INV-503)',
  spam: 'Spam'
}
