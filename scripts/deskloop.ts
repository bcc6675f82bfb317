#!/usr/bin/env node
// The command line. Reads what is wanted, opens what it needs, and says plainly what is wrong.
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { readConfig } from '../src/config.ts'
import { findConnectors } from '../src/connectors.ts'
import { openLog } from '../src/log.ts'

const root = join(dirname(fileURLToPath(import.meta.url)), '..')

const COMMANDS: Record<string, string> = {
  start: 'the service: start [--only web|worker]',
  demo: 'weeks of tickets through pretend helpdesks: demo [--tickets FILE] [--kills N] [--disorder] [--exit] [--json]',
  backtest: 'a ticket archive told again: backtest FILE [--articles FILE] [--html FILE] [--resume FOLDER] [--json] [--dump FILE]',
  evaluate: 'the learning parts alone, on files: evaluate topics | replies | poisoning | anomalies (see the README)',
  bench: 'measurements: bench ingest [--rates 200,500,1000,2000] [--seconds 20] [--json], bench watch [--json]',
  prove: 'promises kept under faults, on pretend vendors: prove NAME [--json] [--specs FOLDER] [--journal FILE]; without a name it lists them',
  connect: 'sets up a helpdesk: connect NAME [--url https://…] [--yes] [--ticket ID] [--wait SECONDS] [--json]',
  secret: 'secrets of webhooks, changed while the service runs: secret NAME [--add (by stdin) | --new] [--end ID [--in SECONDS]]',
  disconnect: 'removes what connect made there: disconnect NAME [--url https://…] [--yes] [--json]',
  backfill: 'reads a helpdesk’s history back, newest first: backfill NAME [--since 2025-01-01] [--json]',
  doctor: 'looks at everything and says what to do: doctor [--json]',
  migrate: 'brings the database up to date',
  replay: 'reads unreadable deliveries again: replay --failed'
}

