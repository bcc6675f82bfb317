// Questions and answers about the phone around the app: alerts and crashes.

import type { Topic } from './wording.ts'

export const phoneTopics: Topic[] = [
  {
    label: 'push_alerts',
    name: 'App notifications',
    page: '/field/alerts',
    tags: ['app', 'notifications'],
    en: {
      subjects: ['No notifications', "Crew doesn't see changes", 'Too many alerts'],
      questions: [
        'My technicians get no alert when a visit is moved.',
        '{tech} drove to the old address because the push message never came!',
        "The phone buzzes at 11 pm with tomorrow's plan. How do I stop that?",
        'Notifications arrive on the {phone}, but without sound.',
        'Only want to be told about changes for today, not for the whole week.',
        'Do I get to see in the office whether a change was read?',
        'Since {date} nobody in the team gets messages from the app.| before that it was fine',
        'Is there any way to send a text to the whole crew at once?'
      ],
      house: [
        'Alerts are set by each person in the app under Me > Alerts: what, for which days and at which hours.',
        'On the phone itself, notifications for Rosterly Field must be allowed, with sound and on the lock screen.',
        'Quiet hours are 20:00 to 06:00 by default, and changes for the next morning break through them only if Urgent is ticked.',
        'On the board a small eye at the visit tells you when the change was read.',
        'Messages to everybody are sent with Crew > Broadcast.'
      ],
      extras: [
        'On the {phone} please also take the app out of the list of sleeping apps.',
        'The eye at {job} has been empty since {time}, so it was not read.',
        'An owner can set a default for new people under Crew > Defaults.'
      ],
      special: [
        'No fault of yours: a certificate of our push service ran out on {date} in the evening and was renewed the next day at {time}. Messages from those hours were not sent later. Please have your crew pull down the list once.',
        "{tech}'s messages go to an old phone, which is still signed in. I signed it out from here; the new one takes over on the next start of the app."
      ],
      stuck: ['All allowed, still silent.', 'It worked for one day and stopped again.'],
      second: ['Please sign out in the app, restart the phone and sign in again; this gives the phone a new address with our push service. Afterwards use Me > Alerts > Send test. If the test arrives and real changes do not, then tell me the number of such a visit and I can follow it.']
    },
    de: {
      subjects: ['Keine Benachrichtigungen', 'Team sieht Änderungen nicht'],
      questions: [
        'Meine Monteure bekommen keine Meldung, wenn ein Einsatz verschoben wird.',
        '{tech} ist zur alten Adresse gefahren, weil die Nachricht nicht ankam!',
        'Das Handy brummt um 23 Uhr mit dem Plan für morgen. Wie stelle ich das ab?',
        'Seit {date} kommt bei niemandem mehr etwas an.| Vorher ging es.'
      ],
      house: [
        'Meldungen stellt jeder in der App unter Ich > Meldungen ein: was, für welche Tage und zu welchen Zeiten.',
        'Am Handy selbst müssen Mitteilungen für Rosterly Field erlaubt sein, mit Ton und auf dem Sperrbildschirm.',
        'Ruhezeit ist von 20 bis 6 Uhr, Änderungen für den Morgen kommen nur durch, wenn "Dringend" angehakt ist.',
        'Auf der Plantafel zeigt ein kleines Auge am Einsatz, wann die Änderung gelesen wurde.',
        'Nachrichten an alle senden Sie über Team > Rundruf.'
      ],
      extras: [
        'Auf dem {phone} nehmen Sie die App bitte auch aus der Liste der schlafenden Apps.',
        'Das Auge an {job} ist seit {time} leer, gelesen wurde es also nicht.'
      ],
      special: [
        'Das lag an uns: Am Abend des {date} lief ein Zertifikat ab und wurde erst am nächsten Tag um {time} erneuert. Bitte lassen Sie das Team die Liste einmal nach unten ziehen.'
      ],
      stuck: ['Alles erlaubt, es bleibt still.'],
      second: ['Bitte in der App abmelden, das Handy neu starten und wieder anmelden, dadurch bekommt es eine neue Adresse. Danach Ich > Meldungen > Test senden. Kommt nur der Test an, nennen Sie mir bitte die Nummer eines betroffenen Einsatzes.']
    }
  },
  {
    label: 'app_crash',
    name: 'App crashes',
    page: '/field',
    tags: ['app', 'crash'],
    en: {
      subjects: ['App crashes', 'Rosterly Field closes by itself', "App won't open after update"],
      questions: [
        'Rosterly Field closes as soon as {tech} opens {job}.',
        "App won't start any more since the update on {date}, the logo shows up and then it's gone.",
        'It keeps freezing on the {phone} when I scroll through the material list.',
        'Every time we scan a barcode the app dies.',
        'Which phones are supported? Ours are about five years old and getting slow with it.',
        'crashed in the middle of a job sheet.| is my text gone??',
        'Three of {n} phones crash daily, the rest are fine. All the same model.',
        'How can I go back to the previous version? The new one is unusable for us.'
      ],
      house: [
        'Please update Rosterly Field to version 7.4 in the store first, which fixes several crashes.',
        'Then restart the phone and make sure that at least 2 GB of storage are free.',
        'If it still closes, use Settings > Apps > Rosterly Field > Clear cache; do not pick Clear data, as waiting entries would be lost.',
        'We support Android 11 and iOS 16 or newer.',
        'Texts are saved every few seconds, so after the restart you find the job sheet under Drafts.'
      ],
      extras: [
        'For the barcode scanner you also need the current Android System WebView.',
        'Going back to an older version is not possible, I am afraid.',
        'Could you tell me the version number from the sign-in page?'
      ],
      special: [
        '{job} contains a PDF with more than 600 pages, the whole building plan, and opening it is too much for the {phone}. I have replaced it by the two pages that concern your visit. Try it again now.',
        'The three phones have a company profile which kills apps after ten minutes. Whoever administers your devices has to add ours to the exceptions; the identifier is example.rosterly.field.'
      ],
      stuck: ['Updated, restarted, cleared the cache. Same thing.', 'There are 10 GB free and it still freezes.'],
      second: ["Thank you for going through all that. Right after the next crash, please start the app again and tap Send report in the grey bar at the top; it tells us the very line. I've put your case with the developers as number one for tomorrow, and in the meantime the web page field.rosterly.example does the most important things in the browser."]
    },
    de: {
      subjects: ['App stürzt ab', 'App startet nicht mehr'],
      questions: [
        'Rosterly Field schließt sich, sobald {tech} den Einsatz {job} öffnet.',
        'Seit dem Update vom {date} startet die App nicht mehr.',
        'Beim Scannen von Barcodes stürzt die App jedes Mal ab.',
        'Mitten im Bericht abgestürzt.| Ist mein Text jetzt weg?'
      ],
      house: [
        'Bitte aktualisieren Sie Rosterly Field zuerst im Store auf Version 7.4, die mehrere Abstürze behebt.',
        'Starten Sie das Handy danach neu und achten Sie auf mindestens 2 GB freien Speicher.',
        'Hilft das nicht, wählen Sie Einstellungen > Apps > Rosterly Field > Cache leeren; nicht "Daten löschen", sonst gehen wartende Einträge verloren.',
        'Unterstützt werden Android 11 und iOS 16 oder neuer.',
        'Texte werden alle paar Sekunden gesichert, Sie finden den Bericht nach dem Neustart unter Entwürfe.'
      ],
      extras: [
        'Für den Scanner brauchen Sie außerdem das aktuelle Android System WebView.',
        'Nennen Sie mir bitte noch die Versionsnummer von der Anmeldeseite?'
      ],
      special: [
        '{job} enthält ein PDF mit über 600 Seiten, das ist für das {phone} zu viel. Ich habe es durch die zwei Seiten ersetzt, die Ihren Einsatz betreffen, bitte versuchen Sie es noch einmal.'
      ],
      stuck: ['Alles probiert, gleiches Verhalten.'],
      second: ['Vielen Dank für die Mühe. Tippen Sie nach dem nächsten Absturz bitte auf "Bericht senden" im grauen Balken, dann sehen unsere Entwickler die genaue Stelle. Bis dahin geht das Wichtigste im Browser unter field.rosterly.example.']
    }
  }
]
