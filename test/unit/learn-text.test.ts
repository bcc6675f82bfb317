// Text as people wrote it becomes text we can compare, and nothing a stranger sends makes it do anything else.
import fc from 'fast-check'
import { cutBytes, cutQuotes, eitherToText, escapeHtml, htmlToText, plainText, textToHtml, toInstant, words } from '../../src/text.ts'

const MARKS = [
  ' ', '\t', '\n', '\r\n', '\n\n\n', '\u00A0', '\u2028', '\0', '\u200B', '\uFEFF', '\u202E', '\uD800', '<', '>', '</p>', '<br>', '<!--', '-->',
  '<script>', '&', '&amp;', '&lt;', '&#60;', '&nbsp;', '"', '\'', '-', '😀', 'é', 'ß', '日本', '\u{1D5CD}'
]
const raw = fc.array(fc.oneof(fc.constantFrom(...MARKS), fc.string({ maxLength: 5 })), { maxLength: 25 }).map(l => l.join(''))

describe('plain text', () => {
  test.each([
    ['  a \t b\u00A0c  ', 'a b c'],
    ['a\r\nb\rc\u2028d', 'a\nb\nc\nd'],
    ['\n\na\n \n\n\nb\n\n', 'a\n\nb'],
    ['a\0b', 'a\uFFFDb'],
    ['a\uD800b', 'a\uFFFDb'],
    ['pay\u200Bpal \u202Egnp.exe', 'paypal gnp.exe'],
    ['ig\u{E0041}nore\u{FE0F}', 'ignore'],
    ['cafe\u0301', 'café'],
    ['', ''],
    [' \n ', '']
  ])('%j becomes %j', (before, after) => {
    expect(plainText(before)).toBe(after)
  })

  test('has one form: trimmed lines, single blanks, at most one empty line, nothing invisible', () => {
    fc.assert(fc.property(raw, text => {
      const plain = plainText(text)
      expect(plain.isWellFormed()).toBe(true)
      expect(plain).not.toMatch(/\n\n\n| {2}|^\s|\s$|\0|\r|[\u200B\uFEFF\u202E]/u)
      expect(plain.split('\n').every(line => line === line.trim())).toBe(true)
    }), { numRuns: 300 })
  })

  test('is cut at 64 kB, at a character', () => {
    expect(plainText('a'.repeat(70_000))).toHaveLength(65_536)
    expect(Buffer.byteLength(plainText('日'.repeat(70_000)))).toBeLessThanOrEqual(65_536)
    expect(plainText('日'.repeat(70_000)).endsWith('日')).toBe(true)
  })

  test('is at most 64 kB, whatever it is made of', () => {
    expect(Buffer.byteLength(plainText('\0'.repeat(65_536)))).toBeLessThanOrEqual(65_536)
  })

  test('is plain: making it plain again changes nothing', () => {
    const hidden = 'e\u200B\u0301'
    expect(plainText(plainText(hidden))).toBe(plainText(hidden))
  })
})

