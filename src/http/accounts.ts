// The companies behind tickets for programs: what HubSpot lets be shown, our risk and why.
import type { FastifyInstance } from 'fastify'
import { BadRequest } from '../errors.ts'
import { listAccounts } from '../store/accounts.ts'
import type { Db } from '../store/db.ts'

const MOST = 1_000

export async function accountApi (app: FastifyInstance, { db }: { db: Db }): Promise<void> {
  app.get<{ Querystring: { limit?: string } }>('/v1/accounts', async request => {
    const limit = Number(request.query.limit ?? '100')
    if (!Number.isInteger(limit) || limit < 1 || limit > MOST) throw new BadRequest(`limit must be a number from 1 to ${MOST}`)
    return await listAccounts(db, limit)
  })
}
