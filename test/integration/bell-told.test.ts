// Who is told that it is fixed: everybody who had asked before, also those who were counted in afterwards; nobody who wrote
// later; and not less because somebody happened to answer in between.
import { addAnomaly, addTickets, findAnomaly, listAnomalyTickets, moveAnomaly } from '../../src/store/anomalies.ts'
import type { AnomalyTicket } from '../../src/store/anomalies.ts'
import { GiveUp, RetryLater } from '../../src/errors.ts'
import { beginLife, moveLife } from '../../src/learn/life.ts'
import type { Move } from '../../src/learn/life.ts'
import { plus } from '../../src/learn/story.ts'
import type { Helpdesk, Instant, TicketEvent } from '../../src/types.ts'
import type { EffectPerformer } from '../../src/work/effects.ts'
import { makeFixedNotePerformer } from '../../src/work/fixed-notes.ts'
import { follow } from '../../src/work/follow.ts'
import { openTestDatabase } from '../support/database.ts'
import type { TestDatabase } from '../support/database.ts'
import { scriptDesk, tell, usualRules } from '../support/house.ts'

const AT = '2026-11-20T09:10:00Z'
const DONE = plus(AT, 3_600)
const TO = { slack: false, linear: true, notes: true, verifyHours: 72 }

let base: TestDatabase
beforeAll(async () => { base = await openTestDatabase() })
afterAll(async () => { await base.close() })

const ticket = (ticketId: string, at: Instant): AnomalyTicket => ({ connection: 'zendesk', ticketId, at, person: ticketId })

async function move (id: string, what: Move, at: Instant, source: string): Promise<void> {
  await base.db.transaction().execute(async trx => {
    const moved = await moveAnomaly(trx, id, what, { by: 'Ana', at, source }, moveLife)
    if (moved?.asks != null) await follow(trx, TO, moved.after, moved.asks, at)
  })
}

async function listTold (id: string): Promise<string[]> {
  const rows = await base.db.selectFrom('effect').select('ticket_id').where('kind', '=', 'fixed')
    .where('cause', 'like', `${id}:%`).orderBy('ticket_id').execute()
  return rows.map(row => row.ticket_id)
}

async function fix (id: string): Promise<void> {
  await base.db.transaction().execute(async trx => {
    const found = {
      id, key: id, kind: 'spike', topic: 'crane', metric: null, title: 'The crane stops', p: 1e-6, usual: 1, terms: [], at: AT,
      tickets: [ticket('1', AT), ticket('2', AT)]
    }
    await addAnomaly(trx, found, beginLife())
  })
  await move(id, { kind: 'file' }, AT, `${id} file`)
  await move(id, { kind: 'filed' }, AT, `${id} filed`)
  await move(id, { kind: 'done' }, DONE, `${id} done`)
}

test('a ticket that is counted in after the fix is told when it had asked before it, and no ticket twice', async () => {
  await fix('an_late')
  expect(await listTold('an_late')).toEqual(['1', '2'])
  await base.db.transaction().execute(trx => addTickets(trx, 'an_late', [
    ticket('2', AT), ticket('3', plus(DONE, -60)), ticket('4', plus(DONE, 60))
  ]))
  await move('an_late', { kind: 'grew' }, plus(DONE, 300), 'an_late grew')
  expect(await listTold('an_late')).toEqual(['1', '2', '3'])
  expect((await listAnomalyTickets(base.db, 'an_late')).length).toBe(4)
})

test('an agent who answers while the news is on its way does not cost the ticket its note', async () => {
  const at = AT
  const where = { connection: 'zendesk', ticketId: '70', at }
  const asked: TicketEvent[] = [
    { ...where, key: 'o', kind: 'opened', subject: '', channel: 'web', person: { id: 'p70' }, tags: [] },
    { ...where, key: 'm', kind: 'asked', messageId: 'm', text: 'The crane stops with a fault.', person: { id: 'p70' } }
  ]
  await tell(base.db, usualRules(), asked)
  await fix('an_busy')
  const desk = scriptDesk()
  const busy = { ...desk.helpdesk, postNote: async () => { throw new GiveUp('too late: ticket 70 was answered meanwhile') } }
  const performerOf = (helpdesk: Helpdesk): EffectPerformer =>
    makeFixedNotePerformer({ db: base.db, helpdesks: new Map([['zendesk', helpdesk]]), home: '', resendAfterMs: () => 0 })
  const effect = {
    id: 'e', kind: 'fixed', account: 'zendesk', ticketId: '70', cause: 'an_busy:', marker: 'dl-aaaaaaaaaaaaa',
    payload: { anomaly: 'an_busy' }, ageSeconds: 2
  }
  const beforeWrite = async (): Promise<void> => {}
  await expect(performerOf(busy).send(effect, beforeWrite)).rejects.toThrow(RetryLater)
  const old = { ...effect, ageSeconds: 4_000 }
  await expect(performerOf(busy).send(old, beforeWrite)).rejects.toThrow(GiveUp)
  await performerOf(desk.helpdesk).send(effect, beforeWrite)
  expect(desk.notes.map(note => [note.ticketId, note.public])).toEqual([['70', false]])
  expect((await findAnomaly(base.db, { id: 'an_busy' }))?.state).toBe('fixed')
})
