import { access, constants, mkdir, stat } from 'node:fs/promises'
import { homedir } from 'node:os'
import { dirname } from 'node:path'

/** The home folder; undefined for a user who has neither HOME nor a passwd entry. It need not exist. */
export function homeFolder(): string | undefined {
  try {
    return homedir()
  } catch {
    return undefined
  }
}

/** Whether this user can run a program in the folder. Never rejects. */
export async function canEnter(folder: string): Promise<boolean> {
  try {
    await access(folder, constants.X_OK)
    return (await stat(folder)).isDirectory()
  } catch {
    return false
  }
}

/**
 * Makes a folder and those above it, and returns whether it was not there before. Throws the system's error where that
 * cannot be done. The `recursive` of Node 20 never returns for a folder below `/proc`.
 */
export async function makeFolder(folder: string, mode = 0o700): Promise<boolean> {
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
