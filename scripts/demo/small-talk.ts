// What people say around a question and its answer: greetings, thanks, impatience, ratings, agents' notes.

import type { Language } from './wording.ts'

interface SmallTalk {
  hello: string[]
  letterHello: string[]
  bye: string[]                                     // {first} is the customer
  letterBye: string[]
  urge: string[]
  worked: string[]
  notAsked: string[]                                // the answer was about something else
  sorry: string                                     // opens the right answer after a wrong one
  openers: string[]                                 // what an agent puts before an edited answer
  stillStuck: string[]
  byHand: string[]                                  // answers that fit any topic: taken out of the customer's hands
  again: string[]                                   // solved, and back
  praise: string[]
  blame: string[]
  notes: string[]
}

export const smallTalk: Record<Language, SmallTalk> = {
  en: {
    hello: ['Hi,', 'Hello,', 'Hi there,', 'Hi team,', 'Hey,'],
    letterHello: ['Dear support team,', 'Hello Rosterly team,', 'Dear all,'],
    bye: ['Thanks, {first}', 'Thanks!', 'Cheers, {first}', 'Thank you, {first}', 'Thanks a lot'],
    letterBye: ['Best regards\n{name}\n{company}', 'Kind regards\n{name}', 'With thanks and best regards\n{name}\n{company}'],
    urge: ['Could you please help?', "It's rather urgent.", 'No rush, but it would be good to know.', "I'd be grateful for a quick answer.", 'We are stuck until this is sorted.', "Sorry if that's a silly question."],
    worked: ['Thanks, works now!', 'Perfect, that was it. Thank you.', 'Great, sorted.', 'That did the trick, thanks for the quick help.', 'Thank you, all good again.', 'Brilliant, thanks!'],
    notAsked: ['Sorry, but that is not what I asked. Could you read my message again?', 'This answer has nothing to do with my question.', 'I think that was meant for somebody else?'],
    sorry: 'My apologies, I misread your message.',
    openers: ['Thanks for the clear description.', 'Sorry to hear that this is holding you up.', 'Good question, and you are not the first to ask it.', 'Thank you for your patience.'],
    stillStuck: [
      "Thanks, I went through all of that and it doesn't help in my case. Anything else I could try?",
      'Hm, I followed your steps and ended up where I was before.', 'Sorry, that did not work for us.',
      "I'm afraid I still can't get it done that way."
    ],
    byHand: [
      "I would rather go through this together with you than send a list of steps. Do you have ten minutes for a call today? Just answer with a time and a number and I'll ring you.",
      "This one I could do from here, so I did: please reload the page once and have a look. If it isn't what you had in mind, tell me and I will put everything back the way it was.",
      'Your account has a setup of its own, made during onboarding by my colleague Henrike Voll. I have asked her to take over, because she knows what was agreed with you; expect a message from her by tomorrow noon.',
      'Before I say something wrong: could you send me a screenshot of the whole window, and the name of the person who is signed in? There are two possible reasons and I need to see which of them we have.'
    ],
    again: [
      'Sorry to open this again, a colleague tried it today and ran into the same thing.',
      'I was too quick in calling it solved, we are stuck at the same point again.',
      "I have to come back to this, it still isn't right on our side.", 'Unfortunately it is not solved after all.'
    ],
    praise: ['Quick and clear.', 'Very helpful, thanks!', 'Solved in one go.', 'Friendly and to the point.', 'Fast answer.'],
    blame: ['Did not really answer my question.', 'Had to ask twice.', 'Took too long to get to the point.', 'The first answer was simply wrong.', 'Felt like a canned reply.'],
    notes: ['Checked the account: nothing unusual in the log.', 'Spoke to the customer on the phone as well, same question.', 'Third ticket from this company this month, keep an eye on them.', 'Asked development, they know about it.', 'Customer is on a trial, please be generous.', 'Reproduced it in the test company.']
  },
  de: {
    hello: ['Hallo,', 'Guten Tag,', 'Moin,', 'Hallo zusammen,'],
    letterHello: ['Sehr geehrte Damen und Herren,', 'Guten Tag liebes Rosterly-Team,'],
    bye: ['Danke, {first}', 'Vielen Dank!', 'Gruß, {first}', 'Danke schon mal'],
    letterBye: ['Mit freundlichen Grüßen\n{name}\n{company}', 'Freundliche Grüße\n{name}'],
    urge: ['Können Sie bitte helfen?', 'Es eilt leider etwas.', 'Für eine schnelle Antwort wäre ich dankbar.', 'Wir kommen hier gerade nicht weiter.'],
    worked: ['Danke, klappt jetzt!', "Super, das war's. Vielen Dank.", 'Hat funktioniert, danke für die schnelle Hilfe.', 'Alles bestens, danke.'],
    notAsked: ['Das war leider nicht meine Frage. Können Sie noch einmal nachlesen?', 'Die Antwort passt nicht zu meinem Anliegen.'],
    sorry: 'Bitte entschuldigen Sie, ich hatte Ihre Nachricht falsch gelesen.',
    openers: ['Danke für die genaue Beschreibung.', 'Das ist ärgerlich, tut mir leid.', 'Gute Frage, die stellen uns viele.'],
    stillStuck: [
      'Danke, das habe ich alles gemacht, es hilft in unserem Fall leider nicht.',
      'Ich bin Ihren Schritten gefolgt und stehe wieder am Anfang.', 'So klappt es bei uns leider nicht.'
    ],
    byHand: [
      'Am liebsten sehe ich mir das mit Ihnen gemeinsam an. Haben Sie heute zehn Minuten für ein Telefonat? Nennen Sie mir einfach Uhrzeit und Nummer, ich rufe Sie an.',
      'Das konnte ich von hier aus erledigen und habe es gleich getan: Laden Sie die Seite bitte einmal neu. Falls es anders gemeint war, stelle ich gern den alten Stand wieder her.',
      'Bevor ich etwas Falsches sage: Schicken Sie mir bitte ein Bildschirmfoto vom ganzen Fenster und den Namen der angemeldeten Person? Es kommen zwei Ursachen in Frage.'
    ],
    again: [
      'Ich muss das leider noch einmal aufmachen, bei einer Kollegin ist heute dasselbe passiert.',
      'Es ist doch noch nicht gelöst.', 'Ich habe mich zu früh gefreut, wir stehen wieder an derselben Stelle.'
    ],
    praise: ['Schnell und verständlich.', 'Sehr hilfreich, danke!', 'Sofort gelöst.'],
    blame: ['Meine Frage wurde nicht wirklich beantwortet.', 'Ich musste zweimal nachfragen.', 'Die erste Antwort war schlicht falsch.'],
    notes: ['Konto geprüft, im Protokoll ist nichts auffällig.', 'Kunde hat auch angerufen, gleiche Frage.', 'Mit der Entwicklung gesprochen, ist dort bekannt.']
  }
}
