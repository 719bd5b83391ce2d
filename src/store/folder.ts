import { mkdir } from 'node:fs/promises'
import { dirname } from 'node:path'

/** Makes a folder (0700) and its parents. Node's recursive `mkdir` never ends in /proc, where making one is ENOENT. */
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
