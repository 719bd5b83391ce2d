import { isDeepStrictEqual } from 'node:util'
import { parse, stringify, TomlError } from 'smol-toml'
import type { Json } from '../json.ts'
import { ConfigFileError } from './config-file-error.ts'
import type { EntryFormat } from './document.ts'
import { type Table, tablesOf } from './toml-tables.ts'

/** TOML, with our entry as a table of its own: `[parent.name]`. Only the lines of that table are touched. */
export const tomlFormat: EntryFormat = {
  empty: '',
  read(text) {
    try {
      return parse(text, { integersAsBigInt: 'asNeeded' })
    } catch (error) {
      if (!(error instanceof TomlError)) throw error
      throw new ConfigFileError(`it is not valid TOML (line ${error.line}, column ${error.column})`)
    }
  },
  put(text, parent, name, entry) {
    const eol = text.includes('\r\n') ? '\r\n' : '\n'
    const own = tablesOf(text).find(({ path }) => isDeepStrictEqual(path, [parent, name]))
    if (own === undefined) {
      const before = text === '' || text.endsWith('\n') ? text : text + eol
      const block = `[${parent}.${name}]${eol}${inToml(entry, eol)}`
      return before + (before.trim() === '' ? '' : eol) + block
    }
    return Object.entries(entry).reduce(
      (changed, [key, value]) => withKey(changed, own.path, key, value),
      text,
    )
  },
  remove(text, parent, name) {
    const lines = text.split('\n')
    const own = tablesOf(text).filter(({ path: [first, second] }) => first === parent && second === name)
    for (const { from, to } of own.reverse()) {
      const isApart = from > 0 && lines[from - 1]?.trim() === ''
      lines.splice(isApart ? from - 1 : from, to - from + (isApart ? 1 : 0))
    }
    return lines.join('\n')
  },
}

function withKey(text: string, path: Table['path'], key: string, value: unknown): string {
  const table = tablesOf(text).find((one) => isDeepStrictEqual(one.path, path))
  if (table === undefined) return text
  const lines = text.split('\n')
  const line = inToml({ [key]: value }, text.includes('\r\n') ? '\r\n' : '\n').replace(/\n$/, '')
  const known = table.statements.find((statement) => statement.key === key)
  if (known === undefined) lines.splice(table.from + 1, 0, line)
  else if (!isDeepStrictEqual(known.value, value)) lines.splice(known.from, known.to - known.from, line)
  return lines.join('\n')
}

const inToml = (values: Json, eol: string) => `${stringify(values).trimEnd()}\n`.replaceAll('\n', eol)
