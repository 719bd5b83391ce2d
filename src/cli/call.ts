import { text } from 'node:stream/consumers'
import { createApp } from '../app/app.ts'
import type { Config } from '../config/options.ts'
import { ExitError } from '../errors.ts'
import { createLogger } from '../logger.ts'
import { createProcessRunner } from '../membrane/process.ts'
import { formatForAgent } from '../response/envelope.ts'
import { argumentsOf, type GivenArguments } from './call-arguments.ts'
import { formatForHuman } from './human-advice.ts'
import type { RuntimeContext } from './runtime.ts'
import { renderEnvelope } from './terminal/records.ts'
import { terminalStyle } from './terminal/style.ts'
import { noElicitation, terminalElicitation } from './terminal/terminal-elicitation.ts'
import { toolNamed } from './tools.ts'

export interface CallInput extends GivenArguments {
  name: string
  json: boolean
}

/** Signals of a person or a system that wants this process to end, with their numbers. */
const endings = { SIGHUP: 1, SIGINT: 2, SIGTERM: 15 } as const

/**
 * Runs one call of a tool through the dispatcher and prints its answer for a person, or with `json` the envelope. Throws
 * UsageError for what was typed wrong, and ExitError with the reason when the call failed.
 */
export async function callTool(config: Config, runtime: RuntimeContext, input: CallInput): Promise<void> {
  const args = await argumentsOf(input, () => text(process.stdin))
  const { logLevel, logFile } = config
  // A person reads the result; the line that each call leaves is for a log.
  const level = logLevel === 'info' && logFile === undefined ? 'warn' : logLevel
  const log = createLogger({ level, file: logFile })
  const app = createApp(config, { ...runtime, runner: createProcessRunner(), log })
  const tool = toolNamed(input.name, app.tools.all())
  const { signal, ended } = untilEnded()
  const isInteractive = process.stdin.isTTY === true && process.stderr.isTTY === true && input.text !== '-'
  const elicitation = isInteractive ? terminalElicitation : noElicitation
  const result = await app
    .dispatch(tool, args, { signal, elicitation })
    .finally(app.stop)
    .finally(app.close)
    .finally(log.flush)
  if ('error' in result) {
    const format = input.json ? formatForAgent : formatForHuman
    throw new ExitError(ended() ?? 1, format(result.error))
  }
  const { envelope } = result
  runtime.print(
    input.json ? JSON.stringify(envelope) : renderEnvelope({ ...envelope }, terminalStyle(process.stdout)),
  )
  const exitCode = ended()
  if (exitCode !== undefined) throw new ExitError(exitCode)
}

/** A signal that aborts when this process is told to end, and the exit code that this means. */
function untilEnded() {
  const controller = new AbortController()
  let exitCode: number | undefined
  for (const [name, number] of Object.entries(endings)) {
    process.on(name, () => {
      exitCode ??= 128 + number
      controller.abort()
    })
  }
  return { signal: controller.signal, ended: () => exitCode }
}
