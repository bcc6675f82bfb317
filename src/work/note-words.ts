// What stands around a draft, in the agents' language. The draft itself speaks the customer's.

export interface NoteWords {
  aiDraft: string
  high: string
  medium: string
  confidence: (sure: string, percent: number) => string
  why: string
  oneTicket: string
  tickets: (count: number) => string
  written: string
  example: (tickets: string) => string
  context: string
  tried: string
  at: (text: string, time: string) => string
  fillIn: string
  check: string
  stillRight: (facts: string) => string
  language: string
  writes: (language: string) => string
  hint: string
  openDraft: string
  wrong: string
  quiet: string
  replaces: (time: string) => string
  updated: (time: string) => string
  asItIs: (time: string) => string
  edited: (time: string, percent: number) => string
  otherwise: (time: string) => string
  escalate: string
  rule: string
  to: string
  summary: string
}

const en: NoteWords = {
  aiDraft: 'AI draft · private',
  high: 'High',
  medium: 'Medium',
  confidence: (sure, percent) => `${sure} confidence (${percent}%)`,
  why: 'Why',
  oneTicket: 'an agent answered a similar ticket like this',
  tickets: count => `agents answered ${count} similar tickets like this`,
  written: 'your team has written this down',
  example: tickets => `, e.g. ${tickets}`,
  context: 'Context',
  tried: 'Tried',
  at: (text, time) => `“${text}” (${time})`,
  fillIn: 'Fill in',
  check: 'Check',
  stillRight: facts => `is this still right: ${facts}?`,
  language: 'Language',
  writes: language => `the customer writes ${language}, and so does the draft`,
  hint: 'Send your own version as usual: we learn from what you send.',
  openDraft: 'Open draft',
  wrong: 'Wrong or outdated?',
  quiet: 'No drafts on this ticket',
  replaces: time => `Replaces the draft of ${time}`,
  updated: time => `updated ${time}`,
  asItIs: time => `Used ${time} · sent as it is`,
  edited: (time, percent) => `Used ${time} · edited ${percent} %`,
  otherwise: time => `Answered ${time} in other words`,
  escalate: 'Suggest escalation · private',
  rule: 'Rule',
  to: 'To',
  summary: 'Summary'
}

const de: NoteWords = {
  aiDraft: 'KI-Entwurf · intern',
  high: 'Hohe',
  medium: 'Mittlere',
  confidence: (sure, percent) => `${sure} Sicherheit (${percent} %)`,
  why: 'Warum',
  oneTicket: 'ein ähnliches Ticket wurde so beantwortet',
  tickets: count => `${count} ähnliche Tickets wurden so beantwortet`,
  written: 'Ihr Team hat es so aufgeschrieben',
  example: tickets => `, z. B. ${tickets}`,
  context: 'Kontext',
  tried: 'Versucht',
  at: (text, time) => `„${text}“ (${time})`,
  fillIn: 'Ausfüllen',
  check: 'Prüfen',
  stillRight: facts => `stimmt das noch: ${facts}?`,
  language: 'Sprache',
  writes: language => `der Kunde schreibt ${language}, der Entwurf auch`,
  hint: 'Antworten Sie wie gewohnt: Wir lernen aus dem, was Sie senden.',
  openDraft: 'Entwurf öffnen',
  wrong: 'Falsch oder veraltet?',
  quiet: 'Keine Entwürfe in diesem Ticket',
  replaces: time => `Ersetzt den Entwurf von ${time}`,
  updated: time => `aktualisiert ${time}`,
  asItIs: time => `Verwendet ${time} · unverändert gesendet`,
  edited: (time, percent) => `Verwendet ${time} · ${percent} % geändert`,
  otherwise: time => `Beantwortet ${time} mit anderen Worten`,
  escalate: 'Vorschlag: eskalieren · intern',
  rule: 'Regel',
  to: 'An',
  summary: 'Worum es geht'
}

