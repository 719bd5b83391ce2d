import { chmod, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { delimiter, join } from 'node:path'
import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { locateCli } from '../../src/membrane/locate.ts'

let folder: string
const started = process.cwd()
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'locate-'))
  vi.stubEnv('HOME', join(folder, 'home'))
})
afterEach(async () => {
  process.chdir(started)
  vi.unstubAllEnvs()
  await rm(folder, { recursive: true, force: true })
})

it
  .skipIf(process.platform === 'win32')
  .each([undefined, '', delimiter, '.', `${delimiter}.${delimiter}bin`, 'bin'])(
  'the CLI is never looked for in the current folder, with PATH %j',
  async (path) => {
    await mkdir(join(folder, 'project', 'bin'), { recursive: true })
    for (const file of ['membrane', 'bin/membrane'].map((name) => join(folder, 'project', name))) {
      await writeFile(file, '#!/bin/sh\n')
      await chmod(file, 0o755)
    }
    process.chdir(join(folder, 'project'))
    const env: Record<string, string> = path === undefined ? {} : { PATH: path }
    await expect(
      locateCli({ cli: undefined, env, packageFolder: join(folder, 'package') }),
    ).rejects.toMatchObject({ reason: 'cli-not-found' })
  },
)
