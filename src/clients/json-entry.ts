import { isDeepStrictEqual } from 'node:util'
import { getNodeValue, type Node, type ParseError, parseTree } from 'jsonc-parser'
import { describeParseError } from '../text/json-problem.ts'
import { ConfigFileError } from './config-file-error.ts'
import type { EntryFormat } from './entry-format.ts'
import { withMember, withoutMember, withValue } from './json-edits.ts'

/** JSON with comments and trailing commas, as editors keep it. */
export const jsonFormat: EntryFormat = {
  empty: '{}\n',
  read: (text) => getNodeValue(rootOf(text)),
  put(text, parent, name, entry) {
    const root = rootOf(text)
    const servers = objectAt(root, parent)
    if (servers === undefined) return withSetting(text, root, parent, { [name]: entry })
    if (objectAt(servers, name) === undefined) return withSetting(text, servers, name, entry)
    return Object.entries(entry).reduce((changed, [key, value]) => {
      const own = objectAt(objectAt(rootOf(changed), parent), name)
      return own === undefined ? changed : withSetting(changed, own, key, value)
    }, text)
  },
  remove(text, parent, name) {
    const servers = objectAt(rootOf(text), parent)
    const own = propertyOf(servers, name)
    return servers === undefined || own === undefined ? text : withoutMember(text, servers, own)
  },
}

/** Adds a member, or replaces its value where that differs. */
function withSetting(text: string, object: Node, key: string, value: unknown): string {
  const node = propertyOf(object, key)?.children?.[1]
  if (node === undefined) return withMember(text, object, key, value)
  return isDeepStrictEqual(getNodeValue(node), value) ? text : withValue(text, node, value)
}

function rootOf(text: string): Node {
  const errors: ParseError[] = []
  const root = parseTree(text, errors, { allowTrailingComma: true })
  const [first] = errors
  if (first !== undefined)
    throw new ConfigFileError(`it is not valid JSON (${describeParseError(text, first)})`)
  if (root?.type === 'object') return root
  throw new ConfigFileError('it is JSON, but not an object')
}

/** The object that a member holds; undefined when there is no such member, or it is null. */
function objectAt(object: Node | undefined, name: string): Node | undefined {
  const value = propertyOf(object, name)?.children?.[1]
  if (value === undefined || value.type === 'null') return undefined
  if (value.type === 'object') return value
  throw new ConfigFileError(`"${name}" in it is not an object`)
}

function propertyOf(object: Node | undefined, name: string): Node | undefined {
  const named = (object?.children ?? []).filter((property) => property.children?.[0]?.value === name)
  if (named.length > 1) throw new ConfigFileError(`it has "${name}" twice in one object`)
  return named[0]
}
