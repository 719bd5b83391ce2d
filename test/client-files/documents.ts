import fc from 'fast-check'
import { clientOf } from '../../src/clients/clients.ts'

export const json = clientOf('cursor')
export const toml = clientOf('codex')
export const entry = {
  command: '/opt/node/bin/node',
  args: ['/opt/kustomer-mcp/dist/main.js', '--read-only'],
}

/** How a generated file is written. */
interface Style {
  mark: boolean
  eol: string
  unit: string
  wide: boolean
  trailingCommas: boolean
  comments: boolean
  end: string
}

const style: fc.Arbitrary<Style> = fc.record({
  mark: fc.boolean(),
  eol: fc.constantFrom('\n', '\r\n'),
  unit: fc.constantFrom('  ', '    ', '\t'),
  wide: fc.boolean(),
  trailingCommas: fc.boolean(),
  comments: fc.boolean(),
  end: fc.constantFrom('', '\n', '\r\n', '\n\n'),
})

/** Names and texts that look like what an edit searches for. */
const word = fc.oneof(
  fc.string({ maxLength: 8 }).map((text) => text.replaceAll('__proto__', '')),
  fc.constantFrom(
    'a',
    'kustomers',
    '{',
    '}',
    ',',
    '"',
    '\\',
    '// no',
    '/* no */',
    '\n[mcp_servers.kustomer]\n',
    'ü',
    '\u2028',
  ),
)
const value = fc.letrec((tie) => ({
  any: fc.oneof(
    { maxDepth: 3 },
    word,
    fc.integer(),
    fc.boolean(),
    fc.constant(null),
    tie('list'),
    tie('object'),
  ),
  list: fc.array(tie('any'), { maxLength: 3 }),
  object: fc.dictionary(word, tie('any'), { maxKeys: 3 }),
})).any

/** A file as its text, with the comments that stand in it. */
export interface File {
  text: string
  comments: string[]
}

/** JSON files as people and programs write them; with servers of others in them where `servers` says so. */
export const jsonFile = (servers: 'some' | 'any'): fc.Arbitrary<File> =>
  fc
    .record({
      style,
      before: fc.dictionary(word, value, { maxKeys: 3 }),
      servers: fc.dictionary(word, value, servers === 'some' ? { minKeys: 1, maxKeys: 3 } : { maxKeys: 2 }),
      has: servers === 'some' ? fc.constant(true) : fc.boolean(),
      after: fc.dictionary(word, value, { maxKeys: 2 }),
    })
    .map(({ style, before, servers, has, after }) => {
      const { mcpServers: _, kustomer: __, ...own } = { ...before, ...after }
      const { kustomer: ___, ...others } = servers
      const members = Object.entries(own)
      const at = Math.floor(members.length / 2)
      const all = has
        ? [...members.slice(0, at), ['mcpServers', others] as const, ...members.slice(at)]
        : members
      return written(all, style)
    })

/** Writes an object in a style, with a comment wherever one may stand. */
export function written(members: readonly (readonly [string, unknown])[], style: Style): File {
  const comments: string[] = []
  const note = (isLine: boolean) => {
    if (!style.comments) return ''
    const text = `comment ${comments.length}, "kustomer": {`
    comments.push(text)
    return isLine && style.wide ? ` // ${text}` : ` /* ${text} */`
  }
  const gap = (depth: number) => (style.wide ? style.eol + style.unit.repeat(depth) : ' ')
  const list = (parts: string[], [open, close]: readonly [string, string], depth: number) => {
    if (parts.length === 0) return `${open}${close}`
    const last = parts.length - 1
    const lines = parts.map(
      (part, index) =>
        `${gap(depth + 1)}${part}${index < last || style.trailingCommas ? ',' : ''}${index % 2 ? note(true) : ''}`,
    )
    return `${open}${note(true)}${lines.join('')}${gap(depth)}${close}`
  }
  const print = (value: unknown, depth: number): string => {
    if (Array.isArray(value))
      return list(
        value.map((item) => print(item, depth + 1)),
        ['[', ']'],
        depth,
      )
    if (typeof value === 'object' && value !== null) return object(Object.entries(value), depth)
    return JSON.stringify(value)
  }
  const object = (entries: readonly (readonly [string, unknown])[], depth: number): string =>
    list(
      entries.map(([key, member]) => `${JSON.stringify(key)}:${note(false)} ${print(member, depth + 1)}`),
      ['{', '}'],
      depth,
    )
  const body = object(members, 0)
  return { text: `${style.mark ? '\uFEFF' : ''}${body}${style.end}`, comments }
}

export { style }
