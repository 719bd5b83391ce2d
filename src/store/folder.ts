import { mkdir } from 'node:fs/promises'
import { dirname } from 'node:path'

/**
 * Makes a folder (0700) and those above it. Unlike `mkdir({ recursive: true })` of Node 20, it ends where the system
 * reports ENOENT for a folder whose parent exists, as in /proc.
 */
export async function makeFolder(folder: string): Promise<void> {
  if ((await tryMake(folder)) !== 'ENOENT' || dirname(folder) === folder) return
  await makeFolder(dirname(folder))
  const code = await tryMake(folder)
  if (code !== undefined) throw Object.assign(new Error(`${code}: cannot make ${folder}`), { code })
}

async function tryMake(folder: string): Promise<'ENOENT' | undefined> {
  try {
    await mkdir(folder, { mode: 0o700 })
    return undefined
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    // A file of that name, too: what is done with the folder next will say so.
    if (code === 'EEXIST') return undefined
    if (code === 'ENOENT') return code
    throw error
  }
}
