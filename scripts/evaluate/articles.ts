// The titles of a help centre's articles, by the name that links to them have in common.
import { stemsOf } from '../../src/learn/features.ts'
import { articleOf } from '../../src/learn/links.ts'
import { linesOf } from '../archive.ts'

/** The stems of titles by article, from one JSON with `title` and `url` per line. */
export async function readTitles (file: string | null): Promise<Map<string, string[]>> {
  const titles = new Map<string, string[]>()
  if (file === null) return titles
  for await (const text of linesOf(file)) {
    if (text.trim() === '') continue
    const row: unknown = JSON.parse(text)
    if (typeof row !== 'object' || row === null || !('title' in row) || !('url' in row)) continue
    const article = articleOf(String(row.url))
    if (article !== null && typeof row.title === 'string') titles.set(article, [...stemsOf(row.title).keys()])
  }
  return titles
}
