// Takes pictures of notes as agents see them: the html of the real renderers in a plain column as wide as that helpdesk's.
// node test/support/note-shots.ts FOLDER [CHROMIUM]
import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { chromium } from 'playwright-core'
import { renderNote as renderFreshdesk } from '../../connectors/freshdesk/note.ts'
import { renderNote as renderIntercom } from '../../connectors/intercom/note.ts'
import { renderNote as renderZendesk } from '../../connectors/zendesk/note.ts'
import type { DraftRow } from '../../src/store/drafts.ts'
import { makeLink } from '../../src/store/links.ts'
import type { LinkPurpose } from '../../src/store/links.ts'
import type { Note } from '../../src/types.ts'
import { layOutNote } from '../../src/work/note.ts'
import type { NoteExtras } from '../../src/work/note.ts'

const HOME = 'https://deskloop.example'
const RULES = { highScore: 0.85 }
const FONT = 'system-ui, sans-serif'

// Width of the column and the colour of an internal note, as near as a plain page comes to each helpdesk.
const DESKS = {
  zendesk: { width: 560, css: `font: 14px/1.45 ${FONT}; background: #fff8ed; border: 1px solid #fcdba9`, render: renderZendesk },
  intercom: { width: 380, css: `font: 14px/1.5 ${FONT}; background: #fff6d6; border-radius: 10px`, render: renderIntercom },
  freshdesk: { width: 520, css: `font: 14px/1.5 ${FONT}; background: #fef1e1; border-left: 3px solid #e4b16b`, render: renderFreshdesk }
}

const usual: DraftRow = {
  connection: 'quay', ticketId: '48390', questionId: 'm-1', key: 'dl-7f3k2qmvbx5ya', askedAt: '2026-11-02T10:44:00Z', basis: 'm-1',
  language: 'en', topic: 'locker › second key', score: 0.91, threshold: 0.6, action: 'note', reason: '',
  text: 'Hi Dana,\n\nyou can have a second key at the boathouse. Bring the card of your locker and 25 crowns for the deposit: the warden writes your name into the book, and the key is yours until the season ends.\n\nThe boathouse is open from 9:30 to 17:00:\n- Monday to Friday\n- on the first Saturday of the month\n\nBest regards\nMira',
  sources: ['48211', '48107', '47920', '47313'].map(ticketId => ({ connection: 'quay', ticketId, similarity: 0.8 }))
}

const tried = [{ text: 'Please ask the warden for the key; he keeps a list of all lockers in the cabin behind the crane.', at: '2026-11-01T15:12:00Z' }]
const frame = { language: 'en', timeZone: 'Europe/Berlin' }
const context = ['on Lockers › Keys, 4 min before asking', 'plan Starter']

const NOTES: Record<string, Note> = {
  high: layOut(usual, {}),
  medium: layOut({ ...usual, score: 0.68 }, { tried }),
  blanks: layOut({ ...usual, score: 0.9, text: 'Hi [name],\n\nyour berth [number] is paid until [date].' }, {}),
  replaces: layOut(usual, { replaces: { at: '2026-11-02T10:42:00Z', inPlace: false } }),
  updated: layOut(usual, { replaces: { at: '2026-11-02T10:42:00Z', inPlace: true } }),
  used: layOut(usual, { used: { at: '2026-11-02T10:51:00Z', outcome: 'edited', similarity: 0.83 } }),
  german: layOut({ ...usual, score: 0.7 }, { tried, frame: { language: 'de', timeZone: 'Europe/Berlin' } })
}

const [folder = '/tmp/note-shots', executablePath = '/usr/bin/chromium'] = process.argv.slice(2)
mkdirSync(folder, { recursive: true })
const browser = await chromium.launch({ executablePath, args: ['--no-sandbox'] })
try {
  for (const [desk, { width, css, render }] of Object.entries(DESKS)) {
    for (const [name, note] of Object.entries(NOTES)) {
      const page = await browser.newPage({ viewport: { width: width + 40, height: 200 } })
      await page.setContent(`<!doctype html><meta charset="utf-8"><body style="margin:20px;background:#fff"><div style="${css};width:${width}px;box-sizing:border-box;padding:12px 16px;overflow-wrap:anywhere">${render(note)}</div></body>`)
      await page.screenshot({ path: join(folder, `${desk}-${name}.png`), fullPage: true })
      await page.close()
    }
  }
} finally {
  await browser.close()
}

function layOut (draft: DraftRow, extras: NoteExtras): Note {
  const link = (purpose: LinkPurpose): string => HOME + makeLink(Buffer.alloc(32), purpose, draft.key, 1_793_616_000)
  const links = { open: link('open'), wrong: link('wrong'), quiet: link('quiet') }
  return layOutNote(draft, RULES, HOME, context, { frame, links, ...extras })
}
