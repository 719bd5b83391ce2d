import { join } from 'node:path'
import type { Config } from '../options.ts'
import { resetSandbox } from '../sandbox/store.ts'

/** Puts the simulation's data back to the sample organisation and returns the sentence that says so. */
export async function resetCommand({ stateDir }: Config): Promise<string> {
  const folder = join(stateDir, 'sandbox')
  await resetSandbox(folder)
  return `The sandbox in ${folder} holds the sample organisation again.`
}
