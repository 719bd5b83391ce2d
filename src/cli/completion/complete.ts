import type { Command } from 'commander'
import { createApp, type RuntimeContext } from '../../app/app.ts'
import { loadConfig } from '../../config/load.ts'
import { createLogger } from '../../logger.ts'
import { candidates } from './candidates.ts'

/** Prints what may stand where the person is typing, a candidate a line with its description after a tab. */
export async function complete(
  program: Command,
  surroundings: RuntimeContext,
  words: readonly string[],
): Promise<void> {
  const toolNames = async () => {
    const config = await loadConfig({}, surroundings.env)
    const { context, tools } = await createApp(config, surroundings, createLogger({ level: 'silent' }))
    return tools().filter((tool) => context.refusal(tool) === undefined)
  }
  for (const candidate of await candidates(program, words, toolNames))
    surroundings.print(candidate === ':files' ? candidate : `${candidate.value}\t${candidate.description}`)
}
