import { isDeepStrictEqual } from 'node:util'
import { isObject, type Json } from '../json.ts'
import { type Client, entryName } from './clients.ts'
import { ConfigFileError } from './config-file-error.ts'
import { jsonFormat } from './json-entry.ts'
import { tomlFormat } from './toml-entry.ts'

/** How one kind of file is read and changed. `read` throws UnfitFile where a file is broken. */
export interface EntryFormat {
  /** What a file without anything in it is taken for. */
  empty: string
  read(text: string): Json
  put(text: string, parent: string, name: string, entry: Json): string
  remove(text: string, parent: string, name: string): string
}

const formats: Readonly<Record<Client['format'], EntryFormat>> = { json: jsonFormat, toml: tomlFormat }

/** Takes the text of a host's file and returns our entry in it, or undefined. Throws UnfitFile when it is broken. */
export function entryIn(text: string, host: Client): unknown {
  const { format, body } = opened(text, host)
  const servers = format.read(body)[host.parent]
  return isObject(servers) ? servers[entryName] : undefined
}

/**
 * Takes the text of a host's file and our entry, and returns the text with the entry in it: added, or with its members
 * set anew where they differ. Everything else stays byte for byte.
 * Throws UnfitFile when the file is broken or is written in a way in which that cannot be done.
 */
export function withEntry(text: string, host: Client, entry: Json): string {
  const { format, mark, body } = opened(text, host)
  const before = format.read(body)
  const old = entryIn(text, host)
  const after = format.put(body, host.parent, entryName, entry)
  const wanted = isObject(old) ? { ...old, ...entry } : entry
  return (
    mark +
    checked(
      format,
      after,
      withServers(before, host, (others) => ({ ...others, [entryName]: wanted })),
    )
  )
}

/** Takes the text of a host's file and returns it without our entry, everything else byte for byte. Throws UnfitFile. */
export function withoutEntry(text: string, host: Client): string {
  const { format, mark, body } = opened(text, host)
  const before = format.read(body)
  const after = format.remove(body, host.parent, entryName)
  return (
    mark +
    checked(
      format,
      after,
      withServers(before, host, ({ [entryName]: _, ...others }) => others),
      host,
    )
  )
}

/** Editors on Windows may write a byte order mark first; it stays. */
function opened(text: string, { format: name }: Client) {
  const format = formats[name]
  const mark = text.startsWith('\uFEFF') ? '\uFEFF' : ''
  const body = text.slice(mark.length)
  return { format, mark, body: body.trim() === '' ? format.empty : body }
}

function withServers(document: Json, { parent }: Client, change: (servers: Json) => Json): Json {
  const servers = document[parent] ?? {}
  if (!isObject(servers)) throw new ConfigFileError(`"${parent}" in it is not an object`)
  return { ...document, [parent]: change(servers) }
}

/** The last word on every edit: the new text is read again and must say what it should, and nothing else. */
function checked(format: EntryFormat, after: string, wanted: Json, host?: Client): string {
  const read = readOrUndefined(format, after)
  const compared =
    host === undefined || read === undefined ? read : withServers(read, host, (servers) => servers)
  if (compared !== undefined && isDeepStrictEqual(plain(compared), plain(wanted))) return after
  throw new ConfigFileError('the entry is written in a way that cannot be changed safely')
}

function readOrUndefined(format: EntryFormat, text: string): Json | undefined {
  try {
    return format.read(text)
  } catch {
    return undefined
  }
}

/** The same data as plain objects and lists, whatever a parser makes its objects of. */
function plain(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(plain)
  if (value instanceof Date) return value.toISOString()
  if (!isObject(value)) return value
  return Object.fromEntries(Object.entries(value).map(([key, member]) => [key, plain(member)]))
}
