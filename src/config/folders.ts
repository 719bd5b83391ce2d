import { homedir } from 'node:os'

/** The home folder; undefined for a user who has neither HOME nor a passwd entry. It need not exist. */
export function homeFolder(): string | undefined {
  try {
    return homedir()
  } catch {
    return undefined
  }
}

/** The platform's folders for this program; undefined without a home folder, which env-paths needs at its import. */
export const platformFolders = () =>
  import('env-paths').then(
    ({ default: envPaths }) => envPaths('kustomer-mcp', { suffix: '' }),
    () => undefined,
  )
