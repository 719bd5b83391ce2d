import { isDeepStrictEqual } from 'node:util'
import { isObject, type Json } from '../json.ts'
import { type Client, entryName } from './clients.ts'
import { ConfigFileError } from './config-file-error.ts'
import type { EntryFormat } from './entry-format.ts'
import { jsonFormat } from './json-entry.ts'
import { tomlFormat } from './toml-entry.ts'

const formats: Readonly<Record<Client['format'], EntryFormat>> = { json: jsonFormat, toml: tomlFormat }

/** Our entry in the text of a client's config file, or undefined. Throws ConfigFileError when the file is broken. */
export function entryIn(text: string, client: Client): unknown {
  const { format, body } = open(text, client)
  return serversIn(format.read(body), client)[entryName] ?? undefined
}

/**
 * The text with our entry added, or with the members of the entry that differ set. Everything else stays as it is, but
 * for a byte order mark, which several clients refuse.
 * Throws ConfigFileError when the file is broken, or is written in a way in which this cannot be done.
 */
export function withEntry(text: string, client: Client, entry: Json): string {
  const { format, body } = open(text, client)
  const before = format.read(body)
  const servers = serversIn(before, client)
  const old = servers[entryName]
  const wanted = isObject(old) ? { ...old, ...entry } : entry
  const after = format.put(body, client.parent, entryName, entry)
  return verified(format, after, client, { ...before, [client.parent]: { ...servers, [entryName]: wanted } })
}

/** The text without our entry, everything else as it is. Throws ConfigFileError as `withEntry` does. */
export function withoutEntry(text: string, client: Client): string {
  const { format, body } = open(text, client)
  const before = format.read(body)
  const { [entryName]: own, ...others } = serversIn(before, client)
  if (own === undefined) return text
  const after = format.remove(body, client.parent, entryName)
  return verified(format, after, client, { ...before, [client.parent]: others })
}

function open(text: string, { format: name }: Client) {
  const format = formats[name]
  const body = text.replace(/^\uFEFF/, '')
  return { format, body: body.trim() === '' ? format.empty : body }
}

/** The servers by their names; a client takes null for none. */
function serversIn(document: Json, { parent }: Client): Json {
  const servers = document[parent] ?? {}
  if (isObject(servers)) return servers
  throw new ConfigFileError(`"${parent}" in it is not an object`)
}

/** Reads an edited text again, and throws ConfigFileError when it holds anything but what is wanted. */
function verified(format: EntryFormat, text: string, client: Client, wanted: Json): string {
  const read = readOrUndefined(format, text)
  if (read !== undefined) {
    const found = { ...read, [client.parent]: serversIn(read, client) }
    if (isDeepStrictEqual(plain(found), plain(wanted))) return text
  }
  throw new ConfigFileError('the entry is written in a way that cannot be changed safely')
}

function readOrUndefined(format: EntryFormat, text: string): Json | undefined {
  try {
    return format.read(text)
  } catch {
    return undefined
  }
}

/** The same data as plain objects and lists, whatever classes a parser uses. */
function plain(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(plain)
  if (value instanceof Date) return value.toISOString()
  if (!isObject(value)) return value
  return Object.fromEntries(Object.entries(value).map(([key, member]) => [key, plain(member)]))
}
