// The rules of escalation as they are shipped, in seven languages and with what must not set them off; and what holds for
// every rule: the same findings in any order, twice as once, and never from what only happens later.
import { readFileSync } from 'node:fs'
import fc from 'fast-check'
import { isRuleEvent, namesHow, noEscalation, readEscalation, ruleOfKey, withEscalations } from '../../src/learn/escalation.ts'
import { findPhrase, readPhrases, sentencesOf } from '../../src/learn/phrases.ts'
import { plus } from '../../src/learn/story.ts'
import type { EscalationCause, EscalationRule, EventFact, TicketEvent } from '../../src/types.ts'

const shipped: { rules: EscalationRule[] } = JSON.parse(readFileSync(new URL('../../config/escalation.json', import.meta.url), 'utf8'))
const escalation = readEscalation(shipped.rules)
const START = '2026-11-02T09:00:00Z'
const PERSON = { id: 'p-7' }

function told (...facts: EventFact[]): TicketEvent[] {
  return facts.map((fact, i) => ({ key: `e-${i}`, connection: 'quay', ticketId: '41', at: plus(START, i * 60), ...fact }))
}

const asks = (text: string, messageId = 'm'): EventFact => ({ kind: 'asked', messageId, text, person: PERSON })
const answers = (agentId: string, by: 'human' | 'bot' = 'human'): EventFact =>
  ({ kind: 'answered', messageId: `a-${agentId}`, agentId, text: 'Please look under Settings.', by })

function fired (...facts: EventFact[]): string[] {
  return escalation.find(told(...facts)).map(e => e.rule.id)
}

describe('what customers write', () => {
  test.each([
    // asked-for-human
    ['asked-for-human', 'Can I please talk to a human?'],
    ['asked-for-human', 'I want to speak with a real person, not a bot'],
    ['asked-for-human', 'Connect me to an agent'],
    ['asked-for-human', 'Ich möchte mit einem Menschen sprechen'],
    ['asked-for-human', 'Kann ich bitte mit einem echten Mitarbeiter verbunden werden?'],
    ['asked-for-human', 'Je voudrais parler à un conseiller'],
    ['asked-for-human', 'Quiero hablar con una persona'],
    ['asked-for-human', 'Vorrei parlare con un operatore'],
    ['asked-for-human', 'Kan ik met een medewerker praten?'],
    ['asked-for-human', 'Quero falar com um atendente'],
    // asked-for-manager
    ['asked-for-manager', 'Let me speak to your manager.'],
    ['asked-for-manager', 'Please escalate this'],
    ['asked-for-manager', 'I would like to make a formal complaint'],
    ['asked-for-manager', 'Ich will mit Ihrem Vorgesetzten sprechen'],
    ['asked-for-manager', 'Je veux parler à votre responsable'],
    ['asked-for-manager', 'Quiero hablar con su supervisor'],
    ['asked-for-manager', 'Voglio parlare con il responsabile'],
    ['asked-for-manager', 'Ik wil de manager spreken'],
    ['asked-for-manager', 'Quero falar com o gerente'],
    // data-loss
    ['data-loss', 'Since the update we lost all our data!'],
    ['data-loss', 'All our records have disappeared'],
    ['data-loss', 'My data was wiped last night.'],
    ['data-loss', 'Seit heute Morgen sind alle unsere Daten verschwunden'],
    ['data-loss', 'Nous avons perdu toutes nos données'],
    ['data-loss', 'NOUS AVONS PERDU TOUTES NOS DONNEES'],
    ['data-loss', 'Hemos perdido todos los datos'],
    ['data-loss', 'Abbiamo perso tutti i dati'],
    ['data-loss', 'Al onze gegevens zijn kwijt'],
    ['data-loss', 'Perdemos todos os dados'],
    // security
    ['security', 'I think our account has been hacked'],
    ['security', 'I can see another customer’s invoices'],
    ['security', 'There was an unauthorized login yesterday'],
    ['security', 'Unser Konto wurde gehackt'],
    ['security', 'Ich sehe Rechnungen von einem anderen Kunden'],
    ['security', 'Notre compte a été piraté'],
    ['security', 'Nuestra cuenta ha sido hackeada'],
    ['security', 'Il nostro account è stato violato'],
    ['security', 'Is dit een datalek?'],
    ['security', 'Nossa conta foi invadida'],
    // legal
    ['legal', 'You will hear from our lawyer'],
    ['legal', 'We will take legal action'],
    ['legal', 'I am going to file a chargeback'],
    ['legal', 'Sie hören von meinem Anwalt'],
    ['legal', 'Wir leiten rechtliche Schritte ein'],
    ['legal', 'Vous aurez des nouvelles de mon avocat'],
    ['legal', 'Mi abogado se pondrá en contacto'],
    ['legal', 'Mi rivolgerò al mio avvocato'],
    ['legal', 'Wij nemen juridische stappen'],
    ['legal', 'Vou falar com meu advogado']
  ])('%s: %s', (rule, text) => {
    expect(fired(asks(text))).toEqual([rule])
    expect(fired(asks(`Hello,\n\nI have a question about the roster. ${text}\n\nRegards`))).toEqual([rule])
  })

  test.each([
    'How do I export my data?',
    'Can I delete old records?',
    'Will our data be deleted if we cancel?',
    'No data was lost, we only cannot see the list.',
    'We have not lost any data, thank you',
    'How do we avoid data loss when moving?',
    'I lost my password',
    'The manager role has no access to invoices',
    'How do I give a manager permission to approve shifts?',
    'Our account manager Kim sent us here',
    'Can a person be in two teams?',
    'Where do I add a new person?',
    'How do I add an agent?',
    'Can our customers talk to a human in the widget?',
    'The account has not been hacked, I changed the password myself.',
    'Do you have a security certificate?',
    'Please send your security policy',
    'Where do I set the address for legal documents?',
    'We are a law firm with twelve people',
    'The tennis court is booked twice',
    'My agent is called Otto',
    'Es sind keine Daten verloren gegangen',
    'Wann werden Daten gelöscht?',
    'Wie lade ich Daten herunter?',
    'Ein Mitarbeiter spricht nur Englisch',
    'Wie lege ich einen Vorgesetzten an?',
    'Comment supprimer des données ?',
    'Aucune donnée n’est perdue',
    'Les données sont au format CSV',
    '¿Cómo borro los datos de un cliente?',
    'No se han perdido datos',
    'Come posso cancellare i dati?',
    'Hoe verwijder ik gegevens?',
    'Er zijn geen gegevens verdwenen',
    'Como apago os dados?',
    'Não perdemos dados',
    'データを消したいです',
    ''
  ])('nothing is set off by: %s', text => { expect(fired(asks(text))).toEqual([]) })

  test('quoted mail below an answer is not what the customer says now', () => {
    expect(fired(asks('Thanks, that works.\n\nOn Mon, 2 Nov 2026 at 10:00, Kim wrote:\n> we lost all our data'))).toEqual([])
  })

  test('the subject counts', () => {
    expect(fired({ kind: 'opened', subject: 'We lost all our data', channel: 'email', person: PERSON, tags: [] })).toEqual(['data-loss'])
  })

  test('an agent or a bot who says it sets nothing off', () => {
    expect(fired({ ...answers('kim'), text: 'We lost all our data' } as EventFact)).toEqual([])
  })
})

