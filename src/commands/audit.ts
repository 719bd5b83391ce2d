import { verifyAudit } from '../safety/audit.ts'

/** Takes an audit file and returns the sentence that says it is whole. Throws an Error that says where it is not. */
export async function verifyCommand(file: string): Promise<string> {
  const { records, brokenAt } = await verifyAudit(file)
  if (brokenAt === undefined) return `${file} is whole: ${records} records.`
  throw new Error(
    `${file} is broken at line ${brokenAt}: it was changed or moved, or a line before it is missing.`,
  )
}
