// One account of the made-up helpdesk, spoken to over HTTP: each call once, with a deadline, each refusal one of ours.
import { GiveUp, PublicNote, RetryLater, Unclear } from '../../../src/errors.ts'
import { escapeHtml, htmlToText } from '../../../src/text.ts'
import type { Article, Helpdesk, Link, Note, NotePart, NoteReceipt, Settings } from '../../../src/types.ts'
import { fieldsOf, idOf, tellTicket, wordsOf } from './normalize.ts'

type Entry = Record<string, unknown>

export function openHelpdesk (settings: Settings, connection: string): Helpdesk {
  const speak = async (method: string, path: string, body?: unknown): Promise<Entry> => {
    const call = `${method} ${path.split('?')[0]}`
    const lost = (why: string, cause?: unknown): Error => method === 'GET'
      ? new Error(`quayside ${why} (${call})`, { cause })
      : new Unclear(`quayside ${why} (${call}): it may have been applied`, { cause })
    const signal = AbortSignal.timeout(Number(settings.QUAYSIDE_DEADLINE_MS ?? 15_000))
    const authorization = `Bearer ${settings.QUAYSIDE_TOKEN}`
    const request: RequestInit = body === undefined
      ? { headers: { authorization } }
      : { headers: { authorization, 'content-type': 'application/json' }, body: JSON.stringify(body) }
    const answer = await fetch(settings.QUAYSIDE_URL + path, { ...request, method, redirect: 'manual', signal })
      .then(async response => ({
        status: response.status, wait: response.headers.get('retry-after'), text: await response.text()
      }))
      .catch((cause: unknown) => { throw lost('did not answer', cause) })
    if (answer.status === 429) throw new RetryLater(`quayside asks to wait (${call})`, 1000 * Number(answer.wait ?? 30))
    if (answer.status >= 500) throw lost(`answered ${answer.status}`)
    if (answer.status >= 300) throw new GiveUp(`quayside refused it (${answer.status} on ${call})`)
    return fieldsOf(JSON.parse(answer.text))
  }
  const readTicket = async (ticketId: string): Promise<Entry> => {
    if (idOf(ticketId) === null) throw new GiveUp('quayside has only tickets with a number')
    return await speak('GET', `/tickets/${ticketId}`)
  }
  const findNote = async (ticketId: string, key: string): Promise<NoteReceipt | null> =>
    receiptIn(await readTicket(ticketId), key)
  const proveHidden = async (found: NoteReceipt): Promise<NoteReceipt> => {
    if (!found.public) return found
    await speak('DELETE', `/notes/${found.noteId}`)
    throw new PublicNote(`quayside made the note ${found.noteId} public: it was removed`)
  }

  return {
    async fetchSelf () {
      const { id, name } = await speak('GET', '/me')
      return { id: wordsOf(id), name: wordsOf(name) }
    },
    findNote,
    async postNote (ticketId, note, beforeWrite) {
      const ticket = await readTicket(ticketId).catch((cause: unknown) => {
        throw cause instanceof GiveUp ? new GiveUp(`skipped: ${cause.message}`, { cause }) : cause
      })
      const before = receiptIn(ticket, note.key)
      if (before !== null) return await proveHidden(before)
      checkFresh(ticket, ticketId, note.basis)
      await beforeWrite?.()
      await speak('POST', `/tickets/${ticketId}/notes`, { html: renderNote(note), private: true })
      const written = await findNote(ticketId, note.key).catch((cause: unknown) => {
        throw new Unclear(`the note on ticket ${ticketId} could not be read back`, { cause })
      })
      if (written === null) throw new Unclear(`the note on ticket ${ticketId} is not there yet`)
      return await proveHidden(written)
    },
    fetchTicket: async ticketId => tellTicket(await readTicket(ticketId), connection),
    async * fetchHistory (since, cursor = '0') {
      for (let after = cursor; ;) {
        const { tickets, next } = await speak('GET', `/changes?since=${since}&after=${after}`)
        const rows = Array.isArray(tickets) ? tickets.map(fieldsOf) : []
        if (rows.length === 0) return
        after = String(next)
        const stories = rows.map(row => ({ ticketId: wordsOf(row.id), events: tellTicket(row, connection) }))
        yield { stories, cursor: after }
      }
    },
    async * fetchKnowledge (since = '') {
      const { articles } = await speak('GET', '/articles')
      for (const { id, kind, title, html, open, at } of Array.isArray(articles) ? articles.map(fieldsOf) : []) {
        const article: Article = {
          id: wordsOf(id),
          kind: kind === 'macro' ? 'macro' : 'article',
          title: wordsOf(title),
          text: htmlToText(wordsOf(html)),
          public: open === true,
          updatedAt: wordsOf(at)
        }
        if (article.updatedAt >= since) yield article
      }
    },
    countTickets: async (from, to) => Number((await speak('GET', `/count?from=${from}&to=${to}`)).count)
  }
}

function entriesOf (ticket: Entry): Entry[] {
  return Array.isArray(ticket.entries) ? ticket.entries.map(fieldsOf) : []
}

function receiptIn (ticket: Entry, key: string): NoteReceipt | null {
  const found = entriesOf(ticket).find(({ by, text }) => by === 'api' && wordsOf(text).endsWith(`${key}</p>`))
  if (found === undefined) return null
  return { noteId: wordsOf(found.id), public: found.private !== true, at: wordsOf(found.at) }
}

function checkFresh (ticket: Entry, ticketId: string, basis: string): void {
  if (ticket.closed === true) throw new GiveUp(`skipped: ticket ${ticketId} is closed`)
  const entries = entriesOf(ticket)
  const newer = entries.slice(entries.findIndex(({ id }) => id === basis) + 1)
  if (newer.some(({ what, by }) => what === 'message' && by !== 'bot')) {
    throw new GiveUp(`too late: ticket ${ticketId} has a newer message`)
  }
}

function renderNote (note: Note): string {
  return note.parts.map(renderPart).join('')
}

function renderPart (part: NotePart): string {
  switch (part.kind) {
    case 'rule': return '<hr>'
    case 'headline': return `<p><b>${escapeHtml(part.label)}</b> · ${escapeHtml(part.text)}</p>`
    case 'draft': return part.paragraphs.map(text => `<p>${escapeHtml(text).replaceAll('\n', '<br>')}</p>`).join('')
    case 'facts': return part.items.map(renderFact).join('')
    case 'footer': return `<p>${escapeHtml(part.hint)} · ${escapeHtml(part.key)}</p>`
  }
}

function renderFact ({ label, text, link }: { label: string, text: string, link?: Link }): string {
  return `<p>${escapeHtml([label, text, link?.text].join(' '))}</p>`
}
