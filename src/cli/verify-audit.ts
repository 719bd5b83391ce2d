import { verifyAudit } from '../dispatch/audit-chain.ts'
import type { RuntimeContext } from './runtime.ts'

/** Prints whether an audit file is whole. Throws an Error that names the first broken line. */
export async function verify({ print }: RuntimeContext, file: string): Promise<void> {
  const { records, last, brokenAt, open } = await verifyAudit(file).catch(unreadable(file))
  if (brokenAt !== undefined)
    throw new Error(
      `${file} is broken at line ${brokenAt}: it was changed, moved or not finished, or a line before it is missing.`,
    )
  print(`${file} is whole: ${records} records. Last hash: ${last}`)
  if (open > 0) print(`${open} writes have a beginning and no end: under way, or their server was ended.`)
}

const unreadable = (file: string) => (error: NodeJS.ErrnoException) => {
  throw error.code === undefined ? error : new Error(`cannot read ${file} (${error.code}).`)
}
