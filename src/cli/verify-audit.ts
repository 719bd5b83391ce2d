import type { RuntimeContext } from '../app/app.ts'
import { verifyAudit } from '../dispatch/audit-chain.ts'

/** Takes an audit file and says that it is whole, and what is odd about it. Throws an Error that says where it is not. */
export async function verify({ print }: RuntimeContext, file: string): Promise<void> {
  const { records, last, brokenAt, torn, open, head } = await verifyAudit(file).catch(unreadable(file))
  if (brokenAt !== undefined)
    throw new Error(
      `${file} is broken at line ${brokenAt}: it was changed or moved, or a line before it is missing.`,
    )
  if (head === 'cut off')
    throw new Error(
      `${file} is cut off: it holds ${records} records, and not the one that ${file}.head names as the last.`,
    )
  print(`${file} is whole: ${records} records. Last hash: ${last}`)
  if (open > 0) print(`${open} writes have a beginning and no end: under way, or their server was ended.`)
  if (torn.length > 0)
    print(`Cut short in the middle of a line, by a process that ended: line ${torn.join(', ')}.`)
  if (head === 'missing' && records > 0)
    print(`${file}.head is missing: whether lines were cut off at the end cannot be told.`)
}

const unreadable = (file: string) => (error: NodeJS.ErrnoException) => {
  throw error.code === undefined ? error : new Error(`cannot read ${file} (${error.code}).`)
}
