// How the pretend Zendesk grants tokens: by client credentials, or by a refresh token that works once. Strict: a scope is
// one text, lives have limits, an expired or revoked token opens nothing, and what was rotated away is dead.
// https://developer.zendesk.com/api-reference/ticketing/oauth/grant_type_tokens/
import { Refusal } from './zendesk-answers.ts'
import { isObject } from './zendesk-route.ts'

export interface OAuthClient { id: string, secret: string }

export interface OAuth {
  client: OAuthClient
  granted: Array<{ by: string, access: string }>    // in their order
  /** The vendor grants so many seconds whatever was asked for; null: as asked, or its usual half hour. */
  life: number | null
  /** Leaves `expires_in` out of its answers, as was seen. https://github.com/NangoHQ/nango/issues/6763 */
  tellsLife: boolean
  /** A person signs in: what the authorization code flow would have ended with. */
  signIn (): string
  /** An admin revokes every token, refresh tokens included. */
  revokeAll (): void
  /** The scopes of a living token; throws the vendor's 401. */
  scopesOf (access: string): string[]
  grant (body: unknown): object
}

interface Token { access: string, scopes: string[], expiresMs: number }

const SCOPE = /^(?:(?:tickets|users|organizations|hc|webhooks|triggers|automations|macros|satisfaction_ratings|auditlogs|any_channel|web_widget):)?(?:read|write)$/

export function makeOAuth (subdomain: string): OAuth {
  const tokens = new Map<string, Token>()
  const refreshing = new Map<string, { access: string, expiresMs: number }>()
  let numbered = 0

  const oauth: OAuth = {
    client: { id: 'deskloop', secret: `${subdomain}-client-secret` },
    granted: [],
    life: null,
    tellsLife: true,
    signIn () {
      const refresh = `${subdomain}-refresh-${++numbered}`
      refreshing.set(refresh, { access: '', expiresMs: Date.now() + 30 * 86_400_000 })
      return refresh
    },
    revokeAll () {
      tokens.clear()
      refreshing.clear()
    },
    scopesOf (access) {
      const token = tokens.get(access)
      if (token === undefined || token.expiresMs < Date.now()) {
        const why = 'The access token provided is expired, revoked, malformed or invalid for other reasons.'
        throw new Refusal(401, { error: 'invalid_token', error_description: why })
      }
      return token.scopes
    },
    grant (body) {
      const form = isObject(body) ? body : {}
      const isRefresh = form.grant_type === 'refresh_token'
      if (!isRefresh && form.grant_type !== 'client_credentials') throw refused(400, 'unsupported_grant_type', 'The grant type is not supported.')
      if (form.client_id !== oauth.client.id || form.client_secret !== oauth.client.secret) {
        throw refused(401, 'invalid_client', 'Client authentication failed.')
      }
      const asked = lifeOf(form.expires_in, 'expires_in', 300, 172_800, 1800)
      const refreshAsked = lifeOf(form.refresh_token_expires_in, 'refresh_token_expires_in', 604_800, 7_776_000, 2_592_000)
      if (isRefresh) {
        const old = refreshing.get(String(form.refresh_token))
        if (old === undefined || old.expiresMs < Date.now()) {
          throw refused(400, 'invalid_grant', 'The provided authorization grant is invalid, expired, or revoked.')
        }
        refreshing.delete(String(form.refresh_token))
        tokens.delete(old.access)
      }
      // A malformed scope is not refused here: the token is granted and every call with it is forbidden.
      const scope = typeof form.scope === 'string' ? form.scope : String(form.scope ?? '')
      const access = `${subdomain}-access-${++numbered}`
      const life = oauth.life ?? asked
      tokens.set(access, { access, scopes: scope.split(' ').filter(one => SCOPE.test(one)), expiresMs: Date.now() + life * 1000 })
      oauth.granted.push({ by: String(form.grant_type), access })
      const answer = { access_token: access, token_type: 'bearer', scope, ...(oauth.tellsLife ? { expires_in: life } : {}) }
      if (!isRefresh) return answer
      const refresh = `${subdomain}-refresh-${++numbered}`
      refreshing.set(refresh, { access, expiresMs: Date.now() + refreshAsked * 1000 })
      return { ...answer, refresh_token: refresh, refresh_token_expires_in: refreshAsked }
    }
  }
  return oauth
}

function lifeOf (value: unknown, name: string, above: number, below: number, usual: number): number {
  if (value === undefined) return usual
  if (typeof value !== 'number' || value <= above || value >= below) throw refused(400, 'invalid_request', `${name} is out of range.`)
  return value
}

function refused (status: number, error: string, description: string): Refusal {
  return new Refusal(status, { error, error_description: description })
}
