import { stat } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { homeFolder } from '../store/folders.ts'

/** The platform's folders for this program; undefined without a home folder, which env-paths needs at its import. */
export const platformFolders = () =>
  import('env-paths').then(
    ({ default: envPaths }) => envPaths('kustomer-mcp', { suffix: '' }),
    () => undefined,
  )

/** A folder to start other programs in: the home folder, or that for temporary files where it is not there. */
export async function workingFolder(): Promise<string> {
  const home = homeFolder()
  const found = home === undefined ? undefined : await stat(home).catch(() => undefined)
  return home !== undefined && found?.isDirectory() === true ? home : tmpdir()
}
