import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterEach, expect, it, vi } from 'vitest'
import { createCli } from '../../src/membrane/cli.ts'
import { createProcessQueue } from '../../src/membrane/limits.ts'
import { createCache } from '../../src/store/cache.ts'
import { homeFolder } from '../../src/store/folders.ts'
import { temporaryFolder } from '../support/server.ts'
import { exit } from './error-cases.ts'

const { signal } = new AbortController()
afterEach(() => {
  vi.unstubAllEnvs()
})

/** The working folder of a CLI process whose state folder this is. */
async function folderOf(compileCache: string, cwd?: string): Promise<string | undefined> {
  const folders: string[] = []
  const cli = createCli({
    locate: async () => ({ path: '/bin/membrane', command: '/bin/membrane', prefix: [], fingerprint: 'f' }),
    runner: {
      run: async (program) => {
        folders.push(program.cwd)
        return exit({ exitCode: 0 })
      },
      stop: async () => undefined,
    },
    gate: createProcessQueue(1),
    cache: createCache(compileCache, () => undefined),
    env: {},
    compileCache,
    cwd,
  })
  await cli.exec(['--version'], signal)
  return folders[0]
}

it('runs in the home folder', async () => {
  const home = await temporaryFolder()
  vi.stubEnv('HOME', home)
  expect(homeFolder()).toBe(home)
  expect(await folderOf(join(home, 'state'))).toBe(home)
})

it('runs in the configured folder', async () => {
  const folder = await temporaryFolder()
  expect(await folderOf(folder, '/configured')).toBe('/configured')
})

it('runs in a folder of ours when the home folder does not exist', async () => {
  const own = join(await temporaryFolder(), 'state', 'compile-cache')
  vi.stubEnv('HOME', '/nonexistent/home')
  expect(await folderOf(own)).toBe(own)
  await mkdir(join(own, 'below'))
})

it('names both folders when neither can be used', async () => {
  const file = join(await temporaryFolder(), 'file')
  await writeFile(file, '')
  vi.stubEnv('HOME', '/nonexistent/home')
  await expect(folderOf(join(file, 'below'))).rejects.toMatchObject({
    reason: 'upstream-error',
    message: expect.stringMatching(/HOME or --state-dir/),
  })
})
