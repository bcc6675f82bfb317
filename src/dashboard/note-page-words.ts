// What the pages behind a note's links say, in the agents' language, like the note that they come from.
import type { FlagReason } from '../types.ts'

export interface LinkWords {
  draft: string
  draftFor: (ticket: string) => string
  sure: { High: string, Medium: string, Low: string }
  more: string
  login: string
  wrong: string
  what: string
  reasons: Record<FlagReason, string>
  comment: string
  flag: string
  noted: (reason: string) => string
  said: string
  less: string
  quietTitle: (ticket: string) => string
  isQuiet: string
  isNotQuiet: string
  makeQuiet: string
  undoQuiet: string
  onlyHere: string
  withdrawn: string
  outcomes: { as_is: string, edited: string, replaced: string }
  hidden: string
  hiddenWhy: string
  internal: string
  expired: string
  expiredWhy: string
  expiredNext: string
  toDraft: string
  foreign: string
  foreignWhy: string
  foreignNext: string
}

const en: LinkWords = {
  draft: 'AI draft',
  draftFor: ticket => `AI draft for ticket ${ticket}`,
  sure: { High: 'High', Medium: 'Medium', Low: 'Low' },
  more: 'Where it comes from, and what became of it',
  login: 'needs a login',
  wrong: 'Wrong or outdated?',
  what: 'What is the matter with it?',
  reasons: { wrong: 'It is wrong', outdated: 'It was right once and is outdated', tone: 'The tone does not fit', other: 'Something else' },
  comment: 'In your own words, if you like',
  flag: 'Do not propose it like this',
  noted: reason => `Noted: ${reason}`,
  said: 'Said',
  less: 'Answers like this one are trusted less from now on.',
  quietTitle: ticket => `Drafts on ticket ${ticket}`,
  isQuiet: 'No more drafts are written on this ticket.',
  isNotQuiet: 'Drafts are written on this ticket when a customer’s question is like others that were answered before.',
  makeQuiet: 'No drafts on this ticket',
  undoQuiet: 'Write drafts here again',
  onlyHere: 'Only this ticket is meant. What agents answer here is still learned from.',
  withdrawn: 'Withdrawn: a newer draft has taken its place in the ticket.',
  outcomes: { as_is: 'It was sent as it is.', edited: 'It was edited and sent.', replaced: 'Something else was sent instead.' },
  hidden: 'The draft is not shown.',
  hiddenWhy: 'Its ticket was deleted, merged or marked as spam in the helpdesk.',
  internal: 'internal, never sent by Deskloop',
  expired: 'This link has expired',
  expiredWhy: 'Links in a note are good for seven days.',
  expiredNext: 'The draft itself is still there, for whoever may log in.',
  toDraft: 'To the draft',
  foreign: 'Not a link of ours',
  foreignWhy: 'This address was cut off, or it was never written by Deskloop.',
  foreignNext: 'Open the link in the note once more.'
}

const de: LinkWords = {
  draft: 'KI-Entwurf',
  draftFor: ticket => `KI-Entwurf zu Ticket ${ticket}`,
  sure: { High: 'Hohe Sicherheit', Medium: 'Mittlere Sicherheit', Low: 'Geringe Sicherheit' },
  more: 'Woher er kommt und was aus ihm wurde',
  login: 'mit Anmeldung',
  wrong: 'Falsch oder veraltet?',
  what: 'Was stimmt nicht damit?',
  reasons: { wrong: 'Er ist falsch', outdated: 'Er war einmal richtig und ist veraltet', tone: 'Der Ton passt nicht', other: 'Etwas anderes' },
  comment: 'Wenn Sie mögen, in eigenen Worten',
  flag: 'So nicht mehr vorschlagen',
  noted: reason => `Notiert: ${reason}`,
  said: 'Gesagt am',
  less: 'Antworten wie dieser wird ab jetzt weniger vertraut.',
  quietTitle: ticket => `Entwürfe in Ticket ${ticket}`,
  isQuiet: 'In diesem Ticket werden keine Entwürfe mehr geschrieben.',
  isNotQuiet: 'In diesem Ticket werden Entwürfe geschrieben, wenn die Frage früher beantworteten gleicht.',
  makeQuiet: 'Keine Entwürfe in diesem Ticket',
  undoQuiet: 'Hier wieder Entwürfe schreiben',
  onlyHere: 'Es geht nur um dieses Ticket. Aus dem, was hier geantwortet wird, wird weiter gelernt.',
  withdrawn: 'Zurückgezogen: Ein neuerer Entwurf steht an seiner Stelle im Ticket.',
  outcomes: { as_is: 'Er wurde unverändert gesendet.', edited: 'Er wurde geändert und gesendet.', replaced: 'Gesendet wurde etwas anderes.' },
  hidden: 'Der Entwurf wird nicht gezeigt.',
  hiddenWhy: 'Sein Ticket wurde im Helpdesk gelöscht, zusammengeführt oder als Spam markiert.',
  internal: 'intern, nie von Deskloop gesendet',
  expired: 'Dieser Link ist abgelaufen',
  expiredWhy: 'Links in einer Notiz gelten sieben Tage.',
  expiredNext: 'Den Entwurf gibt es noch, für alle, die sich anmelden dürfen.',
  toDraft: 'Zum Entwurf',
  foreign: 'Kein Link von uns',
  foreignWhy: 'Diese Adresse ist abgeschnitten, oder sie stammt nicht von Deskloop.',
  foreignNext: 'Öffnen Sie den Link in der Notiz noch einmal.'
}

