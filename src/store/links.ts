// The links in a note: each is good for one purpose, one draft and seven days. Whoever holds it needs no login, so it opens
// nothing else. The key comes from the settings or is drawn once and kept here.
import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto'
import { sql } from 'kysely'
import type { Transaction } from 'kysely'
import type { FlagReason, Instant } from '../types.ts'
import { instantOf } from './db.ts'
import type { Db } from './db.ts'
import type { Database } from './schema.ts'
import type { TicketRef } from './stories.ts'

type Reader = Db | Transaction<Database>

export type LinkPurpose = 'open' | 'wrong' | 'quiet'

export interface Link { purpose: LinkPurpose, draftKey: string, until: number, sign: string }

export const LINK_SECONDS = 7 * 86_400
const KEY_BYTES = 32
const SIGN_BYTES = 18                               // 144 bits: short enough for a narrow note

/** The key that was drawn when it was first asked for; all processes see the same. */
export async function findLinkKey (db: Db, given: string | null): Promise<Buffer> {
  if (given !== null) return Buffer.from(given, 'utf8')
  await sql`insert into link_key (key) values (${randomBytes(KEY_BYTES)}) on conflict do nothing`.execute(db)
  const row = await db.selectFrom('link_key').select('key').executeTakeFirstOrThrow()
  return row.key
}

/** The path and query of a link. */
export function makeLink (key: Buffer, purpose: LinkPurpose, draftKey: string, nowSeconds: number): string {
  const until = nowSeconds + LINK_SECONDS
  return `/note/${purpose}/${draftKey}?until=${until}&sign=${signatureOf(key, purpose, draftKey, until).toString('base64url')}`
}

/** Is it ours, and for this very purpose and draft? One that is ours but too old is `expired`. */
export function checkLink (key: Buffer, link: Link, nowSeconds: number): 'valid' | 'expired' | 'foreign' {
  const given = Buffer.from(link.sign, 'base64url')
  const right = signatureOf(key, link.purpose, link.draftKey, link.until)
  if (given.length !== right.length || !timingSafeEqual(given, right)) return 'foreign'
  return nowSeconds < link.until ? 'valid' : 'expired'
}

function signatureOf (key: Buffer, purpose: LinkPurpose, draftKey: string, until: number): Buffer {
  return createHmac('sha256', key).update(`deskloop link 1\n${purpose}\n${draftKey}\n${until}`).digest().subarray(0, SIGN_BYTES)
}

export interface Flag { reason: string, comment: string, at: Instant }

/** What an agent said of a draft; null: nothing. */
export async function findFlag (db: Reader, ref: TicketRef, key: string): Promise<Flag | null> {
  const row = await db.selectFrom('draft_flag').selectAll().where('connection', '=', ref.connection)
    .where('ticket_id', '=', ref.ticketId).where('key', '=', key).executeTakeFirst()
  return row === undefined ? null : { reason: row.reason, comment: row.comment, at: instantOf(row.at) }
}

/** Keeps what was said first; false when something had been said already. */
export async function recordFlag (
  trx: Transaction<Database>, ref: TicketRef, flag: { key: string, reason: FlagReason, comment: string, at: Instant }
): Promise<boolean> {
  const { numAffectedRows } = await sql`
    insert into draft_flag (connection, ticket_id, key, reason, comment, at)
    values (${ref.connection}, ${ref.ticketId}, ${flag.key}, ${flag.reason}, ${flag.comment}, ${flag.at})
    on conflict do nothing`.execute(trx)
  return (numAffectedRows ?? 0n) > 0n
}

export async function isQuiet (db: Reader, ref: TicketRef): Promise<boolean> {
  const row = await db.selectFrom('ticket').select('quiet').where('connection', '=', ref.connection)
    .where('ticket_id', '=', ref.ticketId).executeTakeFirst()
  return row?.quiet === true
}

/** No drafts on this ticket, or drafts again. Notes that nobody has begun to write are not written any more. */
export async function saveQuiet (db: Db, ref: TicketRef, quiet: boolean): Promise<void> {
  await db.transaction().execute(async trx => {
    await trx.updateTable('ticket').set({ quiet }).where('connection', '=', ref.connection).where('ticket_id', '=', ref.ticketId).execute()
    if (!quiet) return
    await sql`update effect set state = 'skipped', reason = 'a person asked for no drafts on this ticket', updated_at = now()
      where kind = 'note' and connection = ${ref.connection} and ticket_id = ${ref.ticketId}
        and state = 'pending' and attempts = 0`.execute(trx)
  })
}
