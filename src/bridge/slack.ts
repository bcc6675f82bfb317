// Speaks to Slack. No call is repeated by the library: a message that may have been posted is looked for by the effect's id
// in its metadata first. https://docs.slack.dev/reference/methods/chat.postMessage
import { ErrorCode, LogLevel, WebClient } from '@slack/web-api'
import type { KnownBlock, ModalView } from '@slack/web-api'
import { setTimeout as sleep } from 'node:timers/promises'
import { GiveUp, Refused, RetryLater, Unclear, messageOf } from '../errors.ts'

/** `lookMs`: how often it is asked whether a picture is ready; default 700. */
export interface SlackSettings { url: string, token: string, deadlineMs?: number, lookMs?: number }

/** An uploaded picture. Not ready: no message may show it yet. */
export interface Picture { id: string, ready: boolean }

export interface SlackMessage {
  channel: string, text: string, blocks: KnownBlock[], effectId: string, threadTs?: string
}

/** Where a message stands: its identity. */
export interface Place { channel: string, ts: string }

export interface Slack {
  post (message: SlackMessage): Promise<Place>
  /** The message that carries this effect's id, posted since (unix seconds). */
  find (channel: string, effectId: string, since: number, threadTs?: string): Promise<Place | null>
  update (message: SlackMessage & { ts: string }): Promise<void>
  /** Uploads a picture and waits a little until Slack can show it. Null: it could not be stored; the message goes without. */
  upload (png: Uint8Array, name: string): Promise<Picture | null>
  /** Whether a picture that was uploaded can be shown by now. */
  isReady (id: string): Promise<boolean>
  openModal (triggerId: string, view: ModalView): Promise<void>
  /** Where a message can be read, for people; null: it is not there, or cannot be asked now. */
  linkTo (place: Place): Promise<string | null>
  whisper (channel: string, user: string, text: string): Promise<void>
  fetchSelf (): Promise<{ id: string, name: string }>
}

const DEADLINE_MS = 15_000
const LOOKS = 8                                     // for a picture to become ready
const LOOK_MS = 700
const EVENT = 'deskloop_effect'
const NOT_YET = new Set(['ratelimited', 'rate_limited', 'fatal_error', 'internal_error', 'service_unavailable', 'request_timeout', 'team_added_to_org'])
const REFUSED = new Set(['invalid_auth', 'not_authed', 'account_inactive', 'token_revoked', 'token_expired', 'missing_scope', 'no_permission', 'ekm_access_denied'])

