import { join } from 'node:path'
import type { Config } from '../config/options.ts'
import { resetSandbox } from '../sandbox/store.ts'
import type { RuntimeContext } from './runtime.ts'

/** Puts the simulation's data back to the sample organisation and says so. */
export async function reset({ stateDir }: Config, { print }: RuntimeContext): Promise<void> {
  const folder = join(stateDir, 'sandbox')
  await resetSandbox(folder)
  print(`The sandbox in ${folder} holds the sample organisation again.`)
}