const fr: LinkWords = {
  draft: 'Brouillon IA',
  draftFor: ticket => `Brouillon IA pour le ticket ${ticket}`,
  sure: { High: 'Confiance élevée', Medium: 'Confiance moyenne', Low: 'Confiance faible' },
  more: 'D’où il vient et ce qu’il est devenu',
  login: 'connexion requise',
  wrong: 'Faux ou dépassé ?',
  what: 'Qu’est-ce qui ne va pas ?',
  reasons: { wrong: 'Il est faux', outdated: 'Il a été juste et il est dépassé', tone: 'Le ton ne convient pas', other: 'Autre chose' },
  comment: 'Avec vos mots, si vous voulez',
  flag: 'Ne plus le proposer ainsi',
  noted: reason => `Noté : ${reason}`,
  said: 'Signalé le',
  less: 'On fera désormais moins confiance aux réponses de ce genre.',
  quietTitle: ticket => `Brouillons du ticket ${ticket}`,
  isQuiet: 'Aucun brouillon n’est plus écrit dans ce ticket.',
  isNotQuiet: 'Un brouillon est écrit dans ce ticket quand la question ressemble à d’autres déjà traitées.',
  makeQuiet: 'Aucun brouillon sur ce ticket',
  undoQuiet: 'Écrire de nouveau des brouillons ici',
  onlyHere: 'Cela ne concerne que ce ticket. Nous continuons d’apprendre de ce qui y est répondu.',
  withdrawn: 'Retiré : un brouillon plus récent a pris sa place dans le ticket.',
  outcomes: { as_is: 'Il a été envoyé tel quel.', edited: 'Il a été modifié puis envoyé.', replaced: 'Autre chose a été envoyé.' },
  hidden: 'Le brouillon n’est pas affiché.',
  hiddenWhy: 'Son ticket a été supprimé, fusionné ou marqué comme indésirable.',
  internal: 'interne, jamais envoyé par Deskloop',
  expired: 'Ce lien a expiré',
  expiredWhy: 'Les liens d’une note sont valables sept jours.',
  expiredNext: 'Le brouillon existe toujours, pour qui peut se connecter.',
  toDraft: 'Vers le brouillon',
  foreign: 'Ce lien n’est pas de nous',
  foreignWhy: 'Cette adresse est incomplète, ou Deskloop ne l’a jamais écrite.',
  foreignNext: 'Ouvrez encore une fois le lien de la note.'
}