const fr: NoteWords = {
  aiDraft: 'Brouillon IA · interne',
  high: 'élevée',
  medium: 'moyenne',
  confidence: (sure, percent) => `Confiance ${sure} (${percent} %)`,
  why: 'Pourquoi',
  oneTicket: 'un agent a répondu ainsi à un ticket semblable',
  tickets: count => `des agents ont répondu ainsi à ${count} tickets semblables`,
  written: 'votre équipe l’a écrit ainsi',
  example: tickets => `, p. ex. ${tickets}`,
  context: 'Contexte',
  tried: 'Déjà essayé',
  at: (text, time) => `« ${text} » (${time})`,
  fillIn: 'À compléter',
  check: 'À vérifier',
  stillRight: facts => `est-ce toujours exact : ${facts} ?`,
  language: 'Langue',
  writes: language => `le client écrit en ${language}, le brouillon aussi`,
  hint: 'Répondez comme d’habitude : nous apprenons de ce que vous envoyez.',
  openDraft: 'Ouvrir le brouillon',
  wrong: 'Faux ou dépassé ?',
  quiet: 'Aucun brouillon sur ce ticket',
  replaces: time => `Remplace le brouillon de ${time}`,
  updated: time => `mis à jour à ${time}`,
  asItIs: time => `Utilisé à ${time} · envoyé tel quel`,
  edited: (time, percent) => `Utilisé à ${time} · modifié à ${percent} %`,
  otherwise: time => `Répondu autrement à ${time}`,
  escalate: 'Escalade suggérée · interne',
  rule: 'Règle',
  to: 'À',
  summary: 'Résumé'
}

const es: NoteWords = {
  aiDraft: 'Borrador de IA · interno',
  high: 'alta',
  medium: 'media',
  confidence: (sure, percent) => `Confianza ${sure} (${percent} %)`,
  why: 'Por qué',
  oneTicket: 'un agente respondió así a un ticket parecido',
  tickets: count => `se respondió así a ${count} tickets parecidos`,
  written: 'su equipo lo tiene escrito así',
  example: tickets => `, p. ej. ${tickets}`,
  context: 'Contexto',
  tried: 'Ya probado',
  at: (text, time) => `«${text}» (${time})`,
  fillIn: 'Completar',
  check: 'Comprobar',
  stillRight: facts => `¿sigue siendo correcto: ${facts}?`,
  language: 'Idioma',
  writes: language => `el cliente escribe en ${language}, y el borrador también`,
  hint: 'Responda como siempre: aprendemos de lo que usted envía.',
  openDraft: 'Abrir borrador',
  wrong: '¿Incorrecto o anticuado?',
  quiet: 'Sin borradores en este ticket',
  replaces: time => `Sustituye al borrador de las ${time}`,
  updated: time => `actualizado a las ${time}`,
  asItIs: time => `Usado a las ${time} · enviado tal cual`,
  edited: (time, percent) => `Usado a las ${time} · ${percent} % cambiado`,
  otherwise: time => `Respondido con otras palabras a las ${time}`,
  escalate: 'Se sugiere escalar · interno',
  rule: 'Regla',
  to: 'A',
  summary: 'Resumen'
}

const it: NoteWords = {
  aiDraft: 'Bozza IA · interna',
  high: 'alta',
  medium: 'media',
  confidence: (sure, percent) => `Affidabilità ${sure} (${percent}%)`,
  why: 'Perché',
  oneTicket: 'un operatore ha risposto così a un ticket simile',
  tickets: count => `a ${count} ticket simili si è risposto così`,
  written: 'il vostro team l’ha scritto così',
  example: tickets => `, ad es. ${tickets}`,
  context: 'Contesto',
  tried: 'Già provato',
  at: (text, time) => `«${text}» (${time})`,
  fillIn: 'Da completare',
  check: 'Da verificare',
  stillRight: facts => `è ancora corretto: ${facts}?`,
  language: 'Lingua',
  writes: language => `il cliente scrive in ${language}, e così la bozza`,
  hint: 'Rispondi come sempre: impariamo da ciò che invii.',
  openDraft: 'Apri bozza',
  wrong: 'Sbagliata o superata?',
  quiet: 'Nessuna bozza su questo ticket',
  replaces: time => `Sostituisce la bozza delle ${time}`,
  updated: time => `aggiornata alle ${time}`,
  asItIs: time => `Usata alle ${time} · inviata così com’è`,
  edited: (time, percent) => `Usata alle ${time} · modificata al ${percent}%`,
  otherwise: time => `Risposto con altre parole alle ${time}`,
  escalate: 'Si suggerisce di inoltrare · interna',
  rule: 'Regola',
  to: 'A',
  summary: 'In breve'
}

