// Who we are at Zendesk, call by call: an OAuth token that is renewed ahead of its end, a token that a person has put in,
// or an API token while those live. https://developer.zendesk.com/documentation/api-basics/authentication/

import { setTimeout as sleep } from 'node:timers/promises'
import { GiveUp, RetryLater } from '../../src/errors.ts'
import type { Credential, Grant, Grants, Instant, Settings } from '../../src/types.ts'
import { recordOf, stringOf } from './shapes.ts'

export interface Session {
  /** The setting that a person has to mend when it is refused. */
  setting: string
  authorize (): Promise<string>
  /** After a 401: is there another token to try? */
  renew (refused: string): Promise<boolean>
  /** Without what Zendesk alone can say. */
  credential (): Promise<Credential>
}

export type TokenForm = Readonly<Record<string, string | number>>

export interface TokenAnswer { status: number, body: unknown }

/** Posts to the token endpoint; null when no whole answer came. */
export type AskToken = (form: TokenForm) => Promise<TokenAnswer | null>

// More than 300 seconds and less than 172,800; what is not asked for is not always told either.
// https://developer.zendesk.com/api-reference/ticketing/oauth/grant_type_tokens/
const ASKED_LIFE_S = 86_400
const ASKED_REFRESH_LIFE_S = 7_775_999
const UNTOLD_LIFE_S = 1_800
const UNTOLD_REFRESH_LIFE_S = 30 * 86_400
// Exports, audits and redactions have no scope of their own: only these two open them.
const SCOPE = 'read write'
const USED_SHARE = 0.75                             // of its life, after which a token is renewed
const LEAST_LEFT_MS = 5_000                         // a token this near its end is not sent any more
const REST_MS = 30_000                              // a token this young that is refused will not be better anew
const PATIENCE_MS = 20_000                          // for the process that is at it
const LOOK_AGAIN_MS = 250
const LATER_MS = 30_000
const API_TOKENS_END: Instant = '2027-04-30T00:00:00Z'

export function openSession (settings: Settings, grants: Grants | null, ask: AskToken): Session {
  const {
    ZENDESK_OAUTH_CLIENT_ID: id, ZENDESK_OAUTH_CLIENT_SECRET: secret, ZENDESK_OAUTH_TOKEN: oauth,
    ZENDESK_EMAIL: email, ZENDESK_API_TOKEN: token
  } = settings
  if (id && secret) return openGranted(settings, grants ?? inMemory(), ask)
  if (oauth) {
    return given(`Bearer ${oauth}`, { kind: 'an OAuth token', setting: 'ZENDESK_OAUTH_TOKEN', expiresAt: null, renews: false })
  }
  if (!email || !token) {
    throw new GiveUp('zendesk needs credentials: set ZENDESK_OAUTH_CLIENT_ID and ZENDESK_OAUTH_CLIENT_SECRET, ' +
      'or ZENDESK_OAUTH_TOKEN, or ZENDESK_EMAIL and ZENDESK_API_TOKEN')
  }
  const pair = Buffer.from(`${email}/token:${token}`, 'utf8').toString('base64')
  return given(`Basic ${pair}`, { kind: 'an API token', setting: 'ZENDESK_API_TOKEN', expiresAt: API_TOKENS_END, renews: false })
}

function given (authorization: string, credential: Credential): Session {
  return {
    setting: credential.setting,
    authorize: async () => authorization,
    renew: async () => false,
    credential: async () => credential
  }
}

