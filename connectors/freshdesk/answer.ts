// An http answer, read with limits: at most 5 MiB after unpacking, JSON only where the answer says that it is.
import { isFields } from './records.ts'

/** `problem` says in words why a body could not be used; `code` is the vendor's own word for a refusal. */
export interface ReadAnswer {
  status: number, headers: Headers, body: unknown, code: string, problem: string | null, tooLarge: boolean
}

const MAX_BYTES = 5 * 1024 * 1024
const JSON_TYPE = /^application\/(?:[\w.-]+\+)?json\b/i

/** Throws only when the connection breaks or the deadline passes while the body of a success comes in. */
export async function readAnswer (response: Response): Promise<ReadAnswer> {
  const { status, headers } = response
  const answer: ReadAnswer = { status, headers, body: null, code: '', problem: null, tooLarge: false }
  if (!response.ok) {
    // The status alone decides; a refusal whose body breaks off is a refusal all the same.
    const text = await readText(response).catch(() => null)
    return { ...answer, code: codeOf(text === null ? null : parse(text)) }
  }
  const text = await readText(response)
  if (text === null) return { ...answer, problem: 'more than 5 MiB', tooLarge: true }
  if (status === 204) return answer
  const type = headers.get('content-type') ?? 'nothing'
  if (!JSON_TYPE.test(type)) return { ...answer, problem: `${type.slice(0, 60)} instead of JSON` }
  const body = parse(text)
  return body === undefined ? { ...answer, problem: 'broken JSON' } : { ...answer, body }
}

/** Null when it is too large; the rest is not even received then. */
async function readText (response: Response): Promise<string | null> {
  const chunks: Uint8Array[] = []
  let bytes = 0
  for await (const chunk of response.body ?? []) {
    bytes += chunk.byteLength
    if (bytes > MAX_BYTES) return null
    chunks.push(chunk)
  }
  return Buffer.concat(chunks).toString('utf8')
}

function parse (text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined                                // the caller says that it is no JSON
  }
}

/** `invalid_credentials`, or the first fault of a refused form, such as `invalid_field notify`. */
function codeOf (body: unknown): string {
  if (!isFields(body)) return ''
  const first: unknown = Array.isArray(body.errors) ? body.errors[0] : null
  const fault = isFields(first) ? first : {}
  return [body.code, fault.code, fault.field]
    .filter(word => typeof word === 'string' && /^[\w.-]{1,60}$/.test(word)).join(' ')
}
