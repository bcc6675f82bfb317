// Words that name no topic: the little words of each language, and what people write whatever they ask about.

const LISTS = [
  // English
  `a about after again all also am an and any anyone anything are aren't as at back be because been before being both but by
  can can't cannot come could couldn't did didn't do does doesn't doing don't done down each either else even ever every few
  for from get gets getting give go goes going got had has hasn't have haven't having he her here hers him his how however
  i i'd i'll i'm i've if in instead into is isn't it it's its itself just keep know let like look made make many may me more
  most much must my need needs never new no nobody none nor not nothing now of off on once one only onto or other our ours
  out over own please put really right said same say says see seem seems shall she should shouldn't since so some somebody
  someone something still such sure take tell than thank thanks that that's the their theirs them then there there's these
  they they're thing things think this those through till to today tomorrow too tried try trying two under until up upon us
  use used using very want wants was wasn't way we we'd we'll we're we've well were what what's when where which while who
  whole whom whose why will with within without won't work works would wouldn't yes yesterday yet you you'd you'll you're
  you've your yours hi hello hey dear regards cheers kind best team support help question issue problem anymore already
  told tells asked asking asks give given gives taken takes took find finds found happen happens happened come comes coming show
  shows shown week weeks month months day days year years lot past last next first whether big bigger biggest people person
  time times sorry wondering happy possible able bit little long short morning afternoon evening ago later soon far great
  kindly sincerely wish wishes greetings instead rid part given left turn turned everything another seen believe hope sent`,
  // German
  `aber ab alle allem allen aller alles als also am an andere anderen auch auf aus bei beim bekommen bekomme bereits bin bis
  bitte brauche brauchen da dabei dafür damit danach dann daran darauf darf das dass dazu dein dem den denn der des deshalb
  dich die dies diese diesem diesen dieser dieses dir doch dort du durch dürfen eigentlich ein eine einem einen einer eines
  einfach einmal er erst es etwa etwas euch euer für ganz gar geben gegen geht gehen gerade gern gestern gibt ging gut haben
  habe hallo hat hatte hatten her heute hier hin hätte ich ihm ihn ihnen ihr ihre ihrem ihren ihrer immer im in ins ist ja
  jede jedem jeden jeder jedes jemand jetzt kann kannst kein keine keinem keinen keiner können könnte könnten lassen leider
  machen macht mal man mehr mehrere mein meine meinem meinen meiner mich mir mit morgen muss müssen nach neben nein neu neue
  neuen nicht nichts nie niemand noch nun nur ob oben oder ohne schon sehr sein seine seinem seinen seiner seit selbst sich
  sie sind so sogar soll sollen sollte sonst steht statt stehen tun um und uns unser unsere unserem unseren unserer unten
  unter viel viele vielleicht vielen vom von vor wann war waren warum was weder weil weiter welche welchem welchen welcher
  welches wenn wer werde werden weshalb wie wieder wieso will wir wird wo wohl wollen wurde wurden während wäre würde zu zum
  zur zwar zwei zwischen über danke gruß grüße guten tag liebe viele frage hilfe problem grüßen freundlichen
  freundliche besten beste liebes lieber geehrte geehrten geehrter damen herren team moin servus woche wochen monat monate tage
  tagen jahr jahre erst erste ersten letzte letzten nächste nächsten gemeldet kommt kommen gesagt sagt finden finde findet zeigt
  ganze ganz mehrfach vielleicht eben weiß wissen`,
  // French
  `à ai aller après au aucun aussi autre aux avant avec avez avoir avons bien bonjour ça car ce cela celle celui ces cet cette
  chez ci comme comment dans de depuis des donc du elle elles en encore est et été être eu fait faire faut ici il ils j'ai je
  jour la là le les leur lors lui ma mais me même merci mes moi moins mon ne ni nos notre nous on ont ou où par pas peu peut
  peux plus pour pourquoi pouvez quand que quel quelle qui quoi sa sans se sera ses si son sont sous sur ta te tout toute tous
  très trop tu un une va vers veux voici voilà vos votre vous y c'est d'un d'une n'est qu'il cordialement aide problème`,
  // Spanish
  `a al algo alguien antes aquí así aunque cada como con cual cuando cómo cuál de del desde donde dos el ella ellos en entre
  era es esa ese eso esta estaba estado están estar este esto estos está estoy fue gracias ha hace hacer han hasta hay he hola
  la las le les lo los más me mi mis mucho muy más nada ni no nos nosotros nuestra nuestro o otra otro para pero poder podría
  por porque puede puedo que quien quiero qué se ser si sin sobre solo son soy su sus sí también te tener tengo tiene todo
  todos tu un una unos usted ya yo ayuda problema saludos buenos días`,
  // Italian, Portuguese, Dutch
  `al alla anche ancora che chi ci come con cosa cui da dal dalla dei del della delle di dopo dove e è ed era essere fa fare
  fatto già gli ha hanno ho il in io la le lei lo loro ma me mi mia mio molto ne nel nella no noi non nostro o ogni per perché
  più può puoi quale quando questa questo qui sa se sei si sia solo sono sta su sua suo tra tu tutti tutto un una uno vi voi
  ciao grazie buongiorno aiuto à ao aos as até com como da das de dela dele do dos e ela ele em então era essa esse esta está
  estou eu faz foi há isso isto já lhe mais mas me mesmo meu minha muito na não nas nem no nos nós num o os ou para pela pelo
  pode por porque posso quando que quem se sem ser seu sua são só também tem tenho ter todo tudo um uma você olá obrigado
  aan al alle als bij daar dan dat de deze die dit doen door dus een en er ga geen geweest gaan had heb hebben heeft het hij
  hoe ik in is je kan kunnen maar me meer mij mijn moet na naar niet niets nog nu of om omdat onder ons onze ook op over te
  tegen toch toen tot u uit uw van veel voor waar wat we wel werd wie wij wil worden wordt zal ze zelf zich zijn zo zou hallo
  bedankt groeten graag`
]

const STOP: ReadonlySet<string> = new Set(LISTS.join(' ').split(/\s+/))

/** Says nothing about what a question is about: a little word of any language, one letter, a number. */
export function isStopWord (word: string): boolean {
  return word.length < 3 || STOP.has(word.replaceAll('’', "'")) || !/\p{L}{2}/u.test(word)
}
