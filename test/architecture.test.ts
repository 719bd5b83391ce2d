import { readdir, readFile } from 'node:fs/promises'
import { basename, join } from 'node:path'
import { expect, test } from 'vitest'

/** What the linter cannot hold of the layout; it holds who imports whom. */
const src = join(import.meta.dirname, '..', 'src')
const files = (await readdir(src, { recursive: true })).filter((path) => path.endsWith('.ts'))
const text = new Map(
  await Promise.all(files.map(async (path) => [path, await readFile(join(src, path), 'utf8')] as const)),
)
const withText = (holds: (content: string) => boolean) => files.filter((path) => holds(text.get(path) ?? ''))

test('five files lie at the root of src', () => {
  const root = files.filter((path) => basename(path) === path)
  expect(root.sort()).toEqual(['bin.ts', 'errors.ts', 'json.ts', 'logger.ts', 'main.ts'])
})

test('no two files of the server have one name', () => {
  const names = files.filter((path) => !path.startsWith('sandbox')).map((path) => basename(path))
  expect(names.filter((name, index) => names.indexOf(name) !== index)).toEqual([])
})

test('no file has more than 200 lines', () => {
  expect(withText((content) => content.split('\n').length > 201)).toEqual([])
})

test('no file is read or written synchronously', () => {
  expect(withText((content) => /\b[a-z]\w*Sync\s*\(/.test(content))).toEqual([])
})
