// Which tickets were created in a span of time. The search names at most a thousand, so a busier span is halved until
// each half fits. https://developer.zendesk.com/api-reference/ticketing/ticket-management/search/#results-limit
import { GiveUp, patiently } from '../../src/errors.ts'
import type { Instant } from '../../src/types.ts'
import type { Api } from './client.ts'
import { idOf, recordsOf } from './shapes.ts'

const PER_PAGE = 100
const MOST = 1000

export async function listCreated (api: Api, from: Instant, to: Instant): Promise<string[]> {
  const [start, end] = [Date.parse(from), Date.parse(to)]
  if (!(start < end)) return []
  const ids = new Set<string>()
  const query = encodeURIComponent(`type:ticket created>=${from} created<${to}`)
  for (let page = 1; ; page++) {
    const path = `/search?query=${query}&sort_by=created_at&sort_order=asc&per_page=${PER_PAGE}&page=${page}`
    const body = await patiently(() => api.read(path))
    if (typeof body.count !== 'number') throw new Error('zendesk answered GET /search without a count')
    if (body.count > MOST) return await listHalves(api, start, end)
    const rows = recordsOf(body.results)
    for (const row of rows) {
      const id = idOf(row.id)
      if (id !== null) ids.add(id)
    }
    if (rows.length < PER_PAGE || page * PER_PAGE >= body.count) return [...ids]
  }
}

async function listHalves (api: Api, start: number, end: number): Promise<string[]> {
  if (end - start <= 1000) throw new GiveUp(`zendesk names only ${MOST} of the tickets created in one second`)
  const middle = start + Math.floor((end - start) / 2000) * 1000
  const first = await listCreated(api, instantOf(start), instantOf(middle))
  const second = await listCreated(api, instantOf(middle), instantOf(end))
  return [...new Set([...first, ...second])]
}

function instantOf (ms: number): Instant {
  return new Date(ms).toISOString().slice(0, 19) + 'Z'
}
