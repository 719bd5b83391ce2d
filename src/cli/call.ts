import { text } from 'node:stream/consumers'
import { createApp, type RuntimeContext } from '../app/app.ts'
import type { Config } from '../config/options.ts'
import { ExitError } from '../exit.ts'
import { createLogger } from '../logger.ts'
import { argumentsOf, type GivenArguments } from './call-arguments.ts'
import { formatForHuman } from './human-advice.ts'
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
 * Runs one call of a tool, guarded as a host's call is, and prints its answer for a person, or as a host
 * gets it. Throws UsageError for what was typed wrong, and Exit with the reason when the call failed; what it started
 * has ended then.
 */
export async function callTool(
  config: Config,
  surroundings: RuntimeContext,
  input: CallInput,
): Promise<void> {
  const args = await argumentsOf(input, () => text(process.stdin))
  const { logLevel, logFile } = config
  // A person reads the result; the line that each call leaves is for a log.
  const level = logLevel === 'info' && logFile === undefined ? 'warn' : logLevel
  const log = createLogger({ level, file: logFile })
  const assembly = await createApp(
    // What is rendered for a person is read from the structured content.
    input.json ? config : { ...config, resultFormat: 'both' },
    input.json ? surroundings : { ...surroundings, formatError: formatForHuman },
    log,
  )
  const tool = toolNamed(input.name, assembly.tools())
  const { signal, ended } = untilEnded()
  const isInteractive = process.stdin.isTTY === true && process.stderr.isTTY === true && input.text !== '-'
  const result = await assembly
    .call(tool, args, isInteractive ? terminalElicitation : noElicitation, signal)
    .finally(assembly.heard)
    .finally(assembly.runner.stop)
    .finally(log.flush)
  const { isError, content, structuredContent = {} } = result
  const output = content.map((part) => part.text).join('\n')
  if (isError) throw new ExitError(ended() ?? 1, output)
  surroundings.print(input.json ? output : renderEnvelope(structuredContent, terminalStyle(process.stdout)))
  const exitCode = ended()
  if (exitCode !== undefined) throw new ExitError(exitCode)
}

/** Returns a signal that aborts when this process is told to end, and the exit code that this means. */
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
