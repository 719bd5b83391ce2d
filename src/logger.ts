import { Socket } from 'node:net'
import { type DestinationStream, destination, type Logger, pino } from 'pino'
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
 * written is lost without ending or stopping anything.
 */
export function createLogger({ level, file }: LoggerOptions): Logger {
  const { isoTime: timestamp } = pino.stdTimeFunctions
  const options = { level, base: { pid: process.pid }, timestamp, formatters: { log: redactFields } }
  return pino(options, file === undefined ? stderrSink() : fileSink({ dest: file, mode: 0o600, mkdir: true }))
}

/** A pipe is written without waiting for its reader, which neither pino's streams nor `process.stderr` can do. */
function stderrSink(): DestinationStream {
  try {
    const pipe = new Socket({ fd: 2, readable: false })
    pipe.on('error', () => undefined).unref()
    return { write: (line) => void (pipe.writableLength < maxWaitingBytes && pipe.write(line)) }
  } catch {
    // A terminal or a file, whose reader cannot be late.
    return fileSink({ dest: 2 })
  }
}

function fileSink(options: { dest: string | number; mode?: number; mkdir?: boolean }): DestinationStream {
  const sink = destination({ ...options, sync: true })
  sink.on('error', () => undefined)
  return sink
}
