// Questions and answers about time off the board: calendars outside of Rosterly, holidays, sick leave.

import type { Topic } from './wording.ts'

export const calendarTopics: Topic[] = [
  {
    label: 'calendar_feed',
    name: 'Calendar subscription',
    page: '/profile/calendar',
    tags: ['calendar', 'integration'],
    en: {
      subjects: ['Outlook calendar not updating', 'Calendar feed empty', 'Sync with Google Calendar'],
      questions: [
        "My Outlook shows the visits of last week, new ones don't arrive.",
        'How do I get the board into my private Google calendar?',
        "All appointments from Rosterly are one hour off in my phone's calendar.",
        'The subscription link gives a 403 since {date}.',
        'can i enter a visit in outlook and have it show on the board?| or only the other way round',
        "Our boss wants to see everybody's visits in one calendar, not just his own.",
        'How often is the calendar feed refreshed? Changes from the morning reach {tech} in the afternoon.',
        '{tech} left the company and still seems to get our calendar on a private phone. How do I cut that off?'
      ],
      house: [
        'The calendar link is in your profile under Calendar, and it is subscribed to by address, not imported as a file.',
        'It goes one way only: from the board to your calendar.',
        'We refresh it within five minutes, but Outlook and Google fetch it every few hours only, and we cannot speed that up.',
        'The time zone is that of your profile, so compare it with the one of your calendar.',
        'New link makes the old address invalid at once, which is also the way to lock somebody out.'
      ],
      extras: [
        'For changes on the same day, please rely on the Rosterly Field app.',
        'An owner gets a link for the whole team with the option All people.',
        'A 403 tells you that somebody has pressed New link in the meantime.'
      ],
      special: [
        "Your profile had the zone of Lisbon, presumably since the trade fair. I've put it back to your office's, and by tomorrow all times will be right, older entries too.",
        'Outlook for your company is run by an IT firm that blocks calendar subscriptions; the error in your screenshot comes from them. Forward them this address and ask for an exception: feeds.rosterly.example.'
      ],
      stuck: ['Subscribed again with a new link, the calendar is still empty.', "Time zones are equal and it's still an hour out."],
      second: ['Please look at the end of the address: it has to finish with .ics, and some programs cut it when you copy from the mail. Use the Copy button in your profile rather than the mail. If the calendar stays empty for more than a day, tell me its program and version and I will look at our access log.']
    },
    de: {
      subjects: ['Outlook zeigt keine neuen Einsätze', 'Kalenderabo'],
      questions: [
        'Mein Outlook zeigt nur die Einsätze der letzten Woche, neue kommen nicht an.',
        'Wie bekomme ich die Plantafel in meinen Google-Kalender?',
        'Alle Termine sind auf dem Handy um eine Stunde verschoben.',
        '{tech} hat gekündigt und sieht unseren Kalender offenbar weiter auf dem privaten Handy.| Wie sperre ich das?'
      ],
      house: [
        'Den Kalenderlink finden Sie in Ihrem Profil unter Kalender; er wird als Adresse abonniert, nicht als Datei importiert.',
        'Er geht nur in eine Richtung: von der Plantafel in Ihren Kalender.',
        'Wir aktualisieren binnen fünf Minuten, Outlook und Google holen ihn aber nur alle paar Stunden ab.',
        'Maßgeblich ist die Zeitzone Ihres Profils, vergleichen Sie sie bitte mit der des Kalenders.',
        '"Neuer Link" macht die alte Adresse sofort ungültig, damit sperren Sie auch jemanden aus.'
      ],
      extras: [
        'Für Änderungen am selben Tag verlassen Sie sich bitte auf die App Rosterly Field.',
        'Inhaber bekommen mit "Alle Personen" einen Link für das ganze Team.'
      ],
      special: [
        'In Ihrem Profil stand Lissabon als Zeitzone. Ich habe sie auf die Ihres Büros zurückgestellt, bis morgen stimmen alle Zeiten wieder.'
      ],
      stuck: ['Mit neuem Link abonniert, der Kalender bleibt leer.'],
      second: ['Achten Sie bitte auf das Ende der Adresse: Sie muss mit .ics aufhören, manche Programme schneiden sie beim Kopieren ab. Nehmen Sie den Knopf "Kopieren" im Profil statt der Mail.']
    }
  },
  {
    label: 'absences',
    name: 'Holidays and sick leave',
    page: '/crew/absences',
    tags: ['crew', 'absence'],
    en: {
      subjects: ['Enter sick leave', 'Holiday balance wrong', 'Absence for {tech}'],
      questions: [
        'Where do I put in that {tech} is off sick until {soon}?',
        'The holiday balance of {tech} is {n} days too low.',
        'Can the crew ask for leave in the app themselves?',
        "Half a day off isn't possible, or is it? I can only choose full days.",
        "Entered an absence and the visits of that day stayed on {tech}.| shouldn't they be freed",
        'How do I load the public holidays for our region?',
        'We need company holidays between Christmas and New Year for all 20 people at once.',
        'Who gets told when somebody requests time off? Two requests went unnoticed for a week.'
      ],
      house: [
        'Absences are entered under Crew > Absences with the plus sign, for a full day, half a day or by the hour.',
        'Visits in that time turn grey and move to the column Unassigned, from where you give them to somebody else.',
        "Balances come from the yearly entitlement in the person's record plus what was carried over.",
        'Public holidays are loaded under Office > Company > Region, and a company holiday is an absence for the group Everybody.',
        'Requests from the app are sent to all users with the right Approve leave.'
      ],
      extras: [
        'For {tech} the carry-over from last year has not been confirmed yet.',
        'Sick leave never reduces the holiday balance.',
        'The bell in the top bar shows open requests too.'
      ],
      special: [
        'I worked it out with you in mind: {tech} changed from four to five days a week in {month}, and Rosterly counted the earlier leave by the new week. With a second contract line from that date the {n} days are back.',
        "Regional school holidays are not public ones, and so we don't load them. As a workaround other customers add a group called Parents and put a note on it, which the board displays on top."
      ],
      stuck: ['Visits are still on {tech}, even though the absence is green.', "The balance didn't move."],
      second: ['It is probably still a request: green with a dotted border means asked for, a full border means approved. Please open it and press Approve. The board follows within a minute and the balance is worked out over night.']
    },
    de: {
      subjects: ['Krankmeldung eintragen', 'Urlaubskonto falsch'],
      questions: [
        'Wo trage ich ein, dass {tech} bis {soon} krank ist?',
        'Das Urlaubskonto von {tech} ist um {n} Tage zu niedrig.',
        'Kann das Team Urlaub selbst in der App beantragen?',
        'Abwesenheit ist eingetragen, die Einsätze hängen aber weiter an {tech}.| Müssten die nicht frei werden?'
      ],
      house: [
        'Abwesenheiten tragen Sie unter Team > Abwesenheiten über das Pluszeichen ein, ganztags, halbtags oder stundenweise.',
        'Einsätze in dieser Zeit werden grau und wandern in die Spalte "Nicht zugeteilt".',
        'Das Urlaubskonto ergibt sich aus dem Jahresanspruch der Person und dem Übertrag.',
        'Feiertage laden Sie unter Büro > Firma > Region, Betriebsferien sind eine Abwesenheit der Gruppe Alle.',
        'Anträge aus der App gehen an alle mit dem Recht "Urlaub genehmigen".'
      ],
      extras: [
        'Bei {tech} ist der Übertrag aus dem Vorjahr noch nicht bestätigt.',
        'Krankheitstage mindern das Urlaubskonto nie.'
      ],
      special: [
        '{tech} ist im {month} von vier auf fünf Tage gewechselt, und der frühere Urlaub wurde mit der neuen Woche gerechnet. Mit einer zweiten Vertragszeile ab diesem Datum sind die {n} Tage wieder da.'
      ],
      stuck: ['Die Einsätze bleiben trotzdem bei {tech}.'],
      second: ['Vermutlich ist es noch ein Antrag: Ein gepunkteter Rand heißt beantragt, ein durchgezogener genehmigt. Bitte öffnen und auf "Genehmigen" klicken, die Plantafel folgt nach einer Minute.']
    }
  }
]
