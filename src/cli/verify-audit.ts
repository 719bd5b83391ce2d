import { verifyAudit } from '../dispatch/audit-chain.ts'
import type { RuntimeContext } from './runtime.ts'
import { wrapFor } from './terminal/wrap.ts'

/** Prints whether an audit file is whole. Throws an Error that names the first broken line. */
export async function verify({ print }: RuntimeContext, file: string): Promise<void> {
  const { records, last, brokenAt, open } = await verifyAudit(file).catch(rethrow(file))
  if (brokenAt !== undefined)
    throw new Error(
      `${file} is broken at line ${brokenAt}: it was changed, moved or not finished, or a line before it is missing.`,
    )
  const say = (text: string) => print(wrapFor(process.stdout, text))
  say(`${file} is whole: ${records} records. Last hash: ${last}`)
  if (open > 0)
    say(`${open} writes have a beginning and no end: they are running, or their server was killed.`)
}

const rethrow = (file: string) => (error: NodeJS.ErrnoException) => {
  throw error.code === undefined ? error : new Error(`cannot read ${file} (${error.code}).`)
}
