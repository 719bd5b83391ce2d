import { parse, patch, stringify } from '@decimalturn/toml-patch'
import { isObject, type Json } from '../json.ts'
import { ConfigFileError } from './config-file-error.ts'
import type { EntryFormat } from './entry-format.ts'

/** TOML, edited by a library that keeps comments and layout. */
export const tomlFormat: EntryFormat = {
  empty: '',
  read,
  put(text, parent, name, entry) {
    const document = read(text)
    const servers = serversIn(document, parent)
    const old = servers[name]
    // The library would write a new entry on one line in front of all tables.
    if (old === undefined) {
      const appended = append(text, `[${parent}.${name}]\n${stringify(entry)}`)
      if (isToml(appended)) return appended
    }
    const merged = isObject(old) ? { ...old, ...entry } : entry
    return patch(text, { ...document, [parent]: { ...servers, [name]: merged } })
  },
  remove(text, parent, name) {
    const document = read(text)
    const { [name]: own, ...others } = serversIn(document, parent)
    if (own === undefined) return text
    const { [parent]: _, ...rest } = document
    return patch(text, Object.keys(others).length === 0 ? rest : { ...document, [parent]: others })
  },
}

function read(text: string): Json {
  try {
    return parse(text)
  } catch (error) {
    const { line, column = 0, message } = error as { line?: number; column?: number; message: string }
    if (line === undefined) throw error
    const what = message.trim().split('\n').at(-1)?.replace('reached EOF', 'found the end of the file')
    throw new ConfigFileError(`it is not valid TOML (line ${line}, column ${column + 1}: ${what})`)
  }
}

function serversIn(document: Json, parent: string): Json {
  const servers = document[parent] ?? {}
  if (isObject(servers)) return servers
  throw new ConfigFileError(`"${parent}" in it is not an object`)
}

function append(text: string, block: string): string {
  const eol = text.includes('\r\n') ? '\r\n' : '\n'
  const end = text === '' || text.endsWith('\n') ? '' : eol
  const gap = text.trim() === '' ? '' : eol
  return text + end + gap + `${block.trim()}\n`.replaceAll('\n', eol)
}

function isToml(text: string): boolean {
  try {
    parse(text)
    return true
  } catch {
    return false
  }
}
