// When an anomaly is worth an issue, and which open issues look like it. Engineers read few issues and trust them for that:
// what is too small, has nothing to go by, or is known already is not filed, unless a person says why.
import { words } from '../text.ts'
import { isStopWord } from './stop-words.ts'

export interface FilingRules {
  leastTickets: number
  leastCustomers: number                            // companies, where they are known
  perDay: number                                    // issues within 24 hours, over all anomalies
  automatic: string[]                               // kinds of anomalies that are filed without a person
}

export interface FilingFacts {
  tickets: number
  customers: number
  evidence: number                                  // tickets whose words are still there: what an engineer could go by
  openIssue: string | null                          // of ours, of the same topic, not done
  filedToday: number
}

/** Why it should not be filed, in one sentence; null: the gate holds. Pure. */
export function whyNotFile (facts: FilingFacts, rules: FilingRules): string | null {
  const faults = [
    facts.tickets < rules.leastTickets
      ? `it has ${count(facts.tickets, 'ticket')}, and an issue should have ${rules.leastTickets}`
      : null,
    facts.customers < rules.leastCustomers
      ? `they come from ${count(facts.customers, 'customer')}, and an issue should have ${rules.leastCustomers}`
      : null,
    facts.evidence === 0 ? 'what its customers wrote is not there any more' : null,
    facts.openIssue === null ? null : `${facts.openIssue} is open for the same topic`,
    facts.filedToday >= rules.perDay
      ? `${count(facts.filedToday, 'issue')} were filed within 24 hours, as many as are wanted in a day`
      : null
  ].filter(fault => fault !== null)
  const [first] = faults
  return first === undefined ? null : `${first[0]?.toUpperCase() ?? ''}${faults.join('; ').slice(1)}.`
}

export interface Likeness { identifier: string, id: string, title: string, url: string, score: number }

/**
 * How alike open issues are to an anomaly, the most alike first: the share of words in common (Dice 1945), 0 to 1, of its
 * title and terms with each issue's title and the beginning of its text. Little words and numbers do not count. Pure.
 */
export function rankIssues (
  said: string, issues: Array<{ id: string, identifier: string, title: string, url: string, description: string }>
): Likeness[] {
  const own = tellingWords(said)
  return issues.map(({ id, identifier, title, url, description }) => {
    const other = tellingWords(`${title} ${description.slice(0, 600)}`)
    const common = [...own].filter(word => other.has(word)).length
    const titleWords = tellingWords(title)
    const inTitle = [...own].filter(word => titleWords.has(word)).length
    const score = Math.max(dice(common, own.size, other.size), dice(inTitle, own.size, titleWords.size))
    return { id, identifier, title, url, score }
  }).sort((a, b) => b.score - a.score || (a.identifier < b.identifier ? -1 : 1))
}

function dice (common: number, a: number, b: number): number {
  return a + b === 0 ? 0 : 2 * common / (a + b)
}

function tellingWords (text: string): Set<string> {
  return new Set(words(text.toLowerCase()).filter(word => word.length > 2 && !/^\d+$/.test(word) && !isStopWord(word)))
}

function count (n: number, what: string): string {
  return `${n} ${what}${n === 1 ? '' : 's'}`
}
