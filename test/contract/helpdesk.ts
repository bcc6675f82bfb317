// The contract: what every connector must do, whatever helpdesk is behind it. Each connector's test opens its pretend
// vendor and passes it here; the suite speaks to it over real HTTP on the loopback interface.
import { describeHistory } from './history.ts'
import { describeNotes } from './notes.ts'
import type { Opened, Traits, WithDesk } from './opened.ts'
import { isThere, judge } from './requests.ts'
import type { Sent } from './requests.ts'
import { describeStories } from './stories.ts'

export function describeHelpdesk (name: string, traits: Traits): void {
  const sent: Sent[] = []
  const withDesk: WithDesk = async use => {
    const opened: Opened = await traits.open()
    try {
      await use({ ...opened, helpdesk: opened.connector.open(opened.desk.settings, opened.connection) })
    } finally {
      sent.push(...opened.desk.requests)
      await opened.desk.close()
    }
  }
  describe(`${name}: stories`, () => { describeStories(withDesk, traits) })
  describe(`${name}: notes`, () => { describeNotes(withDesk, traits) })
  describe(`${name}: in bulk`, () => { describeHistory(withDesk) })

  // Stands last, because it judges what the tests above have sent.
  const { spec } = traits
  if (spec === undefined) return
  const where = isThere(spec) ? '' : ' (skipped: the description is not on this machine)'
  const run = isThere(spec) ? test : test.skip
  run(`${name}: every request is one that the vendor describes${where}`, () => {
    const { faults, checked } = judge(spec, sent)
    expect(faults).toEqual([])
    expect(checked).toBeGreaterThan(20)
  })
}
