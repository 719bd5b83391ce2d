import { mkdir } from 'node:fs/promises'
import { dirname } from 'node:path'

/**
 * Makes a folder and those above it, and returns whether it was not there before. Rejects with the system's error where
 * that cannot be done. The `recursive` of Node 20 never returns for a folder below `/proc`.
 */
export async function makeFolder(folder: string, mode?: number): Promise<boolean> {
  try {
    await mkdir(folder, { mode })
    return true
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    const parent = dirname(folder)
    if (code === 'EEXIST' || parent === folder) return false
    if (code !== 'ENOENT') throw error
    await makeFolder(parent, mode)
  }
  return mkdir(folder, { mode }).then(
    () => true,
    (error: NodeJS.ErrnoException) => {
      if (error.code === 'EEXIST') return false
      throw error
    },
  )
}
