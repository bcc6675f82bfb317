// Questions and answers about Rosterly Field, the app of the technicians: sync, photos, signatures.

import type { Topic } from './wording.ts'

export const fieldTopics: Topic[] = [
  {
    label: 'app_sync',
    name: 'App does not sync',
    page: '/field/sync',
    tags: ['app', 'sync'],
    en: {
      subjects: ['App not syncing', 'SYN-031 on {phone}', 'Jobs missing on phone'],
      questions: [
        "{tech}'s phone shows yesterday's jobs, today's list is empty.",
        'The app says "{n} items waiting" and never gets done.',
        'SYN-031 on the {phone}, what does it mean?',
        'We finished {job} on site at {time}, the office still sees it as open.',
        'Working in basements without signal all day.| how do i make sure nothing gets lost?',
        'Since the update on {date} my crew has to pull down three times before anything new comes up.',
        'Two of our guys have the visits twice on the phone, the board has them once.',
        'Does Rosterly Field use much mobile data? It seems to update on wifi only for us.'
      ],
      house: [
        'Please open Rosterly Field, go to Me > Sync and look at the time of the last successful run.',
        'Pull the list down once while you have good reception, and wait until the circle has turned green.',
        'If entries are waiting, check that battery saving is off for the app and that mobile data is allowed.',
        "SYN-031 means that the phone's clock is more than five minutes off, so set it to automatic.",
        'Nothing is lost in the meantime: all entries stay on the phone until the office has confirmed them.'
      ],
      extras: [
        'On the {phone} the switch is under Settings > Apps > Rosterly Field > Battery.',
        'Please do not remove the app before the waiting entries are through.',
        'The current version is 7.4, older ones may be slow at the moment.'
      ],
      special: [
        'I can see what hangs: a video of 900 MB which {tech} attached to {job}. Anything behind it has to wait. Delete it from the job on the phone and the other items go up in seconds.',
        "{tech} is signed in to your test company. The name at the top of the app is the giveaway: \"Demo\". Sign out, sign in with the work address, and today's list will be there."
      ],
      stuck: ['Done all that, still {n} items waiting.', 'Clock is on automatic and SYN-031 is still there.'],
      second: ["Then let's get a report from the phone: Me > Sync > press the version number for three seconds > Send report. It contains no photos, only the queue. I will release the blocked entry from our side and write to you as soon as it is through; please leave the app installed until then."]
    },
    de: {
      subjects: ['App synchronisiert nicht', 'SYN-031'],
      questions: [
        'Das Handy von {tech} zeigt noch die Einsätze von gestern, heute ist leer.',
        'In der App steht "{n} Einträge warten" und es passiert nichts.',
        'Was bedeutet SYN-031 auf dem {phone}?',
        'Wir arbeiten oft im Keller ohne Empfang.| Geht da etwas verloren?',
        '{job} ist seit {time} fertig gemeldet, im Büro ist der Einsatz aber noch offen.'
      ],
      house: [
        'Öffnen Sie in Rosterly Field bitte Ich > Abgleich und sehen Sie nach, wann der letzte Lauf geklappt hat.',
        'Ziehen Sie die Liste bei gutem Empfang einmal nach unten und warten Sie, bis der Kreis grün ist.',
        'Warten Einträge, prüfen Sie, ob das Stromsparen für die App aus ist und mobile Daten erlaubt sind.',
        'SYN-031 heißt, dass die Uhr des Handys mehr als fünf Minuten falsch geht, stellen Sie sie auf automatisch.',
        'Verloren geht dabei nichts: Alles bleibt auf dem Handy, bis das Büro es bestätigt hat.'
      ],
      extras: [
        'Auf dem {phone} liegt der Schalter unter Einstellungen > Apps > Rosterly Field > Akku.',
        'Bitte die App nicht löschen, solange noch Einträge warten.'
      ],
      special: [
        'Es hängt ein Video mit 900 MB, das {tech} an {job} gehängt hat; alles dahinter muss warten. Löschen Sie es am Handy aus dem Einsatz, der Rest ist dann in Sekunden oben.'
      ],
      stuck: ['Alles gemacht, es warten immer noch {n} Einträge.'],
      second: ['Dann brauchen wir einen Bericht vom Gerät: Ich > Abgleich > drei Sekunden auf die Versionsnummer drücken > Bericht senden. Ich gebe den blockierten Eintrag von hier aus frei und melde mich; lassen Sie die App bitte so lange installiert.']
    }
  },
  {
    label: 'app_photos',
    name: 'Photos in the app',
    page: '/field/photos',
    tags: ['app', 'photos'],
    en: {
      subjects: ['Photos missing on job sheet', "Can't upload pictures", 'Pictures upside down'],
      questions: [
        'Photos taken by {tech} on {job} do not show up in the office.',
        'The camera inside the app stays black on the {phone}.',
        'How many pictures can be attached to one visit? It stopped at 20.',
        'Pictures come out sideways on the PDF for the client.',
        "Is there a way to keep certain photos internal?| client saw a picture he shouldn't have",
        'We need the date and the place printed into the photo for an insurance case.',
        'Can we get all pictures of {client} from {month} in one download?',
        "uploading from the gallery doesn't work any more, only taking new ones"
      ],
      house: [
        'Photos are uploaded after the texts, and by default only in wifi, so a delay until the evening is normal.',
        'With Me > Photos > Also on mobile data they go up straight away.',
        "If camera or gallery stay empty, the app lacks the permission: allow Camera and All photos in the phone's settings.",
        'A visit takes up to 40 pictures, and a long press on one marks it as Internal so that clients never see it.',
        "On the job's page in the office, Download all gives you a zip file."
      ],
      extras: [
        'Date and place are printed if you switch on Stamp in the same menu.',
        'Sideways pictures are turned with the arrow in the office; the PDF follows.',
        'For {job} I can see that all pictures have arrived by now.'
      ],
      special: [
        "The pictures are there, but attached to another visit: {tech} had the neighbouring job open at {time}. I've moved them to {job}. Both job sheets were produced anew.",
        "Limits were lifted for your account on {date} because of the insurance case. You may now add 100 pictures per visit until the end of the year; please don't tell the others."
      ],
      stuck: ["Permissions are on, camera's still black.", "It's the next morning and the pictures still aren't up."],
      second: ["Please restart the phone once, since another app may be holding the camera. When the picture stays black after that, use the phone's own camera and add the photos from the gallery for the time being. We are working with the maker of the {phone} on this and I will tell you when version 7.5 is out."]
    },
    de: {
      subjects: ['Fotos fehlen im Bericht', 'Kamera bleibt schwarz'],
      questions: [
        'Die Fotos von {tech} zu {job} kommen im Büro nicht an.',
        'Die Kamera in der App bleibt auf dem {phone} schwarz.',
        'Kann man einzelne Fotos intern halten?| Ein Kunde hat etwas gesehen, das er nicht sehen sollte.',
        'Wie lade ich alle Bilder von {client} aus dem {month} auf einmal herunter?'
      ],
      house: [
        'Fotos werden nach den Texten hochgeladen, und zwar nur im WLAN, eine Verzögerung bis zum Abend ist also normal.',
        'Mit Ich > Fotos > Auch mobil gehen sie sofort hinaus.',
        'Bleiben Kamera oder Galerie leer, fehlt die Berechtigung: Erlauben Sie in den Einstellungen des Handys Kamera und alle Fotos.',
        'Ein Einsatz fasst bis zu 40 Bilder, langes Drücken markiert eines als intern, dann sieht es kein Kunde.',
        'Im Büro erhalten Sie mit "Alle herunterladen" eine Zip-Datei.'
      ],
      extras: [
        'Datum und Ort werden gedruckt, wenn Sie im selben Menü "Stempel" einschalten.',
        'Zu {job} sind inzwischen alle Bilder da.'
      ],
      special: [
        'Die Bilder sind da, hängen aber am Nachbareinsatz, den {tech} um {time} offen hatte. Ich habe sie zu {job} verschoben, beide Berichte sind neu erstellt.'
      ],
      stuck: ['Berechtigungen sind an, die Kamera bleibt schwarz.'],
      second: ['Bitte starten Sie das Handy einmal neu, vielleicht hält eine andere App die Kamera fest. Sonst fotografieren Sie vorerst mit der Kamera des Handys und fügen die Bilder aus der Galerie hinzu; mit Version 7.5 wird das behoben.']
    }
  },
  {
    label: 'signature_missing',
    name: 'Signature on the job sheet',
    page: '/field/signature',
    tags: ['app', 'job-sheet'],
    en: {
      subjects: ['Signature missing', 'Job sheet without signature', "Client can't sign"],
      questions: [
        "The PDF of {job} has an empty box where the client's signature should be.",
        'Nobody was on site when {tech} was done. How can the client sign later?',
        "The signature field doesn't open in the app, the Sign button is simply grey.",
        '{client} disputes the hours, can I prove when the sheet was signed?',
        'After signing, {tech} corrected the material list and the signature was gone.| is that on purpose?',
        'Our bigger clients refuse to sign on a phone. Is there a paper version?',
        'Can two people sign one job sheet, foreman and tenant?',
        "Do we need a signature at all before billing? We'd like to skip it for small jobs."
      ],
      house: [
        'A signature belongs to exactly what was on the sheet at that moment, so any later change of hours or material removes it.',
        'The Sign button turns active when all mandatory fields are filled; the missing ones have a red dot.',
        'If nobody is there, choose Sign later, and the client receives a link which is valid for 14 days.',
        'Time, place and name of the signer are kept under History of the visit.',
        'Whether a signature is needed before billing is set for each service under Office > Rate card > Proof.'
      ],
      extras: [
        'For {job} the material list was changed ten minutes after signing.',
        'A second signature can be added with the small plus next to the field.',
        'A printed sheet can be photographed and attached as proof instead.'
      ],
      special: [
        "The signature of {client} is stored and legally fine, our PDF just drew it in white on {date}; dark mode was to blame. I've had the sheet for {job} drawn again. Nobody needs to sign twice.",
        "Attached you find the full record for {job}: signed at {time}, on {tech}'s phone, 40 metres from the site, by the person in charge. This is normally enough in a dispute about hours."
      ],
      stuck: ['No red dots anywhere and Sign stays grey.', 'The client says the link opens an empty page.'],
      second: ["In that case the sheet template asks for a field that isn't visible in the app. Open Office > Documents > Job sheet, look for a mandatory field in the block Office only, and untick it. The button comes alive after the next sync, and links that have been sent will work as well."]
    },
    de: {
      subjects: ['Unterschrift fehlt', 'Kunde kann nicht unterschreiben'],
      questions: [
        'Auf dem Einsatzbericht zu {job} ist das Unterschriftsfeld leer.',
        'Bei Arbeitsende war niemand vor Ort. Kann der Kunde nachträglich unterschreiben?',
        'Der Knopf zum Unterschreiben ist in der App grau.',
        '{tech} hat nach der Unterschrift das Material korrigiert, dann war sie weg.| Ist das Absicht?'
      ],
      house: [
        'Eine Unterschrift gilt genau für das, was in dem Moment im Bericht stand; jede spätere Änderung an Stunden oder Material entfernt sie.',
        'Der Knopf wird aktiv, sobald alle Pflichtfelder gefüllt sind, fehlende haben einen roten Punkt.',
        'Ist niemand da, wählen Sie "Später unterschreiben", der Kunde erhält einen Link, der 14 Tage gilt.',
        'Zeit, Ort und Name finden Sie im Verlauf des Einsatzes.',
        'Ob vor der Abrechnung unterschrieben sein muss, legen Sie je Leistung unter Büro > Preisliste > Nachweis fest.'
      ],
      extras: [
        'Bei {job} wurde das Material zehn Minuten nach der Unterschrift geändert.',
        'Ein fotografierter Papierbericht gilt ebenfalls als Nachweis.'
      ],
      special: [
        'Die Unterschrift von {client} ist gespeichert, unser PDF hat sie am {date} nur weiß gezeichnet. Ich habe den Bericht zu {job} neu erstellen lassen, niemand muss noch einmal unterschreiben.'
      ],
      stuck: ['Nirgends ein roter Punkt, der Knopf bleibt grau.'],
      second: ['Dann verlangt die Vorlage ein Feld, das in der App nicht zu sehen ist. Öffnen Sie Büro > Dokumente > Einsatzbericht, suchen Sie im Block "Nur Büro" ein Pflichtfeld und nehmen Sie den Haken heraus.']
    }
  }
]
