// Questions and answers about being paid: reminders and pay links, and about what Rosterly itself costs.

import type { Topic } from './wording.ts'

export const paymentTopics: Topic[] = [
  {
    label: 'payment_reminders',
    name: 'Payment reminders',
    page: '/invoices/reminders',
    tags: ['reminders'],
    en: {
      subjects: ['Reminder sent although paid', 'Stop reminders', 'Reminder settings'],
      questions: [
        '{client} paid {invoice} on {date} and got a reminder this morning anyway. Embarrassing!',
        'Please tell me how to switch off automatic reminders for one single customer.',
        'When exactly does the first dunning letter go out? We want to give people 21 days.',
        'Can I change the wording of the second reminder, it sounds too harsh for our clientele.',
        'We have not had a single reminder go out since {month}.| Overdue list has {n} entries though.',
        'Is it possible to add a late fee of {amount} from the third reminder on?',
        'Reminders should come from our own address instead of the Rosterly one. Possible?',
        'Our bookkeeper is away for two weeks, I need to pause all reminders until she has entered the payments.'
      ],
      house: [
        'Reminders are controlled under Invoices > Reminders, with up to three levels of days, wording and fee.',
        'They go out at 7 in the morning to everything that is overdue and not marked as paid by then.',
        'A payment that is entered later the same day therefore comes too late to stop one.',
        "With the switch Pause you can stop all of them, and in the client's tab Billing just those of one client.",
        'The text of each level can be edited there, and Send me a test shows you the result.'
      ],
      extras: [
        'If you connect your bank account, payments are matched over night and this no longer happens.',
        'I paused the reminders for {client} until the end of {now}.',
        'Late fees need to be in your terms, so please check those first.'
      ],
      special: [
        'Nothing went out since {month} because the sender address was changed and never confirmed. There is a mail with a link in your office inbox, sent on {date}. After that click, the {n} waiting ones will not all fire at once; you can choose.',
        "I'm sorry about this. The payment of {client} was booked to {job} rather than to the invoice, so Rosterly could not know. I have moved it over and written a short apology you might forward."
      ],
      stuck: ["It's paused and one went out again today!", "I don't see a Pause switch for single clients."],
      second: ['That one came from a second company in your account, which has reminder settings of its own. Pick it in the list at the top left and pause it there as well. I checked that nothing else is queued for tomorrow morning.']
    },
    de: {
      subjects: ['Mahnung trotz Zahlung', 'Zahlungserinnerungen anhalten'],
      questions: [
        '{client} hat {invoice} längst bezahlt und heute trotzdem eine Mahnung bekommen. Das ist peinlich!',
        'Wie schalte ich die automatischen Erinnerungen für einen einzelnen Kunden ab?',
        'Wann genau geht die erste Erinnerung raus?| Wir wollen 21 Tage Zeit geben.',
        'Seit {month} wurde keine einzige Mahnung mehr verschickt, obwohl {n} Rechnungen überfällig sind.'
      ],
      house: [
        'Erinnerungen steuern Sie unter Rechnungen > Mahnwesen, mit bis zu drei Stufen für Tage, Text und Gebühr.',
        'Sie gehen morgens um 7 Uhr an alles, was überfällig und bis dahin nicht als bezahlt markiert ist.',
        'Eine Zahlung, die Sie später am selben Tag eintragen, kommt dafür also zu spät.',
        'Mit dem Schalter "Pause" halten Sie alle an, im Reiter Abrechnung eines Kunden nur die seinen.',
        'Den Text jeder Stufe können Sie dort ändern und sich als Test zuschicken.'
      ],
      extras: [
        'Wenn Sie Ihr Bankkonto verbinden, werden Zahlungen über Nacht zugeordnet und das passiert nicht mehr.',
        'Für {client} habe ich die Erinnerungen bis Ende {now} angehalten.'
      ],
      special: [
        'Seit {month} ging nichts hinaus, weil die geänderte Absenderadresse nie bestätigt wurde. Die Mail mit dem Link liegt seit dem {date} in Ihrem Büropostfach.'
      ],
      stuck: ['Pause ist an, heute ging trotzdem wieder eine raus.'],
      second: ['Die stammt aus der zweiten Firma in Ihrem Konto, die eigene Einstellungen hat. Wählen Sie sie oben links aus und halten Sie die Erinnerungen auch dort an.']
    }
  },
  {
    label: 'pay_link',
    name: 'Online pay link',
    page: '/office/payments',
    tags: ['payments'],
    en: {
      subjects: ['Pay button missing', 'Client cannot pay by card', 'PAY-118'],
      questions: [
        '{client} clicked the pay link on {invoice} and got PAY-118.',
        "There's no pay button on our invoices although card payment is switched on.",
        'How long until card payments reach our bank account? One from {date} is still missing.',
        'A customer paid the same invoice twice through the link. How do I return {amount}?',
        'The link says "expired".| Invoice is from {month}, so not that old.',
        'What fees do you take for card payments?',
        'Would like to allow direct debit only and hide the credit card option.',
        'customer in the field wants to pay {tech} on the spot by phone, does the link work for that?'
      ],
      house: [
        'Pay links are set up under Office > Payments, where you choose the methods and the bank account for payouts.',
        'A link is valid for 60 days; after that, Send again on the invoice makes a new one.',
        'PAY-118 means that the card issuer asked for a confirmation which the client did not finish, so a second try with the banking app at hand usually works.',
        'Payouts are made every Tuesday and Friday and need two bank days.',
        'Refunds are started from the payment itself, with the menu entry Return amount.'
      ],
      extras: [
        "The payment from {date} is part of Friday's payout.",
        'The fee is 1.4 percent plus 25 cents per card payment; direct debit costs a flat 35 cents.',
        "On the spot {tech} can show the link as a QR code from the job's page in the app."
      ],
      special: [
        "Payouts for your account are on hold, since our payment partner is waiting for a copy of your trade register entry. The request went to the owner's address on {date}. Upload it there and the money is released the same day.",
        'I can see both payments of {client}: the second came in by bank transfer and not by our link, so it has to be returned from your own bank. The first is fine and closes {invoice}.'
      ],
      stuck: ['New link, same PAY-118.', 'Payments are on, and the PDF still has no button.'],
      second: ["Please look at the currency of the client: pay links work only for the currency of your payout account, and the button is left out otherwise. If it is the same, have your client try another card; three different cards in a row would tell us that the block is at our partner, and I'd open a case there."]
    },
    de: {
      subjects: ['Kunde kann nicht online zahlen', 'Zahlungslink abgelaufen'],
      questions: [
        '{client} bekommt beim Zahlungslink von {invoice} die Meldung PAY-118.',
        'Auf unseren Rechnungen fehlt der Knopf zum Bezahlen, obwohl Kartenzahlung aktiv ist.',
        'Wann kommt das Geld aus Kartenzahlungen auf unser Konto?| Eine vom {date} fehlt noch.',
        'Ein Kunde hat doppelt bezahlt, wie erstatte ich {amount}?'
      ],
      house: [
        'Zahlungslinks richten Sie unter Büro > Zahlungen ein, dort wählen Sie auch Zahlarten und Auszahlungskonto.',
        'Ein Link gilt 60 Tage; danach erzeugt "Erneut senden" auf der Rechnung einen neuen.',
        'PAY-118 bedeutet, dass der Kunde die Bestätigung seiner Bank nicht abgeschlossen hat, ein zweiter Versuch mit der Banking-App klappt meist.',
        'Auszahlungen erfolgen dienstags und freitags und brauchen zwei Banktage.',
        'Erstattungen starten Sie an der Zahlung selbst über "Betrag zurückgeben".'
      ],
      extras: [
        'Die Zahlung vom {date} ist in der Auszahlung am Freitag enthalten.',
        'Vor Ort kann {tech} den Link in der App als QR-Code zeigen.'
      ],
      special: [
        'Ihre Auszahlungen ruhen, weil unserem Zahlungspartner noch ein Handelsregisterauszug fehlt. Die Anfrage ging am {date} an den Inhaber; nach dem Hochladen wird am selben Tag ausgezahlt.'
      ],
      stuck: ['Neuer Link, wieder PAY-118.'],
      second: ['Bitte prüfen Sie die Währung des Kunden: Links funktionieren nur in der Währung Ihres Auszahlungskontos. Stimmt sie, lassen Sie Ihren Kunden eine andere Karte versuchen, sonst öffne ich einen Fall bei unserem Partner.']
    }
  },
  {
    label: 'plan_price',
    name: 'Price of a plan',
    page: '/office/plan',
    tags: ['plan', 'sales'],
    en: {
      subjects: ['Price per seat', 'Upgrade to Crew plan', 'What do extra users cost'],
      questions: [
        'What does one more technician cost us per month on the Crew plan?',
        'We are growing from {n} to 30 people. Which plan makes sense and what would we pay?',
        "I can't find the current prices for seats anywhere on your site.",
        'Is there a discount if we pay by the year?',
        'Do office users count as seats or only the people in the field?| our invoice seems high',
        'Thinking about moving up from Solo to Crew, what changes in price and when would it be charged?',
        'How much would seasonal helpers be, just for three months?',
        'My boss wants a written quote for {n} seats incl. the route planner.'
      ],
      house: [
        'On the Crew plan a seat costs 19 euros per month, and the first three office users are free.',
        'Only people who appear on the board count as seats; office users and clients in Doorstep do not.',
        'If you pay by the year, you get two months for nothing.',
        'Seats can be added and removed under Office > Plan at any time, and the current month is charged by the day.',
        'The route planner is included from ten seats on.'
      ],
      since: {
        house: [
          'Since 26 October a seat on the Crew plan costs 23 euros per month, and five office users are free.',
          'Only people who appear on the board count as seats; office users and clients in Doorstep do not.',
          'If you pay by the year, the price is 20 euros per seat and month.',
          'Existing accounts keep their old price until the next renewal, which you find under Office > Plan.',
          'The route planner is now included for every account, whatever its size.'
        ],
        stuck: 'Hm, but your new price list says 23 euros? Which one is right?'
      },
      extras: [
        'For {n} seats I am glad to send you a written quote, just tell me the company address.',
        'Seasonal workers can be set to Resting in winter and then cost nothing.',
        'You will see the exact sum before you confirm anything.'
      ],
      special: [
        'You are on a contract that our sales colleague agreed with your management in person, so the list prices do not apply. Please speak to Ravi Sandholt, sales@rosterly.example; he has all the details and is back on {soon}.',
        'Your latest bill was high because {n} former employees are still on the board with a future visit each. Take them off those and the difference of {amount} is credited automatically.'
      ],
      stuck: ['On the plan page I see a different sum, could you check?', 'That does not match what we were charged in {month}.'],
      second: ['I went through your bill line by line: besides the seats it contains text messages to clients, which are charged separately at 7 cents each. Without them it is exactly the price I named. A limit for messages can be set under Office > Plan > Extras.']
    },
    de: {
      subjects: ['Preis pro Nutzer', 'Wechsel in den Crew-Tarif'],
      questions: [
        'Was kostet uns im Crew-Tarif ein weiterer Monteur pro Monat?',
        'Wir wachsen von {n} auf 30 Leute. Welcher Tarif passt und was zahlen wir dann?',
        'Zählen Mitarbeiter im Büro auch als Lizenz?| Unsere Rechnung kommt mir hoch vor.',
        'Gibt es einen Rabatt bei jährlicher Zahlung?'
      ],
      house: [
        'Im Crew-Tarif kostet ein Platz 19 Euro im Monat, die ersten drei Büronutzer sind frei.',
        'Als Platz zählt nur, wer auf der Plantafel steht; Büro und Kunden im Portal Doorstep zählen nicht.',
        'Bei jährlicher Zahlung sind zwei Monate geschenkt.',
        'Plätze können Sie unter Büro > Tarif jederzeit hinzufügen und entfernen, abgerechnet wird tagesgenau.',
        'Der Routenplaner ist ab zehn Plätzen enthalten.'
      ],
      since: {
        house: [
          'Seit dem 26. Oktober kostet ein Platz im Crew-Tarif 23 Euro im Monat, fünf Büronutzer sind frei.',
          'Als Platz zählt nur, wer auf der Plantafel steht; Büro und Kunden im Portal Doorstep zählen nicht.',
          'Bei jährlicher Zahlung sind es 20 Euro pro Platz und Monat.',
          'Bestehende Konten behalten ihren alten Preis bis zur nächsten Verlängerung, siehe Büro > Tarif.',
          'Der Routenplaner ist jetzt für jedes Konto enthalten, unabhängig von der Größe.'
        ],
        stuck: 'Auf Ihrer neuen Preisliste stehen aber 23 Euro. Was stimmt denn nun?'
      },
      extras: [
        'Für {n} Plätze schicke ich Ihnen gern ein schriftliches Angebot.',
        'Saisonkräfte können Sie im Winter auf "Ruhend" stellen, dann kosten sie nichts.'
      ],
      special: [
        'Für Sie gilt ein Rahmenvertrag, den unser Vertrieb mit Ihrer Geschäftsführung geschlossen hat. Bitte wenden Sie sich an Ravi Sandholt, sales@rosterly.example; er ist am {soon} wieder da.'
      ],
      stuck: ['Auf der Tarifseite sehe ich eine andere Summe, können Sie das prüfen?'],
      second: ['Ich bin Ihre Rechnung Zeile für Zeile durchgegangen: Neben den Plätzen enthält sie Kurznachrichten an Kunden zu je 7 Cent. Eine Obergrenze dafür setzen Sie unter Büro > Tarif > Extras.']
    }
  },
  {
    label: 'cancel_plan',
    name: 'Cancel or pause the account',
    page: '/office/plan',
    tags: ['plan', 'churn'],
    en: {
      subjects: ['Cancellation', 'Pause our account over winter', 'End of contract'],
      questions: [
        'We would like to cancel Rosterly at the end of {now}. What is the notice period?',
        'Can our account be paused from December to March? No gardening in winter.',
        "Where is the cancel button? I've looked everywhere.",
        'If we leave, how long do we have access to the old invoices?',
        'We are merging with another firm that uses Rosterly too, so one of the accounts is to be closed.',
        'I cancelled on {date} and you still charged {amount}.',
        'Please confirm in writing that our subscription ends.| our customer number is on the bill',
        'Trial ends soon and we decided against it, do I need to do anything?'
      ],
      house: [
        'The owner of the account can cancel under Office > Plan > End or pause, with effect from the end of the paid month.',
        'There is no further notice period, and a confirmation is mailed at once.',
        'Pausing is possible for one to six months; it costs 9 euros per month, and all data stay in place.',
        'After the end you can still sign in for 90 days to read and export everything.',
        'Trials simply run out, without any charge.'
      ],
      extras: [
        'May I ask what was missing for you? Two lines would help us a lot.',
        'Please export your documents for {month} before that, your tax office will want them.',
        'I can see that the owner in your account is {tech}.'
      ],
      special: [
        'Your cancellation of {date} has reached us, and the {amount} should never have been taken; the payment run was faster than the change. It goes back to your card today. Sorry for the extra work.',
        'For a merger nobody has to cancel by hand. We move clients, visits and documents from one account to the other on a Sunday, and afterwards the empty one ends by itself. I have asked our migration team to call you about a date.'
      ],
      stuck: ["I am the owner and I don't have that menu.", "It says there are open payments, so I can't cancel."],
      second: ['The page blocks while a payout is under way, which takes until Friday at most. To make sure that you lose no month over it, I have noted your cancellation as of today by hand; you will find the written confirmation in your inbox in a minute.']
    },
    de: {
      subjects: ['Kündigung', 'Konto über den Winter pausieren'],
      questions: [
        'Wir möchten zum Ende {now} kündigen. Welche Frist gilt?',
        'Kann man das Konto von Dezember bis März ruhen lassen?',
        'Wie lange kommen wir nach der Kündigung noch an die alten Rechnungen?',
        'Ich habe am {date} gekündigt und trotzdem wurden {amount} abgebucht.| Bitte um Klärung.'
      ],
      house: [
        'Der Inhaber des Kontos kündigt unter Büro > Tarif > Beenden oder pausieren, wirksam zum Ende des bezahlten Monats.',
        'Eine weitere Frist gibt es nicht, die Bestätigung kommt sofort per Mail.',
        'Eine Pause ist für ein bis sechs Monate möglich, sie kostet 9 Euro im Monat und alle Daten bleiben erhalten.',
        'Nach dem Ende können Sie sich noch 90 Tage anmelden, um alles zu lesen und zu exportieren.',
        'Ein Probezeitraum läuft einfach aus, ohne Kosten.'
      ],
      extras: [
        'Dürfen wir fragen, was Ihnen gefehlt hat?',
        'Exportieren Sie bitte vorher noch Ihre Belege für {month}.'
      ],
      special: [
        'Ihre Kündigung vom {date} liegt vor, die Abbuchung von {amount} war ein Fehler: Der Zahlungslauf war schneller als die Änderung. Das Geld geht heute zurück, bitte entschuldigen Sie die Umstände.'
      ],
      stuck: ['Ich bin Inhaber, das Menü gibt es bei mir nicht.'],
      second: ['Die Seite ist gesperrt, solange eine Auszahlung läuft, längstens bis Freitag. Damit Ihnen kein Monat verloren geht, habe ich die Kündigung mit heutigem Datum von Hand vermerkt; die Bestätigung ist gleich in Ihrem Postfach.']
    }
  }
]
