// What a note says: line one, the draft alone between two rules, then why; in the agents' language, within twelve lines.
import { renderNote as renderFreshdesk } from '../../connectors/freshdesk/note.ts'
import { renderNote as renderIntercom } from '../../connectors/intercom/note.ts'
import { renderNote as renderZendesk } from '../../connectors/zendesk/note.ts'
import type { DraftRow } from '../../src/store/drafts.ts'
import { htmlToText } from '../../src/text.ts'
import { NOTE_LANGUAGES, wordsIn } from '../../src/work/note-words.ts'
import { layOutNote, renderNoteText, timeIn } from '../../src/work/note.ts'
import type { NoteExtras } from '../../src/work/note.ts'

const RULES = { highScore: 0.85 }
const HOME = 'https://deskloop.example'
const LINKS = { open: `${HOME}/note/open/k`, wrong: `${HOME}/note/wrong/k`, quiet: `${HOME}/note/quiet/k` }
const RENDERERS = { zendesk: renderZendesk, intercom: renderIntercom, freshdesk: renderFreshdesk }

test('sure: line one says how sure and about what; below stand why and the links', () => {
  expect(said({ score: 0.91 }, { links: LINKS })).toBe(`AI draft · private · High confidence (91%) · locker key
--------------------------------------------------------------
Hello Ole,

the second key costs 25 crowns.
--------------------------------------------------------------
Why    agents answered 2 similar tickets like this, e.g. #12, #40
Send your own version as usual: we learn from what you send.
Open draft: ${LINKS.open} · Wrong or outdated?: ${LINKS.wrong} · No drafts on this ticket: ${LINKS.quiet} · dl-notelayouttst`)
})

test('less sure: what to check comes first, and it is what makes an answer wrong', () => {
  const text = 'It costs 25 crowns, see https://saltmarsh.example/keys. The office opens at 9:30, room 4, until 17.00.'
  expect(factsOf({ score: 0.72, text })).toEqual([
    ['Check', 'is this still right: 25, https://saltmarsh.example/keys, 9:30?'],
    ['Why', 'agents answered 2 similar tickets like this, e.g. #12, #40']
  ])
  expect(said({ score: 0.72, text }).split('\n')[0]).toBe('AI draft · private · Medium confidence (72%) · locker key')
  expect(factsOf({ score: 0.72, text: 'Please ring the bell.' }).map(([label]) => label)).toEqual(['Why'])
})

test('a draft with blanks is never high, and says first what to fill in', () => {
  const text = 'Invoice [number] was sent to [email address], [number] again.'
  expect(said({ score: 0.97, text }).split('\n')[0]).toContain('Medium confidence (97%)')
  expect(factsOf({ score: 0.97, text })[0]).toEqual(['Fill in', '[number], [email address]'])
})

test('what was tried, the customer’s language, and what the customer did', () => {
  const tried = [
    { text: 'an old answer', at: '2026-10-01T08:00:00Z' }, { text: 'Please ring   the bell.\n\nTwice.', at: '2026-11-01T16:05:00Z' },
    { text: 'Then ask for Halvard, who has been looking after the keys of the boathouse since the warden left us.', at: '2026-11-02T08:05:00Z' }
  ]
  const facts = factsOf({ score: 0.9, language: 'de' }, { tried }, ['on Keys, 4 min before asking'])
  expect(facts.slice(1)).toEqual([
    ['Context', 'on Keys, 4 min before asking'],
    ['Tried', '“Please ring the bell. Twice.” (1 Nov 16:05 UTC); “Then ask for Halvard, who has been looking after the keys of the boathouse since the…” (08:05 UTC)'],
    ['Language', 'the customer writes German, and so does the draft']
  ])
  expect(factsOf({ language: 'und' })).toHaveLength(1)
})

test('a note that replaces another begins with it; one that was changed in place says when', () => {
  const at = '2026-11-02T10:42:00Z'
  expect(said({}, { replaces: { at, inPlace: false } })).toMatch(/^Replaces the draft of 10:42 UTC · AI draft · private · High/)
  expect(said({}, { replaces: { at, inPlace: true } }).split('\n')[0]).toBe('AI draft · private · High confidence (90%) · locker key · updated 11:00 UTC')
})

test('what became of it: only the draft is still linked', () => {
  const at = '2026-11-02T10:51:00Z'
  const ends = (outcome: 'as_is' | 'edited' | 'replaced'): string | undefined =>
    said({}, { links: LINKS, used: { at, outcome, similarity: 0.83 } }).split('\n').at(-2)
  expect(ends('edited')).toBe('Used 10:51 UTC · edited 17 %')
  expect([ends('as_is'), ends('replaced')]).toEqual(['Used 10:51 UTC · sent as it is', 'Answered 10:51 UTC in other words'])
  expect(said({}, { links: LINKS, used: { at, outcome: 'as_is', similarity: 1 } }).split('\n').at(-1))
    .toBe(`Open draft: ${LINKS.open} · dl-notelayouttst`)
})

