import {
  chmod,
  constants,
  copyFile,
  lstat,
  mkdir,
  readdir,
  readFile,
  realpath,
  rm,
  stat,
} from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import writeFileAtomic from 'write-file-atomic'
import type { OptionName } from '../config/options.ts'
import type { Json } from '../json.ts'
import { type Client, entryName } from './clients.ts'
import { ConfigFileError } from './config-file-error.ts'
import { entryIn, withEntry, withoutEntry } from './document.ts'
import { isOwnEntry, keepingOptions, type LaunchCommand, toConfigEntry } from './launch.ts'

/** What is to become of a host's file. `undefined` stands for no file. */
export interface FileChange {
  file: string
  before: string | undefined
  after: string | undefined
  /** The backup that holds `after` already, if one does; it goes when the change is made. */
  restores?: string
}

/** Takes a file and returns its text, or undefined when there is none. Throws UnfitFile when it cannot be read as text. */
export async function readConfigFile(file: string): Promise<string | undefined> {
  try {
    const content = await readFile(file)
    const text = content.toString('utf8')
    if (!Buffer.from(text).equals(content)) throw new ConfigFileError('it is not text in UTF-8')
    return text
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    if (code === undefined) throw error
    if (code !== 'ENOENT') throw new ConfigFileError(`it cannot be read (${code})`)
    // A link that leads nowhere must not be replaced by a file.
    if (await lstat(file).catch(() => undefined))
      throw new ConfigFileError('it is a link to a file that is not there')
    return undefined
  }
}

/**
 * Takes a host's file and how it is to start this program, and returns the change that puts the entry there. An entry
 * that is there keeps its other options, but for those in `renewed`. Throws UnfitFile.
 */
export async function planEntry(
  file: string,
  host: Client,
  launch: LaunchCommand,
  renewed: readonly OptionName[] = [],
): Promise<FileChange> {
  const before = await readConfigFile(file)
  const old = before === undefined ? undefined : entryIn(before, host)
  if (old !== undefined && !isOwnEntry(old))
    throw new ConfigFileError(
      `it has an entry "${entryName}" for another program; rename or remove that first`,
    )
  const args = keepingOptions(old, launch.args, renewed)
  return { file, before, after: withEntry(before ?? '', host, toConfigEntry(host, { ...launch, args })) }
}

/**
 * Takes a host's file and returns the change that takes our entry out. When the file has not changed since the entry
 * was put there, that is the backup byte for byte, or no file where there was none. Throws UnfitFile.
 */
export async function planRemoval(file: string, host: Client): Promise<FileChange> {
  const before = await readConfigFile(file)
  const entry = before === undefined ? undefined : entryIn(before, host)
  if (before === undefined || !isOwnEntry(entry)) return { file, before, after: before }
  for (const backup of await backupsOf(file)) {
    const text = await readConfigFile(backup).catch(() => undefined)
    if (text !== undefined && leadsTo(before, text, host, entry as Json))
      return { file, before, after: text, restores: backup }
  }
  if (leadsTo(before, '', host, entry as Json)) return { file, before, after: undefined }
  return { file, before, after: withoutEntry(before, host) }
}

/** Whether `text` is what stood there before: without our entry, and with it what stands there now. */
function leadsTo(now: string, text: string, host: Client, entry: Json): boolean {
  try {
    return entryIn(text, host) === undefined && withEntry(text, host, entry) === now
  } catch {
    return false
  }
}

/**
 * Makes a change: with a backup beside the file, at once or not at all, through links, with the file's own mode.
 * Returns the backup, if one was made. Throws UnfitFile when the file is no longer what was planned for, or cannot be
 * written.
 */
export async function applyChange({
  file,
  before,
  after,
  restores,
}: FileChange): Promise<string | undefined> {
  if ((await readConfigFile(file)) !== before)
    throw new ConfigFileError('it was changed by another program just now; run this again')
  try {
    const target = before === undefined ? file : await realpath(file)
    // Whoever made it so meant it, and a file is replaced by the rights of its folder.
    if (before !== undefined && ((await stat(target)).mode & 0o222) === 0)
      throw new ConfigFileError('it is read-only')
    const backup =
      before === undefined || restores !== undefined || after === undefined ? undefined : await backUp(target)
    if (after === undefined) await rm(target)
    else {
      await mkdir(dirname(target), { recursive: true })
      await writeFileAtomic(target, after, before === undefined ? { mode: 0o600 } : {})
    }
    if (restores !== undefined) await rm(restores, { force: true })
    return backup
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    if (code === undefined) throw error
    throw new ConfigFileError(`it cannot be written (${code})`)
  }
}

/** A host's file may hold keys of other servers: a copy of it is for its owner alone. */
async function backUp(file: string): Promise<string> {
  const backup = `${file}.${new Date().toISOString().replaceAll(':', '-')}.bak`
  await copyFile(file, backup, constants.COPYFILE_EXCL)
  await chmod(backup, 0o600)
  return backup
}

/** The newest first. */
async function backupsOf(file: string): Promise<string[]> {
  const target = await realpath(file)
  const names = await readdir(dirname(target))
  return names
    .filter((name) => name.startsWith(`${basename(target)}.`) && /\.\d{4}-[\dT.-]+Z\.bak$/.test(name))
    .sort()
    .reverse()
    .map((name) => join(dirname(target), name))
}
