// Questions and answers about getting in: passwords, the second factor, inviting people.

import type { Topic } from './wording.ts'

export const accountTopics: Topic[] = [
  {
    label: 'password_reset',
    name: 'Password and sign-in',
    page: '/sign-in',
    tags: ['login'],
    en: {
      subjects: ["Can't log in", 'Password reset mail missing', 'Account locked'],
      questions: [
        "I forgot my password and the reset mail isn't coming.",
        'The link for a new password says it has expired, I clicked it right away.',
        'My account is locked after too many tries, please open it.',
        "{tech} can't sign in to the app, the office login works with the same password.",
        'it says unknown user but i used that address for two years.| {browser}',
        'After choosing a new password I land on the sign-in page again and again.',
        'I have a new mail address since we changed our domain. How do I sign in now?',
        'How long must a password be? Rosterly refuses everything I try.'
      ],
      house: [
        'You can set a new password yourself on the sign-in page with Forgot password.',
        'The mail comes from no-reply@rosterly.example within two minutes, so please have a look at your spam folder as well.',
        'Its link works once and for 30 minutes, and only the newest one counts if you asked several times.',
        'After six wrong tries the account is locked for 15 minutes and then opens by itself.',
        'A password needs twelve characters; anything else is up to you.'
      ],
      extras: [
        'If you are sent back to the sign-in page, delete the cookies of rosterly.example in {browser}.',
        'For {tech} the company code from the invitation is needed in the app too.',
        'I have just triggered a fresh mail to your address.'
      ],
      special: [
        'Your user is registered with the old domain and mail to it goes nowhere. Since you wrote from an address we know, I changed it to the new one and sent the link there.',
        'That login was deactivated on {date} by the owner of your account, so I am not allowed to open it. Please talk to {tech}; it takes one click under Crew > People.'
      ],
      stuck: ['Still no mail, spam is empty as well.', 'Same loop after deleting the cookies.'],
      second: ["Our log says that your mail server took the message and sorted it out afterwards. To get you working, I have created a one-time code; please call the number on your invoice and we'll read it to you after two questions. In the long run your IT should allow our sender."]
    },
    de: {
      subjects: ['Anmeldung klappt nicht', 'Passwort vergessen'],
      questions: [
        'Ich habe mein Passwort vergessen und die Mail zum Zurücksetzen kommt nicht.',
        'Mein Zugang ist nach zu vielen Versuchen gesperrt, bitte freischalten.',
        'Der Link für das neue Passwort sei abgelaufen, dabei habe ich ihn sofort angeklickt.',
        '{tech} kommt nicht in die App, im Büro geht dasselbe Passwort.| Was tun?'
      ],
      house: [
        'Ein neues Passwort vergeben Sie selbst auf der Anmeldeseite über "Passwort vergessen".',
        'Die Mail kommt binnen zwei Minuten von no-reply@rosterly.example, sehen Sie bitte auch im Spam nach.',
        'Der Link gilt einmal und 30 Minuten lang, bei mehreren Anfragen zählt nur der neueste.',
        'Nach sechs Fehlversuchen ist der Zugang 15 Minuten gesperrt und öffnet sich dann von selbst.',
        'Ein Passwort braucht zwölf Zeichen, alles andere ist Ihnen überlassen.'
      ],
      extras: [
        'Landen Sie immer wieder bei der Anmeldung, löschen Sie in {browser} die Cookies von rosterly.example.',
        'Ich habe soeben eine neue Mail an Ihre Adresse ausgelöst.'
      ],
      special: [
        'Ihr Zugang läuft noch auf die alte Domain, dorthin geht keine Post mehr. Da Sie von einer bekannten Adresse schreiben, habe ich sie umgestellt und den Link dorthin geschickt.'
      ],
      stuck: ['Es kommt weiterhin keine Mail, auch nicht im Spam.'],
      second: ['Laut Protokoll hat Ihr Mailserver die Nachricht angenommen und danach aussortiert. Damit Sie arbeiten können, habe ich einen Einmalcode angelegt; rufen Sie uns bitte unter der Nummer auf Ihrer Rechnung an.']
    }
  },
  {
    label: 'two_factor',
    name: 'Second factor lost',
    page: '/sign-in/code',
    tags: ['login', 'security'],
    en: {
      subjects: ['New phone, no codes', '2FA locked out', 'Security code refused'],
      questions: [
        'I have a new phone and the six digit codes are gone with the old one.',
        "The security code is always wrong, I've tried {n} times.",
        'How do I make two-factor mandatory for all office users?',
        'Where do I find the recovery codes again?',
        '{tech} lost his {phone} yesterday.| how can i get him back in and lock the old one',
        'Do we have to type in a code every single morning? Can the office PC be trusted?',
        'Can I receive the code by text message in place of the app?',
        'Our owner is on leave abroad and has no code, nobody else can release him.'
      ],
      house: [
        'If you still have one of your ten recovery codes, type it in where the six digits are asked for.',
        'Otherwise an owner of your account can reset the second factor under Crew > People > Security.',
        'At the next sign-in you scan a new QR code, and the old phone is out from that moment.',
        'A code that is always refused comes from a phone whose clock is wrong, so please set it to automatic.',
        'With Trust this device you are asked only once in 30 days.'
      ],
      extras: [
        'Codes by text message are not offered, because they are too easy to steal.',
        'A lost phone should also be signed out under Devices in the same place.',
        'Making it mandatory is a switch under Office > Security, with a grace period of seven days.'
      ],
      special: [
        'As the only owner is locked out, we have to check who you are. Please send a letterhead with the signature of a managing director to security@rosterly.example. We call back under the number in the trade register, then remove the second factor the same day.',
        'Your company signs in through its own identity provider, and the code you mention is asked for there, not by us. The IT of {client} looks after it; we can neither see nor reset it.'
      ],
      stuck: ['None of the recovery codes are accepted.', "The owner doesn't see a Security tab."],
      second: ['Recovery codes are replaced as soon as somebody makes a new list, so yours are probably from the first one. I can see that {tech} is an owner as well and has a working second factor: please ask for the reset there. The tab appears when the window is wide enough or the tablet is turned.']
    },
    de: {
      subjects: ['Neues Handy, keine Codes', 'Zwei-Faktor gesperrt'],
      questions: [
        'Ich habe ein neues Handy, die Codes waren auf dem alten.',
        'Der sechsstellige Code ist angeblich immer falsch.',
        '{tech} hat gestern sein {phone} verloren.| Wie kommt er wieder hinein?',
        'Müssen wir wirklich jeden Morgen einen Code eingeben?'
      ],
      house: [
        'Haben Sie noch einen der zehn Wiederherstellungscodes, geben Sie ihn anstelle der sechs Ziffern ein.',
        'Sonst kann ein Inhaber den zweiten Faktor unter Team > Personen > Sicherheit zurücksetzen.',
        'Bei der nächsten Anmeldung scannen Sie einen neuen QR-Code, das alte Handy ist damit ausgesperrt.',
        'Wird jeder Code abgelehnt, geht die Uhr des Handys falsch, stellen Sie sie bitte auf automatisch.',
        'Mit "Diesem Gerät vertrauen" werden Sie nur alle 30 Tage gefragt.'
      ],
      extras: [
        'Codes per SMS bieten wir nicht an, sie sind zu leicht abzufangen.',
        'Ein verlorenes Handy melden Sie bitte am selben Ort unter Geräte ab.'
      ],
      special: [
        'Da der einzige Inhaber ausgesperrt ist, müssen wir Sie erst prüfen. Senden Sie bitte einen Briefbogen mit Unterschrift der Geschäftsführung an security@rosterly.example, wir rufen dann zurück.'
      ],
      stuck: ['Keiner der Wiederherstellungscodes wird angenommen.'],
      second: ['Die Codes werden ersetzt, sobald jemand eine neue Liste erstellt, Ihre sind wohl von der ersten. {tech} ist ebenfalls Inhaber und kann Sie zurücksetzen.']
    }
  },
  {
    label: 'invite_users',
    name: 'Inviting people',
    page: '/crew/people',
    tags: ['users'],
    en: {
      subjects: ['Add a new colleague', 'Invitation not working', 'New technician'],
      questions: [
        'We hired two people, how do I give them access?',
        'Where do I add a new technician? I found the list but there is no plus.',
        'The invitation I sent to {tech} on {date} has expired.',
        'Can I invite somebody who has no mail address, just a mobile number?',
        'Our new colleague got the invite but lands in an empty account.| did I do something wrong?',
        'How do I remove a person who left without losing the old job sheets?',
        "I'd like to invite our tax adviser with access to invoices only.",
        'Need to set up {n} seasonal workers for next month, is there a quick way?'
      ],
      house: [
        'New people are added under Office > Users with the button Invite.',
        'Enter name and mail address or mobile number, choose a role and press Send.',
        'The invitation is valid for seven days, and Send again renews it.',
        'Who leaves is set to Inactive on the same page, so that job sheets and hours are kept.',
        'For many people at once use Upload list on that page.'
      ],
      since: {
        house: [
          'With the update of 26 October people have moved: you now find them in the main menu under Crew > People.',
          'Click Add person at the top right, enter a name with mail address or mobile number, and choose a role.',
          'Invitations are valid for 14 days now, and the arrow next to a name renews one.',
          'To remove somebody open the person and choose Archive; hours and job sheets stay in place.',
          'Several people at once can be pasted from a spreadsheet with Add many.'
        ],
        stuck: 'There is no Users entry under Office any more, only Company, Plan and Security. Where did it go?'
      },
      extras: [
        'Please make sure that the address is written in the same way as in the invitation.',
        'A tax adviser gets the role Billing and does not count as a seat.',
        'I have renewed the invitation for {tech} just now.'
      ],
      special: [
        'Your colleague opened the invitation while signed in as somebody else, and so made a second, empty company. I have joined the two; after the next sign-in your board will be there.',
        'All {n} seats of your plan are taken, which is why nothing happens when you press the button. Either archive one of the three people who have not signed in since {month}, or add a seat on the plan page.'
      ],
      stuck: ["I did that, the new colleague still can't get in.", 'The button is grey for me.'],
      second: ["Only owners may invite people, and your role is Planner; the grey button is meant to say so, if not very clearly. {tech} is an owner at your company and can either send the invitation or make you one too. As soon as it's sent, the new colleague should open the link in a private window."]
    },
    de: {
      subjects: ['Neuen Mitarbeiter anlegen', 'Einladung abgelaufen'],
      questions: [
        'Wir haben zwei Leute eingestellt, wie bekommen sie Zugang?',
        'Die Einladung an {tech} vom {date} ist abgelaufen.',
        'Kann ich jemanden ohne Mailadresse einladen, nur mit Handynummer?',
        'Wie entferne ich jemanden, der gegangen ist,| ohne die alten Berichte zu verlieren?'
      ],
      house: [
        'Neue Personen legen Sie unter Büro > Benutzer mit dem Knopf "Einladen" an.',
        'Geben Sie Name und Mailadresse oder Handynummer ein, wählen Sie eine Rolle und klicken Sie auf Senden.',
        'Die Einladung gilt sieben Tage, "Erneut senden" verlängert sie.',
        'Wer geht, wird auf derselben Seite auf Inaktiv gesetzt, Berichte und Stunden bleiben erhalten.',
        'Für viele Personen auf einmal nehmen Sie dort "Liste hochladen".'
      ],
      since: {
        house: [
          'Mit dem Update vom 26. Oktober sind die Personen umgezogen: Sie finden sie jetzt im Hauptmenü unter Team > Personen.',
          'Klicken Sie oben rechts auf "Person hinzufügen", tragen Sie Name und Mailadresse oder Handynummer ein und wählen Sie eine Rolle.',
          'Einladungen gelten nun 14 Tage, der Pfeil neben dem Namen erneuert sie.',
          'Zum Entfernen öffnen Sie die Person und wählen "Archivieren"; Stunden und Berichte bleiben bestehen.',
          'Mehrere Personen fügen Sie mit "Viele hinzufügen" aus einer Tabelle ein.'
        ],
        stuck: 'Unter Büro gibt es keinen Punkt Benutzer mehr. Wo ist der hin?'
      },
      extras: [
        'Ein Steuerberater bekommt die Rolle Abrechnung und zählt nicht als Platz.',
        'Die Einladung für {tech} habe ich soeben erneuert.'
      ],
      special: [
        'Ihr Kollege hat die Einladung geöffnet, während jemand anderes angemeldet war, und dabei eine zweite, leere Firma angelegt. Ich habe beide zusammengeführt.'
      ],
      stuck: ['Habe ich gemacht, der neue Kollege kommt trotzdem nicht hinein.'],
      second: ['Einladen dürfen nur Inhaber, Ihre Rolle ist Planung. {tech} ist bei Ihnen Inhaber und kann die Einladung senden; der neue Kollege öffnet den Link am besten in einem privaten Fenster.']
    }
  }
]
