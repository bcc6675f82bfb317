// deskloop start: the service, until it is told to stop.
import { openService } from '../src/main.ts'
import type { StartOptions } from '../src/main.ts'
import { messageOf } from '../src/errors.ts'

export async function start (options: StartOptions): Promise<void> {
  const service = await openService(options)
  if (service.url !== '') process.stdout.write(`Deskloop is at ${service.url}\n`)
  if (options.config.connections.length === 0) {
    process.stdout.write('No helpdesk is connected yet: set the variables of one (see .env.example) and start again.\n')
  }
  await new Promise<void>(resolve => {
    process.once('SIGTERM', () => resolve())
    process.once('SIGINT', () => resolve())
  })
  // What is in hand is finished; a job that takes longer goes back to the queue.
  const tooLong = setTimeout(() => process.exit(1), 25_000)
  await service.close().catch(error => { options.log.error({ service: 'close', message: messageOf(error) }) })
  clearTimeout(tooLong)
}
