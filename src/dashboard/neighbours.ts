// The pages beside the drafts: rules of escalation, and the accounts behind tickets.
import type { FastifyInstance } from 'fastify'
import { plus } from '../learn/story.ts'
import type { Db } from '../store/db.ts'
import { listAccounts } from '../store/accounts.ts'
import { countEscalations, listEscalations } from '../store/escalations.ts'
import type { EscalationRule, Instant } from '../types.ts'
import { layOutAccounts } from './accounts.ts'
import { layOutEscalation } from './escalation.ts'

export interface NeighbourPages { db: Db, escalation: EscalationRule[], now: () => Promise<Instant> }

const DAYS = 90
const ON_PAGE = 100
const ACCOUNTS_ON_PAGE = 200

export async function neighbourPages (app: FastifyInstance, { db, escalation, now }: NeighbourPages): Promise<void> {
  app.get('/accounts', async (_request, reply) =>
    await reply.type('text/html; charset=utf-8').send(layOutAccounts(await listAccounts(db, ACCOUNTS_ON_PAGE))))

  app.get('/escalation', async (_request, reply) => {
    const since = plus(await now(), -DAYS * 86_400)
    const [counts, latest] = await Promise.all([countEscalations(db, since), listEscalations(db, since, ON_PAGE)])
    return await reply.type('text/html; charset=utf-8').send(layOutEscalation({ rules: escalation, counts, latest, days: DAYS }))
  })
}
