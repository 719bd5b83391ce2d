import { destination, type Logger, pino } from 'pino'
import { sanitise } from './text.ts'

export type { Logger }

export const logLevels = ['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent'] as const

interface LoggerOptions {
  level: (typeof logLevels)[number]
  /** A file to append to, created with mode 0600; stderr when absent, since stdout belongs to MCP. */
  file?: string | undefined
}

/**
 * Takes a level and a file and returns the pino logger of this process. What it writes are the fields that the
 * callers name, never argument values; each is cleaned and redacted once more on its way out.
 */
export function createLogger({ level, file }: LoggerOptions): Logger {
  const sink = destination(
    file === undefined ? { dest: 2, sync: true } : { dest: file, mode: 0o600, mkdir: true, sync: true },
  )
  const formatters = { log: (fields: object) => sanitise(fields) as Record<string, unknown> }
  return pino(
    { level, base: { pid: process.pid }, timestamp: pino.stdTimeFunctions.isoTime, formatters },
    sink,
  )
}
