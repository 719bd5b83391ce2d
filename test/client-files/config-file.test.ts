import { chmod, lstat, mkdir, readdir, readFile, stat, symlink, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { execa } from 'execa'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { applyChange, planEntry, planRemoval } from '../../src/clients/config-file.ts'
import { temporaryFolder } from '../support/server.ts'
import { entry, json, jsonFile, toml } from './documents.ts'

const add = async (file: string, client = json) => applyChange(await planEntry(file, client, entry))
const remove = async (file: string, client = json) => applyChange(await planRemoval(file, client))

test('adding and removing keeps a file with other servers, and a backup of each version', async () => {
  const folder = await temporaryFolder()
  const file = join(folder, 'mcp.json')
  await fc.assert(
    fc.asyncProperty(jsonFile('some'), async ({ text }) => {
      await writeFile(file, text)
      await add(file)
      expect(await readFile(file, 'utf8')).toContain('kustomer-mcp')
      await remove(file)
      expect(await readFile(file, 'utf8')).toBe(text.replace(/^\uFEFF/, ''))
    }),
    { numRuns: 40 },
  )
  const backups = (await readdir(folder)).filter((name) => name.endsWith('.bak'))
  expect(backups.length).toBeGreaterThan(0)
})

test('a new file is private, and removed with its only entry', async () => {
  const file = join(await temporaryFolder(), 'new', 'config.toml')
  await add(file, toml)
  expect((await stat(file)).mode & 0o777).toBe(0o600)
  await remove(file, toml)
  await expect(stat(file)).rejects.toThrow('ENOENT')
})

test('removal keeps later changes of the file', async () => {
  const folder = await temporaryFolder()
  const file = join(folder, 'mcp.json')
  await writeFile(file, '{\n  "theme": "dark"\n}\n')
  await add(file)
  await writeFile(file, (await readFile(file, 'utf8')).replace('dark', 'light'))
  await remove(file)
  expect(JSON.parse(await readFile(file, 'utf8'))).toEqual({ theme: 'light', mcpServers: {} })
  expect((await readdir(folder)).filter((name) => name.endsWith('.bak'))).toHaveLength(2)
})

test('keeps mode and link, and a private backup', async () => {
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
  expect(JSON.parse(await readFile(real, 'utf8'))).toEqual({ mcpServers: {}, a: 1 })
})

test('leaves a read-only file alone', async () => {
  const folder = await temporaryFolder()
  const file = join(folder, 'mcp.json')
  await writeFile(file, '{"a": 1}')
  await chmod(file, 0o444)
  await expect(add(file)).rejects.toThrow('it is read-only')
  expect(await readFile(file, 'utf8')).toBe('{"a": 1}')
  expect(await readdir(folder)).toEqual(['mcp.json'])
})

test('refuses a change planned for another text', async () => {
  const file = join(await temporaryFolder(), 'mcp.json')
  await writeFile(file, '{}')
  const change = await planEntry(file, json, entry)
  await writeFile(file, '{"b": 1}')
  await expect(applyChange(change)).rejects.toThrow(/changed by another program/)
  expect(await readFile(file, 'utf8')).toBe('{"b": 1}')
})

describe('leaves alone', () => {
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

  test('a folder, a pipe, a dangling link, a file instead of its folder', async () => {
    const folder = await temporaryFolder()
    await mkdir(join(folder, 'mcp.json'))
    await writeFile(join(folder, 'file'), '')
    await symlink(join(folder, 'nowhere'), join(folder, 'link'))
    await expect(add(join(folder, 'mcp.json'))).rejects.toThrow('it is a folder')
    await expect(add(join(folder, 'file', 'mcp.json'))).rejects.toThrow(/cannot be read \(ENOTDIR\)/)
    await execa('mkfifo', [join(folder, 'pipe')])
    await expect(add(join(folder, 'pipe'))).rejects.toThrow('it is not a file')
    await expect(add(join(folder, 'link'))).rejects.toThrow(/link to a file that is not there/)
  })
})
