// Questions and answers about data coming in: imported clients, API keys, webhooks.

import type { Topic } from './wording.ts'

export const dataTopics: Topic[] = [
  {
    label: 'client_import',
    name: 'Importing clients',
    page: '/clients/import',
    tags: ['import', 'data'],
    en: {
      subjects: ['Import fails', 'Customer list from Excel', 'Duplicates after import'],
      questions: [
        'I want to bring our {n}00 customers over from Excel, where do I begin?',
        'Import stops at row {n} with IMP-09.',
        'After the import all our clients are in there twice.',
        'Phone numbers lost their leading zero when I imported them.',
        'Is it possible to import old jobs too, or only addresses?',
        'Can I undo an import?| I chose the wrong file',
        'Sites and billing addresses got mixed up, the columns were clearly named.',
        'How should the file for {client} with its 60 branches look, one row per branch?'
      ],
      house: [
        'Please start with the sample file under Clients > Import > Sample, and paste your data into it.',
        'Save it as CSV in UTF-8, with phone numbers formatted as text so that zeros survive.',
        'The preview shows what is new, what is changed and what looks like a duplicate before anything is written.',
        'IMP-09 means that a row has more columns than the head, mostly because of a semicolon within a name.',
        'Every import can be taken back for 48 hours with Undo in the list of imports.'
      ],
      extras: [
        'Branches go into one row each, all with the same client number.',
        'Row {n} of your file contains "Miller; Sons", put that into quotation marks.',
        'Past jobs can be imported as history, but not as invoices.'
      ],
      special: [
        'Send me the file as it is. With this many branches our data team does it by hand and free of charge, usually within two working days; afterwards you get a list to sign off.',
        'The 48 hours are over, still we can help: I asked for a restore of the client list as of {date}, {time}. Visits planned since then keep their clients. You will notice a short break tonight.'
      ],
      stuck: ['I used the sample and get IMP-09 again.', 'Undo is greyed out although it was yesterday.'],
      second: ["Excel in your language saves with a different separator, that's why each row falls apart. In the first step of the import choose Separator > Detect, and look whether the preview has proper columns. Undo is blocked as long as an invoice was written for one of the new clients; the list names which."]
    },
    de: {
      subjects: ['Import bricht ab', 'Kundenliste aus Excel'],
      questions: [
        'Ich möchte unsere {n}00 Kunden aus Excel übernehmen, wie fange ich an?',
        'Der Import bricht in Zeile {n} mit IMP-09 ab.',
        'Nach dem Import sind alle Kunden doppelt vorhanden.',
        'Falsche Datei erwischt.| Kann ich einen Import rückgängig machen?'
      ],
      house: [
        'Beginnen Sie bitte mit der Musterdatei unter Kunden > Import > Muster und fügen Sie Ihre Daten dort ein.',
        'Speichern Sie als CSV in UTF-8, Telefonnummern als Text, damit führende Nullen bleiben.',
        'Die Vorschau zeigt Neues, Geändertes und mögliche Dubletten, bevor etwas geschrieben wird.',
        'IMP-09 heißt, dass eine Zeile mehr Spalten hat als der Kopf, meist wegen eines Semikolons im Namen.',
        'Jeder Import lässt sich 48 Stunden lang mit "Rückgängig" zurücknehmen.'
      ],
      extras: [
        'Filialen kommen in je eine Zeile, alle mit derselben Kundennummer.',
        'Frühere Einsätze lassen sich als Verlauf importieren, nicht aber als Rechnungen.'
      ],
      special: [
        'Schicken Sie mir die Datei gern, wie sie ist. Bei so vielen Filialen macht unser Datenteam das kostenlos von Hand, meist in zwei Werktagen.'
      ],
      stuck: ['Mit der Musterdatei kommt wieder IMP-09.'],
      second: ['Ihr Excel speichert mit einem anderen Trennzeichen, deshalb zerfällt jede Zeile. Wählen Sie im ersten Schritt "Trennzeichen > Erkennen" und prüfen Sie, ob die Vorschau richtige Spalten zeigt.']
    }
  },
  {
    label: 'api_keys',
    name: 'API keys and webhooks',
    page: '/office/developers',
    tags: ['api', 'integration'],
    en: {
      subjects: ['API key', '401 from the API', 'Webhook not firing'],
      questions: [
        'Where do I create a key for your API? Our developer asks for it.',
        'All our calls return 401 since {date}.',
        "The webhook for finished visits isn't called any more.",
        'What are the rate limits? We pull {n} pages every minute and get 429.',
        'Is there a sandbox where we can test without touching real invoices?',
        'How do we verify that a webhook really comes from you?| any sample code',
        'Our shop should create visits automatically. Which endpoint do we use?',
        'The developer left, how can we find out which keys are still in use?'
      ],
      house: [
        'Keys are created by an owner under Office > Developers > New key, and shown only once.',
        'Each key has scopes and an end date of at most one year; a 401 mostly means that it has run out.',
        'The limit is 120 calls per minute and key, and the header Retry-After says how long to wait.',
        'Webhooks are paused after 50 failures in a row and are started again with Resume on the same page.',
        'Documentation, signatures and a test company are at developers.rosterly.example.'
      ],
      extras: [
        'The list shows when each key was used last, so unused ones are easy to spot.',
        'Visits are created with POST /v2/visits and the scope board:write.',
        'Your key from {month} ran out on {date}.'
      ],
      special: [
        'Your key turned up in a public code repository on {date}, and our scanner revoked it at once. Please create a new one, keep it in a secret store and check the log for calls you do not know; I see none.',
        "Version 1 of the API was switched off as announced in spring, and your calls still go to /v1/jobs. In version 2 jobs are called visits; the rest maps nearly one to one. There's a table in the migration guide."
      ],
      stuck: ['New key, same 401.', 'I resumed the webhook and it pauses itself again.'],
      second: ['Please look at how the key is sent: it goes into the header Authorization with the word Bearer in front, and a line break at its end is a classic. For the webhook, your server answers with a redirect, which we count as a failure; enter the final address with https and resume it once more.']
    },
    de: {
      subjects: ['API-Schlüssel', 'Webhook wird nicht ausgelöst'],
      questions: [
        'Wo lege ich einen Schlüssel für Ihre Schnittstelle an? Unser Entwickler braucht ihn.',
        'Seit {date} antwortet die Schnittstelle nur noch mit 401.',
        'Der Webhook für fertige Einsätze wird nicht mehr aufgerufen.',
        'Gibt es eine Testumgebung,| in der wir keine echten Rechnungen anfassen?'
      ],
      house: [
        'Schlüssel erstellt ein Inhaber unter Büro > Entwickler > Neuer Schlüssel, angezeigt werden sie nur einmal.',
        'Jeder hat Rechte und ein Enddatum von höchstens einem Jahr, ein 401 heißt meist, dass er abgelaufen ist.',
        'Erlaubt sind 120 Aufrufe je Minute und Schlüssel, die Kopfzeile Retry-After nennt die Wartezeit.',
        'Webhooks werden nach 50 Fehlern in Folge angehalten und dort mit "Fortsetzen" wieder gestartet.',
        'Dokumentation und Testfirma finden Sie unter developers.rosterly.example.'
      ],
      extras: [
        'Die Liste zeigt, wann jeder Schlüssel zuletzt benutzt wurde.',
        'Ihr Schlüssel aus dem {month} ist am {date} abgelaufen.'
      ],
      special: [
        'Ihre Aufrufe gehen noch an /v1/jobs, Version 1 wurde aber wie im Frühjahr angekündigt abgeschaltet. In Version 2 heißen die Aufträge visits, eine Tabelle steht im Leitfaden zur Umstellung.'
      ],
      stuck: ['Neuer Schlüssel, weiterhin 401.'],
      second: ['Prüfen Sie bitte, wie der Schlüssel gesendet wird: in der Kopfzeile Authorization mit dem Wort Bearer davor, ohne Zeilenumbruch am Ende. Beim Webhook zählt eine Weiterleitung als Fehler, tragen Sie die endgültige Adresse ein.']
    }
  }
]
