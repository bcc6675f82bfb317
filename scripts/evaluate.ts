// deskloop evaluate: reads what is to be measured, and prints one JSON document; of anomalies, alerts as they come.
// Progress goes to stderr.
import { join } from 'node:path'
import { evaluateAnomalies } from './evaluate-anomalies.ts'
import { readRules } from '../src/config-files.ts'
import { evaluatePoisoning } from './evaluate-poisoning.ts'
import { evaluateReplies } from './evaluate-replies.ts'
import { evaluateTopics } from './evaluate-topics.ts'

type Text = string | undefined

interface Values {
  weekly?: Text, tickets?: Text, train?: Text, val?: Text, test?: Text, stream?: Text
  articles?: Text, shuffle?: Text, dump?: Text, plot?: Text
  shots: string, draws: string, orders: string, seed: string, budget: string, parts: string
}

export async function evaluate (what: string, values: Values): Promise<void> {
  if (what === 'anomalies') {
    const budget = Number(values.budget)
    if (!(budget > 0)) throw new Error('--budget is the false alarms a week that you accept, above 0')
    return await evaluateAnomalies({ weekly: values.weekly ?? null, tickets: values.tickets ?? null, budget })
  }
  const said = {
    stream: values.stream ?? null,
    seed: wholeOf(values.seed, '--seed'),
    dump: values.dump ?? null,
    now: () => performance.now(),
    say: (line: string) => { process.stderr.write(`${line}\n`) }
  }
  if (what === 'poisoning') {
    const rules = readRules(join(import.meta.dirname, '../config'), '', [])
    const { train = null, test = null } = values
    const parts = values.parts.split(',').filter(part => part !== '')
    const report = await evaluatePoisoning({ ...said, train, test, parts, rules })
    process.stdout.write(`${JSON.stringify(report, null, 2)}\n`)
    return
  }
  if (what !== 'topics' && what !== 'replies') {
    throw new Error('evaluate needs to know what: deskloop evaluate topics|replies|poisoning|anomalies')
  }
  const report = what === 'replies'
    ? await evaluateReplies({ ...said, articles: values.articles ?? null, orders: wholeOf(values.orders, '--orders') })
    : await evaluateTopics({
      ...said,
      train: values.train ?? null,
      val: values.val ?? null,
      test: values.test ?? null,
      plot: values.plot ?? null,
      shots: values.shots === '' ? [] : values.shots.split(',').map(n => wholeOf(n, '--shots')),
      draws: wholeOf(values.draws, '--draws'),
      orders: wholeOf(values.orders, '--orders'),
      shuffle: values.shuffle === undefined ? null : wholeOf(values.shuffle, '--shuffle')
    })
  process.stdout.write(`${JSON.stringify(report, null, 2)}\n`)
}

function wholeOf (text: string, option: string): number {
  const n = Number(text)
  if (text.trim() === '' || !Number.isSafeInteger(n) || n < 0) {
    throw new Error(`${option} takes whole numbers, not '${text}'`)
  }
  return n
}
