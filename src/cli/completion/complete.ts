import type { Command } from 'commander'
import { createApp } from '../../app/app.ts'
import { localPrincipal } from '../../auth/principal.ts'
import { loadConfig } from '../../config/load.ts'
import { createLogger } from '../../logger.ts'
import { createProcessRunner } from '../../membrane/process.ts'
import type { RuntimeContext } from '../runtime.ts'
import { candidates } from './candidates.ts'

/** Prints one candidate a line, with its description after a tab. */
export async function complete(
  program: Command,
  runtime: RuntimeContext,
  words: readonly string[],
): Promise<void> {
  const toolNames = async () => {
    const config = await loadConfig({}, runtime.env)
    const app = createApp(config, {
      ...runtime,
      runner: createProcessRunner(),
      log: createLogger({ level: 'silent' }),
    })
    return app.listings(localPrincipal)
  }
  for (const candidate of await candidates(program, words, toolNames))
    runtime.print(candidate === ':files' ? candidate : `${candidate.value}\t${candidate.description}`)
}
