import fc from 'fast-check'
import { parse, stringify } from 'smol-toml'
import { describe, expect, test } from 'vitest'
import { entryIn, withEntry, withoutEntry } from '../../src/clients/document.ts'
import { entry, toml } from './documents.ts'

const settings = `model = "o4"
notes = """
[mcp_servers.kustomer]
command = "not ours"
"""

[mcp_servers.docs] # of a colleague
command = "npx"
args = [
  "-y", # yes
  "docs",
]

[mcp_servers.docs.env]
KEY = "value"

# the last one
[[profiles]]
name = "a"
`

test('the entry becomes a table at the end, and goes again without a trace', () => {
  const after = withEntry(settings, toml, entry)
  expect(after).toBe(
    `${settings}\n[mcp_servers.kustomer]\ncommand = "/opt/node/bin/node"\nargs = [ "/opt/kustomer-mcp/dist/main.js", "--read-only" ]\n`,
  )
  expect(withEntry(after, toml, entry)).toBe(after)
  expect(withoutEntry(after, toml)).toBe(settings)
})

const key = fc
  .string({ minLength: 1, maxLength: 6 })
  .filter((name) => name !== '__proto__' && name.isWellFormed())
const scalar = fc.oneof(
  fc.string({ maxLength: 12 }).filter((text) => text.isWellFormed()),
  fc.integer(),
  fc.boolean(),
)
const table = fc.dictionary(key, fc.oneof(scalar, fc.array(scalar, { maxLength: 3 })), { maxKeys: 3 })

test('any file is byte for byte what it was, in both line ends and with the mark of an editor', () => {
  const file = fc.record({
    root: table,
    tables: fc.dictionary(key, table, { maxKeys: 3 }),
    servers: fc.dictionary(key, table, { maxKeys: 2 }),
    windows: fc.boolean(),
    mark: fc.constantFrom('', '\uFEFF'),
    tail: fc.constantFrom('', '\n', '\n\n', '# end\n'),
  })
  fc.assert(
    fc.property(file, ({ root, tables, servers, windows, mark, tail }) => {
      const { kustomer: _, ...others } = servers
      const { mcp_servers: __, ...rest } = { ...root, ...tables }
      const body = `${stringify({ ...rest, mcp_servers: others })}${tail}`
      fc.pre(body.trim() !== '' && body.endsWith('\n'))
      const text = mark + (windows ? body.replaceAll('\n', '\r\n') : body)
      const after = withEntry(text, toml, entry)
      expect(after.startsWith(text)).toBe(true)
      expect(entryIn(after, toml)).toEqual(entry)
      expect(withoutEntry(after, toml)).toBe(text)
    }),
  )
})

test('an entry that is there already keeps its place and what the person gave it', () => {
  const text = `[mcp_servers.kustomer]
# the way it was
command = "node"
args = [
  "/old/kustomer-mcp/dist/main.js", # old
  "[x]",
]
startup_timeout_sec = 20

[mcp_servers.kustomer.env]
HTTPS_PROXY = "http://proxy"

[other]
a = 1
`
  const after = withEntry(text, toml, entry)
  expect(after).toBe(`[mcp_servers.kustomer]
# the way it was
command = "/opt/node/bin/node"
args = [ "/opt/kustomer-mcp/dist/main.js", "--read-only" ]
startup_timeout_sec = 20

[mcp_servers.kustomer.env]
HTTPS_PROXY = "http://proxy"

[other]
a = 1
`)
  expect(parse(withoutEntry(after, toml))).toEqual({ other: { a: 1 } })
})

test('Windows paths are written so that they are read as they are', () => {
  const windows = { command: 'C:\\Program Files\\nodejs\\node.exe', args: ['C:\\Users\\Ünal "x"\\main.js'] }
  expect(entryIn(withEntry('', toml, windows), toml)).toEqual(windows)
})

describe('a file that is not fit is not changed', () => {
  test.each([
    ['broken', 'a = [\n1,', /not valid TOML \(line \d+, column \d+\)/],
    ['with the servers in one line', 'mcp_servers = { a = { command = "x" } }\n', /cannot be changed safely/],
    [
      'with the entry in one line',
      '[mcp_servers]\nkustomer = { command = "kustomer-mcp" }\n',
      /cannot be changed safely/,
    ],
    ['with text for the servers', 'mcp_servers = "x"\n', /"mcp_servers" in it is not an object/],
  ])('%s', (_, text, says) => {
    expect(() => withEntry(text, toml, entry)).toThrow(says)
  })
})
