// What a question looks like to the learner: its stems, and the language it is written in.
import { words } from '../text.ts'
import { codesOf } from './codes.ts'

const STEM_LENGTH = 6                               // words cut to six letters: crude, and right for many languages at once
const MOST_STEMS = 120

// Words that say which language a text is in. None stands in two lists, and none is a common word of another language.
const COMMON: Record<string, string> = {
  en: 'the and is of it you for not have with that this but be are we our my how what when can does please from ' +
    "where again there would could should why has get any all your dear hi hello i'm it's don't doesn't isn't can't still which",
  de: 'der die und ist das ich nicht ein zu mit auf für den wir sie eine bei von auch wird uns wie bitte kann haben noch ' +
    'wo warum hallo im unsere unser kein keine nur mehr oder wenn seit hat sind zum zur über nach geht guten wir aber beim',
  fr: 'le les et est je une pas pour que dans des sur vous ce il nous mais avec mon ma',
  es: 'el los y es que por con para mi se lo las como pero una esta cuando hay muy',
  it: 'il di che non per sono ho anche ma della mio con questo ogni dopo gli nel alla',
  pt: 'não um uma para com os em eu meu mas isso quando você está estou também são',
  nl: 'het een en ik niet van dat op voor zijn er maar mijn naar wordt ook geen kan',
  pl: 'nie się że jest jak po tak ale mam od proszę przy gdy są czy już tylko',
  cs: 'se že jsem ale jak nebo při mám jsou není který pro ze po dobrý prosím už',
  hu: 'az és nem hogy van egy meg ezt csak mert nekem ki sem majd lehet kell',
  fi: 'ja ei että mutta kun tai minun olen myös ole joka nyt vain se',
  tr: 've bir bu için ile ama çok nasıl değil var yok olarak gibi daha'
}
const LANGUAGES = Object.keys(COMMON)
const SAID_IN: ReadonlyMap<string, number[]> = new Map(Object.values(COMMON).join(' ').split(' ').map(word =>
  [word, LANGUAGES.flatMap((language, i) => ` ${COMMON[language] ?? ''} `.includes(` ${word} `) ? i : [])]))

/** The language with the most of its commonest words in the text; `und` when none has two. */
export function languageOf (text: string): string {
  const hits = LANGUAGES.map(() => 0)
  for (const word of words(text).slice(0, 200)) {
    for (const i of SAID_IN.get(word) ?? []) hits[i] = (hits[i] ?? 0) + 1
  }
  const most = Math.max(...hits)
  return most < 2 ? 'und' : LANGUAGES[hits.indexOf(most)] ?? 'und'
}

/**
 * The distinct stems of a text, in order of first use, at most 120, each with the first word it was cut from. Numbers of
 * three digits and more stand for themselves as `#`, because invoices differ; a code (SYN-031) is a stem as a whole, too,
 * and comes first. A stem begins with `~`: no word of a hostile text can be the name of something that every object has.
 */
export function stemsOf (text: string): Map<string, string> {
  const stems = new Map<string, string>()
  for (const code of codesOf(text)) stems.set('~' + code.toLowerCase(), code)
  const plain = text.split(/\s+/).filter(part => !part.includes('@') && !/^https?:/i.test(part)).join(' ')
  for (const word of words(plain)) {
    if (word.length < 2) continue
    const stem = /^\p{N}{3,}$/u.test(word) ? '~#' : '~' + word.slice(0, STEM_LENGTH).toWellFormed()
    if (!stems.has(stem)) stems.set(stem, word)
    if (stems.size >= MOST_STEMS) break
  }
  return stems
}