const es: LinkWords = {
  draft: 'Borrador de IA',
  draftFor: ticket => `Borrador de IA para el ticket ${ticket}`,
  sure: { High: 'Confianza alta', Medium: 'Confianza media', Low: 'Confianza baja' },
  more: 'De dónde viene y qué fue de él',
  login: 'requiere iniciar sesión',
  wrong: '¿Incorrecto o anticuado?',
  what: '¿Qué le pasa?',
  reasons: { wrong: 'Es incorrecto', outdated: 'Era correcto y está anticuado', tone: 'El tono no encaja', other: 'Otra cosa' },
  comment: 'Con sus palabras, si lo desea',
  flag: 'No proponerlo así',
  noted: reason => `Anotado: ${reason}`,
  said: 'Dicho el',
  less: 'Desde ahora se confía menos en respuestas como esta.',
  quietTitle: ticket => `Borradores del ticket ${ticket}`,
  isQuiet: 'En este ticket ya no se escriben borradores.',
  isNotQuiet: 'En este ticket se escribe un borrador cuando la pregunta se parece a otras ya respondidas.',
  makeQuiet: 'Sin borradores en este ticket',
  undoQuiet: 'Volver a escribir borradores aquí',
  onlyHere: 'Solo vale para este ticket. De lo que se responda aquí se sigue aprendiendo.',
  withdrawn: 'Retirado: un borrador más nuevo ocupa su lugar en el ticket.',
  outcomes: { as_is: 'Se envió tal cual.', edited: 'Se cambió y se envió.', replaced: 'Se envió otra cosa.' },
  hidden: 'El borrador no se muestra.',
  hiddenWhy: 'Su ticket fue borrado, combinado o marcado como spam.',
  internal: 'interno, Deskloop nunca lo envía',
  expired: 'Este enlace ha caducado',
  expiredWhy: 'Los enlaces de una nota valen siete días.',
  expiredNext: 'El borrador sigue ahí, para quien pueda iniciar sesión.',
  toDraft: 'Al borrador',
  foreign: 'Este enlace no es nuestro',
  foreignWhy: 'La dirección está cortada, o Deskloop nunca la escribió.',
  foreignNext: 'Abra de nuevo el enlace de la nota.'
}

const it: LinkWords = {
  draft: 'Bozza IA',
  draftFor: ticket => `Bozza IA per il ticket ${ticket}`,
  sure: { High: 'Affidabilità alta', Medium: 'Affidabilità media', Low: 'Affidabilità bassa' },
  more: 'Da dove viene e che cosa ne è stato',
  login: 'serve l’accesso',
  wrong: 'Sbagliata o superata?',
  what: 'Che cosa non va?',
  reasons: { wrong: 'È sbagliata', outdated: 'Era giusta ed è superata', tone: 'Il tono non va bene', other: 'Altro' },
  comment: 'Con parole vostre, se volete',
  flag: 'Non proporla così',
  noted: reason => `Annotato: ${reason}`,
  said: 'Detto il',
  less: 'D’ora in poi ci si fida meno di risposte come questa.',
  quietTitle: ticket => `Bozze del ticket ${ticket}`,
  isQuiet: 'In questo ticket non si scrivono più bozze.',
  isNotQuiet: 'In questo ticket si scrive una bozza quando la domanda somiglia ad altre già risolte.',
  makeQuiet: 'Nessuna bozza su questo ticket',
  undoQuiet: 'Scrivere di nuovo bozze qui',
  onlyHere: 'Vale solo per questo ticket. Da ciò che si risponde qui si continua a imparare.',
  withdrawn: 'Ritirata: una bozza più recente ha preso il suo posto nel ticket.',
  outcomes: { as_is: 'È stata inviata così com’è.', edited: 'È stata modificata e inviata.', replaced: 'È stato inviato altro.' },
  hidden: 'La bozza non viene mostrata.',
  hiddenWhy: 'Il suo ticket è stato eliminato, unito o segnato come spam.',
  internal: 'interna, mai inviata da Deskloop',
  expired: 'Questo link è scaduto',
  expiredWhy: 'I link di una nota valgono sette giorni.',
  expiredNext: 'La bozza c’è ancora, per chi può accedere.',
  toDraft: 'Alla bozza',
  foreign: 'Questo link non è nostro',
  foreignWhy: 'L’indirizzo è troncato, oppure non l’ha mai scritto Deskloop.',
  foreignNext: 'Apri di nuovo il link nella nota.'
}

