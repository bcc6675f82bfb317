// Questions and answers about crews at work: clocking, routes, texts to clients, who may see prices.

import type { Topic } from './wording.ts'

export const crewTopics: Topic[] = [
  {
    label: 'time_clock',
    name: 'Clocking in and Timeslips',
    page: '/crew/timeslips',
    tags: ['time', 'timeslip'],
    en: {
      subjects: ['Forgot to clock out', 'Timeslip wrong', 'Hours for {tech}'],
      questions: [
        '{tech} forgot to clock out on {date} and now has 14 hours on the Timeslip.',
        "Breaks aren't deducted any more, what changed?",
        'Where can I correct the hours of somebody in my crew?',
        'The app says "too far from site" when we clock in, but we are standing at the door.',
        "Travel time shows up as working time on the bill.| that's not what we agreed with {client}",
        'Need an overview of overtime for {month} for the payroll office.',
        'Can one person clock in for the entire team? Half of mine have no phone.',
        'A Timeslip from last month is locked and the hours are wrong, how do I open it?'
      ],
      house: [
        'Hours are corrected under Crew > Timeslips: click the day, change start, end or break, and give a short reason.',
        'The person sees the change in the app and can object for seven days.',
        'Breaks follow the rule of the crew under Office > Working time, by default 30 minutes after six hours.',
        'The distance for clocking in can be widened per site up to 500 metres.',
        'Closed months are opened again by an owner with Reopen month, as long as payroll has not been exported.'
      ],
      extras: [
        'For {tech} I suggest the end of the last visit, {time}, as the time to clock out.',
        'With Auto clock-out at 19:00 this cannot happen any more.',
        'A foreman can clock in the whole crew with Team clock on his phone.'
      ],
      special: [
        'Payroll for {month} has been exported, hence the lock. What helps now is a correction line in the current month: Crew > Timeslips > Plus > Carry over. {tech} gets the difference with the next pay.',
        "You were right at the door and the map was wrong: {client}'s address was placed 3 km away by our geocoder. I put the pin on the yard's entrance. Nobody has to change any settings for it."
      ],
      stuck: ["I don't get a pencil on that day, just a padlock.", 'Corrected it and the invoice still has the old hours.'],
      second: ['The hours on the bill are copied when the draft is made. Open the draft, press Refresh hours, and the corrected ones come in; with a sent invoice you need a credit note. A padlock means that the day was approved, so take the approval back first with a click on the green tick.']
    },
    de: {
      subjects: ['Ausstempeln vergessen', 'Stunden von {tech} falsch'],
      questions: [
        '{tech} hat am {date} vergessen auszustempeln und hat jetzt 14 Stunden.',
        'Die Pausen werden nicht mehr abgezogen. Was hat sich geändert?',
        'Die App meldet "zu weit vom Einsatzort", dabei stehen wir vor der Tür.',
        'Für das Lohnbüro brauche ich die Überstunden im {month}.| Wo finde ich die?'
      ],
      house: [
        'Stunden korrigieren Sie unter Team > Stundenzettel: Tag anklicken, Beginn, Ende oder Pause ändern und kurz begründen.',
        'Die Person sieht die Änderung in der App und kann sieben Tage lang widersprechen.',
        'Pausen folgen der Regel unter Büro > Arbeitszeit, üblich sind 30 Minuten nach sechs Stunden.',
        'Die Entfernung zum Einstempeln lässt sich je Ort auf bis zu 500 Meter erweitern.',
        'Abgeschlossene Monate öffnet ein Inhaber mit "Monat öffnen", solange der Lohn nicht exportiert ist.'
      ],
      extras: [
        'Für {tech} schlage ich das Ende des letzten Einsatzes vor, also {time}.',
        'Mit dem automatischen Ausstempeln um 19 Uhr passiert das nicht mehr.'
      ],
      special: [
        'Sie standen richtig, nur die Karte lag falsch: Die Adresse von {client} war 3 km entfernt eingetragen. Ich habe die Nadel auf die Einfahrt gesetzt.'
      ],
      stuck: ['An dem Tag ist nur ein Schloss, kein Stift.'],
      second: ['Das Schloss heißt, dass der Tag schon genehmigt ist. Nehmen Sie die Genehmigung mit einem Klick auf den grünen Haken zurück, dann können Sie ändern. In einem Rechnungsentwurf holt "Stunden auffrischen" die neuen Werte.']
    }
  },
  {
    label: 'route_order',
    name: 'Order of the route',
    page: '/board/routes',
    tags: ['routes'],
    en: {
      subjects: ['Route makes no sense', 'Route planner zigzag', 'Driving times wrong'],
      questions: [
        'The planner sends {tech} back and forth through the city, total nonsense.',
        'How can we fix the first stop of the day?',
        'Driving times are far too short, we have heavy vans and not sports cars.',
        'Route planning fails with RTE-12 for {soon}.',
        'Technicians start from home.| the route always begins at our depot though',
        'Can the planner respect time windows like "only before 10"?',
        'I pressed Optimise and it moved visits I had promised to clients.',
        "We'd like to plan a route for two days with a night in between, up north."
      ],
      house: [
        'The planner works with addresses, time windows and the start of each person, so those need to be right first.',
        "Where somebody starts is set in the person's record under Day start: depot, home or last visit.",
        'Time windows and fixed stops belong to the visit; a pin next to it means that it stays in place.',
        'Vehicle type and a surcharge for traffic are found under Office > Planning rules > Routes.',
        'Optimise shows a preview, and nothing is moved before you press Accept.'
      ],
      extras: [
        'RTE-12 is shown when one address has no position on the map; it is marked in orange.',
        'For vans of your size most customers use a surcharge of 25 percent.',
        'RTE-12 for {soon} comes from {job} alone, which has no position.'
      ],
      special: [
        'The zigzag comes from {client}: two sites, one address record, so every second stop jumps to headquarters. Split it into two sites and the tour of {tech} will be about 60 km shorter.',
        'Tours over two days are beyond what our planner can do at the moment, honestly. Customers who need that plan the days separately and set Day start to a hotel for the second one.'
      ],
      stuck: ['Starts are right, it still zigzags.', 'No orange address, RTE-12 all the same.'],
      second: ['Please check whether the visits in question have overlapping time windows; the planner obeys them before it looks at kilometres. Widen the windows by half an hour and run it again. If the tour still looks odd, leave it as it is and I will have a colleague from planning go through it with you on the phone.']
    },
    de: {
      subjects: ['Route ergibt keinen Sinn', 'Fahrzeiten zu kurz'],
      questions: [
        'Der Planer schickt {tech} kreuz und quer durch die Stadt.',
        'Die Fahrzeiten sind viel zu kurz, wir fahren schwere Transporter.',
        'Routenplanung bricht für den {soon} mit RTE-12 ab.',
        'Unsere Leute starten von zu Hause.| Die Route beginnt aber immer am Lager.'
      ],
      house: [
        'Der Planer rechnet mit Adressen, Zeitfenstern und dem Startpunkt jeder Person, diese müssen also stimmen.',
        'Den Start legen Sie in der Person unter Tagesbeginn fest: Lager, zu Hause oder letzter Einsatz.',
        'Zeitfenster und feste Stopps gehören zum Einsatz, eine Nadel daneben heißt, dass er bleibt.',
        'Fahrzeugtyp und Zuschlag für Verkehr finden Sie unter Büro > Planungsregeln > Routen.',
        '"Optimieren" zeigt eine Vorschau, verschoben wird erst mit "Übernehmen".'
      ],
      extras: [
        'RTE-12 erscheint, wenn eine Adresse keinen Punkt auf der Karte hat, sie ist orange markiert.',
        'Für Transporter nehmen die meisten einen Zuschlag von 25 Prozent.'
      ],
      special: [
        'Das Zickzack kommt von {client}: zwei Standorte, aber nur ein Adresssatz. Teilen Sie ihn auf, dann wird die Tour von {tech} rund 60 km kürzer.'
      ],
      stuck: ['Startpunkte stimmen, es bleibt ein Zickzack.'],
      second: ['Prüfen Sie bitte, ob sich die Zeitfenster dieser Einsätze überschneiden, denn sie gehen den Kilometern vor. Erweitern Sie sie um eine halbe Stunde und rechnen Sie neu. Bleibt es seltsam, geht ein Kollege die Tour mit Ihnen am Telefon durch.']
    }
  },
  {
    label: 'client_texts',
    name: 'Text messages to clients',
    page: '/office/messages',
    tags: ['messages', 'sms'],
    en: {
      subjects: ['Clients get no text', 'Appointment SMS', 'Text message wording'],
      questions: [
        "Our clients no longer receive the text that we're on our way.",
        '{client} got the reminder for {date} in the middle of the night.',
        'Where do I change what the appointment text says?',
        'Messages are sent from an unknown number and people think it is spam. Can our name be shown?',
        'How do I find out how many texts we sent in {month}?| the bill has {amount} for it',
        'One customer does not want any text messages at all, please tell me where to switch that off.',
        'Reminders should go out two days ahead and not just one.',
        'The text had the wrong technician in it, we swapped {tech} for {tech2} the evening before.'
      ],
      house: [
        'Texts to clients are set up under Office > Messages: which ones, how long before the visit and with which wording.',
        "They need a mobile number with country code in the client's record; a grey phone icon means that it is missing.",
        'As a sender you can have up to eleven letters, which are active one working day after you request them.',
        "Messages are only sent between 8:00 and 19:00 of the client's time zone.",
        'Single clients are taken out in their tab Contacts with No texts.'
      ],
      extras: [
        'The number of texts per month is shown under Office > Plan > Extras.',
        "Changes after 18:00 are no longer part of the next day's reminder.",
        "In {client}'s record the country code is missing."
      ],
      special: [
        "Your message limit for {month} was used up on {date}, so everything after that was dropped without a word. We ought to warn better. I've added 200 texts free of charge, valid until the first.",
        'One network refuses sender names since last week and we are in talks with them. For those clients I have switched you to a plain number for now; nothing else changes, and answers will reach your office inbox.'
      ],
      stuck: ['Number has the code now and still no text arrives.', 'They still arrive at night.'],
      second: ["I looked up the last message: the network reported it as delivered, so it may sit in the phone's filter for unknown senders. Ask your client to save the sender as a contact. For texts at night, the client's time zone is empty in your data, and a look at the postcode field normally shows why."]
    },
    de: {
      subjects: ['Kunden bekommen keine SMS', 'Text der Terminerinnerung'],
      questions: [
        'Unsere Kunden erhalten keine Nachricht mehr, dass wir unterwegs sind.',
        '{client} bekam die Erinnerung für den {date} mitten in der Nacht.',
        'Wo ändere ich den Text der Terminerinnerung?',
        'Ein Kunde möchte gar keine Nachrichten.| Wo schalte ich das ab?'
      ],
      house: [
        'Nachrichten an Kunden richten Sie unter Büro > Nachrichten ein: welche, wie lange vorher und mit welchem Text.',
        'Nötig ist eine Mobilnummer mit Ländervorwahl beim Kunden, ein graues Telefon heißt, dass sie fehlt.',
        'Als Absender sind bis zu elf Buchstaben möglich, sie gelten einen Werktag nach der Anfrage.',
        'Verschickt wird nur zwischen 8 und 19 Uhr in der Zeitzone des Kunden.',
        'Einzelne Kunden nehmen Sie im Reiter Kontakte mit "Keine SMS" aus.'
      ],
      extras: [
        'Wie viele es im Monat waren, sehen Sie unter Büro > Tarif > Extras.',
        'Bei {client} fehlt die Ländervorwahl.'
      ],
      special: [
        'Ihr Kontingent für {month} war am {date} aufgebraucht, alles danach wurde verworfen. Da hätten wir deutlicher warnen müssen; ich habe Ihnen 200 Nachrichten kostenlos gutgeschrieben.'
      ],
      stuck: ['Die Vorwahl steht jetzt da, es kommt trotzdem nichts an.'],
      second: ['Laut Netzbetreiber wurde die letzte Nachricht zugestellt, sie liegt wohl im Filter für unbekannte Absender. Bitten Sie Ihren Kunden, den Absender als Kontakt zu speichern.']
    }
  },
  {
    label: 'price_visibility',
    name: 'Who may see prices',
    page: '/crew/roles',
    tags: ['roles', 'privacy'],
    en: {
      subjects: ['Technicians see prices', 'Hide amounts in app', 'Rights of planners'],
      questions: [
        'Our technicians can see what we charge the client. That must not be!',
        'How do I hide purchase prices from planners?',
        'A subcontractor should only see his own visits and no money at all.',
        "{tech} needs to see prices to sell extras on site, the others shouldn't.",
        'The job sheet PDF lists amounts.| can I print one without?',
        'Can I give our apprentice read only access to the board?',
        'What is the difference between the roles Planner and Billing?',
        'I would like to see who looked at the rate card in {month}, is there a log?'
      ],
      house: [
        'What somebody sees depends on the role, which is set for each person under Crew > Roles.',
        'Field and Guest see no amounts; Planner sees sales prices, and Billing sees everything including purchase prices.',
        'With the box Prices in app you allow single technicians to see and change amounts on site.',
        'For subcontractors take the role Guest, which is limited to their own visits.',
        'Job sheets without prices are made with the template option Hide amounts.'
      ],
      extras: [
        'Changes take effect when the person opens the app the next time.',
        'In your account the box is ticked for all {n} people at the moment.',
        'Every visit to the rate card is listed under Office > Log.'
      ],
      special: [
        'The amounts come from your own text block: "Service fee {amount}" is written in the description of {job}, and no role can hide free text. Remove it there and use a line of the rate card instead.',
        "Somebody made a copy of the Field role in {month} and called it \"Field new\", with prices on. It is used by {tech} and two more. I'd move them back and delete the copy."
      ],
      stuck: ['Set to Field and prices still show in the app.', 'Guest can see the visits of everybody.'],
      second: ['A person may have two roles, and the stronger one wins. Please open the record and look at the second line below Role; it is often left over from a holiday cover. When it is removed, sign the person out under Devices so that the phone forgets the old amounts.']
    },
    de: {
      subjects: ['Monteure sehen Preise', 'Beträge ausblenden'],
      questions: [
        'Unsere Monteure sehen in der App, was wir dem Kunden berechnen. Das darf nicht sein!',
        'Wie verberge ich Einkaufspreise vor der Planung?',
        'Ein Subunternehmer soll nur seine eigenen Einsätze sehen, keine Beträge.',
        'Auf dem Einsatzbericht stehen Preise.| Geht das auch ohne?'
      ],
      house: [
        'Was jemand sieht, hängt von der Rolle ab, die Sie unter Team > Rollen vergeben.',
        'Monteur und Gast sehen keine Beträge, Planung sieht Verkaufspreise, Abrechnung sieht alles.',
        'Mit dem Haken "Preise in der App" erlauben Sie es einzelnen Monteuren.',
        'Subunternehmer bekommen die Rolle Gast, die auf eigene Einsätze beschränkt ist.',
        'Berichte ohne Preise erzeugen Sie mit der Vorlagenoption "Beträge ausblenden".'
      ],
      extras: [
        'Die Änderung gilt, sobald die Person die App das nächste Mal öffnet.',
        'In Ihrem Konto ist der Haken derzeit bei allen {n} Personen gesetzt.'
      ],
      special: [
        'Der Betrag steht in Ihrem eigenen Text: In der Beschreibung von {job} heißt es "Pauschale {amount}", freien Text kann keine Rolle verbergen. Nehmen Sie stattdessen eine Zeile der Preisliste.'
      ],
      stuck: ['Rolle ist Monteur, die Preise sind trotzdem zu sehen.'],
      second: ['Eine Person kann zwei Rollen haben, die stärkere gilt. Sehen Sie bitte in der zweiten Zeile unter Rolle nach, dort bleibt oft eine Vertretung stehen. Danach melden Sie das Gerät einmal ab.']
    }
  }
]
