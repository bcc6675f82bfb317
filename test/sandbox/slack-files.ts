// Uploading a file in three steps, as Slack wants it, and the while until it can be shown.
// https://docs.slack.dev/messaging/working-with-files#uploading_files
import {
  addMessage, findChannel, flagArg, invalidArguments, isJson, neededArg, Refusal, secondsOf, structureArg, textArg
} from './slack-records.ts'
import type { Json, SlackState, StoredFile } from './slack-records.ts'

const KINDS: Record<string, [mimetype: string, filetype: string, pretty: string]> = {
  png: ['image/png', 'png', 'PNG'], jpg: ['image/jpeg', 'jpg', 'JPEG'], jpeg: ['image/jpeg', 'jpg', 'JPEG'],
  gif: ['image/gif', 'gif', 'GIF'], csv: ['text/csv', 'csv', 'CSV'], txt: ['text/plain', 'text', 'Plain Text']
}

export function fileMethods (state: SlackState, looksUntilReady: number): Record<string, (args: Json) => Json> {
  return {
    'files.getUploadURLExternal' (args) {
      const name = neededArg(args, 'filename')
      const length = Number(neededArg(args, 'length'))
      if (!Number.isInteger(length) || length < 0) throw invalidArguments('must be an integer [json-pointer:/length]')
      if (length === 0) throw new Refusal('missing_argument')
      const id = state.newId('F')
      const file: StoredFile = {
        id, name, title: name, length, created: secondsOf(state.booth), uploadKey: `up-${id}`, content: null,
        complete: false, looksUntilReady, channels: []
      }
      state.files.set(id, file)
      state.uploads.set(file.uploadKey, file)
      return { upload_url: `${state.origin()}/upload/v1/${file.uploadKey}`, file_id: id }
    },
    'files.completeUploadExternal' (args) {
      const files = structureArg(args, 'files', 'invalid_arguments')
      if (!Array.isArray(files) || files.length === 0) throw invalidArguments('missing required field: files')
      const named = files.map((one: unknown) => {
        const file = isJson(one) ? state.files.get(String(one.id)) : undefined
        if (!isJson(one) || file === undefined || file.content === null) throw new Refusal('file_not_found')
        if (file.complete) throw new Refusal('file_already_completed')
        return { file, title: typeof one.title === 'string' ? one.title : file.name }
      })
      const channel = textArg(args, 'channel_id') === '' ? null : findChannel(state, textArg(args, 'channel_id'))
      const threadTs = textArg(args, 'thread_ts') || null
      if (threadTs !== null && !state.messages.has(threadTs)) throw new Refusal('invalid_thread_ts')
      for (const { file, title } of named) {
        Object.assign(file, { title, complete: true })
        if (channel !== null) file.channels.push(channel.id)
      }
      if (channel !== null) {
        addMessage(state, {
          channel: channel.id, text: textArg(args, 'initial_comment'), threadTs, fileIds: named.map(one => one.file.id),
          broadcast: flagArg(args, 'reply_broadcast')
        })
      }
      return { files: named.map(one => ({ id: one.file.id, title: one.title })) }
    },
    'files.info' (args) {
      const file = state.files.get(neededArg(args, 'file'))
      if (file === undefined || !file.complete) throw new Refusal('file_not_found')
      return { file: showFile(state, file, isReady(file)), comments: [], response_metadata: { next_cursor: '' } }
    }
  }
}

/** Processing goes on behind the scenes: the first looks find the file unready. */
export function isReady (file: StoredFile): boolean {
  return file.complete && file.looksUntilReady-- <= 0
}

export function privateUrl (state: SlackState, file: StoredFile): string {
  return `https://files.slack.com/files-pri/${state.team.id}-${file.id}/${file.name.toLowerCase()}`
}

/** Takes the bytes at the upload's address: raw, or the one part of a form. */
export function storeUpload (file: StoredFile, body: Buffer, contentType: string): boolean {
  const boundary = /^multipart\/form-data;.*boundary="?([^";]+)"?/.exec(contentType)?.[1]
  const start = boundary === undefined ? 0 : body.indexOf('\r\n\r\n') + 4
  const end = boundary === undefined ? body.length : body.indexOf(`\r\n--${boundary}`, start)
  const content = body.subarray(start, end)
  if (content.length !== file.length) return false
  file.content = Buffer.from(content)
  return true
}

function showFile (state: SlackState, file: StoredFile, ready: boolean): Json {
  const [mimetype, filetype, pretty] = KINDS[file.name.split('.').at(-1)?.toLowerCase() ?? ''] ??
    ['application/octet-stream', 'binary', 'Binary']
  const url = privateUrl(state, file)
  return {
    id: file.id, created: file.created, timestamp: file.created, name: file.name, title: file.title,
    mimetype: ready ? mimetype : '', filetype: ready ? filetype : '', pretty_type: ready ? pretty : '',
    user: state.bot.userId, user_team: state.team.id, editable: false, size: file.length, mode: 'hosted', is_external: false,
    is_public: file.channels.length > 0,
    ...(ready && mimetype.startsWith('image/')
      ? { original_w: 800, original_h: 400, thumb_360: url.replace('files-pri', 'files-tmb') }
      : {}),
    url_private: url, url_private_download: url.replace(/\/([^/]+)$/, '/download/$1'),
    channels: file.channels, groups: [], ims: []
  }
}
