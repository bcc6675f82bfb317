// A press as the handlers of Slack make it: written down, then carried out; gives back what its author is told.
import type { SlackPresses } from '../../src/http/slack-actions.ts'
import type { PressAct } from '../../src/store/schema.ts'

export async function press (
  presses: SlackPresses, anomaly: string, act: PressAct, by: string, source: string
): Promise<string | null> {
  await presses.take({ source, anomaly, by, user: '', act })
  return await presses.carryOut(source)
}
