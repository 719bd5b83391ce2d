import fc from 'fast-check'
import { parse } from 'jsonc-parser'
import { describe, expect, test } from 'vitest'
import { clientOf } from '../../src/clients/clients.ts'
import { entryIn, withEntry, withoutEntry } from '../../src/clients/document.ts'
import { entry, json, jsonFile, style, written } from './documents.ts'

const withoutMark = (text: string) => text.replace(/^\uFEFF/, '')
const read = (text: string) => parse(withoutMark(text), [], { allowTrailingComma: true })

describe('a file of any layout', () => {
  test('gets the entry as one inserted piece of text', () => {
    fc.assert(
      fc.property(jsonFile('any'), ({ text: written }) => {
        const text = withoutMark(written)
        const after = withEntry(written, json, entry)
        const added = after.length - text.length
        let start = 0
        while (start < text.length && text[start] === after[start]) start++
        // The added text may begin like the text behind it: any cut that fits will do.
        const cuts = Array.from({ length: start + 1 }, (_, cut) => cut)
        expect(cuts.some((cut) => after.slice(0, cut) + after.slice(cut + added) === text)).toBe(true)
        expect(entryIn(after, json)).toEqual(entry)
        expect(read(after)).toEqual({
          ...read(text),
          mcpServers: { ...read(text).mcpServers, kustomer: entry },
        })
      }),
    )
  })

  test('with other servers keeps every byte when the entry is added and removed', () => {
    fc.assert(
      fc.property(jsonFile('some'), ({ text }) => {
        expect(withoutEntry(withEntry(text, json, entry), json)).toBe(withoutMark(text))
      }),
    )
  })

  test('does not change the second time', () => {
    fc.assert(
      fc.property(jsonFile('any'), ({ text }) => {
        const once = withEntry(text, json, entry)
        expect(withEntry(once, json, entry)).toBe(once)
      }),
    )
  })

  test('keeps every other member and comment on removal', () => {
    fc.assert(
      fc.property(style, fc.nat(3), fc.nat(3), (style, before, after) => {
        const others = (count: number, name: string) =>
          Array.from(
            { length: count },
            (_, index) => [`${name}${index}`, { command: '//x', n: [1] }] as const,
          )
        const servers = Object.fromEntries([
          ...others(before, 'b'),
          ['kustomer', 1] as const,
          ...others(after, 'a'),
        ])
        const { text, comments } = written([['mcpServers', servers]], style)
        const result = withoutEntry(text, json)
        const { kustomer: _, ...left } = servers
        expect(read(result)).toEqual({ mcpServers: left })
        for (const comment of comments.filter((one) => !text.includes(`"kustomer": /* ${one}`)))
          expect(result).toContain(comment)
      }),
    )
  })
})

test('an existing entry keeps its other members', () => {
  const text = `{
  // mine
  "mcpServers": {
    "kustomer": {
      "command": "node", // the old one
      "args": [
        "/old/kustomer-mcp/dist/main.js"
      ],
      "env": { "HTTPS_PROXY": "http://proxy:3128" },
      "disabled": false,
    },
  },
}
`
  expect(withEntry(text, json, entry)).toBe(`{
  // mine
  "mcpServers": {
    "kustomer": {
      "command": "/opt/node/bin/node", // the old one
      "args": [
        "/opt/kustomer-mcp/dist/main.js",
        "--read-only"
      ],
      "env": { "HTTPS_PROXY": "http://proxy:3128" },
      "disabled": false,
    },
  },
}
`)
})

test('follows the layout of the file', () => {
  const tabs = '{\r\n\t"servers": {\r\n\t\t"a": {}\r\n\t}\r\n}\r\n'
  expect(withEntry(tabs, clientOf('vscode'), { type: 'stdio', command: 'n', args: ['m'] })).toBe(
    '{\r\n\t"servers": {\r\n\t\t"kustomer": {\r\n\t\t\t"type": "stdio",\r\n\t\t\t"command": "n",\r\n\t\t\t"args": [\r\n\t\t\t\t"m"\r\n\t\t\t]\r\n\t\t},\r\n\t\t"a": {}\r\n\t}\r\n}\r\n',
  )
  expect(withEntry('{ "mcpServers": { "a": {} } }', json, { command: 'n', args: [] })).toBe(
    '{ "mcpServers": { "kustomer": {"command":"n","args":[]}, "a": {} } }',
  )
  expect(withEntry('', json, { command: 'n', args: [] })).toBe(
    '{\n  "mcpServers": {\n    "kustomer": {\n      "command": "n",\n      "args": []\n    }\n  }\n}\n',
  )
})

test('a comment before the entry does not swallow what follows', () => {
  const text = '{\n  "mcpServers": {\n    // ours\n    "kustomer": {}, "b": 1\n  }\n}'
  expect(withoutEntry(text, json)).toBe('{\n  "mcpServers": {\n    // ours\n "b": 1\n  }\n}')
})

test.each([
  ['servers', '{\n  "mcpServers": null\n}\n'],
  ['the entry', '{"a": 1, "mcpServers": {"kustomer": null}}'],
])('null for %s counts as empty', (_, text) => {
  expect(entryIn(text, json)).toBeUndefined()
  expect(read(withEntry(text, json, entry))).toEqual({ ...read(text), mcpServers: { kustomer: entry } })
})

test('a byte order mark is not written, because clients refuse it', () => {
  const text = '\uFEFF{\r\n  "mcpServers": {}\r\n}\r\n'
  const after = withEntry(text, json, entry)
  expect(after.startsWith('{\r\n')).toBe(true)
  expect(withEntry(`\uFEFF${after}`, json, entry)).toBe(after)
})

test.each([
  ['{\n  "a": 1\n  "b": 2\n}', 'line 2, column 9: a comma is missing'],
  ['{"a": [1, 2}', 'line 1, column 12: a closing ] is missing'],
  ["{'a': 1}", 'line 1, column 2: there is a single quote where a double quote belongs'],
  ['{a: 1}', 'line 1, column 2: there is a word without quotes'],
  ['{"a" 1}', 'line 1, column 5: a colon is missing'],
  ['{"a": "x\n}', 'line 1, column 7: a closing quote is missing'],
  ['{"a": 1} x', 'line 1, column 10: there is a word without quotes'],
])('says in words what is wrong in %j', (text, says) => {
  expect(() => withEntry(text, json, entry)).toThrow(`it is not valid JSON (${says})`)
})

describe('refuses a file', () => {
  test.each([
    ['cut off', '{\n  "mcpServers": {', /not valid JSON \(line 2, column 18: a closing } is missing\)/],
    ['with a quote too few', '{"a: 1}', /not valid JSON/],
    ['that is a list', '[]', /not an object/],
    ['that is text', 'hello', /not valid JSON/],
    ['with a list of servers', '{"mcpServers": []}', /"mcpServers" in it is not an object/],
    ['with text for the entry', '{"mcpServers": {"kustomer": "x"}}', /"kustomer" in it is not an object/],
    ['with the servers twice', '{"mcpServers": {}, "mcpServers": {}}', /"mcpServers" twice/],
    ['with the entry twice', '{"mcpServers": {"kustomer": {}, "kustomer": {}}}', /"kustomer" twice/],
  ])('%s', (_, text, says) => {
    expect(() => withEntry(text, json, entry)).toThrow(says)
  })
})
