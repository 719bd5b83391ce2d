import { expect, test } from 'vitest'
import { diffOf } from '../../src/cli/setup/plan-clients.ts'

const file = '/home/a/mcp.json'

test('only the lines that differ are shown', () => {
  const before = '{\n  "a": "private-key-1",\n  "b": 1\n}\n'
  expect(diffOf({ file, before, after: before.replace('"b": 1', '"b": 2') })).toBe(
    `--- ${file}\n+++ ${file}\n@@ -3,1 +3,1 @@\n-  "b": 1\n+  "b": 2`,
  )
})

test('of a file on one line only the piece that differs is shown', () => {
  const others = `"docs":{"env":{"DOCS":"tok_live_1"}}`
  const before = `{"mcpServers":{${others}}}`
  const after = `{"mcpServers":{"kustomer":{"command":"node"},${others}}}`
  const added = diffOf({ file, before, after })
  expect(added).toContain('kustomer":{"command":"node"}')
  expect(added).not.toContain('tok_live')
  expect(diffOf({ file, before: after, after: before })).not.toContain('tok_live')
})

test('a file that comes or goes is told apart from one that changes', () => {
  expect(diffOf({ file, before: undefined, after: 'a = 1\n' })).toBe(
    `--- /dev/null\n+++ ${file}\n@@ -0,0 +1,1 @@\n+a = 1`,
  )
  expect(diffOf({ file, before: 'a = 1\n', after: undefined })).toBe(
    `--- ${file}\n+++ /dev/null\n@@ -1,1 +0,0 @@\n-a = 1`,
  )
})
