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

test('adds the entry as a table at the end, and removes it', () => {
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

test('adding and removing keeps all other text', () => {
  const file = fc.record({
    root: table,
    tables: fc.dictionary(key, table, { maxKeys: 3 }),
    servers: fc.dictionary(key, table, { maxKeys: 2 }),
    windows: fc.boolean(),
    tail: fc.constantFrom('', '\n', '\n\n', '# end\n'),
  })
  fc.assert(
    fc.property(file, ({ root, tables, servers, windows, tail }) => {
      const { kustomer: _, ...others } = servers
      const { mcp_servers: __, ...rest } = { ...root, ...tables }
      const own = Object.keys(others).length > 0 ? { mcp_servers: others } : {}
      const body = `${stringify({ ...rest, ...own })}${tail}`
      fc.pre(body.trim() !== '' && body.endsWith('\n'))
      const text = windows ? body.replaceAll('\n', '\r\n') : body
      const after = withEntry(text, toml, entry)
      expect(after.startsWith(text)).toBe(true)
      expect(entryIn(after, toml)).toEqual(entry)
      // Blank lines at the end may go.
      expect(withoutEntry(after, toml).trimEnd()).toBe(text.trimEnd())
    }),
    { numRuns: 300 },
  )
})

test('an existing entry keeps its place, comments and other members', () => {
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
args = [
  "/opt/kustomer-mcp/dist/main.js", # old
  "--read-only",
]
startup_timeout_sec = 20

[mcp_servers.kustomer.env]
HTTPS_PROXY = "http://proxy"

[other]
a = 1
`)
  expect(parse(withoutEntry(after, toml))).toEqual({ other: { a: 1 } })
})

test('Windows paths are escaped', () => {
  const windows = { command: 'C:\\Program Files\\nodejs\\node.exe', args: ['C:\\Users\\Ünal "x"\\main.js'] }
  expect(entryIn(withEntry('', toml, windows), toml)).toEqual(windows)
})

test.each([
  ['servers', 'mcp_servers = { a = { command = "x" } }\n'],
  ['the entry', '# mine\n[mcp_servers]\na = { command = "x" }\nkustomer = { command = "kustomer-mcp" }\n'],
])('edits %s written on one line', (_, text) => {
  const after = withEntry(text, toml, entry)
  expect(parse(after)).toEqual({ mcp_servers: { a: { command: 'x' }, kustomer: entry } })
  expect(parse(withoutEntry(after, toml))).toEqual({ mcp_servers: { a: { command: 'x' } } })
  expect(after.startsWith('# mine')).toBe(text.startsWith('# mine'))
})

test('values that the parser cannot hold exactly stay as written', () => {
  const text = '[limits]\nbig = 9223372036854775807 # most\nhex = 0xFF\nday = 1979-05-27\n'
  expect(withEntry(text, toml, entry).startsWith(text)).toBe(true)
  expect(withoutEntry(withEntry(text, toml, entry), toml)).toBe(text)
})

describe('refuses a file', () => {
  test.each([
    ['broken', 'a = [\n1,', /not valid TOML \(line 1, column 5: Expected "\]"\)/],
    ['with text for the servers', 'mcp_servers = "x"\n', /"mcp_servers" in it is not an object/],
  ])('%s', (_, text, says) => {
    expect(() => withEntry(text, toml, entry)).toThrow(says)
  })
})
