import { isDeepStrictEqual } from 'node:util'
import { getNodeValue, type Node, type ParseError, parseTree, printParseErrorCode } from 'jsonc-parser'
import { isObject, type Json } from '../json.ts'
import { ConfigFileError } from './config-file-error.ts'
import type { EntryFormat } from './document.ts'
import { withMember, withoutMember, withValue } from './json-edits.ts'

/** JSON as editors and hosts keep it: with comments and trailing commas. */
export const jsonFormat: EntryFormat = {
  empty: '{}\n',
  read: (text) => getNodeValue(rootOf(text)) as Json,
  put(text, parent, name, entry) {
    const root = rootOf(text)
    const servers = objectAt(root, parent)
    if (servers === undefined) return withMember(text, root, parent, { [name]: entry })
    const own = propertyOf(servers, name)
    if (own === undefined) return withMember(text, servers, name, entry)
    return Object.entries(entry).reduce(
      (changed, [key, value]) => withSetting(changed, [parent, name], key, value),
      text,
    )
  },
  remove(text, parent, name) {
    const servers = objectAt(rootOf(text), parent)
    const own = servers === undefined ? undefined : propertyOf(servers, name)
    return servers === undefined || own === undefined ? text : withoutMember(text, servers, own)
  },
}

/** Our entry keeps the members that the person has given it. */
function withSetting(text: string, [parent, name]: readonly [string, string], key: string, value: unknown) {
  const servers = objectAt(rootOf(text), parent)
  const entry = servers === undefined ? undefined : objectAt(servers, name)
  if (entry === undefined) return text
  const node = propertyOf(entry, key)?.children?.[1]
  if (node === undefined) return withMember(text, entry, key, value)
  return isDeepStrictEqual(getNodeValue(node), value) ? text : withValue(text, node, value)
}

function rootOf(text: string): Node {
  const errors: ParseError[] = []
  const root = parseTree(text, errors, { allowTrailingComma: true })
  const [first] = errors
  if (first !== undefined) {
    const what = printParseErrorCode(first.error)
    throw new ConfigFileError(`it is not valid JSON (${what}, ${placeOf(text, first.offset)})`)
  }
  if (root?.type === 'object' && isObject(getNodeValue(root))) return root
  throw new ConfigFileError('it is JSON, but not an object')
}

/** The object that a member holds; undefined when there is no such member. */
function objectAt(object: Node, name: string): Node | undefined {
  const property = propertyOf(object, name)
  const value = property?.children?.[1]
  if (property === undefined || value?.type === 'object') return value
  throw new ConfigFileError(`"${name}" in it is not an object`)
}

function propertyOf(object: Node, name: string): Node | undefined {
  const named = (object.children ?? []).filter((property) => property.children?.[0]?.value === name)
  if (named.length > 1) throw new ConfigFileError(`it has "${name}" twice in one object`)
  return named[0]
}

function placeOf(text: string, offset: number): string {
  const lines = text.slice(0, offset).split('\n')
  return `line ${lines.length}, column ${(lines.at(-1)?.length ?? 0) + 1}`
}
