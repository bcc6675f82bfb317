// A knowledge file beside a ticket archive: one article or macro per line, each edition learned at its own time.
// { id, title, text, updated_at, kind?: "article"|"macro", url?, language?, public?, connection?, gone? }
import { existsSync } from 'node:fs'
import { Ajv } from 'ajv'
import type { Lesson } from '../src/learn/taught.ts'
import { plainText, toInstant } from '../src/text.ts'
import { linesOf } from './archive.ts'

interface Row {
  id: string, title: string, text?: string, updated_at?: string, kind?: 'article' | 'macro', url?: string | null
  language?: string | null, public?: boolean, connection?: string, gone?: boolean
}

const check = new Ajv({ allowUnionTypes: true }).compile({
  type: 'object',
  required: ['id', 'title'],
  properties: {
    id: { type: 'string', minLength: 1 },
    title: { type: 'string' },
    text: { type: 'string' },
    updated_at: { type: 'string' },
    kind: { enum: ['article', 'macro'] },
    url: { type: ['string', 'null'] },
    language: { type: ['string', 'null'] },
    public: { type: 'boolean' },
    connection: { type: 'string' },
    gone: { type: 'boolean' }
  }
})

function isRow (value: unknown): value is Row {
  return check(value)
}

/** What says no time was known from the beginning. A line that is no article is skipped and named with its number. */
export async function readKnowledgeFile (
  file: string | null
): Promise<{ lessons: Lesson[], faults: Array<{ line: number, why: string }> }> {
  const lessons: Lesson[] = []
  const faults: Array<{ line: number, why: string }> = []
  if (file === null) return { lessons, faults }
  if (!existsSync(file)) throw new Error(`there is no file ${file}: give a knowledge file, one JSON per line`)
  let line = 0
  for await (const text of linesOf(file)) {
    line++
    if (text.trim() === '') continue
    const lesson = lessonOf(text)
    if (typeof lesson === 'string') faults.push({ line, why: lesson })
    else lessons.push(lesson)
  }
  return { lessons, faults }
}

function lessonOf (text: string): Lesson | string {
  let row: unknown
  try { row = JSON.parse(text) } catch { return 'it is no JSON' }
  if (!isRow(row)) return new Ajv().errorsText(check.errors, { dataVar: 'article' })
  const at = row.updated_at === undefined ? '1970-01-01T00:00:00Z' : toInstant(row.updated_at)
  if (at === null) return `${row.updated_at} is no instant`
  return {
    kind: 'article',
    at,
    fact: {
      connection: row.connection ?? '', id: row.id, kind: row.kind ?? 'article', title: plainText(row.title),
      text: plainText(row.text ?? ''), public: row.public ?? true, updatedAt: at,
      ...(typeof row.url === 'string' ? { url: row.url } : {}),
      ...(typeof row.language === 'string' ? { language: row.language } : {}),
      ...(row.gone === true ? { gone: true } : {})
    }
  }
}