/** `url`: the origin, such as https://slack.com. */
export function openSlack (settings: SlackSettings): Slack {
  const client = new WebClient(settings.token, {
    slackApiUrl: `${settings.url}/api/`,
    retryConfig: { retries: 0 },
    rejectRateLimitedCalls: true,
    logLevel: LogLevel.ERROR,                       // what failed is told by whoever called
    timeout: settings.deadlineMs ?? DEADLINE_MS
  })
  async function ask<T> (isWrite: boolean, call: () => Promise<T>): Promise<T> {
    try {
      return await call()
    } catch (error) {
      throw meaningOf(error, isWrite)
    }
  }

  // Slack looks into a file behind the scenes; until it has, a block with it is refused.
  // https://github.com/slackapi/python-slack-sdk/issues/1658
  async function isReady (id: string): Promise<boolean> {
    try {
      const { file } = await client.files.info({ file: id })
      return file?.mimetype !== undefined && file.mimetype !== ''
    } catch {
      return false                                  // asked again later
    }
  }

  return {
    async post ({ channel, text, blocks, effectId, threadTs }) {
      const answer = await ask(true, () => client.chat.postMessage({
        channel,
        text,
        blocks,
        unfurl_links: false,
        unfurl_media: false,
        metadata: { event_type: EVENT, event_payload: { effect: effectId } },
        ...(threadTs === undefined ? {} : { thread_ts: threadTs })
      }))
      if (answer.ts === undefined) throw new Unclear('slack took the message and did not say where it stands')
      return { channel: answer.channel ?? channel, ts: answer.ts }
    },
    async find (channel, effectId, since, threadTs) {
      let cursor = ''
      for (let page = 0; page < 5; page++) {
        const more = cursor === '' ? {} : { cursor }
        const args = { channel, oldest: String(since), include_all_metadata: true, limit: 100, ...more }
        const answer = await ask(false, () => threadTs === undefined
          ? client.conversations.history(args)
          : client.conversations.replies({ ...args, ts: threadTs }))
        for (const message of answer.messages ?? []) {
          const { metadata, ts } = message
          if (metadata?.event_type === EVENT && fieldsOf(metadata.event_payload)['effect'] === effectId && ts !== undefined) return { channel, ts }
        }
        cursor = answer.response_metadata?.next_cursor ?? ''
        if (cursor === '') return null
      }
      return null
    },
    async update ({ channel, ts, text, blocks, effectId }) {
      await ask(true, () => client.chat.update({
        channel, ts, text, blocks, metadata: { event_type: EVENT, event_payload: { effect: effectId } }
      }))
    },
    async upload (png, name) {
      try {
        const wanted = { filename: name, length: png.length }
        const { upload_url: url, file_id: id } = await client.files.getUploadURLExternal(wanted)
        if (url === undefined || id === undefined) return null
        const stored = await fetch(url, {
          method: 'POST', body: new Blob([Uint8Array.from(png)]), redirect: 'error', signal: AbortSignal.timeout(DEADLINE_MS)
        })
        await stored.arrayBuffer()
        if (!stored.ok) return null
        await client.files.completeUploadExternal({ files: [{ id, title: name }] })
        for (let look = 0; look < LOOKS; look++) {
          if (await isReady(id)) return { id, ready: true }
          await sleep(settings.lookMs ?? LOOK_MS)
        }
        return { id, ready: false }
      } catch {
        return null                                 // a message without its picture is better than none
      }
    },
    isReady,
    async openModal (triggerId, view) { await ask(true, () => client.views.open({ trigger_id: triggerId, view })) },
    async linkTo ({ channel, ts }) {
      // https://docs.slack.dev/reference/methods/chat.getPermalink: no scope is needed
      const told = await client.chat.getPermalink({ channel, message_ts: ts }).catch(() => null)
      return told?.permalink ?? null
    },
    async whisper (channel, user, text) { await ask(true, () => client.chat.postEphemeral({ channel, user, text })) },
    async fetchSelf () {
      const answer = await ask(false, () => client.auth.test())
      return { id: answer.user_id ?? '', name: answer.user ?? '' }
    }
  }
}

function meaningOf (error: unknown, isWrite: boolean): Error {
  const code = fieldsOf(error)['code']
  if (code === ErrorCode.RateLimitedError) {
    const after = Number(fieldsOf(error)['retryAfter'])
    return new RetryLater('slack asks to wait', Number.isFinite(after) && after > 0 ? Math.min(3_600, after) * 1000 : 30_000)
  }
  if (code === ErrorCode.PlatformError) {
    const said = String(fieldsOf(fieldsOf(error)['data'])['error'] ?? '').slice(0, 60)
    if (REFUSED.has(said)) return new Refused(`slack refused the token (${said}): renew SLACK_BOT_TOKEN or give it the scopes`, 401)
    if (NOT_YET.has(said)) {
      const what = `slack was not able to (${said})`
      return isWrite ? new Unclear(what) : new RetryLater(what, 10_000)
    }
    return new GiveUp(`slack refused the request (${said})`)
  }
  const what = `slack gave no clear answer (${messageOf(error).slice(0, 80)})`
  return isWrite ? new Unclear(what) : new RetryLater(what, 10_000)
}

function fieldsOf (value: unknown): Record<string, unknown> {
  return typeof value === 'object' && value !== null ? Object.fromEntries(Object.entries(value)) : {}
}