const pt: LinkWords = {
  draft: 'Rascunho de IA',
  draftFor: ticket => `Rascunho de IA para o ticket ${ticket}`,
  sure: { High: 'Confiança alta', Medium: 'Confiança média', Low: 'Confiança baixa' },
  more: 'De onde vem e o que foi feito dele',
  login: 'é preciso iniciar sessão',
  wrong: 'Errado ou desatualizado?',
  what: 'O que há de errado?',
  reasons: { wrong: 'Está errado', outdated: 'Já esteve certo e está desatualizado', tone: 'O tom não é adequado', other: 'Outra coisa' },
  comment: 'Por palavras suas, se quiser',
  flag: 'Não o propor assim',
  noted: reason => `Anotado: ${reason}`,
  said: 'Dito em',
  less: 'A partir de agora confia-se menos em respostas como esta.',
  quietTitle: ticket => `Rascunhos do ticket ${ticket}`,
  isQuiet: 'Neste ticket já não se escrevem rascunhos.',
  isNotQuiet: 'Neste ticket escreve-se um rascunho quando a pergunta é parecida com outras já respondidas.',
  makeQuiet: 'Sem rascunhos neste ticket',
  undoQuiet: 'Voltar a escrever rascunhos aqui',
  onlyHere: 'Vale só para este ticket. Continua-se a aprender com o que aqui se responde.',
  withdrawn: 'Retirado: um rascunho mais recente tomou o seu lugar no ticket.',
  outcomes: { as_is: 'Foi enviado tal como está.', edited: 'Foi alterado e enviado.', replaced: 'Foi enviada outra coisa.' },
  hidden: 'O rascunho não é mostrado.',
  hiddenWhy: 'O seu ticket foi apagado, fundido ou marcado como spam.',
  internal: 'interno, nunca enviado pelo Deskloop',
  expired: 'Esta ligação expirou',
  expiredWhy: 'As ligações de uma nota valem sete dias.',
  expiredNext: 'O rascunho ainda existe, para quem possa iniciar sessão.',
  toDraft: 'Para o rascunho',
  foreign: 'Esta ligação não é nossa',
  foreignWhy: 'O endereço está cortado, ou nunca foi escrito pelo Deskloop.',
  foreignNext: 'Abra outra vez a ligação na nota.'
}

const nl: LinkWords = {
  draft: 'AI-concept',
  draftFor: ticket => `AI-concept voor ticket ${ticket}`,
  sure: { High: 'Hoge zekerheid', Medium: 'Gemiddelde zekerheid', Low: 'Lage zekerheid' },
  more: 'Waar het vandaan komt en wat ervan werd',
  login: 'met inloggen',
  wrong: 'Fout of verouderd?',
  what: 'Wat is er mis mee?',
  reasons: { wrong: 'Het is fout', outdated: 'Het klopte ooit en is verouderd', tone: 'De toon past niet', other: 'Iets anders' },
  comment: 'In uw eigen woorden, als u wilt',
  flag: 'Niet meer zo voorstellen',
  noted: reason => `Genoteerd: ${reason}`,
  said: 'Gezegd op',
  less: 'Antwoorden zoals dit worden vanaf nu minder vertrouwd.',
  quietTitle: ticket => `Concepten bij ticket ${ticket}`,
  isQuiet: 'Bij dit ticket worden geen concepten meer geschreven.',
  isNotQuiet: 'Bij dit ticket wordt een concept geschreven als de vraag lijkt op eerder beantwoorde vragen.',
  makeQuiet: 'Geen concepten bij dit ticket',
  undoQuiet: 'Hier weer concepten schrijven',
  onlyHere: 'Het gaat alleen om dit ticket. Van wat hier geantwoord wordt, wordt nog steeds geleerd.',
  withdrawn: 'Ingetrokken: een nieuwer concept staat op zijn plaats in het ticket.',
  outcomes: { as_is: 'Het werd ongewijzigd verstuurd.', edited: 'Het werd gewijzigd en verstuurd.', replaced: 'Er werd iets anders verstuurd.' },
  hidden: 'Het concept wordt niet getoond.',
  hiddenWhy: 'Het ticket is verwijderd, samengevoegd of als spam gemarkeerd.',
  internal: 'intern, nooit door Deskloop verstuurd',
  expired: 'Deze link is verlopen',
  expiredWhy: 'Links in een notitie zijn zeven dagen geldig.',
  expiredNext: 'Het concept is er nog, voor wie mag inloggen.',
  toDraft: 'Naar het concept',
  foreign: 'Geen link van ons',
  foreignWhy: 'Dit adres is afgebroken, of is nooit door Deskloop geschreven.',
  foreignNext: 'Open de link in de notitie nog eens.'
}

const TABLE: Readonly<Record<string, LinkWords>> = { en, de, fr, es, it, pt, nl }

/** In which words a page speaks: English where there are none in the language asked for. */
export interface Speech { language: string, words: LinkWords }

export function speechIn (language: string): Speech {
  const words = Object.hasOwn(TABLE, language) ? TABLE[language] : undefined
  return words === undefined ? { language: 'en', words: en } : { language, words }
}
