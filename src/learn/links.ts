// Which article a link leads to: the same one whatever its language, the words behind its number, and the place in the page.
import { stemsOf } from './features.ts'

// Where help centres keep their articles: /hc/…/articles/ (Zendesk), /articles/ (Intercom), /support/solutions/articles/
// (Freshdesk), /kb/ (Kitsune and many of their own making).
const ARTICLE = /\/(?:kb|articles|solutions\/articles)\/([^/?#]+)/

/** The links in a text, as they stand there. */
export function linksIn (text: string): string[] {
  return (text.match(/https?:\/\/[^\s<>()[\]"']+/g) ?? []).map(link => link.replace(/[.,;:!?'"]+$/, ''))
}

/** The articles that a text links to, in order, each once. */
export function articlesIn (text: string): string[] {
  return [...new Set(linksIn(text).flatMap(link => {
    const article = articleOf(link)
    return article === null ? [] : [article]
  }))]
}

/**
 * The host and name of an article; of `9-appendix` the number alone, because a title that changes changes the rest (Zendesk:
 * https://developer.zendesk.com/api-reference/help_center/help-center-api/articles/). Null: the link is to no article.
 */
export function articleOf (link: string): string | null {
  if (!URL.canParse(link)) return null
  const { host, pathname } = new URL(link)
  const name = ARTICLE.exec(pathname)?.[1]?.toLowerCase()
  return name === undefined ? null : `${host}/${/^\d{3,}(?=-)/.exec(name)?.[0] ?? name}`
}

/** The name of any page, without language, query and place in the page: of an article as `articleOf` has it. */
export function addressOf (url: string): string {
  const bare = url.replace(/[?#].*$/, '').replace(/[.,;:!?'"/]+$/, '').toLowerCase()
  return articleOf(url) ?? bare.replace(/^https?:\/\//, '').replace(/\/[a-z]{2}(-[a-z]{2,4})?(?=\/)/g, '')
}

/** The stems that an address tells of what it leads to. */
export function stemsOfAddress (address: string): string[] {
  return [...stemsOf(address.slice(address.indexOf('/') + 1).replaceAll(/[-_+%\d]+/g, ' ')).keys()]
}
