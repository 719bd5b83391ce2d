import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { sampleOrganisation } from '../../src/sandbox/store.ts'
import { temporaryFolder } from './app.ts'

/** A state folder whose sandbox holds this organisation. */
export async function withOrganisation(
  organisation: Awaited<ReturnType<typeof sampleOrganisation>>,
): Promise<string> {
  const folder = await temporaryFolder()
  await mkdir(join(folder, 'sandbox'), { recursive: true })
  await writeFile(join(folder, 'sandbox', 'organisation.json'), JSON.stringify(organisation))
  return folder
}
