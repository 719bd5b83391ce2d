import { destination, type Logger, pino } from 'pino'
import { redactFields } from './text.ts'

export type { Logger }

export const logLevels = ['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent'] as const

interface LoggerOptions {
  level: (typeof logLevels)[number]
  /** A file to append to, created with mode 0600; stderr when absent, since stdout belongs to MCP. */
  file?: string | undefined
}

/** Lines that wait for a reader of stderr; further ones are dropped, so that no host can stop the server by not reading. */
const maxWaitingBytes = 1024 * 1024

/**
 * Takes a level and a file and returns the pino logger of this process. What it writes are the fields that the
 * callers name, never argument values; each is cleaned and redacted once more on its way out. A log that cannot be
 * written is lost without ending anything.
 */
export function createLogger({ level, file }: LoggerOptions): Logger {
  const sink =
    file === undefined
      ? destination({ dest: 2, sync: false, maxLength: maxWaitingBytes })
      : destination({ dest: file, mode: 0o600, mkdir: true, sync: true })
  sink.on('error', () => undefined)
  const options = {
    level,
    base: { pid: process.pid },
    timestamp: pino.stdTimeFunctions.isoTime,
    formatters: { log: redactFields },
  }
  return pino(options, sink)
}
