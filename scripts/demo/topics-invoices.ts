// Questions and answers about invoices: arriving, being corrected, going to the bookkeeper.

import type { Topic } from './wording.ts'

export const invoiceTopics: Topic[] = [
  {
    label: 'invoice_not_received',
    name: 'Invoice did not arrive',
    page: '/invoices/sent',
    tags: ['invoices', 'delivery'],
    en: {
      subjects: ['Client says no invoice', '{invoice} never arrived', 'Invoice email missing'],
      questions: [
        '{client} tells me they never got {invoice}.| On my side it says "sent" since {date}. Where did it go?',
        'We emailed invoice {invoice} on {date} but the customer has nothing in their inbox, spam folder checked too.',
        'Is there a way to see whether an invoice was really delivered? Our biggest client claims three of them are missing.',
        'Invoice mails to {client} seem to vanish. They changed their accounts address last month, could that be it?',
        'Getting calls from people asking where their bill is. Status in Rosterly is green, yet nothing turns up at their end.',
        "How do I resend {invoice}? The recipient deleted it by accident and I can't find a button.",
        'the invoice for job {job} shows a small yellow envelope with an exclamation mark.| what does that mean?',
        'Accounts department at {client} only accepts invoices at a shared mailbox and ours went to the site manager instead. Can you redirect it?',
        "My customer's mail server bounced our invoice with \"sender not allowed\". What do I have to tell their IT?"
      ],
      house: [
        'You can check this under Invoices > Sent: open the invoice and click the envelope icon to see its delivery history.',
        'A yellow envelope means that the receiving mail server refused the message, and the reason is shown next to it.',
        "Please compare the billing address in the client's record, tab Contacts, with the one your client expects.",
        'When it is right, choose Send again from the three-dot menu; the invoice keeps its number and date.',
        'If their server blocks us, ask their IT to allow mail from invoices.rosterly.example.'
      ],
      extras: [
        'In your case the history shows a full mailbox on {date}, so a second attempt should do.',
        'I have already sent {invoice} again for you just now.',
        'You can also download the PDF from the same page and attach it to a mail of your own.'
      ],
      special: [
        'I had a look at {invoice}: it was saved as a draft and never left Rosterly, because {tech} closed the window before the upload of the job sheet had finished. Press Finalise on the draft and it goes out straight away. No number is lost by this.',
        "{client} has switched on paper invoices in Doorstep. That is why nothing arrives by mail: the letter was printed on {date} and is with the post. They can turn it off themselves on their portal's profile page.",
        'Sorry, this one is on us. Our mail provider held back messages to that domain for about two hours on {date}. Everything was released by noon, {invoice} included; your client should have it by now.'
      ],
      stuck: ['I sent it again like you said, still nothing on their side.', "The address is correct and the envelope is green, but they insist it isn't there."],
      second: ['Thanks for trying. I followed the message through our mail log: the receiving server accepted it and then moved it to a quarantine. Please ask their IT to look for the message with {invoice} in its subject and to release it; I am attaching the log line they need. Until then the Doorstep link on the invoice page can be shared by any other route.']
    },
    de: {
      subjects: ['Rechnung nicht angekommen', '{invoice} fehlt beim Kunden'],
      questions: [
        'Unser Kunde {client} hat die Rechnung {invoice} angeblich nie bekommen.| Bei uns steht sie seit {date} auf "gesendet".',
        'Wie kann ich eine Rechnung noch einmal verschicken? Der Empfänger hat sie versehentlich gelöscht.',
        'Neben einer Rechnung ist seit heute ein gelber Briefumschlag zu sehen. Was bedeutet das?',
        'Mehrere Kunden fragen, wo ihre Rechnungen bleiben. Im Spam haben sie auch nachgesehen. Können Sie prüfen, ob die Mails rausgegangen sind?',
        'Die Buchhaltung von {client} hat eine neue Mailadresse, unsere Rechnungen gehen aber noch an die alte.'
      ],
      house: [
        'Den Versand können Sie unter Rechnungen > Gesendet nachvollziehen: Öffnen Sie die Rechnung und klicken Sie auf das Briefsymbol.',
        'Ein gelber Umschlag bedeutet, dass der Mailserver des Empfängers die Nachricht abgelehnt hat; der Grund steht daneben.',
        'Vergleichen Sie bitte die Rechnungsadresse im Kundenstamm, Reiter Kontakte, mit der gewünschten Adresse.',
        'Stimmt sie, wählen Sie im Menü mit den drei Punkten "Erneut senden"; Nummer und Datum bleiben gleich.',
        'Blockiert der Server unsere Mails, sollte die IT des Kunden invoices.rosterly.example freigeben.'
      ],
      extras: [
        'Ich habe {invoice} soeben noch einmal für Sie verschickt.',
        'Alternativ laden Sie dort das PDF herunter und hängen es an eine eigene Mail an.'
      ],
      special: [
        '{invoice} liegt bei Ihnen noch als Entwurf und wurde gar nicht versendet, weil der Einsatzbericht von {tech} fehlte. Mit einem Klick auf "Abschließen" geht sie sofort hinaus.',
        '{client} hat im Portal Doorstep auf Papierrechnung umgestellt. Der Brief wurde am {date} gedruckt und ist in der Post, deshalb kam keine Mail.'
      ],
      stuck: ['Habe ich gemacht, beim Kunden kommt trotzdem nichts an.'],
      second: ['Danke fürs Ausprobieren. Laut unserem Mailprotokoll hat der Server des Kunden die Nachricht angenommen und dann in eine Quarantäne verschoben. Bitte lassen Sie die dortige IT nach {invoice} im Betreff suchen und die Mail freigeben. Bis dahin können Sie den Doorstep-Link von der Rechnungsseite weitergeben.']
    }
  },
  {
    label: 'invoice_correction',
    name: 'Correct a sent invoice',
    page: '/invoices/detail',
    tags: ['invoices', 'credit-note'],
    en: {
      subjects: ['Mistake on {invoice}', 'How to cancel an invoice', 'Credit note needed'],
      questions: [
        'I billed {client} {amount} too much on {invoice}. It has gone out already, how do I fix it?',
        'Wrong name on an invoice we sent {date}. The edit button is greyed out.',
        'Can I delete an invoice? We created one for the wrong customer.',
        'Need to issue a credit note for part of {invoice}, only one of the two visits took place.',
        '{tech} put 6 hours instead of 4 on job {job} and the bill is already with the client.| how can we take it back?',
        "The customer wants their purchase order number added to an invoice from {month}. Rosterly won't let me change it any more.",
        'What is the clean way to void an invoice so that our bookkeeper does not have a gap in the numbers?',
        'We gave {client} a discount on the phone after invoicing. Do I write a new invoice or can the old one be amended?'
      ],
      house: [
        'A sent invoice can no longer be edited or deleted, because its number is already in your books.',
        'Open the invoice instead and choose Correct > Credit note from the top right menu.',
        'Tick the lines that are wrong, or all of them, and Rosterly writes a credit note with its own number.',
        'With Copy to new draft you then get a fresh invoice in which everything can be changed.',
        'Both documents go to the client in one mail when you press Finalise.'
      ],
      extras: [
        'Please finalise the credit note before the end of {now}, so that both land in the same tax period.',
        'For {invoice} only the second line needs to be ticked.',
        "If the amount was already paid, it stays on the client's account as a balance."
      ],
      special: [
        "For a missing purchase order number you don't need any of the correction steps. There is a field called Client reference below the address; it stays open for ever and prints on the next PDF you download.",
        '{invoice} is part of a closed invoice run, so credit notes are switched off for it. I have reopened the run until tonight, 18:00. Once you are done, close it again on the Runs page.',
        'I would not correct anything here: the hours {tech} entered match the signed job sheet. The difference of {amount} is the call-out fee from your rate card, which is charged after 17:00. You could waive it on the next bill.'
      ],
      stuck: ['There is no Correct entry in that menu on my screen.', "The credit note came out with zero in total, that can't be right."],
      second: ['That happens when your role is Planner: only the roles Owner and Billing may write credit notes. Ask an owner to give you Billing for a moment, reload the page and try once more. Should the credit note show an amount of zero, no line was ticked in the first step; discard the draft, nothing has been booked.']
    },
    de: {
      subjects: ['Fehler auf {invoice}', 'Rechnung stornieren'],
      questions: [
        'Auf der Rechnung {invoice} stehen {amount} zu viel. Sie ist schon beim Kunden, wie korrigiere ich das?',
        'Kann man eine verschickte Rechnung löschen? Sie ging an den falschen Kunden.',
        'Ich brauche eine Teilgutschrift, weil nur einer der beiden Einsätze stattgefunden hat.',
        '{tech} hat beim Auftrag {job} zu viele Stunden eingetragen.| Die Rechnung ist raus, der Knopf "Bearbeiten" ist grau.'
      ],
      house: [
        'Eine versendete Rechnung lässt sich nicht mehr ändern oder löschen, weil ihre Nummer bereits in Ihren Büchern steht.',
        'Öffnen Sie die Rechnung und wählen Sie oben rechts "Korrigieren > Gutschrift".',
        'Haken Sie die falschen Positionen an, und Rosterly schreibt eine Gutschrift mit eigener Nummer.',
        'Über "In neuen Entwurf kopieren" erhalten Sie danach eine frische Rechnung, in der alles änderbar ist.',
        'Beide Belege gehen beim Abschließen in einer gemeinsamen Mail an den Kunden.'
      ],
      extras: [
        'Schließen Sie die Gutschrift bitte noch im {now} ab, damit beides im selben Steuerzeitraum liegt.',
        'Wurde schon bezahlt, bleibt der Betrag als Guthaben auf dem Kundenkonto.'
      ],
      special: [
        'Eine fehlende Bestellnummer braucht keine Gutschrift: Das Feld "Kundenreferenz" unter der Anschrift bleibt offen und erscheint auf dem nächsten PDF.',
        '{invoice} gehört zu einem geschlossenen Rechnungslauf. Ich habe ihn bis heute Abend 18 Uhr wieder geöffnet; bitte schließen Sie ihn danach selbst auf der Seite "Läufe".'
      ],
      stuck: ['Den Eintrag "Korrigieren" gibt es bei mir gar nicht.'],
      second: ['Dann haben Sie vermutlich die Rolle Planung: Gutschriften dürfen nur Inhaber und Abrechnung schreiben. Lassen Sie sich von einem Inhaber kurz die Rolle Abrechnung geben, laden Sie die Seite neu und versuchen Sie es noch einmal.']
    }
  },
  {
    label: 'bookkeeping_export',
    name: 'Export to bookkeeping',
    page: '/invoices/export',
    tags: ['export', 'bookkeeping'],
    en: {
      subjects: ['Export for our accountant', 'Ledgerline export empty', 'Monthly export {month}'],
      questions: [
        'The export for {month} comes out empty although we wrote {n} invoices.',
        "Our tax adviser can't read the file: all the umlauts and accents are broken.",
        'Which format do I pick for Ledgerline? There are four of them and the manual only mentions two.',
        'How can I send the monthly figures to my accountant automatically?',
        'Exporting to CSV puts everything into one column in Excel.| is there a setting for the separator?',
        'The accountant says the export has no cost centres. Where do I enter them?',
        "I exported {month} twice by mistake, will the bookings be doubled at the accountant's end?",
        'Export stops with EXP-214 after a few seconds in {browser}.',
        'Credit notes are missing in the file I downloaded {date}, only normal invoices are in there.'
      ],
      house: [
        'Exports are made under Invoices > Export, where you choose the period and the format.',
        'For Ledgerline please take "Ledgerline 3", for everything else "CSV (UTF-8, semicolon)".',
        'Only finalised documents are included, so check first that no invoice of the month is still a draft.',
        'Credit notes and cost centres appear when you open More options and tick both boxes.',
        'An export is marked with a batch number, and a repeated batch is skipped by the bookkeeping side.'
      ],
      extras: [
        'EXP-214 means that one client has no account number; its name is in the second line of the message.',
        'With Schedule on the same page the file goes to your accountant on the first of every month.',
        'For {month} I can see four drafts that would be left out.'
      ],
      special: [
        'Your accountant has asked for the old fixed-width layout, which we no longer offer on the page. I have produced {month} by hand and put it into your Files folder; from next month on, please let them switch to CSV.',
        'This is a rights question, not a fault: {tech} is signed in as Planner and sees the export page, but with none of the amounts. Use your own login and the {n} documents will be there.',
        'EXP-214 in your account comes from {client}: the record was merged on {date} and lost its account number. I have put it back. Please run it again.'
      ],
      stuck: ['Tried it with that format, the accountant still gets an error on import.', 'Nothing is in draft and the file is still empty.'],
      second: ['Please check the time zone of your office under Office > Company: if it is empty, the period ends before it starts and no document falls into it. After saving, make a new export instead of downloading the earlier one. If the import still complains, send me the first ten lines of the file and the message, and I will compare them with the layout.']
    },
    de: {
      subjects: ['Export für den Steuerberater', 'Export {month} leer'],
      questions: [
        'Der Export für {month} ist leer, obwohl wir {n} Rechnungen geschrieben haben.',
        'Unser Steuerberater kann die Datei nicht lesen, alle Umlaute sind kaputt.',
        'Welches Format muss ich für Ledgerline wählen?| Es gibt vier zur Auswahl.',
        'Beim Export bricht Rosterly mit EXP-214 ab, Browser ist {browser}.',
        'In der Exportdatei vom {date} fehlen die Gutschriften und die Kostenstellen.'
      ],
      house: [
        'Den Export finden Sie unter Rechnungen > Export; dort wählen Sie Zeitraum und Format.',
        'Für Ledgerline nehmen Sie bitte "Ledgerline 3", für alles andere "CSV (UTF-8, Semikolon)".',
        'Enthalten sind nur abgeschlossene Belege, prüfen Sie also zuerst, ob noch Entwürfe offen sind.',
        'Gutschriften und Kostenstellen erscheinen, wenn Sie unter "Weitere Optionen" beide Haken setzen.',
        'Jeder Export trägt eine Stapelnummer, ein doppelter Stapel wird in der Buchhaltung übersprungen.'
      ],
      extras: [
        'EXP-214 heißt, dass einem Kunden die Kontonummer fehlt; sein Name steht in der zweiten Zeile der Meldung.',
        'Über "Zeitplan" geht die Datei automatisch an jedem Monatsersten an Ihre Kanzlei.'
      ],
      special: [
        'Hier fehlt nur ein Recht: {tech} ist als Planung angemeldet und sieht die Seite zwar, aber keine Beträge. Mit Ihrer eigenen Anmeldung sind alle {n} Belege da.',
        'Die Ursache ist {client}: Der Datensatz wurde am {date} zusammengeführt und hat dabei seine Kontonummer verloren. Ich habe sie wieder eingetragen, bitte starten Sie noch einmal.'
      ],
      stuck: ['Es ist kein Entwurf mehr offen und die Datei ist immer noch leer.'],
      second: ['Bitte prüfen Sie unter Büro > Firma die Zeitzone: Ist sie leer, endet der Zeitraum, bevor er beginnt. Nach dem Speichern legen Sie einen neuen Export an, statt den alten noch einmal herunterzuladen. Hilft das nicht, schicken Sie mir bitte die ersten zehn Zeilen der Datei.']
    }
  }
]
