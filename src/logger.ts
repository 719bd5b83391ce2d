import { constants, open } from 'node:fs'
import { Socket } from 'node:net'
import { dirname } from 'node:path'
import { promisify } from 'node:util'
import type { DestinationStream, Logger as PinoLogger } from 'pino'
import { settleWithin } from './async/deadline.ts'
import { makeFolder } from './store/folders.ts'
import { redactFields } from './text/redact.ts'

type Level = 'debug' | 'info' | 'warn' | 'error'

/** The log of this process, a line for each call of a function of it. */
export interface Logger extends Record<Level, (fields: object) => void> {
  /** Resolves when every line so far is written, or after half a second where that does not come to pass. */
  flush(): Promise<void>
}

export const logLevels = ['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent'] as const

interface LoggerOptions {
  level: (typeof logLevels)[number]
  /** A file to append to, created with mode 0600; stderr when absent, since stdout belongs to MCP. */
  file?: string | undefined
}

const flushMs = 500

/** Lines that wait for a reader of stderr; further ones are dropped, so that no host can stop the server by not reading. */
const maxWaitingBytes = 1024 * 1024

/**
 * Takes a level and a file and returns the log of this process. What it writes are the fields that the callers name,
 * never argument values; each is cleaned and redacted once more on its way out. A log that cannot be written is lost
 * without ending or stopping anything. What writes it is loaded with the first line, and lines wait for that.
 */
export function createLogger(options: LoggerOptions): Logger {
  let writer: PinoLogger | undefined
  let loading: Promise<void> | undefined
  const load = async () => {
    writer = await createWriter(options)
  }
  const at = (level: Level) => (fields: object) => {
    if (writer !== undefined) return writer[level](fields)
    loading ??= load()
    void loading.then(() => writer?.[level](fields))
  }
  return {
    debug: at('debug'),
    info: at('info'),
    warn: at('warn'),
    error: at('error'),
    flush: () =>
      settleWithin(flushMs, async () => {
        await loading
        await new Promise<void>((resolve) =>
          writer === undefined ? resolve() : writer.flush(() => resolve()),
        )
      }),
  }
}

async function createWriter({ level, file }: LoggerOptions): Promise<PinoLogger> {
  const { default: pino } = await import('pino')
  const { isoTime: timestamp } = pino.stdTimeFunctions
  const options = { level, base: { pid: process.pid }, timestamp, formatters: { log: redactFields } }
  const fileSink = (fd: number): DestinationStream => {
    // With a length of 1 each line is written at once, and its end can be waited for; with 0 it cannot.
    const sink = pino.destination({ dest: fd, sync: false, minLength: 1, maxLength: maxWaitingBytes })
    sink.on('error', () => undefined)
    // pino calls this when the process ends; where nothing can be written it would try for ever.
    sink.flushSync = () => undefined
    return sink
  }
  // A terminal or a file, whose reader cannot be late, is written as one.
  const stderr = () => stderrPipe() ?? fileSink(2)
  if (file === undefined) return pino(options, stderr())
  try {
    return pino(options, fileSink(await openToAppend(file)))
  } catch (error) {
    const writer = pino(options, stderr())
    writer.error({ event: 'log file', error: (error as Error).message })
    return writer
  }
}

async function openToAppend(file: string): Promise<number> {
  await makeFolder(dirname(file))
  const { O_APPEND, O_CREAT, O_WRONLY, O_NONBLOCK = 0 } = constants
  // A pipe that nobody reads must not hold up the opening.
  return promisify(open)(file, O_APPEND | O_CREAT | O_WRONLY | O_NONBLOCK, 0o600)
}

/** A pipe is written without waiting for its reader, which neither pino's streams nor `process.stderr` can do. */
function stderrPipe(): DestinationStream | undefined {
  try {
    const pipe = new Socket({ fd: 2, readable: false })
    pipe.on('error', () => undefined).unref()
    return { write: (line) => void (pipe.writableLength < maxWaitingBytes && pipe.write(line)) }
  } catch {
    return undefined
  }
}
