// What a draft was worth: the words that carry the answer decide, not the greeting, and a wrong number is never light.
import fc from 'fast-check'
import { compareReply, coreOf, withoutSignature, wordF1 } from '../../src/learn/reward.ts'

// So many words of `kept`, the rest its own: a pair of texts whose similarity is known.
function reply (kept: number, own: string, length = 100): string {
  return Array.from({ length }, (_, i) => i < kept ? `kept${letters(i)}` : `${own}${letters(i)}`).join(' ')
}

function letters (n: number): string {
  return String.fromCharCode(97 + Math.floor(n / 26) % 26, 97 + n % 26)
}

const text = fc.array(fc.constantFrom(
  'please', 'open', 'the', 'settings', '14', '€ 19.50', 'https://help.example/a', '\n', '\n\n', 'Hi Mia,', 'Best,',
  '> no', 'ß', '日本'
), { maxLength: 30 }).map(list => list.join(' '))

describe('the borders', () => {
  test.each([
    [100, 'as_is', 1, true], [97, 'as_is', 1, true],
    [96, 'edited', 1, true], [90, 'edited', 1, true], [75, 'edited', 0.75, true], [61, 'edited', 0.31 / 0.6, true],
    [59, 'edited', 0.29 / 0.6, false], [40, 'edited', 0.1 / 0.6, false],
    [39, 'replaced', 0.09 / 0.6, false], [30, 'replaced', 0, false], [0, 'replaced', 0, false]
  ] as const)('of a hundred words %i kept: %s', (kept, outcome, reward, light) => {
    const judged = compareReply(reply(kept, 'draft'), reply(kept, 'sent'))
    expect(judged).toMatchObject({ outcome, light, critical: false })
    expect(judged.similarity).toBeCloseTo(kept / 100, 10)
    expect(judged.reward).toBeCloseTo(reward, 10)
  })

  test('words that changed their places did not survive', () => {
    const list = reply(30, 'x', 30).split(' ')
    expect(compareReply(list.join(' '), list.toReversed().join(' ')).outcome).toBe('replaced')
  })

  test('case, punctuation and line breaks are no edit', () => {
    const judged = compareReply('Open the settings, then choose Export.', 'open the Settings – then choose\n\n"Export"!')
    expect(judged).toEqual({ outcome: 'as_is', similarity: 1, reward: 1, light: true, critical: false })
  })

  test('nothing was worth nothing', () => {
    const nothing = { outcome: 'replaced', similarity: 0, reward: 0, light: false, critical: false }
    expect(compareReply('', 'Please reload the page.')).toEqual(nothing)
    expect(compareReply('Please reload the page.', '')).toEqual(nothing)
    expect(compareReply('', '')).toEqual(nothing)
  })
})

describe('greeting and sign-off', () => {
  const body = 'Open the settings and choose the second tab.\n\nThere you can add a branch.'

  test.each([
    ['English', 'Hi Mia,', 'Best regards,\nTomas'],
    ['English, formal', 'Dear Ms Okafor,', 'Yours sincerely,\nTomas Lind\nRosterly'],
    ['English, short', 'Good morning', 'Cheers,\nTomas'],
    ['German', 'Hallo Jonas,', 'Viele Grüße\nKatrin'],
    ['German, formal', 'Sehr geehrte Frau Klein,', 'Mit freundlichen Grüßen\nKatrin Voss'],
    ['German, as in Bern', 'Guten Tag Herr Baum,', 'Freundliche Grüsse aus Bern\nKatrin'],
    ['French', 'Bonjour Madame Petit,', 'Bien cordialement,\nLucie'],
    ['French, dear', 'Chère Madame,', 'Cordialement\nLucie'],
    ['Spanish', 'Hola Ana:', 'Un saludo,\nPablo'],
    ['Spanish, formal', 'Estimada Ana:', 'Saludos\nPablo'],
    ['Italian', 'Buongiorno Carla,', 'Cordiali saluti,\nMarta'],
    ['Portuguese', 'Olá Rui,', 'Atenciosamente,\nInês'],
    ['Dutch', 'Hoi Femke,', 'Met vriendelijke groet,\nBram']
  ])('%s ones do not matter', (_language, greeting, signOff) => {
    const dressed = `${greeting}\n\n${body}\n\n${signOff}`
    expect(coreOf(dressed)).toBe(body)
    expect(compareReply(body, dressed)).toMatchObject({ outcome: 'as_is', similarity: 1, critical: false })
    expect(compareReply(dressed, `Hello there,\n${body}\n\nThanks again,\nOla`)).toMatchObject({ outcome: 'as_is', similarity: 1 })
  })

  test('quoted history is no part of the reply', () => {
    const quoted = `${body}\n\nOn Mon, 2 Nov 2026 at 10:12, Mia Stone <mia@stone.example> wrote:\n> It costs 900 euros`
    expect(compareReply(body, quoted)).toMatchObject({ outcome: 'as_is', similarity: 1 })
  })

  test('a sentence that begins like a greeting or a sign-off stays', () => {
    const sentence = 'Hi there is a button for it in the second tab.\nDear customers see it first.'
    expect(coreOf(sentence)).toBe(sentence)
    expect(coreOf('Highlight the row.\nThen copy it.')).toBe('Highlight the row.\nThen copy it.')
    expect(coreOf('Open it.\nBest of all is the second tab.\nIt is new.')).toContain('second tab')
  })

  test('a text of nothing but a greeting keeps it', () => {
    expect(coreOf('Hello Mia,')).toBe('Hello Mia,')
  })
})