describe('html', () => {
  test('there and back again is the same text', () => {
    fc.assert(fc.property(raw, text => {
      // An accent after something invisible is left to its own test
      fc.pre(plainText(plainText(text)) === plainText(text))
      expect(htmlToText(textToHtml(plainText(text)))).toBe(plainText(text))
    }), { numRuns: 500 })
  })

  test('what is escaped is text, and only text', () => {
    fc.assert(fc.property(raw, text => {
      expect(escapeHtml(text)).not.toMatch(/[<>"']|&(?!(amp|lt|gt|quot|#39);)/)
      expect(htmlToText(`<b>${escapeHtml(text)}</b>`)).toBe(plainText(text.replace(/\s+/g, ' ')))
    }), { numRuns: 200 })
  })

  test.each([
    ['<p>One</p><p>Two<br>three</p>', 'One\n\nTwo\nthree'],
    ['<div>One<br>Two</div>three', 'One\nTwo\nthree'],
    ['<ul><li>One</li><li>Two</li></ul>', '- One\n- Two'],
    ['<p>x</p><table><tr><td>a</td><td>b</td></tr></table>', 'x\n\na b'],
    ['See <a href="https://help.example/x?a=1&amp;b=2">the page</a>.', 'See the page (https://help.example/x?a=1&b=2).'],
    ['<a href=\'https://help.example\'>https://help.example</a>', 'https://help.example'],
    ['<a href="javascript:alert(1)">press</a>', 'press'],
    ['a<script>alert("<p>x</p>")</script>b<style>p{}</style>c', 'abc'],
    ['<title>T</title>x<!-- <p>hidden</p> -->y', 'xy'],
    ['1 &lt; 2 &amp;&amp; 3 &gt; 2 &euro; &#8364; &#x20AC;', '1 < 2 && 3 > 2 € € €'],
    ['&unknown; &amp &;', '&unknown; &amp &;'],
    ['&#0; &#x110000; &#xD800;', '\uFFFD \uFFFD \uFFFD'],
    ['&amp;lt;b&amp;gt;', '&lt;b&gt;'],
    ['2 < 3 and 5 > 4', '2 < 3 and 5 > 4'],
    ['a < b', 'a < b'],
    ['a <', 'a <'],
    ['<P>One</P>\n  two\n', 'One\n\ntwo'],
    ['x<!-- <p>never closed', 'x'],
    ['x<!-- no bracket closes it', 'x<!-- no bracket closes it'],
    ['<script>never closed', '']
  ])('%j says %j', (html, text) => {
    expect(htmlToText(html)).toBe(text)
  })

  test.each([
    '<img src=x onerror=alert(1)>', '<svg/onload=alert(1)>', '<scr<script>ipt>alert(1)</script>', '<<script>>', '</p></p></div>',
    '<a href="https://x.example', '<a><a><a></a></a>', '<!---->', '<!-->', '<', '>', '<>', '</>', '<p', '&#99999999;', '&#x;', '<p \0>'
  ])('hostile or broken: %j leaves no element behind', html => {
    expect(htmlToText(html)).not.toMatch(/<(img|svg|script|a|p)\b[^>]*>/i)
  })

  test('any text is read as html without a fault, and what comes out is plain', () => {
    fc.assert(fc.property(raw, html => {
      const text = htmlToText(html)
      fc.pre(plainText(plainText(text)) === plainText(text))
      expect(plainText(text)).toBe(text)
    }), { numRuns: 300 })
  })

  test('a body is html when it begins with a tag', () => {
    expect(eitherToText(' <p>a &amp; b</p>')).toBe('a & b')
    expect(eitherToText('<!-- mail --><p>a &amp; b</p>')).toBe('a & b')
    expect(eitherToText('a &amp; <b>b</b>')).toBe('a &amp; <b>b</b>')
    expect(eitherToText('<3 it')).toBe('<3 it')
  })

  test('a long mail of nothing but tags comes back', () => {
    for (const part of ['<p>', '<div><a href="x">', '<!---->', '&amp;', '<li>', '</a>', '<script>']) {
      expect(htmlToText(part.repeat(Math.ceil(300_000 / part.length)))).not.toContain('<p>')
    }
  })

  test.each([
    ['<div>One</div><div>Two</div>', 'One\nTwo'], ['<div>\n<div>One</div>\n<div>Two</div>\n</div>', 'One\nTwo'],
    ['<table><tr><td>a</td></tr><tr><td>b</td></tr></table>', 'a\nb']
  ])('lines stay together: %j', (html, text) => {
    expect(htmlToText(html)).toBe(text)
  })

  test('a mail that says which html it is does not say so to people', () => {
    expect(eitherToText('<!DOCTYPE html><p>Hello</p>')).toBe('Hello')
  })

  test('an entity that is the name of a function is text', () => {
    expect(htmlToText('<p>&toString; &valueOf;</p>')).toBe('&toString; &valueOf;')
  })

  test('a bracket inside an attribute does not end the tag', () => {
    expect(htmlToText('<p><a title="1 > 0" href="https://help.example">here</a></p>')).toBe('here (https://help.example)')
  })
})

describe('quotes', () => {
  const ANSWER = 'Yes, that is right.\nThank you!'

  test.each([
    ['English', 'On Mon, 2 Nov 2026 at 10:12, Mia Stone <mia@stone.example> wrote:'],
    ['German', 'Am 02.11.2026 um 10:12 schrieb Jonas Baum <jonas@baum.example>:'],
    ['French', 'Le lun. 2 nov. 2026 à 10:12, Lucie Petit <lucie@petit.example> a écrit :'],
    ['Italian', 'Il giorno lun 2 nov 2026 alle ore 10:12 Carla Riva <carla@riva.example> ha scritto:'],
    ['Dutch', 'Op ma 2 nov 2026 om 10:12 schreef Femke Dijk <femke@dijk.example>:'],
    ['English, older', '-----Original Message-----'],
    ['forwarded', '---------- Forwarded message ---------'],
    ['German, older', '-----Ursprüngliche Nachricht-----'],
    ['German, oldest', '-- Urspruengliche Nachricht --']
  ])('%s history is cut from its first line on', (_name, line) => {
    expect(cutQuotes(`${ANSWER}\n\n${line}\n> What I asked\n> before`)).toBe(ANSWER)
    expect(cutQuotes(`${ANSWER}\n\n${line}\nWhat I asked\nbefore`)).toBe(ANSWER)
  })

  test('Spanish history is cut too', () => {
    const line = 'El lun, 2 nov 2026 a las 10:12, Ana Ruiz (<ana@ruiz.example>) escribió:'
    expect(cutQuotes(`${ANSWER}\n\n${line}\n> What I asked`)).toBe(ANSWER)
  })

  test('quoted lines at the end are cut, between others they stay', () => {
    expect(cutQuotes(`${ANSWER}\n> What I asked\n\n> before`)).toBe(ANSWER)
    const between = `> Is it so?\n${ANSWER}\n> And this?\nNo.`
    expect(cutQuotes(between)).toBe(between)
  })

  test.each([
    'On Monday we wrote: nothing', 'Am Montag schrieb mir keiner', 'I wrote:\nhello', '---', '> only a quote',
    'On Mon, 2 Nov 2026, Mia wrote:\nwhat stands at the very beginning is no history', ''
  ])('%j is nobody\'s history', text => {
    expect(cutQuotes(text)).toBe(text)
  })

  test('a message of nothing but quoted lines keeps all of them', () => {
    expect(cutQuotes('> only a quote\n> and nothing else')).toBe('> only a quote\n> and nothing else')
  })

  test('many quoted lines before a last word are read in a moment', () => {
    const text = `x\n${'>\n'.repeat(8_000)}y`
    const tookMs = [1, 2].map(() => {
      const startedMs = performance.now()
      cutQuotes(text)
      return performance.now() - startedMs
    })
    expect(Math.min(...tookMs)).toBeLessThan(50)
  })
})

describe('bytes, words and instants', () => {
  test('a text is cut to so many bytes, never inside a character, and never shorter than it must be', () => {
    const text = fc.string({ unit: 'grapheme', maxLength: 60 })
    fc.assert(fc.property(text, fc.integer({ min: 0, max: 120 }), (whole, bytes) => {
      const cut = cutBytes(whole, bytes)
      expect(cut.isWellFormed()).toBe(true)
      expect(whole.startsWith(cut)).toBe(true)
      expect(Buffer.byteLength(cut)).toBeLessThanOrEqual(bytes)
      const next = String.fromCodePoint(whole.codePointAt(cut.length) ?? 0)
      if (cut !== whole) expect(Buffer.byteLength(cut + next)).toBeGreaterThan(bytes)
    }), { numRuns: 300 })
    expect([0, 1, 2, 3, 4, 5].map(n => cutBytes('é😀', n))).toEqual(['', '', 'é', 'é', 'é', 'é'])
    expect(cutBytes('é😀', 6)).toBe('é😀')
  })

  test('words are lower case, letters and digits with inner apostrophes', () => {
    expect(words('Don\'t wait: l’été, ÄRGER 3x — 日本 ’quoted’ _x_')).toEqual(['don\'t', 'wait', 'l’été', 'ärger', '3x', '日本', 'quoted', 'x'])
    expect(words('… — !')).toEqual([])
  })

  test.each<[unknown, string | null]>([
    ['2026-11-02T09:10:11Z', '2026-11-02T09:10:11Z'],
    ['2026-11-02T09:10:11.987Z', '2026-11-02T09:10:11Z'],
    ['2026-11-02T10:10:11+01:00', '2026-11-02T09:10:11Z'],
    ['2026-11-02T23:59:59-08:00', '2026-11-03T07:59:59Z'],
    ['2026-11-02', '2026-11-02T00:00:00Z'],
    ['2026-11-02 09:10:11 UTC', '2026-11-02T09:10:11Z'],
    [1_793_610_611, '2026-11-02T09:10:11Z'],
    [1_793_610_611_987, '2026-11-02T09:10:11Z'],
    [0, '1970-01-01T00:00:00Z'],
    ['', null], ['soon', null], [null, null], [undefined, null], [NaN, null], [Infinity, null], [{}, null], [true, null],
    ['2026-13-45T00:00:00Z', null], [[], null]
  ])('%j is the instant %j', (value, instant) => {
    expect(toInstant(value)).toBe(instant)
  })

  test('an instant of a hostile body is none, and is no fault either', () => {
    expect(toInstant(JSON.parse('{"toString":1}'))).toBeNull()
  })

  test('an instant has one form, or it is none', () => {
    expect(toInstant(8.64e15) ?? '9999-12-31T23:59:59Z').toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/)
  })
})
