// Questions and answers about what stands on a document: its taxes and its looks.

import type { Topic } from './wording.ts'

export const documentTopics: Topic[] = [
  {
    label: 'vat_rate',
    name: 'Wrong VAT on invoices',
    page: '/office/tax',
    tags: ['invoices', 'tax'],
    en: {
      subjects: ['VAT wrong on {invoice}', 'Tax rate question', '0% VAT for client abroad'],
      questions: [
        '{invoice} was issued with 19% although {client} sits outside the country and should be charged none.',
        'How do I set up reverse charge for a business customer in another EU state?',
        'All spare parts are taxed at the reduced rate since yesterday. Labour is fine. What happened?',
        'Need the sentence about tax liability of the recipient on our invoices, where does it go?',
        "Rosterly refuses our customer's VAT ID and says it is invalid.| I checked it on the official page, it is correct.",
        'We are a small business without VAT. Can the tax line be hidden completely?',
        'Different VAT for materials and for hours on one invoice, is that possible?',
        'Who decides which tax rate a line gets? Two of our planners get different results for the same service.'
      ],
      house: [
        'The rate of a line comes from the service in your rate card, and a rule of the client can override it.',
        'Open the client, tab Tax, and pick one of Domestic, EU business (reverse charge) or Non-EU.',
        'With reverse charge a checked VAT ID is required, and the legal sentence is printed by itself.',
        'For single services you set the rate under Office > Rate card > Tax.',
        'Changes apply to new drafts only; documents that have been sent need a credit note.'
      ],
      extras: [
        'For {client} the tab still says Domestic, that explains the 19 percent.',
        'The VAT ID must be entered without blanks and with the country letters in front.',
        'Please have your tax adviser confirm the case before you finalise.'
      ],
      special: [
        'The official register was down on {date} and answered "invalid" to everybody. I triggered the check for {client} once more and it is green now; nothing for you to change.',
        'If you are below the small business threshold, ask an owner to tick "No VAT" on the page Office > Company. The column then vanishes everywhere, quotes and reminders included.',
        "Two rate cards are active in your account and both contain \"Maintenance visit\", once with each rate. {tech} picks the newer one. I'd archive the card from last year; then there is just one result."
      ],
      stuck: ['I set it to reverse charge and the new draft still shows tax.', 'The VAT ID field stays red even without blanks.'],
      second: ['The draft was probably made from a recurring visit, which carries the tax rule it was created with. Open the series, press Refresh prices, and create the draft anew. For the red field: tell me the ID and the exact company name as registered, and I will run the check by hand.']
    },
    de: {
      subjects: ['Falscher Steuersatz auf {invoice}', 'Reverse Charge einrichten'],
      questions: [
        'Bei {client} werden 19 % ausgewiesen, der Kunde sitzt aber im EU-Ausland.',
        'Wo stelle ich ein, dass auf der Rechnung der Hinweis zur Steuerschuldnerschaft steht?',
        'Unsere Ersatzteile laufen seit gestern mit dem ermäßigten Satz.| Arbeitszeit stimmt. Was ist da passiert?',
        'Rosterly nimmt die USt-IdNr. unseres Kunden nicht an, obwohl sie stimmt.'
      ],
      house: [
        'Der Steuersatz einer Position kommt aus der Leistung in Ihrer Preisliste, eine Regel beim Kunden geht vor.',
        'Öffnen Sie den Kunden, Reiter Steuer, und wählen Sie Inland, EU-Unternehmen (Reverse Charge) oder Drittland.',
        'Für Reverse Charge wird eine geprüfte USt-IdNr. verlangt, der Pflichthinweis wird dann von selbst gedruckt.',
        'Einzelne Leistungen stellen Sie unter Büro > Preisliste > Steuer ein.',
        'Änderungen gelten nur für neue Entwürfe; versendete Belege brauchen eine Gutschrift.'
      ],
      extras: [
        'Bei {client} steht im Reiter noch Inland, das erklärt die 19 Prozent.',
        'Die Nummer muss ohne Leerzeichen und mit dem Länderkürzel davor eingetragen sein.'
      ],
      special: [
        'Das amtliche Register war am {date} gestört und hat jede Anfrage abgelehnt. Ich habe die Prüfung für {client} neu angestoßen, jetzt ist sie grün.',
        'In Ihrem Konto sind zwei Preislisten aktiv, beide mit "Wartung", aber verschiedenen Sätzen. Archivieren Sie die alte Liste, dann ist das Ergebnis eindeutig.'
      ],
      stuck: ['Ich habe umgestellt, der neue Entwurf zeigt aber weiterhin Steuer.'],
      second: ['Der Entwurf stammt vermutlich aus einer Serie, die ihre alte Steuerregel behalten hat. Öffnen Sie die Serie, klicken Sie auf "Preise auffrischen" und legen Sie den Entwurf neu an.']
    }
  },
  {
    label: 'invoice_layout',
    name: 'Logo and layout of documents',
    page: '/office/documents',
    tags: ['documents', 'layout'],
    en: {
      subjects: ['Logo blurry on PDF', 'Change invoice footer', 'Document template'],
      questions: [
        'Our logo looks blurry on the PDF but fine on screen.',
        'We moved offices. Where do I change the address at the bottom of invoices and quotes?',
        'Can the columns on the invoice be reordered? Clients want the date first.',
        'how do i get rid of the "made with Rosterly" line',
        'I would like a second template with a different bank account for our {client} contract.',
        'After uploading the new logo, old invoices changed as well?!| that must not happen, right?',
        'The font on our job sheets is tiny when printed. Any setting for that?',
        'Is it possible to have the invoice text in French for one customer, the rest in English?'
      ],
      house: [
        'Everything that is printed is set under Office > Documents > Templates.',
        'Please upload the logo as SVG or as PNG with at least 1,200 pixels in width, otherwise it gets blurred in print.',
        'Address, bank account and the last line are in the block Footer, columns and font size in the block Table.',
        'Save as new version keeps the old template, so documents that were already sent never change.',
        'A template can be given to single clients in their record, including one in another language.'
      ],
      extras: [
        'The preview button in the top right shows a real document with your data.',
        'Removing our line at the bottom is part of the Crew plan and above.',
        'For {client} you would pick the new template in the tab Billing.'
      ],
      special: [
        'I tidied that up for you: the logo in your account was a photo of a business card. Your web site had a clean vector file, which I have uploaded. Have a look at the next preview and tell me if you prefer the old one.',
        'What you saw was only the preview of {invoice}, which always uses the present template. The file that went to the client on {date} is stored unchanged; open Delivery history > Original to see it.',
        'French is not among our document languages yet, sorry. I added your vote to the wish. Until then, free text in the two blocks Introduction and Closing can be in any language you like.'
      ],
      stuck: ['Uploaded a big PNG, printed again, no change.', "There's no Table block in my template."],
      second: ['Your template is still one of the first generation, which ignores these settings. Choose Convert on its page: it takes over texts and colours and adds the missing blocks. Afterwards please upload the logo one more time, since the conversion keeps the small copy.']
    },
    de: {
      subjects: ['Logo unscharf', 'Fußzeile der Rechnung ändern'],
      questions: [
        'Unser Logo ist auf dem PDF unscharf, am Bildschirm aber in Ordnung.',
        'Wir sind umgezogen, wo ändere ich die Adresse in der Fußzeile?',
        'Kann man für {client} eine zweite Vorlage mit anderer Bankverbindung anlegen?',
        'Die Schrift auf den Einsatzberichten ist ausgedruckt winzig.| Lässt sich das einstellen?'
      ],
      house: [
        'Alles Gedruckte stellen Sie unter Büro > Dokumente > Vorlagen ein.',
        'Laden Sie das Logo bitte als SVG oder als PNG mit mindestens 1.200 Pixel Breite hoch, sonst wird es im Druck unscharf.',
        'Anschrift und Bankverbindung stehen im Block Fußzeile, Spalten und Schriftgröße im Block Tabelle.',
        '"Als neue Version speichern" behält die alte Vorlage, bereits versendete Belege ändern sich also nie.',
        'Im Kundenstamm können Sie einzelnen Kunden eine eigene Vorlage geben.'
      ],
      extras: [
        'Die Vorschau oben rechts zeigt ein echtes Dokument mit Ihren Daten.',
        'Für {client} wählen Sie die neue Vorlage im Reiter Abrechnung.'
      ],
      special: [
        'Ich habe das gleich erledigt: In Ihrem Konto lag ein Foto der Visitenkarte, nun ist die saubere Vektordatei von Ihrer Website hinterlegt. Schauen Sie bitte in die nächste Vorschau.'
      ],
      stuck: ['Größere Datei hochgeladen, der Ausdruck sieht genauso aus.'],
      second: ['Ihre Vorlage stammt noch aus der ersten Generation, die diese Angaben nicht beachtet. Wählen Sie dort "Umwandeln" und laden Sie das Logo danach noch einmal hoch, denn sonst bleibt die kleine Kopie erhalten.']
    }
  }
]