function openGranted (settings: Settings, grants: Grants, ask: AskToken): Session {
  const first = settings.ZENDESK_OAUTH_REFRESH_TOKEN || null
  const setting = first === null ? 'ZENDESK_OAUTH_CLIENT_SECRET' : 'ZENDESK_OAUTH_REFRESH_TOKEN'
  let held: Grant | null = null
  let failing = false
  let restUntilMs = 0

  /** The newest token that is not `refused`; asked for when what is kept is worn. */
  async function next (refused: string | null): Promise<Grant> {
    const isGood = (grant: Grant): boolean => grant.access !== refused && !isWorn(grant)
    const untilMs = Date.now() + PATIENCE_MS
    for (;;) {
      const kept = await grants.find()
      if (kept !== null && isGood(kept)) return kept
      const lasts = kept !== null && kept.access !== refused && leftMs(kept) > LEAST_LEFT_MS
      if (lasts && Date.now() < restUntilMs) return kept
      try {
        const renewed = await grants.renew(async now =>
          now !== null && isGood(now) ? now : await request(settings, now, setting, ask))
        if (renewed !== null) {
          failing = false
          return renewed
        }
      } catch (error) {
        failing = true
        restUntilMs = Date.now() + REST_MS
        if (!lasts) throw error
      }
      if (lasts) return kept                        // good enough while another process gets the next one
      if (Date.now() > untilMs) throw new RetryLater('another process waits for a zendesk token', REST_MS)
      await sleep(LOOK_AGAIN_MS)
    }
  }

  return {
    setting,
    async authorize () {
      if (held === null || isWorn(held)) held = await next(null)
      return `Bearer ${held.access}`
    },
    async renew (authorization) {
      const refused = authorization.slice('Bearer '.length)
      const kept = await grants.find()
      const isYoung = kept !== null && Date.now() - Date.parse(kept.grantedAt) < REST_MS
      if (isYoung && kept.access === refused) return false
      held = await next(refused)
      return true
    },
    async credential () {
      const kept = await grants.find()
      const ends = first === null ? null : kept?.refreshExpiresAt ?? null
      const expiresAt = failing ? kept?.expiresAt ?? null : ends
      return { kind: 'an OAuth token that Deskloop renews', setting, expiresAt, renews: !failing }
    }
  }
}

// Whose refresh token it is stays who we are: the notes of another author would be taken for an agent's. So a refresh
// token that has died is never replaced by a token of the client itself.
async function request (settings: Settings, kept: Grant | null, setting: string, ask: AskToken): Promise<Grant> {
  const { ZENDESK_OAUTH_CLIENT_ID: id = '', ZENDESK_OAUTH_CLIENT_SECRET: secret = '' } = settings
  const { ZENDESK_OAUTH_REFRESH_TOKEN: first } = settings
  const client = { client_id: id, client_secret: secret, scope: SCOPE, expires_in: ASKED_LIFE_S }
  if (!first) return await granted({ grant_type: 'client_credentials', ...client }, setting, ask)
  const form = { grant_type: 'refresh_token', ...client, refresh_token_expires_in: ASKED_REFRESH_LIFE_S }
  const refresh = kept?.refresh ?? first
  try {
    return await granted({ ...form, refresh_token: refresh }, setting, ask)
  } catch (error) {
    // Somebody has signed in anew and set what came of it: the kept one is of the time before.
    if (!(error instanceof GiveUp) || refresh === first) throw error
    return await granted({ ...form, refresh_token: first }, setting, ask)
  }
}

async function granted (form: TokenForm, setting: string, ask: AskToken): Promise<Grant> {
  const askedMs = Date.now()
  const answer = await ask(form)
  const where = `${answer?.status ?? 'no answer'} on POST /oauth/tokens`
  if (answer === null || answer.status === 429 || answer.status >= 500) {
    throw new RetryLater(`zendesk gives no token at the moment (${where})`, LATER_MS)
  }
  const body = recordOf(answer.body)
  const access = stringOf(body.access_token)
  if (answer.status >= 300 || access === '') {
    throw new GiveUp(`zendesk refused to grant a token (${where} ${stringOf(body.error)}): ` +
      (setting === 'ZENDESK_OAUTH_REFRESH_TOKEN' ? `sign in again and renew ${setting}` : `renew ${setting}`))
  }
  const after = (seconds: number): Instant => toInstant(askedMs + seconds * 1000)
  const refresh = stringOf(body.refresh_token) || null
  return {
    access,
    refresh,
    grantedAt: toInstant(askedMs),
    expiresAt: after(secondsOf(body.expires_in) ?? UNTOLD_LIFE_S),
    refreshExpiresAt: refresh === null ? null : after(secondsOf(body.refresh_token_expires_in) ?? UNTOLD_REFRESH_LIFE_S)
  }
}

function inMemory (): Grants {
  let kept: Grant | null = null
  let asking: Promise<Grant> | null = null
  return {
    find: async () => kept,
    async renew (grant) {
      asking ??= grant(kept).finally(() => { asking = null })
      kept = await asking
      return kept
    }
  }
}

function isWorn (grant: Grant): boolean {
  const fromMs = Date.parse(grant.grantedAt)
  return Date.now() > fromMs + USED_SHARE * (Date.parse(grant.expiresAt) - fromMs)
}

function leftMs (grant: Grant): number {
  return Date.parse(grant.expiresAt) - Date.now()
}

function secondsOf (value: unknown): number | null {
  return typeof value === 'number' && Number.isFinite(value) && value > 0 ? value : null
}

function toInstant (ms: number): Instant {
  return new Date(ms).toISOString().slice(0, 19) + 'Z'
}
