// The pages beside the drafts: rules of escalation, and the accounts behind tickets.
import type { FastifyInstance } from 'fastify'
import { plus } from '../learn/story.ts'
import type { Db } from '../store/db.ts'
import { countEscalations, listEscalations } from '../store/escalations.ts'
import type { EscalationRule, Instant } from '../types.ts'
import { layOutEscalation } from './escalation.ts'

export interface NeighbourPages { db: Db, escalation: EscalationRule[], now: () => Promise<Instant> }

const DAYS = 90
const ON_PAGE = 100

export async function neighbourPages (app: FastifyInstance, { db, escalation, now }: NeighbourPages): Promise<void> {
  app.get('/escalation', async (_request, reply) => {
    const since = plus(await now(), -DAYS * 86_400)
    const [counts, latest] = await Promise.all([countEscalations(db, since), listEscalations(db, since, ON_PAGE)])
    return await reply.type('text/html; charset=utf-8').send(layOutEscalation({ rules: escalation, counts, latest, days: DAYS }))
  })
}
