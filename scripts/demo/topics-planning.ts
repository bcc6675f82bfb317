// Questions and answers about the board: visits, series, clashes.

import type { Topic } from './wording.ts'

export const planningTopics: Topic[] = [
  {
    label: 'visit_locked',
    name: 'Visit cannot be moved',
    page: '/board',
    tags: ['board'],
    en: {
      subjects: ["Can't move a visit", 'Visit {job} is locked', "Board won't let me drag"],
      questions: [
        "I can't drag {job} to another day, it jumps back every time.",
        'Some visits on the board have a padlock. Who put it there and how do I take it off?',
        '{tech} is ill and none of the visits can be given to {tech2}.',
        'The board tells me BRD-07 when I drop a visit on tomorrow.',
        'Moving jobs worked this morning, now everything on my board is frozen.| colleagues can still do it',
        'How can I shift a visit that has already been started by mistake?',
        "Changing the length of a visit isn't possible for me, the lower edge won't react in {browser}.",
        'I need to reschedule the whole {soon} because of snow. One by one is no option, and half of them refuse anyway.'
      ],
      house: [
        'A visit with a padlock has been confirmed by the client in Doorstep, started in the app, or already invoiced.',
        'Hold the mouse over the padlock and the board tells you which of the three it is.',
        'A confirmed visit can be released with right click > Unlock, and the client is asked for the new time by mail.',
        'A visit that was started by mistake is reset under its tab History with Undo start.',
        'Invoiced visits stay where they are; please create a new one instead.'
      ],
      extras: [
        'To move a whole day, mark the visits with Shift and use Move to at the top.',
        'BRD-07 means that {tech} has no working hours on that day.',
        'In your case {job} was confirmed by {client} on {date}.'
      ],
      special: [
        'Your colleague has the board open in edit mode for the week, and until it is closed the rest of you can only read. It is {tech}, since {time}. Ask for the tab to be closed, or take over with the button in the yellow bar.',
        'A browser extension is swallowing the mouse there: we have seen it with two ad blockers in {browser}. Please test in a private window. If it works, allow app.rosterly.example in the extension.'
      ],
      stuck: ['No Unlock when I right click.', 'Unlocked it, dropped it, and back it jumps.'],
      second: ['It then belongs to a series whose rule forbids other weekdays. Double click the visit, choose Detach from series, and after that it can be moved freely. The rest of the series is not affected, and the detached visit keeps its number {job}.']
    },
    de: {
      subjects: ['Einsatz lässt sich nicht verschieben', 'Schloss auf der Plantafel'],
      questions: [
        '{job} springt beim Verschieben jedes Mal zurück.',
        'Manche Einsätze haben ein Schloss. Wie bekomme ich das weg?',
        '{tech} ist krank und ich kann die Einsätze nicht an {tech2} geben.| Es kommt BRD-07.',
        'Wegen Schnee muss ich den ganzen {soon} umplanen, die Hälfte der Einsätze lässt sich aber nicht bewegen.'
      ],
      house: [
        'Ein Einsatz mit Schloss wurde vom Kunden in Doorstep bestätigt, in der App begonnen oder schon abgerechnet.',
        'Halten Sie die Maus auf das Schloss, dann nennt die Plantafel den Grund.',
        'Einen bestätigten Einsatz geben Sie mit Rechtsklick > Entsperren frei, der Kunde wird per Mail nach der neuen Zeit gefragt.',
        'Einen versehentlich begonnenen setzen Sie im Reiter Verlauf mit "Start zurücknehmen" zurück.',
        'Abgerechnete Einsätze bleiben stehen; legen Sie dafür bitte einen neuen an.'
      ],
      extras: [
        'Für einen ganzen Tag markieren Sie die Einsätze mit der Umschalttaste und wählen oben "Verschieben nach".',
        'BRD-07 heißt, dass {tech} an diesem Tag keine Arbeitszeit hat.'
      ],
      special: [
        '{tech} hat die Woche seit {time} im Bearbeitungsmodus offen, solange können alle anderen nur lesen. Mit dem Knopf im gelben Balken übernehmen Sie die Plantafel.'
      ],
      stuck: ['Bei Rechtsklick gibt es kein Entsperren.'],
      second: ['Dann gehört der Einsatz zu einer Serie, die andere Wochentage verbietet. Ein Doppelklick und "Aus Serie lösen", danach ist er frei beweglich; der Rest der Serie bleibt, wie er ist.']
    }
  },
  {
    label: 'recurring_visits',
    name: 'Recurring visits',
    page: '/board/series',
    tags: ['board', 'series'],
    en: {
      subjects: ['Series stopped', 'Maintenance every 6 months', 'Change all future visits'],
      questions: [
        'Our weekly visits at {client} stop after {soon}. Nobody ended the series.',
        'How do I plan a maintenance that takes place every six months, always on a weekday?',
        'I changed the technician for one visit and it changed for all of them.| can that be undone?',
        'Need to raise the price in about {n} recurring jobs from January. Is there a quicker way than opening each?',
        'A series skips bank holidays, but we do work on those.',
        'Is it possible to have a series with two people, alternating week by week?',
        'Deleted a whole series instead of a single appointment. Please help, that was a year of visits!',
        'The contract with {client} ends in {now}, how do I let their series run out without losing the past?'
      ],
      house: [
        'Series are kept under Board > Series, with their rhythm, people and price.',
        'Visits are always laid out for the coming twelve months, and each night one more day is added.',
        'When you change a visit, Rosterly asks: this one, this and following, or all; past visits never change.',
        'An end date lets a series run out, and Skip holidays can be switched on or off for each one.',
        'A deleted series can be brought back for 30 days from Board > Bin.'
      ],
      extras: [
        'For many series at once, tick them in the list and choose Edit selected > Price.',
        'The one at {client} has an end date, {soon}, in its second tab.',
        'For alternating people, make two series with a rhythm of two weeks each.'
      ],
      special: [
        'I restored it: all {n} visits are back on the board, with their notes. Three of them overlap with jobs you planned in the meantime; these are marked in red and I left the decision to you.',
        'What ended is not the series but the service contract behind it. {client} has one with a fixed term, entered by {tech} in {month}. Extend the contract and the visits appear over night.'
      ],
      stuck: ['No end date in there, still nothing on the board after {soon}.', 'Bin is empty for me.'],
      second: ["The nightly job skips series whose technician has left. Please open the series, give it a person who is still active, and save; the missing visits appear within a few minutes. I'm raising with the team that the list should warn about it."]
    },
    de: {
      subjects: ['Serie hört auf', 'Wiederkehrende Wartung'],
      questions: [
        'Unsere wöchentlichen Einsätze bei {client} enden nach dem {soon}, niemand hat die Serie beendet.',
        'Wie plane ich eine Wartung alle sechs Monate, immer an einem Werktag?',
        'Ich wollte nur einen Termin löschen und habe die ganze Serie erwischt.| Bitte um Hilfe!',
        'Ab Januar sollen rund {n} Serien teurer werden. Geht das auf einmal?'
      ],
      house: [
        'Serien verwalten Sie unter Plantafel > Serien, mit Rhythmus, Personen und Preis.',
        'Einsätze werden immer für zwölf Monate im Voraus angelegt, jede Nacht kommt ein Tag dazu.',
        'Beim Ändern fragt Rosterly: nur dieser, dieser und folgende oder alle; Vergangenes ändert sich nie.',
        'Mit einem Enddatum läuft die Serie aus, "Feiertage auslassen" ist je Serie schaltbar.',
        'Eine gelöschte Serie holen Sie 30 Tage lang aus Plantafel > Papierkorb zurück.'
      ],
      extras: [
        'Mehrere Serien haken Sie in der Liste an und wählen "Auswahl bearbeiten > Preis".',
        'Die Serie bei {client} hat im zweiten Reiter ein Enddatum.'
      ],
      special: [
        'Ich habe die Serie wiederhergestellt, alle {n} Einsätze samt Notizen sind zurück. Drei davon überschneiden sich mit neuen Terminen und sind rot markiert, das möchten Sie sicher selbst entscheiden.'
      ],
      stuck: ['Ein Enddatum steht dort nicht, es fehlt trotzdem alles nach dem {soon}.'],
      second: ['Der nächtliche Lauf überspringt Serien, deren Monteur ausgeschieden ist. Tragen Sie bitte jemanden ein, der noch aktiv ist, und speichern Sie; die fehlenden Einsätze erscheinen nach wenigen Minuten.']
    }
  },
  {
    label: 'double_booking',
    name: 'Double booking',
    page: '/board/clashes',
    tags: ['board', 'clash'],
    en: {
      subjects: ['{tech} booked twice', 'Clash warning', 'Two jobs at the same time'],
      questions: [
        '{tech} has two jobs at {time} on {soon} and there was no warning.',
        'Can Rosterly stop planners from putting two visits on the same person?',
        'Clients book through Doorstep into slots which are already taken.',
        'We do want overlaps for training, how do I make the red stripes go away?',
        'The van was planned twice, people were not.| does it check vehicles as well',
        'Why is 15 minutes between two sites not seen as a conflict? Nobody can drive that.',
        "Clash list shows {n} entries and I can't see anything wrong with most of them.",
        'Two planners worked at the same moment and now half the afternoon is doubled up.'
      ],
      house: [
        'How strict the board is can be set under Office > Planning rules > Clashes.',
        'Choose Warn for red stripes or Refuse to make overlaps impossible, for people and for vehicles separately.',
        'The minimum gap adds driving time between two visits, and we suggest 20 minutes in town.',
        'Bookings from Doorstep follow the same rules once the box Apply to Doorstep is ticked.',
        'Visits of the type Training are exempt from the check.'
      ],
      extras: [
        'In your account it is set to Ignore at present, so nothing was reported.',
        'The list under Board > Clashes is refreshed every ten minutes.',
        'For {soon} I would give {job} to {tech2}, who is free then.'
      ],
      special: [
        'Both entries are the same visit: {tech} accepted it in the app without signal, while you moved it in the office. When the phone came back, each side kept its own. I have deleted the older copy; {job} is the valid one.',
        "Most of those {n} are leftovers from last year's import, where every visit was given an end of 23:59. Our team can shorten them in one go. Tell me the usual length and I'll have it done tonight."
      ],
      stuck: ["It's on Refuse and I could still put two on {tech}.", 'Doorstep ignores it.'],
      second: ['Owners may always overrule, that is why it let you through; planners get the refusal. For Doorstep, the change only counts for slots that are published afterwards: press Publish again on the slots page and the taken ones disappear.']
    },
    de: {
      subjects: ['Doppelt verplant', 'Überschneidung ohne Warnung'],
      questions: [
        '{tech} hat am {soon} um {time} zwei Einsätze und es kam keine Warnung.',
        'Kann man verhindern, dass jemand doppelt verplant wird?',
        'Kunden buchen über Doorstep Zeiten, die längst vergeben sind.',
        'Das Fahrzeug war doppelt eingeplant, die Leute nicht.| Prüft Rosterly das auch?'
      ],
      house: [
        'Wie streng die Plantafel ist, stellen Sie unter Büro > Planungsregeln > Überschneidungen ein.',
        '"Warnen" zeigt rote Streifen, "Ablehnen" macht Überschneidungen unmöglich, getrennt für Personen und Fahrzeuge.',
        'Der Mindestabstand rechnet Fahrzeit ein, in der Stadt empfehlen wir 20 Minuten.',
        'Buchungen aus Doorstep folgen denselben Regeln, wenn "Auch für Doorstep" angehakt ist.',
        'Einsätze vom Typ Schulung sind ausgenommen.'
      ],
      extras: [
        'Bei Ihnen steht es derzeit auf "Ignorieren", deshalb kam keine Meldung.',
        'Am {soon} wäre {tech2} noch frei für {job}.'
      ],
      special: [
        'Beides ist derselbe Einsatz: {tech} hat ihn ohne Empfang in der App angenommen, während Sie ihn im Büro verschoben haben. Ich habe die ältere Kopie gelöscht, gültig ist {job}.'
      ],
      stuck: ['Steht auf Ablehnen, ich konnte {tech} trotzdem zweimal einplanen.'],
      second: ['Inhaber dürfen die Regel immer übergehen, nur die Planung wird abgewiesen. Für Doorstep müssen die Zeiten einmal neu veröffentlicht werden, danach verschwinden die vergebenen.']
    }
  }
]
