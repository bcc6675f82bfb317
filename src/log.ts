// One wide line per delivery and per job, at its end. Ids and sizes, never texts; secrets are redacted by name.
import { pino } from 'pino'
import type { Logger } from 'pino'

export type Log = Logger

const SECRET = ['authorization', 'cookie', 'token', 'secret', 'password', 'body', 'text', 'email']

export function openLog (level: string): Log {
  return pino({
    level,
    base: null,
    timestamp: pino.stdTimeFunctions.isoTime,
    redact: { paths: SECRET.flatMap(name => [name, `*.${name}`]), censor: '[redacted]' }
  })
}