const pt: NoteWords = {
  aiDraft: 'Rascunho de IA · interno',
  high: 'alta',
  medium: 'média',
  confidence: (sure, percent) => `Confiança ${sure} (${percent}%)`,
  why: 'Porquê',
  oneTicket: 'um agente respondeu assim a um ticket semelhante',
  tickets: count => `${count} tickets semelhantes foram respondidos assim`,
  written: 'a sua equipa tem isto escrito assim',
  example: tickets => `, por ex. ${tickets}`,
  context: 'Contexto',
  tried: 'Já tentado',
  at: (text, time) => `“${text}” (${time})`,
  fillIn: 'Preencher',
  check: 'Verificar',
  stillRight: facts => `ainda está certo: ${facts}?`,
  language: 'Idioma',
  writes: language => `o cliente escreve em ${language}, e o rascunho também`,
  hint: 'Responda como sempre: aprendemos com o que envia.',
  openDraft: 'Abrir rascunho',
  wrong: 'Errado ou desatualizado?',
  quiet: 'Sem rascunhos neste ticket',
  replaces: time => `Substitui o rascunho das ${time}`,
  updated: time => `atualizado às ${time}`,
  asItIs: time => `Usado às ${time} · enviado tal como está`,
  edited: (time, percent) => `Usado às ${time} · ${percent}% alterado`,
  otherwise: time => `Respondido por outras palavras às ${time}`,
  escalate: 'Sugere-se escalar · interno',
  rule: 'Regra',
  to: 'Para',
  summary: 'Resumo'
}

const nl: NoteWords = {
  aiDraft: 'AI-concept · intern',
  high: 'Hoge',
  medium: 'Gemiddelde',
  confidence: (sure, percent) => `${sure} zekerheid (${percent}%)`,
  why: 'Waarom',
  oneTicket: 'een vergelijkbaar ticket is zo beantwoord',
  tickets: count => `${count} vergelijkbare tickets zijn zo beantwoord`,
  written: 'uw team heeft dit zo opgeschreven',
  example: tickets => `, bijv. ${tickets}`,
  context: 'Context',
  tried: 'Al geprobeerd',
  at: (text, time) => `“${text}” (${time})`,
  fillIn: 'Invullen',
  check: 'Controleren',
  stillRight: facts => `klopt dit nog: ${facts}?`,
  language: 'Taal',
  writes: language => `de klant schrijft ${language}, het concept ook`,
  hint: 'Antwoord zoals altijd: we leren van wat u verstuurt.',
  openDraft: 'Concept openen',
  wrong: 'Fout of verouderd?',
  quiet: 'Geen concepten bij dit ticket',
  replaces: time => `Vervangt het concept van ${time}`,
  updated: time => `bijgewerkt ${time}`,
  asItIs: time => `Gebruikt ${time} · ongewijzigd verstuurd`,
  edited: (time, percent) => `Gebruikt ${time} · ${percent}% gewijzigd`,
  otherwise: time => `Beantwoord ${time} in andere woorden`,
  escalate: 'Voorstel: escaleren · intern',
  rule: 'Regel',
  to: 'Naar',
  summary: 'Samenvatting'
}

const TABLE: Readonly<Record<string, NoteWords>> = { en, de, fr, es, it, pt, nl }

/** The words of a language; English where there are none. */
export function wordsIn (language: string): NoteWords {
  return (Object.hasOwn(TABLE, language) ? TABLE[language] : undefined) ?? en
}

/** Which languages there are. */
export const NOTE_LANGUAGES: readonly string[] = Object.keys(TABLE)
