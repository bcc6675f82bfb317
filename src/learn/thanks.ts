// A message that only says thank you, or that it works now. It is made of nothing but such words: one word more, a
// question mark or a number, and it may ask something.
import { words } from '../text.ts'
import { coreOf } from './reward.ts'

const MOST_CHARACTERS = 300
const MOST_WORDS = 24

// Words that thank. Without one of these, or one of DONE, nothing is thanks.
const THANKS = 'thanks thank thx ty tysm cheers appreciated appreciate grateful danke dankeschön dankesehr dank danken merci remercie gracias obrigado obrigada obg grazie bedankt dankjewel dankuwel dankje'

// Words that say that all is well.
const DONE = 'works worked working solved fixed resolved sorted perfect perfectly great excellent awesome brilliant super wunderbar prima perfekt klasse geklappt funktioniert gelöst erledigt klappt läuft parfait génial résolu fonctionne marche perfecto genial excelente resuelto funciona solucionado perfeito ótimo resolvido perfetto ottimo risolto funzionante opgelost werkt geweldig fantastisch top'

// What stands between them in every one of the languages. No word that asks, denies, contrasts or tells.
const BETWEEN = 'you so very much a lot again for your the quick help reply response answer support time fast prompt kind and all everything it that this is was now really many have nice good day weekend one got ok okay yes just many team guys everyone both too well done wonderful amazing sir madam dear hi hello hey in advance best regards kind ' +
  'vielen herzlichen besten lieben recht schön sehr für die der das schnelle hilfe antwort rückmeldung unterstützung und alles jetzt nun es hat ist ihnen dir euch ihre deine eure tolle super gut tag wochenende noch einen schönen wieder so wir ich auch ja okay hallo liebe grüße viele im voraus ' +
  "beaucoup infiniment pour votre ton ta aide réponse retour rapide c'est ça tout vous te je et bien maintenant bonne bonjour journée oui d'accord très mille de la le d'avance cordialement " +
  'muchas muchísimas mil por su tu ayuda respuesta rápida todo ya ahora bien muy es está sí y la el hola buen día saludos de antemano ' +
  'muito muita pela pelo sua ajuda resposta rápida tudo agora bem está sim e a o olá bom dia obrigados ' +
  "mille molte tante per la l'aiuto aiuto risposta il vostro tuo suo supporto tutto ora adesso bene è va sì ciao buona buongiorno giornata gentile gentilissimi " +
  'hartelijk heel erg veel voor de het je uw hulp snelle antwoord reactie alles nu weer goed is dat ja hoi fijne dag super allemaal wel u'

// Whoever begins with one of these calls for help; with one of the verbs he may ask and have forgotten the question mark.
const CALLS = 'help support hilfe unterstützung antwort answer reply response aide aidez ayuda respuesta ajuda resposta aiuto risposta supporto hulp antwoord quick fast schnelle rapide rápida snelle'
const VERBS = 'is are has was have ist hat est está è sim'

const ALL_WELL = /^(?:[\s!.]|(?:👍|🙏|😊|🙂|😀|😃|🎉|❤|✅|👌|💯|🥳|👏)\p{Emoji_Modifier}?\u{FE0F}?)+$/u
const EMOJI = /\p{Extended_Pictographic}/u
const NAME = /^\p{Lu}[\p{L}'’.-]{1,20}(?: \p{Lu}[\p{L}'’.-]{0,20}){0,2}[,.!]?$/u

/**
 * Does a message say nothing but thank you, or that all is well? Greeting, sign-off and a name below it are left out, and
 * a name may follow the thanks (`Thanks Mira!`). At most 24 words, no digit, no question mark. Total and linear.
 */
export function isThanks (text: string): boolean {
  if (text.length > MOST_CHARACTERS || /[?\p{N}]|https?:/u.test(text)) return false
  if (ALL_WELL.test(text) && EMOJI.test(text)) return true
  const core = coreOf(text)
  const [, ...below] = linesOf(text.slice(text.lastIndexOf(core) + core.length))
  if (!below.every(line => NAME.test(line))) return false      // a postscript below the sign-off
  const lines = linesOf(core)
  if (lines.length > 1 && NAME.test(lines.at(-1) ?? '') && !has(THANKS, words(lines.at(-1) ?? '')[0])) lines.pop()
  const said = words(withoutName(lines.join('\n')))
  if (said.length === 0 || said.length > MOST_WORDS) return false
  if (!said.every(word => has(THANKS, word) || has(DONE, word) || has(BETWEEN, word))) return false
  const [first] = said
  if (has(CALLS, first)) return false
  return said.some(word => has(THANKS, word)) || (said.some(word => has(DONE, word)) && !has(VERBS, first))
}

// A name right behind the thanks, with nothing but a mark or the end of the line after it.
function withoutName (text: string): string {
  return text.replace(/\b(thanks|thank you|thx|cheers|danke|merci|gracias|obrigad[oa]|grazie|bedankt),? (\p{Lu}[\p{L}-]{1,20})(?=[!.,]|$|\n)/giu,
    (whole, thanks: string, name: string) => /^\p{Lu}/u.test(name) ? thanks : whole)
}

function linesOf (text: string): string[] {
  return text.split('\n').map(line => line.trim()).filter(line => line !== '')
}

function has (list: string, word: string | undefined): boolean {
  return word !== undefined && ` ${list} `.includes(` ${word} `)
}