describe('what happens to a ticket', () => {
  test.each<[string, EventFact]>([
    ['second-level', { kind: 'assigned', group: 'Tier 2 Berlin' }],
    ['escalation-tag', { kind: 'tagged', added: ['escalated_to_product'], removed: [] }],
    ['escalation-tag', { kind: 'opened', subject: 'Hi', channel: 'web', person: PERSON, tags: ['vip', 'tier2'] }],
    ['linked-bug', { kind: 'tagged', added: ['jira-4711'], removed: [] }]
  ])('%s', (rule, fact) => { expect(fired(fact)).toEqual([rule]) })

  test.each<[string, EventFact]>([
    ['another group', { kind: 'assigned', group: 'Billing' }],
    ['a group that only contains the word', { kind: 'assigned', group: 'Not tier 2' }],
    ['an agent', { kind: 'assigned', agentId: 'tier 2' }],
    ['a tag taken away', { kind: 'tagged', added: [], removed: ['escalated'] }],
    ['another tag', { kind: 'tagged', added: ['debugging', 'deescalated'], removed: [] }]
  ])('nothing by %s', (_, fact) => { expect(fired(fact)).toEqual([]) })

  test('the third person who answers, and the fourth, but no bot and nobody twice', () => {
    const some = [answers('kim'), answers('robot', 'bot'), answers('ash'), answers('kim')]
    expect(fired(asks('Hi'), ...some, answers('lee'), answers('lee'), answers('sam'))).toEqual(['third-agent', 'third-agent'])
    expect(fired(asks('Hi'), answers('kim'), answers('ash'), answers('kim'), answers('ash'))).toEqual([])
  })

  test('nothing from the moment on at which a ticket is spam, deleted or merged away', () => {
    for (const end of [{ kind: 'spam' }, { kind: 'deleted' }, { kind: 'merged', into: '9' }] satisfies EventFact[]) {
      expect(fired(asks('Hi'), end, asks('we lost all our data'))).toEqual([])
      expect(fired(asks('we lost all our data'), end)).toEqual(['data-loss'])
    }
  })

  test('what the helpdesk says itself makes no second event, and is still known as a rule', () => {
    expect(fired({ kind: 'escalated', how: 'priority urgent' })).toEqual([])
    expect(shipped.rules.filter(rule => namesHow(rule, 'priority urgent')).map(rule => rule.id)).toEqual(['priority-raised'])
  })
})

