import { text } from 'node:stream/consumers'
import { createApp } from '../app/app.ts'
import { localPrincipal } from '../auth/principal.ts'
import type { Config } from '../config/options.ts'
import { ExitError } from '../errors.ts'
import { createLogger, levelForHuman } from '../logger.ts'
import { createProcessRunner } from '../membrane/process.ts'
import { formatForAgent } from '../response/envelope.ts'
import { parseArguments, type TypedArguments } from './call-arguments.ts'
import { formatForHuman } from './human-advice.ts'
import { namedRecords } from './named-records.ts'
import type { RuntimeContext } from './runtime.ts'
import { renderEnvelope } from './terminal/records.ts'
import { terminalStyle } from './terminal/style.ts'
import { noElicitation, terminalElicitation } from './terminal/terminal-elicitation.ts'
import { toolNamed } from './tools.ts'

export interface CallInput extends TypedArguments {
  name: string
  json: boolean
}

/** Signals that ask this process to end, with their numbers. */
const endings = { SIGHUP: 1, SIGINT: 2, SIGTERM: 15 } as const

const cutAdvice =
  'See more with a larger --max-result-chars, or ask for less: `--arg fields=` and the names to keep, a smaller pageSize, or a narrower filter.'

/**
 * Calls a tool through the dispatcher and prints its answer for a person, or with `json` the envelope. Throws UsageError
 * for wrong arguments, and ExitError with the reason when the call failed.
 */
export async function callTool(config: Config, runtime: RuntimeContext, input: CallInput): Promise<void> {
  const args = await parseArguments(input, () => text(process.stdin))
  const log = createLogger({ level: levelForHuman(config), file: config.logFile })
  const app = createApp(config, { ...runtime, runner: createProcessRunner(), log, cutAdvice })
  const tool = toolNamed(input.name, app.tools.all())
  const { signal, ended } = untilEnded()
  const isInteractive = process.stdin.isTTY === true && process.stderr.isTTY === true && input.text !== '-'
  const elicitation = isInteractive
    ? terminalElicitation((limited) => namedRecords(app, { name: tool.name, args }, limited))
    : noElicitation
  const result = await app
    .dispatch(tool, args, { principal: localPrincipal, signal, elicitation })
    .finally(app.stop)
    .finally(app.close)
    .finally(log.flush)
  if ('error' in result) {
    const { error } = result
    throw new ExitError(
      ended() ?? 1,
      input.json ? formatForAgent(error) : formatForHuman(error, config.sandbox),
    )
  }
  const { envelope } = result
  runtime.print(
    input.json
      ? JSON.stringify(envelope)
      : renderEnvelope(envelope, terminalStyle(process.stdout), { everyField: args['fields'] !== undefined }),
  )
  const exitCode = ended()
  if (exitCode !== undefined) throw new ExitError(exitCode)
}

/** A signal that aborts when this process is asked to end, and the exit code to end with then. */
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