test('times are those of the agents', () => {
  const berlin = { language: 'de', timeZone: 'Europe/Berlin' }
  expect(timeIn(berlin, '2026-11-02T09:42:00Z')).toBe('10:42')
  expect(timeIn(berlin, '2026-11-01T23:30:00Z', '2026-11-02T09:00:00Z')).toBe('00:30')     // the same day in Berlin
  expect(timeIn(berlin, '2026-10-31T09:42:00Z', '2026-11-02T09:00:00Z')).toBe('31. Okt. 10:42')
})

describe.each([...NOTE_LANGUAGES])('the frame in %s', language => {
  const everything: NoteExtras = {
    frame: { language, timeZone: 'Europe/Berlin' }, links: LINKS, replaces: { at: '2026-11-02T10:42:00Z', inPlace: false },
    tried: [{ text: 'Please ring the bell.', at: '2026-11-02T08:05:00Z' }]
  }
  const draft = draftOf({ score: 0.7, language: language === 'de' ? 'fr' : 'de', text: 'Eins.\n\nZwei 22.\nDrei.' })

  test('says everything in its own words', () => {
    const texts = (words: object): string[] => Object.values(words).map(w => typeof w === 'function' ? String(w('a', 'b')) : String(w))
    const own = texts(wordsIn(language))
    expect(own.filter(t => t.trim() === '' || t.includes('undefined'))).toEqual([])
    const english = texts(wordsIn('en'))
    const same = own.filter((t, i) => language !== 'en' && t === english[i])
    expect(same.length).toBeLessThanOrEqual(2)      // `Context` is Dutch, too
  })

  test.each(Object.entries(RENDERERS))('fits: at most twelve lines besides the draft, which stands alone (%s)', (_, render) => {
    const text = htmlToText(render(layOutNote(draft, RULES, HOME, ['on Keys, 4 min before asking'], everything)).replaceAll('<hr>', '<p>————</p>'))
    const [head = '', body, below = ''] = text.split(/\n*—{4,}\n*/)
    expect(body?.replace(/\n+/g, '\n')).toBe('Eins.\nZwei 22.\nDrei.')
    expect(`${head}\n${below}`.split('\n').filter(line => line !== '').length).toBeLessThanOrEqual(12)
    expect(head.startsWith(wordsIn(language).replaces('11:42'))).toBe(true)
    expect(below.endsWith(draft.key)).toBe(true)
  })
})

test('an unknown language is framed in English', () => {
  expect([wordsIn('xx').openDraft, wordsIn('constructor').openDraft]).toEqual(['Open draft', 'Open draft'])
})

test('hostile words stay words wherever they stand', () => {
  const hostile = '<img src=x onerror=alert(1)>'
  const sources = [{ connection: 'quay', ticketId: hostile, similarity: 1 }]
  const draft = draftOf({ topic: hostile, text: hostile, score: 0.7, sources })
  const tried = [{ text: hostile, at: draft.askedAt }]
  const note = layOutNote(draft, RULES, HOME, [hostile], { tried, links: LINKS })
  for (const render of Object.values(RENDERERS)) {
    expect(render(note)).not.toContain('<img')
    expect(htmlToText(render(note)).split(hostile).length - 1).toBe(5)
  }
})

function draftOf (over: Partial<DraftRow> = {}): DraftRow {
  return {
    connection: 'quay', ticketId: '7', questionId: 'm-1', key: 'dl-notelayouttst', askedAt: '2026-11-02T11:00:00Z', basis: 'm-1',
    language: 'en', text: 'Hello Ole,\n\nthe second key costs 25 crowns.', topic: 'locker key', score: 0.9, threshold: 0.5, action: 'note',
    reason: '', sources: [{ connection: 'quay', ticketId: '12', similarity: 0.8 }, { connection: 'quay', ticketId: '40', similarity: 0.7 }],
    ...over
  }
}

function said (over: Partial<DraftRow> = {}, extras: NoteExtras = {}): string {
  return renderNoteText(layOutNote(draftOf(over), RULES, HOME, [], extras))
}

function factsOf (over: Partial<DraftRow> = {}, extras: NoteExtras = {}, context: string[] = []): string[][] {
  const part = layOutNote(draftOf(over), RULES, HOME, context, extras).parts.find(p => p.kind === 'facts')
  return part?.kind === 'facts' ? part.items.map(item => [item.label, item.text]) : []
}
