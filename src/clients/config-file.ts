import { chmod, constants, copyFile, lstat, readFile, realpath, rm, stat } from 'node:fs/promises'
import { dirname } from 'node:path'
import writeFileAtomic from 'write-file-atomic'
import type { OptionName } from '../config/options.ts'
import type { Json } from '../json.ts'
import { makeFolder } from '../store/folders.ts'
import { type Client, entryName } from './clients.ts'
import { ConfigFileError } from './config-file-error.ts'
import { entryIn, withEntry, withoutEntry } from './document.ts'
import { isOwnEntry, keepingOptions, type LaunchCommand, toConfigEntry } from './launch.ts'

/** A planned change of a config file. `undefined` stands for no file. */
export interface FileChange {
  file: string
  before: string | undefined
  after: string | undefined
}

/** The text of a file, or undefined when there is none. Throws ConfigFileError when it cannot be read as text. */
export async function readConfigFile(file: string): Promise<string | undefined> {
  try {
    const found = await stat(file)
    if (found.isDirectory()) throw new ConfigFileError('it is a folder')
    // Reading a pipe may never end.
    if (!found.isFile()) throw new ConfigFileError('it is not a file')
    const content = await readFile(file)
    const text = content.toString('utf8')
    if (!Buffer.from(text).equals(content)) throw new ConfigFileError('it is not text in UTF-8')
    return text
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    if (code === undefined) throw error
    if (code !== 'ENOENT') throw new ConfigFileError(`it cannot be read (${code})`)
    // A dangling link must not be replaced by a file.
    if (await lstat(file).catch(() => undefined))
      throw new ConfigFileError('it is a link to a file that is not there')
    return undefined
  }
}

export interface EntryChoices {
  /** Options that an existing entry does not keep. */
  renewed?: readonly OptionName[]
  /** Whether the optional members of the client's entries are wanted. */
  withOptional?: boolean
}

/** Plans to put our entry into a client's file. An existing entry keeps its other options. Throws ConfigFileError. */
export async function planEntry(
  file: string,
  client: Client,
  launch: LaunchCommand,
  { renewed = [], withOptional = false }: EntryChoices = {},
): Promise<FileChange> {
  const before = await readConfigFile(file)
  const old = before === undefined ? undefined : entryIn(before, client)
  if (old !== undefined && !isOwnEntry(old))
    throw new ConfigFileError(
      `it has an entry "${entryName}" for another program; rename or remove that first`,
    )
  const args = keepingOptions(old, launch.args, renewed)
  return {
    file,
    before,
    after: withEntry(before ?? '', client, toConfigEntry(client, { ...launch, args }, withOptional)),
  }
}

/** Plans to take our entry out; a file that holds nothing else goes with it. Throws ConfigFileError. */
export async function planRemoval(file: string, client: Client): Promise<FileChange> {
  const before = await readConfigFile(file)
  const entry = before === undefined ? undefined : entryIn(before, client)
  if (before === undefined || !isOwnEntry(entry)) return { file, before, after: before }
  const isOnlyOurs = withEntry('', client, entry as Json) === before
  return { file, before, after: isOnlyOurs ? undefined : withoutEntry(before, client) }
}

/**
 * Makes a change atomically, through links, keeping the file's mode. Returns the backup of the file, if one was made.
 * Throws ConfigFileError when the file was changed after planning, or cannot be written.
 */
export async function applyChange({ file, before, after }: FileChange): Promise<string | undefined> {
  if ((await readConfigFile(file)) !== before)
    throw new ConfigFileError('it was changed by another program just now; run this again')
  try {
    const target = before === undefined ? file : await realpath(file)
    // rename() ignores the file's mode, so a read-only file is respected explicitly.
    if (before !== undefined && ((await stat(target)).mode & 0o222) === 0)
      throw new ConfigFileError('it is read-only')
    if (after === undefined) {
      await rm(target)
      return undefined
    }
    const backup = before === undefined ? undefined : await backUp(target)
    await makeFolder(dirname(target))
    await writeFileAtomic(target, after, before === undefined ? { mode: 0o600 } : {})
    return backup
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    if (code === undefined) throw error
    throw new ConfigFileError(`it cannot be written (${code})`)
  }
}

/** Copies a file for its owner alone: it may hold keys of other servers. */
async function backUp(file: string): Promise<string> {
  const backup = `${file}.${new Date().toISOString().replaceAll(':', '-')}.bak`
  await copyFile(file, backup, constants.COPYFILE_EXCL)
  await chmod(backup, 0o600)
  return backup
}
