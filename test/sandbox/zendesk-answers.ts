// How the pretend Zendesk says no, and how it hands out lists in pages: by cursor when `page[size]` is asked for, else by
// offset. https://developer.zendesk.com/api-reference/introduction/pagination/

export interface Answer { status: number, body?: unknown }

/** An answer that is not a success: thrown where it is noticed, sent by the server. */
export class Refusal extends Error {
  readonly status: number
  readonly body: unknown
  readonly headers: Record<string, string>
  constructor (status: number, body: unknown, headers: Record<string, string> = {}) {
    super(`refused with ${status}`)
    this.name = 'Refusal'
    this.status = status
    this.body = body
    this.headers = headers
  }
}

export function notFound (): Refusal {
  return new Refusal(404, { error: 'RecordNotFound', description: 'Not found' })
}

/** A parameter of the wrong kind; the wording as in https://github.com/facetoe/zenpy/issues/571 */
export function invalidAttribute (name: string, problem: string, place: string): Refusal {
  const last = name.split('.').at(-1) ?? name
  const message = `You passed an invalid value for the ${last} attribute. Invalid parameter: ${name} ${problem} from ${place}`
  return new Refusal(400, { error: { title: 'Invalid attribute', message } })
}

export function invalidRecord (field: string, description: string, error = 'InvalidValue'): Refusal {
  const details = { [field]: [{ description, error }] }
  return new Refusal(422, { error: 'RecordInvalid', description: 'Record validation errors', details })
}

export function conflict (): Refusal {
  const description = 'Safe Update prevented the update due to outdated ticket data. Please fetch the latest ticket data and try again.'
  return new Refusal(409, { error: 'UpdateConflict', description })
}

export function listOfErrors (status: number, code: string, title: string): Refusal {
  return new Refusal(status, { errors: [{ code, title, detail: title, status: String(status) }] })
}

export function forbidden (): Refusal {
  const message = 'You do not have access to this page. Please contact the account owner of this help desk for further help.'
  return new Refusal(403, { error: { title: 'Forbidden', message } })
}

export interface Listing<T> { items: readonly T[], idOf: (item: T) => string | number, show: (item: T) => unknown }

export interface Page<T> { body: Record<string, unknown>, page: readonly T[] }

/** Both kinds of pages, for endpoints that know both. */
export function pageOf<T> (name: string, listing: Listing<T>, url: URL): Page<T> {
  return hasCursor(url) ? cursorPage(name, listing, url) : offsetPage(name, listing, url)
}

export function hasCursor (url: URL): boolean {
  return ['page[size]', 'page[after]', 'page[before]'].some(name => url.searchParams.has(name))
}

export function cursorPage<T> (name: string, { items, idOf, show }: Listing<T>, url: URL): Page<T> {
  const size = numberOf(url, 'page[size]', 100)
  if (size === null || size < 1 || size > 100) throw listOfErrors(400, 'InvalidPaginationParameter', 'page[size] is not valid')
  const after = placeOf(url, 'page[after]', items, idOf)
  const before = placeOf(url, 'page[before]', items, idOf)
  const from = before === null ? (after ?? -1) + 1 : Math.max(0, before - size)
  const page = items.slice(from, before === null ? from + size : before)
  const [first, last] = [page[0], page.at(-1)]
  const more = from + page.length < items.length
  const link = (side: string, item: T): string => withParams(url, {
    'page[size]': String(size), 'page[after]': null, 'page[before]': null, [`page[${side}]`]: cursorOf(idOf(item))
  })
  const body = {
    [name]: page.map(show),
    meta: {
      has_more: more,
      after_cursor: last === undefined ? null : cursorOf(idOf(last)),
      before_cursor: first === undefined ? null : cursorOf(idOf(first))
    },
    links: {
      prev: first !== undefined && from > 0 ? link('before', first) : null,
      next: last !== undefined && more ? link('after', last) : null
    }
  }
  return { body, page }
}

export function offsetPage<T> (name: string, { items, show }: Listing<T>, url: URL, most = 100): Page<T> {
  const { number, size } = offsetOf(url, most)
  if (number > 100 || number * size > 10_000) {
    throw listOfErrors(400, 'InvalidPaginationDepth', 'Pagination requests using Offset Pagination are limited to 10,000 records')
  }
  const from = (number - 1) * size
  const page = items.slice(from, from + size)
  const more = from + page.length < items.length
  const body = {
    [name]: page.map(show),
    next_page: more ? withParams(url, { page: String(number + 1) }) : null,
    previous_page: number > 1 ? withParams(url, { page: String(number - 1) }) : null,
    count: items.length
  }
  return { body, page }
}

/** Page number and size of an offset request; more than the most is cut down without a word. */
export function offsetOf (url: URL, most = 100): { number: number, size: number } {
  const place = url.pathname.slice(1)
  if (hasCursor(url)) throw invalidAttribute('page', 'must be an integer', place)
  const number = numberOf(url, 'page', 1)
  const size = numberOf(url, 'per_page', most)
  if (number === null || number < 1) throw invalidAttribute('page', 'must be an integer', place)
  if (size === null || size < 1) throw invalidAttribute('per_page', 'must be an integer', place)
  return { number, size: Math.min(size, most) }
}

/** Null when it is there and no whole number. */
export function numberOf (url: URL, name: string, otherwise: number): number | null {
  const text = url.searchParams.get(name)
  if (text === null) return otherwise
  return /^\d{1,15}$/.test(text) ? Number(text) : null
}

export function withParams (url: URL, params: Record<string, string | null>): string {
  const next = new URL(url)
  for (const [name, value] of Object.entries(params)) {
    if (value === null) next.searchParams.delete(name)
    else next.searchParams.set(name, value)
  }
  return next.href
}

function cursorOf (id: string | number): string {
  return Buffer.from(JSON.stringify({ o: 'id', v: String(id) })).toString('base64url')
}

function placeOf<T> (url: URL, name: string, items: readonly T[], idOf: (item: T) => string | number): number | null {
  const text = url.searchParams.get(name)
  if (text === null) return null
  const found = items.findIndex(item => cursorOf(idOf(item)) === text)
  if (found < 0) throw listOfErrors(400, 'InvalidPaginationParameter', `${name} is not valid`)
  return found
}
