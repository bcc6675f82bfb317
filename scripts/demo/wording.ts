// How one topic of the demo is talked about, in each of its two languages.
// Words in braces are filled per ticket; a bar in a question is where an impatient customer presses send.

export type Language = 'en' | 'de'

export interface Topic extends Record<Language, Wording> {
  label: string
  name: string
  page: string                                      // where in the product the question comes up
  tags: string[]
}

export interface Wording {
  subjects: string[]
  questions: string[]
  house: string[]                                   // the team's usual answer, one sentence each
  since?: ProductChange
  extras: string[]                                  // sentences that agents add to it
  special: string[]                                 // quite different answers, for the account at hand
  stuck: string[]                                   // the customer: it did not help
  second: string[]                                  // what is sent then
}

/** The usual answer after a change of the product, and what is asked when an agent still sends the old one. */
export interface ProductChange { house: string[], stuck: string }
