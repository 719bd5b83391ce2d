import { verifyAudit } from '../safety/audit.ts'
import type { Surroundings } from './assembly.ts'

/** Takes an audit file and says that it is whole. Throws an Error that says where it is not. */
export async function verify({ print }: Surroundings, file: string): Promise<void> {
  const { records, brokenAt } = await verifyAudit(file)
  if (brokenAt === undefined) return print(`${file} is whole: ${records} records.`)
  throw new Error(
    `${file} is broken at line ${brokenAt}: it was changed or moved, or a line before it is missing.`,
  )
}
