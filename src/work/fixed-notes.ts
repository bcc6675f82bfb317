// Tells the tickets of an anomaly that its issue is done: an internal note on each, with a reply that is ready to be sent,
// in the language of the customer. Whether to send it is for the agent to say.
import type { Instant, Note } from '../types.ts'
import type { EffectRequest } from '../outside.ts'
import type { Helpdesk } from '../types.ts'
import { GiveUp, RetryLater } from '../errors.ts'
import { languageOf } from '../learn/features.ts'
import { silencedAt, sortStory, turnsOf } from '../learn/story.ts'
import { findAnomaly } from '../store/anomalies.ts'
import type { Anomaly } from '../store/anomalies.ts'
import type { Db } from '../store/db.ts'
import { findPart } from '../store/splits.ts'
import { readStories, refOf } from '../store/stories.ts'
import type { EffectPerformer } from './effects.ts'
import { makeNotePerformerOf } from './private-notes.ts'

export interface FixedNoteDeps {
  db: Db
  helpdesks: ReadonlyMap<string, Helpdesk>
  home: string
  resendAfterMs: (connection: string) => number
}

const LONGEST_SECONDS = 3_600                       // by then a story that does not come would have been caught up with

// What every language says: that it is repaired, that he may try again, that an answer reaches us. Nothing about what it was.
const READY: Record<string, string> = {
  en: 'The problem that you wrote to us about has been fixed.\n\nCould you please try again? If it still happens, simply answer here and we will look at it at once.',
  de: 'Das Problem, das Sie uns gemeldet haben, ist behoben.\n\nKönnten Sie es bitte noch einmal versuchen? Falls es weiterhin auftritt, antworten Sie einfach hier, dann sehen wir es uns sofort an.',
  fr: 'Le problème que vous nous avez signalé est corrigé.\n\nPourriez-vous réessayer ? S’il persiste, répondez simplement ici et nous le regarderons aussitôt.',
  es: 'El problema que nos indicó está resuelto.\n\n¿Podría intentarlo de nuevo? Si continúa, responda aquí y lo revisaremos de inmediato.',
  it: 'Il problema che ci ha segnalato è stato risolto.\n\nPotrebbe riprovare? Se si ripresenta, risponda semplicemente qui e lo controlleremo subito.',
  pt: 'O problema que nos comunicou está resolvido.\n\nPode tentar novamente? Se continuar, basta responder aqui e veremos de imediato.',
  nl: 'Het probleem dat u ons heeft gemeld, is opgelost.\n\nKunt u het nog eens proberen? Als het blijft gebeuren, antwoord dan gewoon hier, dan kijken we er meteen naar.'
}

export function makeFixedNotePerformer (deps: FixedNoteDeps): EffectPerformer {
  const { helpdesks, resendAfterMs } = deps
  const performer = makeNotePerformerOf('fixed', { helpdesks, resendAfterMs, note: makeNote })
  return {
    ...performer,
    async send (effect, beforeWrite) {
      try {
        return await performer.send(effect, beforeWrite)
      } catch (error) {
        const ageSeconds = 'ageSeconds' in effect && typeof effect.ageSeconds === 'number' ? effect.ageSeconds : 0
        // Somebody wrote since the story was read: the news is as true as before, and the next look knows what was written.
        const movedOn = error instanceof GiveUp && error.message.startsWith('too late:') && ageSeconds < LONGEST_SECONDS
        throw movedOn ? new RetryLater(error.message, Math.max(5_000, ageSeconds * 250)) : error
      }
    }
  }

  async function makeNote (effect: EffectRequest): Promise<Note> {
    const anomaly = await findAnomaly(deps.db, { id: String(effect.payload['anomaly']) })
    if (anomaly === null) throw new GiveUp('skipped: the anomaly is gone')
    if (anomaly.state !== 'fixed' && anomaly.state !== 'verified') throw new GiveUp('skipped: it is not fixed after all')
    const ref = { connection: effect.account, ticketId: effect.ticketId }
    if ((await findPart(deps.db, anomaly.id, ref) ?? anomaly.id) !== anomaly.id) throw new GiveUp('skipped: the ticket was split off')
    const story = sortStory((await readStories(deps.db, [ref])).get(refOf(ref)) ?? [])
    if (silencedAt(story) !== null) throw new GiveUp('skipped: the ticket was deleted, merged or marked as spam')
    const newest = story.findLast(e => e.kind === 'asked' || e.kind === 'answered')
    const asked = turnsOf(story)[0]?.messages[0]
    if (newest === undefined || asked === undefined || !('messageId' in newest)) {
      throw new GiveUp('skipped: its messages were erased')
    }
    const language = languageOf(asked.text)
    return layOutFixed(anomaly, { key: effect.marker, basis: newest.messageId, language }, deps.home)
  }
}

/** Line one says what happened; the reply stands alone between two rules. */
export function layOutFixed (
  anomaly: Anomaly, { key, basis, language }: { key: string, basis: string, language: string }, home: string
): Note {
  const issue = anomaly.issueIdentifier ?? 'the issue'
  const text = READY[language] ?? READY['en'] ?? ''
  return {
    key,
    basis,
    closedToo: true,                                // many of them were closed while nobody could help
    parts: [
      { kind: 'headline', label: 'Fixed · private', text: `${issue} is done since ${showTime(anomaly.fixedAt)}` },
      { kind: 'rule' },
      { kind: 'draft', paragraphs: text.split('\n\n') },
      { kind: 'rule' },
      { kind: 'facts', items: [{ label: 'Why', text: `this ticket is one of ${anomaly.tickets} about ${anomaly.title}` }] },
      {
        kind: 'footer', hint: 'Check that it is true for this customer before you send it.',
        links: home === '' ? [] : [{ text: 'All of them', url: `${home}/anomalies/${anomaly.id}` }], key
      }
    ]
  }
}

function showTime (at: Instant | null): string {
  return at === null ? 'now' : `${at.slice(0, 16).replace('T', ' ')} UTC`
}
