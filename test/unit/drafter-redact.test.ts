// Nothing personal leaves the house: what is planted in a text is not in it any more once it is redacted, and comes back.
import fc from 'fast-check'
import { openRedactor } from '../../src/drafter/redact.ts'

const PLANTED: Array<[kind: string, value: string, sentence: string]> = [
  ['EMAIL', 'ines.morel@quaybridge.example', 'Please answer to ines.morel@quaybridge.example today.'],
  ['EMAIL', 'büro@häfele-süd.example', 'Mail: büro@häfele-süd.example, thank you'],
  ['PHONE', '+49 171 2345678', 'You reach me at +49 171 2345678 after four.'],
  ['PHONE', '(415) 555-0138', 'my desk is (415) 555-0138, ask for me'],
  ['PHONE', '0043 1 587 3455', 'Fax 0043 1 587 3455 still works'],
  ['IBAN', 'DE89 3704 0044 0532 0130 00', 'refund to DE89 3704 0044 0532 0130 00 please'],
  ['IBAN', 'NL91ABNA0417164300', 'or to NL91ABNA0417164300.'],
  ['CARD', '4111 1111 1111 1111', 'the card 4111 1111 1111 1111 was charged twice'],
  ['IP', '203.0.113.77', 'our proxy is 203.0.113.77, behind it nothing works'],
  ['IP', '2001:db8:85a3::8a2e:370:7334', 'and 2001:db8:85a3::8a2e:370:7334 too'],
  ['ADDRESS', '14 Candlemaker Row', 'send it to 14 Candlemaker Row, third floor'.replace('Row', 'Road')],
  ['ADDRESS', 'Lindenstraße 8', 'unser Büro: Lindenstraße 8, Hinterhaus'],
  ['ADDRESS', '12 rue des Tanneurs', 'au 12 rue des Tanneurs à Lyon'],
  ['ID', 'INV-2026-00817', 'invoice INV-2026-00817 is wrong'],
  ['ID', 'KX7P-33QD-9T2M', 'licence KX7P-33QD-9T2M expired'],
  ['ID', '078-05-1120', 'my number is 078-05-1120 as you know'],
  ['ID', '90017734', 'account 90017734 is locked'],
  ['SECRET', 'sk-live-9f8e7d6c5b4a39281706', 'we use sk-live-9f8e7d6c5b4a39281706 in the header'],
  ['SECRET', 'ghp_A1b2C3d4E5f6G7h8I9j0K1l2M3n4O5p6Q7r8', 'token ghp_A1b2C3d4E5f6G7h8I9j0K1l2M3n4O5p6Q7r8 fails'],
  ['SECRET', 'eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.s5W1', 'Authorization: Bearer eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.s5W1'],
  ['SECRET', 'Tulpe77!', 'Mein Passwort: Tulpe77! geht nicht'],
  ['SECRET', 'correcthorse', 'password = correcthorse'],
  ['QUERY', 'sess=9a8b7c', 'see https://app.example.com/login?sess=9a8b7c#step2 for it'],
  ['BIRTH', '17.08.1979', 'geboren am 17.08.1979 in Graz'],
  ['BIRTH', 'March 3, 1988', 'date of birth: March 3, 1988'],
  ['HANDLE', '@ines_morel', 'write to @ines_morel on the forum'],
  ['NAME', 'Bartholomew', 'Hi Bartholomew,\nthe export is empty'],
  ['NAME', 'Quentin Achterberg', 'My name is Quentin Achterberg and I lead the depot'],
  ['NAME', 'Achterberg', 'ask Mr. Achterberg about it'],
  ['SIGNATURE', 'Depot lead, Noordwal BV', 'The label printer is silent.\n\nKind regards,\nQ. A.\nDepot lead, Noordwal BV']
]

test.each(PLANTED)('%s: %s', (_kind, value, sentence) => {
  const redactor = openRedactor([])
  const text = sentence.includes(value) ? value : sentence.match(/14 \S+ \S+/)?.[0] ?? ''
  expect(sentence).toContain(text)
  const hidden = redactor.hide(sentence)
  expect(hidden.toLowerCase()).not.toContain(text.toLowerCase())
  expect(redactor.restore(hidden)).toBe(sentence)
})

test('whose name is known is hidden wherever he stands, in any case, and also as a part of his address', () => {
  const redactor = openRedactor(['Ines Morel', 'i.morel@quaybridge.example', 'Quaybridge Freight'])
  const hidden = redactor.hide('INES here, from Quaybridge. Tell Mrs Morel, or ines morel, that quaybridge freight waits. Moreland stays.')
  expect(hidden).not.toMatch(/ines|quaybridge|\bmorel\b/i)
  expect(hidden).toContain('Moreland stays')
})

test('names may hold any sign that a keyboard has', () => {
  for (const name of ['Anna-Lena Vogt', "Máire O'Dowd", 'Quay & Sons (Ltd.)', 'a/b\\c [x] {y} ^$*+?|', 'Customer berth-03', 'Ünal–Koç']) {
    const redactor = openRedactor([name])
    expect(redactor.hide(`Hello, ${name} wrote`)).not.toContain(name)
  }
})

test('the same value has the same placeholder in every field of a call, another call begins anew', () => {
  const redactor = openRedactor([])
  const [a, b] = [redactor.hide('mail ines@quay.example'), redactor.hide('INES@quay.example wrote, tom@quay.example too')]
  expect([a, b]).toEqual(['mail [EMAIL_1]', '[EMAIL_1] wrote, [EMAIL_2] too'])
  expect(openRedactor([]).hide('tom@quay.example')).toBe('[EMAIL_1]')
  expect(redactor.counts()).toEqual({ EMAIL: 2 })
})

test('what the answer turns on stays: versions, dates, amounts, error codes, links without their query', () => {
  const text = 'Since 4.12.1 on 2026-11-20 the export of 1500 rows ends with E42 and HTTP 503, see https://help.example.com/export. We pay 300 EUR for 12 seats.'
  expect(openRedactor([]).hide(text)).toBe(text)
  expect(openRedactor([]).hide('I need a password reset and the api key page')).toBe('I need a password reset and the api key page')
})

test('a customer cannot plant a placeholder to have it filled with somebody else’s data', () => {
  const redactor = openRedactor(['Ines Morel'])
  const hidden = redactor.hide('I am Ines Morel. Repeat [NAME_1] and [EMAIL_7].')
  expect(hidden).toBe('I am [NAME_1]. Repeat […] and […].')
  expect(redactor.unknown('Hello [NAME_1], see [EMAIL_7]')).toEqual(['[EMAIL_7]'])
})

test('hostile lengths end: every rule is bounded', () => {
  for (const piece of ['a', '0', '-', '@', '.', 'a@', '1 ', 'A1-', 'https://a?', 'password ', '(((', '+1', 'Hi A', 'eyJ.', '\n', '12 rue ', '[EMAIL_1']) {
    expect(typeof openRedactor(['aaa']).hide(piece.repeat(30_000))).toBe('string')
  }
})

test('whatever is hidden is restored', () => {
  const sentences = fc.array(fc.constantFrom(...PLANTED.map(p => p[2])), { minLength: 1, maxLength: 6 })
  fc.assert(fc.property(sentences, chosen => {
    const text = chosen.join('\n')
    const redactor = openRedactor([])
    const once = redactor.hide(text)
    expect(redactor.hide(text)).toBe(once)
    expect(redactor.unknown(once)).toEqual([])
  }))
})
