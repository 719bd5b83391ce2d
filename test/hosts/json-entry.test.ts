import fc from 'fast-check'
import { parse } from 'jsonc-parser'
import { describe, expect, test } from 'vitest'
import { clientOf } from '../../src/clients/clients.ts'
import { entryIn, withEntry, withoutEntry } from '../../src/clients/document.ts'
import { entry, json, jsonFile, style, written } from './documents.ts'

const read = (text: string) => parse(text.replace(/^\uFEFF/, ''), [], { allowTrailingComma: true })

describe('a file of any layout', () => {
  test('gets the entry as one piece of text put in, and nothing else is touched', () => {
    fc.assert(
      fc.property(jsonFile('any'), ({ text }) => {
        const after = withEntry(text, json, entry)
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

  test('with the servers of others is byte for byte what it was when the entry is taken out again', () => {
    fc.assert(
      fc.property(jsonFile('some'), ({ text }) => {
        expect(withoutEntry(withEntry(text, json, entry), json)).toBe(text)
      }),
    )
  })

  test('is left alone by a second time', () => {
    fc.assert(
      fc.property(jsonFile('any'), ({ text }) => {
        const once = withEntry(text, json, entry)
        expect(withEntry(once, json, entry)).toBe(once)
      }),
    )
  })

  test('loses an entry that stands anywhere in it, and keeps every other member and comment', () => {
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

test('an entry that is there already keeps what the person gave it', () => {
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

test('the layout is the one that the file has', () => {
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

test('a comment line before the entry does not swallow what comes after it', () => {
  const text = '{\n  "mcpServers": {\n    // ours\n    "kustomer": {}, "b": 1\n  }\n}'
  expect(withoutEntry(text, json)).toBe('{\n  "mcpServers": {\n    // ours\n "b": 1\n  }\n}')
})

describe('a file that is not fit is not changed', () => {
  test.each([
    ['cut off', '{\n  "mcpServers": {', /not valid JSON \(\w+, line 2, column \d+\)/],
    ['with a quote too few', '{"a: 1}', /not valid JSON/],
    ['that is a list', '[]', /not an object/],
    ['that is text', 'hello', /not valid JSON/],
    ['with a list of servers', '{"mcpServers": []}', /"mcpServers" in it is not an object/],
    ['with null for the servers', '{"mcpServers": null}', /"mcpServers" in it is not an object/],
    ['with text for the entry', '{"mcpServers": {"kustomer": "x"}}', /"kustomer" in it is not an object/],
    ['with the servers twice', '{"mcpServers": {}, "mcpServers": {}}', /"mcpServers" twice/],
    ['with the entry twice', '{"mcpServers": {"kustomer": {}, "kustomer": {}}}', /"kustomer" twice/],
  ])('%s', (_, text, says) => {
    expect(() => withEntry(text, json, entry)).toThrow(says)
  })
})