async function main (): Promise<void> {
  const [command = '', ...rest] = process.argv.slice(2)
  if (!(command in COMMANDS)) {
    process.stderr.write(`deskloop <command>\n${Object.entries(COMMANDS).map(([name, says]) => `  ${name.padEnd(10)} ${says}`).join('\n')}\n`)
    process.exitCode = command === '' || command === 'help' || command === '--help' ? 0 : 2
    return
  }
  const { values, positionals } = parseArgs({
    args: rest,
    allowPositionals: true,
    options: {
      only: { type: 'string' },
      tickets: { type: 'string' },
      desk: { type: 'string' },
      since: { type: 'string' },
      json: { type: 'boolean', default: false },
      dump: { type: 'string' },
      plot: { type: 'string' },
      html: { type: 'string' },
      resume: { type: 'string' },
      kills: { type: 'string', default: '0' },
      disorder: { type: 'boolean', default: false },
      exit: { type: 'boolean', default: false },
      rates: { type: 'string', default: '200,500,1000,2000' },
      seconds: { type: 'string', default: '20' },
      failed: { type: 'boolean', default: false },
      url: { type: 'string' },
      yes: { type: 'boolean', default: false },
      ticket: { type: 'string' },
      train: { type: 'string' },
      val: { type: 'string' },
      test: { type: 'string' },
      stream: { type: 'string' },
      articles: { type: 'string' },
      shots: { type: 'string', default: '' },
      draws: { type: 'string', default: '5' },
      orders: { type: 'string', default: '0' },
      shuffle: { type: 'string' },
      seed: { type: 'string', default: '7' },
      parts: { type: 'string', default: '' },
      weekly: { type: 'string' },
      budget: { type: 'string', default: '1' },
      wait: { type: 'string' },
      add: { type: 'boolean', default: false },
      new: { type: 'boolean', default: false },
      end: { type: 'string' },
      in: { type: 'string', default: '0' },
      specs: { type: 'string' },
      runs: { type: 'string' },
      journal: { type: 'string' }
    }
  })
  if (command === 'evaluate') {
    const { evaluate } = await import('./evaluate.ts')
    return await evaluate(positionals[0] ?? '', values)
  }
  const connectors = await findConnectors(join(root, 'connectors'))
  if (command === 'demo') {
    const { demo } = await import('./demo.ts')
    const { tickets = null, kills, disorder, exit, json } = values
    return await demo({ root, tickets, kills: Number(kills), disorder, exit, json })
  }
  if (command === 'prove') {
    const { prove } = await import('./prove.ts')
    const smaller = {
      ...(values.tickets === undefined ? {} : { tickets: Number(values.tickets) }),
      ...(values.desk === undefined ? {} : { desk: values.desk }),
      ...(values.runs === undefined ? {} : { runs: Number(values.runs) })
    }
    const { json, specs = process.env['DESKLOOP_SPECS'] ?? null, journal = null } = values
    const words = positionals.slice(1)
    return await prove({ root, name: positionals[0] ?? '', words, json, specs, journal, ...smaller })
  }
  if (command === 'connect' || command === 'disconnect') {
    const { connectCommand } = await import('./connect.ts')
    const { url = null, yes, ticket = null, json } = values
    const goal = command === 'connect' ? 'connected' : 'disconnected'
    const name = positionals[0] ?? ''
    const waitSeconds = values.wait === undefined ? null : Math.max(1, Number(values.wait) || 600)
    const wish = { name, goal, url, yes, ticket, json, waitSeconds } as const
    process.exitCode = await connectCommand({ root, connectors, env: process.env, ...wish })
    return
  }
  if (command === 'secret') {
    const { lenientConfig, secretCommand } = await import('./secret.ts')
    const { add, new: draw, end = null } = values
    const wish = { add, draw, end, inSeconds: Math.max(0, Number(values.in) || 0) }
    const config = lenientConfig(process.env, root, connectors)
    return await secretCommand({ root, connectors, config, name: positionals[0] ?? '', ...wish })
  }
  const config = readConfig(process.env, join(root, 'config'), connectors)
  if (command === 'backtest') {
    const [file] = positionals
    if (file === undefined) throw new Error('backtest needs a ticket archive: deskloop backtest FILE')
    const { backtest } = await import('./backtest.ts')
    return await backtest(
      {
        file, articles: values.articles ?? null, json: values.json, dump: values.dump ?? null,
        html: values.html ?? null, resume: values.resume ?? null, rules: config.rules,
        escalation: config.escalation, prices: config.model,
        now: () => performance.now()
      }
    )
  }
  if (command === 'bench') {
    const { bench } = await import('./bench.ts')
    return await bench(
      {
        root, what: positionals[0] ?? 'ingest', rates: values.rates.split(',').map(Number),
        seconds: Number(values.seconds), json: values.json
      }
    )
  }
  if (command === 'backfill') {
    const { backfillCommand } = await import('./backfill.ts')
    const stop = new AbortController()
    for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => stop.abort())
    const { since = null, json } = values
    const name = positionals[0] ?? ''
    const isStopping = (): boolean => stop.signal.aborted
    const { stdout: out } = process
    process.exitCode = await backfillCommand({ root, config, connectors, name, since, json, out, isStopping })
    return
  }
  if (command === 'doctor') {
    process.exitCode = await (await import('./doctor.ts')).doctor({ root, config, connectors }, values.json)
    return
  }
  if (command === 'migrate' || command === 'replay') {
    const { migrateOnly, replayFailed } = await import('./maintain.ts')
    return command === 'migrate' ? await migrateOnly(config, root) : await replayFailed(config, connectors)
  }
  if (
    values.only !== undefined && values.only !== 'web' && values.only !== 'worker'
  ) throw new Error('--only is web or worker')
  const { start } = await import('./start.ts')
  await start({ config, connectors, log: openLog(config.logLevel), root, only: values.only ?? null })
}

main().catch(error => {
  process.stderr.write(`deskloop: ${error instanceof Error ? error.message : String(error)}\n`)
  if (error instanceof Error && error.cause !== undefined) process.stderr.write(`because: ${String(error.cause)}\n`)
  process.exitCode = 1
})