describe('every rule', () => {
  const anyFact = fc.oneof(
    fc.constantFrom('Hi there', 'we lost all our data', 'let me speak to your manager', 'our account was hacked').map(text => asks(text)),
    fc.constantFrom('kim', 'ash', 'lee', 'sam').map(id => answers(id)),
    fc.constantFrom<EventFact>({ kind: 'assigned', group: 'tier 2' }, { kind: 'tagged', added: ['escalated'], removed: [] },
      { kind: 'solved' }, { kind: 'reopened' }, { kind: 'spam' }, { kind: 'escalated', how: 'priority' })
  )
  const anyStory = fc.array(anyFact, { maxLength: 12 }).map(facts => told(...facts))

  test('finds the same in any order, and twice as once', () => {
    const twice = anyStory.chain(story => fc.tuple(fc.constant(story), fc.shuffledSubarray(
      [...story, ...story], { minLength: story.length * 2, maxLength: story.length * 2 })))
    fc.assert(fc.property(twice, ([story, mixed]) => {
      expect(escalation.find(mixed)).toEqual(escalation.find(story))
    }))
  })

  test('its own events set nothing off, and are there once', () => {
    fc.assert(fc.property(anyStory, story => {
      const whole = withEscalations(story, escalation)
      expect(escalation.find(whole)).toEqual(escalation.find(story))
      const keys = whole.map(e => e.key)
      expect(new Set(keys).size).toBe(keys.length)
      expect(whole.filter(isRuleEvent).every(e => shipped.rules.some(rule => rule.id === ruleOfKey(e.key)))).toBe(true)
    }))
  })

  test('what it found is not taken back by what happens later', () => {
    fc.assert(fc.property(anyStory, fc.nat(12), (story, cut) => {
      const early = escalation.find(story.slice(0, cut)).map(e => e.event.key)
      expect(escalation.find(story).map(e => e.event.key)).toEqual(expect.arrayContaining(early))
    }))
  })

  test('the key names the rule and its cause, and the event has the time of its cause', () => {
    const [found] = escalation.find(told(asks('Hi'), asks('we lost all our data')))
    expect(found?.event).toEqual({
      kind: 'escalated', key: 'escalated:rule:data-loss:e-1', connection: 'quay', ticketId: '41', at: plus(START, 60),
      how: 'rule data-loss v1'
    })
    expect(ruleOfKey('escalated:priority urgent:2026-11-02T09:00:00Z')).toBeNull()
  })

  test('without rules nothing is found, and the story stays as it is', () => {
    const story = told(asks('we lost all our data'))
    expect(withEscalations(story, noEscalation)).toBe(story)
  })

  test('its file keeps the schema’s word: each id once, each with phrases that can be read', () => {
    expect(new Set(shipped.rules.map(rule => rule.id)).size).toBe(shipped.rules.length)
    for (const rule of shipped.rules) {
      if ('phrases' in rule.when) expect(Object.keys(rule.when.phrases).sort()).toEqual(['de', 'en', 'es', 'fr', 'it', 'nl', 'pt'])
    }
  })
})

describe('phrases', () => {
  const holds = (phrase: string, text: string): boolean =>
    sentencesOf(text).some(sentence => findPhrase(sentence, readPhrases([phrase])) !== null)

  test.each([
    ['lost all data', 'We LOST all data', true], ['lost all data', 'lost. All data', false],
    ['lost ... data', 'lost one two three data', true], ['lost ... data', 'lost one two three four data', false],
    ['lost my? data', 'lost data', true], ['lost my? data', 'lost the data', false],
    ['mitarbeiter* reden', 'mit Mitarbeitern reden', true], ['geloscht', 'GELÖSCHT!', true], ['strasse', 'Straße', true],
    ["customer's data", 'another customer’s data', true], ['a|b c', 'b c', true], ['a|b c', 'a b', false]
  ])('%s in: %s', (phrase, text, is) => { expect(holds(phrase, text)).toBe(is) })

  test.each(['', '...', '... data', 'lost ...', 'a? data', 'lost <b>'])('no phrase: "%s"', text => {
    expect(() => readPhrases([text])).toThrow()
  })

  test('a long hostile text takes no long time', () => {
    const text = 'lost all our '.repeat(40_000)
    const startedMs = performance.now()
    escalation.find(told(asks(text)))
    expect(performance.now() - startedMs).toBeLessThan(1_000)
  })

  test('names with many stars are read in one go', () => {
    const when: EscalationCause = { group: ['*a*a*a*a*a*a*a*a*a*b'] }
    const one = readEscalation([{ id: 'stars', version: 1, says: 'Stars.', when }])
    expect(one.find(told({ kind: 'assigned', group: 'a'.repeat(50_000) }))).toEqual([])
    expect(one.find(told({ kind: 'assigned', group: 'aaaaaaaaaab' }))).toHaveLength(1)
  })
})