describe('numbers and addresses', () => {
  const draft = 'You can send it back within 14 days, see https://help.example/returns for how.'

  test.each([
    ['a changed number', draft.replace('14', '30')],
    ['a number that is gone', draft.replace('within 14 days', 'soon')],
    ['a changed address', draft.replace('/returns', '/refunds')],
    ['an address that is gone', draft.replace(', see https://help.example/returns for how', '')],
    ['a changed price', draft.replace('14 days', '14.50 days')]
  ])('%s is critical, however little else was changed', (_name, sent) => {
    const judged = compareReply(draft, sent)
    expect(judged).toMatchObject({ critical: true, light: false })
    expect(judged.reward).toBeLessThanOrEqual(0.3)
  })

  test('one of two equal numbers counts when it goes', () => {
    expect(compareReply('Wait 5 minutes, then try it 5 times.', 'Wait 5 minutes, then try it six times.').critical).toBe(true)
  })

  test.each([
    ['an added number', draft.replace('for how', 'for how, page 3')],
    ['an added address', `${draft} Or write to https://desk.example/form`],
    ['another word', draft.replace('send it back', 'return it')]
  ])('%s is an edit like any other', (_name, sent) => {
    expect(compareReply(draft, sent)).toMatchObject({ critical: false, light: true })
  })

  test('numbers of greeting, sign-off and quotes are nobody\'s facts', () => {
    const dressed = `Hi Mia 2,\n\n${draft}\n\nBest regards,\nTomas, extension 771\n\n-----Original Message-----\n25 euros`
    expect(compareReply(dressed, draft)).toMatchObject({ outcome: 'as_is', critical: false })
  })

  test('the full stop after an address is no part of it', () => {
    expect(compareReply('All of it is explained at https://help.example/a.', 'All of it is explained at https://help.example/a, Mia')).toMatchObject({ critical: false })
  })

  test('a changed number is critical in a long reply too', () => {
    const long = `${reply(40, '', 40)} it costs 19 euros`
    expect(compareReply(long, long.replace('19', '23'))).toMatchObject({ critical: true, light: false })
  })
})

describe('in general', () => {
  test('every value is in its range, and a text compared with itself is as is', () => {
    fc.assert(fc.property(text, text, (a, b) => {
      const judged = compareReply(a, b)
      for (const share of [judged.similarity, judged.reward]) {
        expect(share).toBeGreaterThanOrEqual(0)
        expect(share).toBeLessThanOrEqual(1)
      }
      expect(judged.light).toBe(judged.reward >= 0.5)
      expect(compareReply(a, b)).toEqual(judged)
      if (/[\p{L}\p{N}]/u.test(coreOf(a))) expect(compareReply(a, a)).toMatchObject({ outcome: 'as_is', reward: 1 })
    }), { numRuns: 200 })
  })

  test('similarity is the same from both sides', () => {
    fc.assert(fc.property(text, text, (a, b) => {
      expect(compareReply(a, b).similarity).toBe(compareReply(b, a).similarity)
    }), { numRuns: 200 })
  })

  test('the core is cut once: cutting it again takes no words of the answer', () => {
    const body = fc.constantFrom('Reload the page.', 'Ask your admin to\nopen the second tab.', 'Es liegt unter\n\nBüro.')
    fc.assert(fc.property(body, b => { expect(coreOf(coreOf(`Hi Mia,\n${b}\nBest,\nOla`))).toBe(b) }))
  })

  test('texts of 100 kB come back', () => {
    for (const part of ['word ', 'a', '7', 'Hi Mia, hello\n', 'thanks ', 'https://x.example/', ' ,', 'On a wrote:\n']) {
      const long = part.repeat(Math.ceil(100_000 / part.length))
      expect(compareReply(long, `${long}x`).similarity).toBeGreaterThanOrEqual(0)
      expect(compareReply('Reload the page.', long).outcome).toBe('replaced')
    }
  })

  test('overlap of words: nothing in common is 0, the same is 1, repeats count once each', () => {
    const word = fc.array(fc.constantFrom('a', 'b', 'c', 'constructor'), { maxLength: 8 })
    fc.assert(fc.property(word, word, (a, b) => {
      const f1 = wordF1(a, b)
      expect(f1).toBeGreaterThanOrEqual(0)
      expect(f1).toBeLessThanOrEqual(1)
      expect(wordF1(b, a)).toBe(f1)
      if (a.length > 0) expect(wordF1(a, a.toReversed())).toBe(1)
    }))
    expect(wordF1(['a'], ['b'])).toBe(0)
    expect(wordF1(['a', 'a', 'b'], ['a', 'c', 'c'])).toBeCloseTo(1 / 3)
    expect(wordF1([], [])).toBe(0)
  })
})

describe('a customer\'s signature', () => {
  test.each([
    ['How do I move a berth?\n\nKind regards\nQuentin Merrow\nMerrow & Sons', 'How do I move a berth?'],
    ['Wo ist der Plan?\nMit freundlichen Grüßen\nHeike Freitag', 'Wo ist der Plan?'],
    ['It fails.\nThanks', 'It fails.']
  ])('is left out: %j', (text, rest) => expect(withoutSignature(text)).toBe(rest))

  test.each([
    'Thanks\nQuentin', 'Please look.\nThanks\nPS: since this morning the gate asks all of us for a code that nobody has',
    'Best\nof all would be a list.', 'no sign-off here', ''
  ])('is not what says something: %j', text => expect(withoutSignature(text)).toBe(text))
})
