// The bad morning of week 7: invoices went out twice and the export failed with INV-503. And what is no question at all: spam.

import type { Language } from './wording.ts'

interface IncidentWording {
  subjects: string[]
  questions: string[]
  asked: string                                     // what agents answered before they knew
  holding: string[]
  fixed: string[]
  impatient: string[]
}

export const incidentLabel = 'incident_inv503'

export const incidentWording: Record<Language, IncidentWording> = {
  en: {
    subjects: ['Invoices sent twice', 'INV-503 on export', 'URGENT double invoices', 'Export error INV-503', 'Clients billed twice'],
    questions: [
      "All invoices of this morning's run went out twice! Our clients are calling.",
      'Export stops with INV-503. Tried {browser} and another computer, same thing.',
      '{client} received {invoice} two times within a minute. Did we do something wrong?',
      'What is INV-503?? I need the export for our accountant by noon.',
      'Every customer got the same bill twice today.| please stop whatever you are sending',
      'Getting error INV-503 when exporting {month}. It worked yesterday.',
      'Two identical mails with {invoice} reached {client}, and now they ask which one to pay.',
      'The invoice run from today shows {n} documents, the sent list has double that number. Exporting ends in INV-503.',
      "Double invoices again and again since about 9 o'clock. Can you pause the mails from your end?",
      'our export hangs at 40 percent and then says INV-503',
      "Is there a problem on your side? Invoices are duplicated and I can't export anything."
    ],
    asked: 'Thank you for telling us. Could you send me the number of one such invoice, the time at which you noticed it, and a screenshot of the message? Please also let me know whether the second copy has the same number as the first. I will look into it straight away.',
    holding: [
      'You are right, and it is not your fault: since this morning invoice runs are sending some mails twice, and exports stop with INV-503.',
      'Our engineers are working on it and have paused all invoice mails for now.',
      'Every invoice exists only once in your books; the second mail is a mere copy with the same number.',
      'Please do not start the run or the export again until you hear from us.',
      'I will write to you here as soon as it is repaired.'
    ],
    fixed: [
      'The fault is repaired: since 14:05 UTC invoice mails go out once again, and the export works without INV-503.',
      'Nothing was booked twice, so you do not need to correct or cancel any document.',
      'Please start your export once more; an earlier one that stopped halfway is skipped automatically.',
      'Clients who got two copies receive a short explanation from us today, unless you switch it off under Invoices > Sent > Notice.',
      'We are sorry for the trouble this has caused you.'
    ],
    impatient: ['Any news? {client} has phoned twice now.', 'How long will this take? I have to send the export today.', 'Still the same here, just so you know.']
  },
  de: {
    subjects: ['Rechnungen doppelt verschickt', 'INV-503 beim Export', 'DRINGEND: doppelte Rechnungen'],
    questions: [
      'Heute früh sind alle Rechnungen doppelt rausgegangen! Unsere Kunden rufen an.',
      'Der Export bricht mit INV-503 ab, egal welcher Browser.',
      '{client} hat {invoice} zweimal bekommen und fragt, welche zu bezahlen ist.',
      'Was bedeutet INV-503?| Ich brauche den Export bis heute Mittag.',
      'Ist bei Ihnen etwas gestört? Rechnungen kommen doppelt an und der Export für {month} geht nicht.'
    ],
    asked: 'Vielen Dank für den Hinweis. Schicken Sie mir bitte die Nummer einer betroffenen Rechnung, die Uhrzeit und ein Bildschirmfoto der Meldung? Ich sehe es mir sofort an.',
    holding: [
      'Sie haben recht, und es liegt nicht an Ihnen: Seit heute früh verschicken Rechnungsläufe manche Mails doppelt, und Exporte brechen mit INV-503 ab.',
      'Unsere Technik arbeitet daran und hat alle Rechnungsmails vorerst angehalten.',
      'Jede Rechnung besteht in Ihren Büchern nur einmal, die zweite Mail ist eine bloße Kopie mit derselben Nummer.',
      'Bitte starten Sie Lauf und Export erst wieder, wenn Sie von uns hören.',
      'Ich melde mich hier, sobald es behoben ist.'
    ],
    fixed: [
      'Der Fehler ist behoben: Seit 14:05 Uhr UTC gehen Rechnungsmails wieder einfach hinaus, und der Export läuft ohne INV-503.',
      'Doppelt gebucht wurde nichts, Sie müssen also keinen Beleg korrigieren oder stornieren.',
      'Starten Sie Ihren Export bitte noch einmal, ein abgebrochener wird von selbst übersprungen.',
      'Kunden mit zwei Kopien erhalten heute eine kurze Erklärung von uns, sofern Sie diese nicht unter Rechnungen > Gesendet > Hinweis abschalten.',
      'Bitte entschuldigen Sie die Umstände.'
    ],
    impatient: ['Gibt es etwas Neues? {client} hat schon zweimal angerufen.', 'Wie lange dauert das noch? Der Export muss heute raus.']
  }
}

export const spam: Array<{ subject: string, text: string }> = [
  { subject: 'Rank #1 in 30 days', text: 'Dear website owner, we noticed that your site is not on the first page. Our experts bring you 10,000 visitors a month. Reply YES for a free audit. growth@topranker.example' },
  { subject: 'Re: your outstanding parcel', text: 'Your parcel could not be delivered. Pay the customs fee of 1.99 within 24 hours at parcel-desk.example to avoid return.' },
  { subject: 'Business proposal', text: 'Good day. I am the lawyer of a late investor without heirs. Kindly answer with your full name so that we can discuss the transfer of a considerable sum.' },
  { subject: 'Cheap toner!!!', text: 'Original quality toner for all printers, 70% off only this week. Visit toner-planet.example and save.' },
  { subject: 'Guest post on your blog', text: "Hi, I love your blog. I'd like to contribute an article with two do-follow links, we pay 40 per post. When can we start? Lana from linkgarden.example" },
  { subject: 'Final notice: mailbox full', text: 'Your mailbox has exceeded its quota. Confirm your password here to keep your messages: mail-upgrade.example' },
  { subject: 'Adresslisten Handwerk 2026', text: 'Guten Tag, wir bieten 48.000 geprüfte Firmenadressen aus dem Handwerk zum Sonderpreis. Antworten Sie einfach mit "Interesse". adressen-profi.example' },
  { subject: 'App development offer', text: 'We are a team of 120 developers and build any app from 990. Shall we have a quick call on Tuesday? sales@apps-by-night.example' },
  { subject: 'You won', text: 'Congratulations! Your address was drawn in our autumn lottery. Send a copy of your passport to claim the first prize: lucky-draw.example' },
  { subject: 'Invest like a pro', text: 'Members of our group made 340% last month. Only 12 places left, join now at coin-circle.example' },
  { subject: 'Kredit ohne Auskunft', text: 'Sofortkredit bis 50.000 Euro, ohne Prüfung, Auszahlung in 24 Stunden. Jetzt anfragen: schnellgeld.example' }
]
