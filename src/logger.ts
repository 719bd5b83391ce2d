import { constants, open } from 'node:fs'
import { Socket } from 'node:net'
import { dirname } from 'node:path'
import { promisify } from 'node:util'
import type { DestinationStream, Logger as PinoLogger } from 'pino'
import { settleWithin } from './async/deadline.ts'
import { makeFolder } from './store/folders.ts'
import { redactFields } from './text/redact.ts'

type Level = 'debug' | 'info' | 'warn' | 'error'

/** The log of this process; each call writes one line. */
export interface Logger extends Record<Level, (fields: object) => void> {
  /** Resolves when every line so far is written, or after half a second. */
  flush(): Promise<void>
}

export const logLevels = ['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent'] as const

type LogLevel = (typeof logLevels)[number]

interface LoggerOptions {
  level: LogLevel
  /** A file to append to, created with mode 0600; stderr when absent, since stdout belongs to MCP. */
  file?: string | undefined
}

/** At a terminal a person reads the result: lines of level info go to a log file alone. */
export const levelForHuman = ({ logLevel, logFile }: { logLevel: LogLevel; logFile?: string | undefined }) =>
  logLevel === 'info' && logFile === undefined ? 'warn' : logLevel

const flushMs = 500

/** Lines beyond this are dropped while nobody reads stderr, so that no client can stop the server by not reading. */
const maxWaitingBytes = 1024 * 1024

/**
 * Creates the log of this process. Fields are cleaned and redacted on their way out. A log that cannot be written is lost
 * without stopping anything. pino is loaded with the first line.
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
    // With a minLength of 1 each line is written at once, and `flush` waits for it; with 0 it does not.
    const sink = pino.destination({ dest: fd, sync: false, minLength: 1, maxLength: maxWaitingBytes })
    sink.on('error', () => undefined)
    // pino calls this at exit; where nothing can be written it would retry for ever.
    sink.flushSync = () => undefined
    return sink
  }
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
  // Opening a named pipe that nobody reads must not block.
  return promisify(open)(file, O_APPEND | O_CREAT | O_WRONLY | O_NONBLOCK, 0o600)
}

/** Writes to a pipe without blocking, as neither pino's streams nor `process.stderr` can. Undefined for files and terminals. */
function stderrPipe(): DestinationStream | undefined {
  try {
    const pipe = new Socket({ fd: 2, readable: false })
    pipe.on('error', () => undefined).unref()
    return { write: (line) => void (pipe.writableLength < maxWaitingBytes && pipe.write(line)) }
  } catch {
    return undefined
  }
}
