import { chmod, lstat, mkdir, readdir, readFile, stat, symlink, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { applyChange, planEntry, planRemoval } from '../../src/clients/config-file.ts'
import { temporaryFolder } from '../support/server.ts'
import { entry, json, jsonFile, toml } from './documents.ts'

const add = async (file: string, host = json) => applyChange(await planEntry(file, host, entry))
const remove = async (file: string, host = json) => applyChange(await planRemoval(file, host))

test('whatever a file holds, adding and removing leave the folder as it was', async () => {
  const folder = await temporaryFolder()
  const file = join(folder, 'mcp.json')
  const texts = fc.oneof(
    jsonFile('any').map(({ text }) => text),
    fc.constantFrom('', '\n', '{}', '{\n}\n', '{"mcpServers":{}}', '{"mcpServers":{ /* none */ }}'),
  )
  await fc.assert(
    fc.asyncProperty(texts, async (text) => {
      await writeFile(file, text)
      await add(file)
      expect(await readFile(file, 'utf8')).toContain('kustomer-mcp')
      await remove(file)
      expect(await readFile(file, 'utf8')).toBe(text)
      expect(await readdir(folder)).toEqual(['mcp.json'])
    }),
    { numRuns: 40 },
  )
})

test('a file that was not there is not there again, and is for its owner alone in between', async () => {
  const file = join(await temporaryFolder(), 'new', 'config.toml')
  await add(file, toml)
  expect((await stat(file)).mode & 0o777).toBe(0o600)
  await remove(file, toml)
  await expect(stat(file)).rejects.toThrow('ENOENT')
})

test('a file that changed in between loses the entry alone, and a backup is kept', async () => {
  const folder = await temporaryFolder()
  const file = join(folder, 'mcp.json')
  await writeFile(file, '{\n  "theme": "dark"\n}\n')
  await add(file)
  await writeFile(file, (await readFile(file, 'utf8')).replace('dark', 'light'))
  await remove(file)
  expect(JSON.parse(await readFile(file, 'utf8'))).toEqual({ theme: 'light', mcpServers: {} })
  expect((await readdir(folder)).filter((name) => name.endsWith('.bak'))).toHaveLength(2)
})

test('a file keeps its mode, a link stays a link, and a backup is for its owner alone', async () => {
  const folder = await temporaryFolder()
  await mkdir(join(folder, 'dotfiles'))
  const real = join(folder, 'dotfiles', 'mcp.json')
  const link = join(folder, 'mcp.json')
  await writeFile(real, '{"a": 1}')
  await chmod(real, 0o640)
  await symlink(real, link)
  const backup = await add(link)
  expect((await lstat(link)).isSymbolicLink()).toBe(true)
  expect((await stat(real)).mode & 0o777).toBe(0o640)
  expect(await readFile(backup as string, 'utf8')).toBe('{"a": 1}')
  expect((await stat(backup as string)).mode & 0o777).toBe(0o600)
  await remove(link)
  expect((await lstat(link)).isSymbolicLink()).toBe(true)
  expect(await readFile(real, 'utf8')).toBe('{"a": 1}')
})

test('a file that is read-only is left as it is', async () => {
  const folder = await temporaryFolder()
  const file = join(folder, 'mcp.json')
  await writeFile(file, '{"a": 1}')
  await chmod(file, 0o444)
  await expect(add(file)).rejects.toThrow('it is read-only')
  expect(await readFile(file, 'utf8')).toBe('{"a": 1}')
  expect(await readdir(folder)).toEqual(['mcp.json'])
})

test('a change that was planned for another text is not made', async () => {
  const file = join(await temporaryFolder(), 'mcp.json')
  await writeFile(file, '{}')
  const change = await planEntry(file, json, entry)
  await writeFile(file, '{"b": 1}')
  await expect(applyChange(change)).rejects.toThrow(/changed by another program/)
  expect(await readFile(file, 'utf8')).toBe('{"b": 1}')
})

describe('what is not ours is left alone', () => {
  test('an entry of the same name for another program', async () => {
    const file = join(await temporaryFolder(), 'mcp.json')
    const text = '{"mcpServers": {"kustomer": {"url": "https://mcp.example.com"}}}'
    await writeFile(file, text)
    await expect(add(file)).rejects.toThrow(/entry "kustomer" for another program/)
    const { before, after } = await planRemoval(file, json)
    expect([before, after]).toEqual([text, text])
  })

  test('a file that is no text', async () => {
    const file = join(await temporaryFolder(), 'mcp.json')
    await writeFile(file, Buffer.from([0x7b, 0xff, 0xfe, 0x7d]))
    await expect(add(file)).rejects.toThrow(/not text in UTF-8/)
  })

  test('a folder in its place, a file in the place of its folder, a link to nowhere', async () => {
    const folder = await temporaryFolder()
    await mkdir(join(folder, 'mcp.json'))
    await writeFile(join(folder, 'file'), '')
    await symlink(join(folder, 'nowhere'), join(folder, 'link'))
    await expect(add(join(folder, 'mcp.json'))).rejects.toThrow(/cannot be read \(EISDIR\)/)
    await expect(add(join(folder, 'file', 'mcp.json'))).rejects.toThrow(/cannot be read \(ENOTDIR\)/)
    await expect(add(join(folder, 'link'))).rejects.toThrow(/link to a file that is not there/)
  })
})
