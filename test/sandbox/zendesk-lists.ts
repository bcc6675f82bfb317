// The smaller lists of the pretend Zendesk: people, groups, fields, macros, ratings, articles of the help centre.
import { hasCursor, invalidAttribute, notFound, numberOf, offsetOf, offsetPage, pageOf, withParams } from './zendesk-answers.ts'
import type { Answer, Listing } from './zendesk-answers.ts'
import { idsOf, integerOf } from './zendesk-route.ts'
import type { Call, Route } from './zendesk-route.ts'
import { showField, showGroup, showOrganization, showRating, showUser } from './zendesk-shapes.ts'
import { AREA_FIELD, lowerBound, ORDER_FIELD, PAGE_FIELD, unix } from './zendesk-state.ts'
import type { State, Ticket, User } from './zendesk-state.ts'
import { ARTICLES, MACROS, showArticle, showMacro } from './zendesk-library.ts'
import type { Article, Macro } from './zendesk-library.ts'

export function listRoutes (state: State): Route[] {
  const articles = ARTICLES.toSorted((a, b) => unix(a.updatedAt) - unix(b.updatedAt))

  return [
    { method: 'GET', path: 'users/me', handle: call => ({ status: 200, body: { user: { ...showUser(state, call.user), authenticity_token: 'c2FuZGJveA==' } } }) },
    { method: 'GET', path: 'users/show_many', handle: showUsers },
    { method: 'GET', path: 'users/search', handle: searchUsers },
    {
      method: 'GET',
      path: 'users/:',
      handle: call => ({ status: 200, body: { user: showUser(state, oneOf(state.users, call, 'api/v2/users/show')) } })
    },
    {
      method: 'GET',
      path: 'organizations/:',
      handle: call => {
        const organization = oneOf(state.organizations, call, 'api/v2/organizations/show')
        return { status: 200, body: { organization: showOrganization(state, organization) } }
      }
    },
    { method: 'GET', path: 'groups', handle: listOf('groups', () => [...state.groups.values()], group => showGroup(state, group)) },
    {
      method: 'GET',
      path: 'ticket_fields',
      handle: listOf('ticket_fields', () => [PAGE_FIELD, ORDER_FIELD, AREA_FIELD].map(id => ({ id })), field => showField(state, field.id))
    },
    { method: 'GET', path: 'macros', handle: listMacros },
    { method: 'GET', path: 'satisfaction_ratings', handle: listRatings },
    { method: 'GET', path: 'help_center/articles', handle: listArticles },
    { method: 'GET', path: 'help_center/:/articles', handle: listArticles },
    { method: 'GET', path: 'help_center/incremental/articles', handle: exportArticles }
  ]

  function showUsers (call: Call): Answer {
    const items = idsOf(call.url, 'api/v2/users/show_many').map(id => state.users.get(id)).filter(user => user !== undefined)
    return { status: 200, body: offsetPage('users', userListing(items), call.url).body }
  }

  /** By offset only: a cursor is an invalid page here. */
  function searchUsers (call: Call): Answer {
    const place = 'api/v2/users/search'
    offsetOf(call.url)
    const query = call.url.searchParams.get('query') ?? ''
    if (query === '') throw invalidAttribute('query', 'must be a string', place)
    const email = /^email:"?([^"\s]+)"?$/.exec(query)?.[1]
    const byEmail = email === undefined ? undefined : state.findUserByEmail(email)
    const word = query.toLowerCase()
    const items = email === undefined
      ? [...state.users.values()].filter(user => `${user.name} ${user.email}`.toLowerCase().includes(word))
      : [byEmail].filter(user => user !== undefined)
    return { status: 200, body: offsetPage('users', userListing(items), call.url).body }
  }

  function userListing (items: User[]): Listing<User> {
    return { items, idOf: user => user.id, show: user => showUser(state, user) }
  }

  function listMacros (call: Call): Answer {
    const active = call.url.searchParams.get('active')
    const items = MACROS.filter(macro => active === null || String(macro.active) === active)
    const listing: Listing<Macro> = { items, idOf: one => one.id, show: one => showMacro(state.url, one) }
    return { status: 200, body: pageOf('macros', listing, call.url).body }
  }

  /** https://developer.zendesk.com/api-reference/ticketing/ticket-management/satisfaction_ratings/ */
  function listRatings (call: Call): Answer {
    const place = 'api/v2/satisfaction_ratings/index'
    const start = numberOf(call.url, 'start_time', 0)
    const end = numberOf(call.url, 'end_time', 1e12)
    if (start === null) throw invalidAttribute('start_time', 'must be an integer', place)
    if (end === null) throw invalidAttribute('end_time', 'must be an integer', place)
    const passes = scoreTest(call.url.searchParams.get('score'), place)
    const items = state.rated.flatMap(ticket => ticket.rating === null ? [] : [{ ticket, rating: ticket.rating }])
      .filter(({ rating }) => unix(rating.createdAt) >= start && unix(rating.createdAt) <= end)
      .filter(({ rating }) => passes(rating.score, rating.comment !== null))
    const show = ({ ticket, rating }: { ticket: Ticket, rating: NonNullable<Ticket['rating']> }): object => showRating(state, ticket, rating)
    return { status: 200, body: pageOf('satisfaction_ratings', { items, idOf: one => one.rating.id, show }, call.url).body }
  }

  function listArticles (call: Call): Answer {
    const locale = (call.params[0] ?? 'en-us').toLowerCase()
    const items = ARTICLES.filter(article => article.locale === locale)
    const listing: Listing<Article> = { items, idOf: one => one.id, show: one => showArticle(state.url, one) }
    if (hasCursor(call.url)) return { status: 200, body: pageOf('articles', listing, call.url).body }
    const most = call.url.searchParams.has('per_page') ? 100 : 30
    const { number, size } = offsetOf(call.url, most)
    const { body } = offsetPage('articles', listing, call.url, most)
    const pages = Math.max(1, Math.ceil(items.length / size))
    const place = { page: number, page_count: pages, per_page: size, sort_by: 'position', sort_order: 'asc' }
    return { status: 200, body: { ...body, ...place } }
  }

  /** By time, and without `end_of_stream`: who asks stops when `next_page` says nothing new. */
  function exportArticles (call: Call): Answer {
    const start = numberOf(call.url, 'start_time', -1)
    if (start === null || start < 0) throw invalidAttribute('start_time', 'must be an integer', 'api/v2/help_center/incremental/articles')
    const page = articles.slice(lowerBound(articles, article => unix(article.updatedAt) < start))
    const last = page.at(-1)
    const ended = last === undefined ? start : unix(last.updatedAt)
    const body = {
      count: page.length,
      next_page: last === undefined ? null : withParams(call.url, { start_time: String(ended) }),
      end_time: ended,
      articles: page.map(article => showArticle(state.url, article))
    }
    return { status: 200, body }
  }
}

function listOf<T extends { id: number }> (
  name: string, items: () => T[], show: (item: T) => unknown
): (call: Call) => Answer {
  return call => ({ status: 200, body: pageOf(name, { items: items(), idOf: item => item.id, show }, call.url).body })
}

function oneOf<T> (shelf: Map<number, T>, call: Call, place: string): T {
  const found = shelf.get(integerOf(call.params[0], 'id', place))
  if (found === undefined) throw notFound()
  return found
}

function scoreTest (score: string | null, place: string): (score: string, commented: boolean) => boolean {
  if (score === null || score === 'received') return () => true
  const found = /^(offered|unoffered|received|good|bad)(?:_(with|without)_comment)?$/.exec(score)
  if (found === null) throw invalidAttribute('score', 'is not a known score', place)
  const [, kind, comment] = found
  return (one, commented) => (kind === 'received' || kind === one) && (comment === undefined || commented === (comment === 'with'))
}
