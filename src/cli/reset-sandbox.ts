import { join } from 'node:path'
import type { Config } from '../config/options.ts'
import { resetSandbox } from '../sandbox/store.ts'
import type { RuntimeContext } from './runtime.ts'
import { wrapFor } from './terminal/wrap.ts'

/** Restores the sample data of the simulation. */
export async function reset({ stateDir }: Config, { print }: RuntimeContext): Promise<void> {
  const folder = join(stateDir, 'sandbox')
  await resetSandbox(folder)
  print(wrapFor(process.stdout, `Restored the sample data of the sandbox in ${folder}.`))
}
