import { chmod, mkdir, mkdtemp, rm, utimes, writeFile } from 'node:fs/promises'
import { homedir, tmpdir } from 'node:os'
import { delimiter, dirname, join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { locateCli, shimTarget } from '../../src/membrane/locate.ts'

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

/** Writes an executable of that name below the temporary folder and returns its path. */
async function program(...path: string[]): Promise<string> {
  const file = join(folder, ...path)
  await mkdir(dirname(file), { recursive: true })
  await writeFile(file, '#!/bin/sh\n')
  await chmod(file, 0o755)
  return file
}
const packageFolder = () => join(folder, 'outer', 'package')
const locate = (env: Record<string, string> = {}, cli?: string) =>
  locateCli({ cli, env, packageFolder: packageFolder() })

describe.skipIf(process.platform === 'win32')('the CLI is looked for', () => {
  it('first where --cli says, and nowhere else', async () => {
    const given = await program('given', 'my-membrane')
    await program('outer', 'package', 'node_modules', '.bin', 'membrane')
    expect(await locate({}, given)).toMatchObject({ path: given, command: given, prefix: [] })
    await expect(locate({}, join(folder, 'missing'))).rejects.toMatchObject({ reason: 'cli-not-found' })
  })

  it('then in the node_modules of this package and around it, on PATH, and in well-known folders', async () => {
    const inOrder = [
      await program('outer', 'package', 'node_modules', '.bin', 'membrane'),
      await program('outer', 'node_modules', '.bin', 'membrane'),
      await program('path1', 'membrane'),
      await program('path2', 'membrane'),
      await program('home', '.local', 'bin', 'membrane'),
      await program('home', '.nvm', 'versions', 'node', 'v20.19.0', 'bin', 'membrane'),
      await program('home', '.nvm', 'versions', 'node', 'v9.11.2', 'bin', 'membrane'),
      await program('home', '.volta', 'bin', 'membrane'),
    ]
    const env = { PATH: [join(folder, 'path1'), join(folder, 'path2')].join(delimiter) }
    for (const file of inOrder) {
      expect((await locate(env)).path).toBe(file)
      await rm(file)
    }
    await expect(locate(env)).rejects.toMatchObject({
      reason: 'cli-not-found',
      data: {
        tried: expect.arrayContaining([
          join(folder, 'path1'),
          join(folder, 'path2'),
          join(homedir(), '.local', 'bin'),
        ]),
      },
    })
  })

  it.each([undefined, '', delimiter, '.', `${delimiter}.${delimiter}bin`, 'bin'])(
    'never in the current folder, with PATH %j',
    async (path) => {
      await program('project', 'membrane')
      await program('project', 'bin', 'membrane')
      process.chdir(join(folder, 'project'))
      await expect(locate(path === undefined ? {} : { PATH: path })).rejects.toMatchObject({
        reason: 'cli-not-found',
      })
    },
  )

  it('past files that cannot be run', async () => {
    const plain = await program('path1', 'membrane')
    await chmod(plain, 0o644)
    await mkdir(join(folder, 'path2', 'membrane'), { recursive: true })
    const file = await program('path3', 'membrane')
    const PATH = ['path1', 'path2', 'path3'].map((name) => join(folder, name)).join(delimiter)
    expect((await locate({ PATH })).path).toBe(file)
  })

  it('with ~ and %NAME% in the option', async () => {
    const file = await program('home', 'bin', 'membrane')
    expect((await locate({}, '~/bin/membrane')).path).toBe(file)
    expect((await locate({ WHERE: join(folder, 'home') }, '%WHERE%/bin/membrane')).path).toBe(file)
  })
})

describe('the CLI that was found', () => {
  it.each(['cli.js', 'cli.mjs', 'cli.cjs', 'CLI.JS'])('is run with node when it is %s', async (name) => {
    const script = await program('app', name)
    expect(await locate({}, script)).toMatchObject({
      path: script,
      command: process.execPath,
      prefix: [script],
    })
  })

  it('is another one after an update', async () => {
    const script = await program('app', 'cli.js')
    const { fingerprint } = await locate({}, script)
    expect((await locate({}, script)).fingerprint).toBe(fingerprint)
    await utimes(script, 1, 1)
    const touched = (await locate({}, script)).fingerprint
    expect(touched).not.toBe(fingerprint)
    await writeFile(script, '// longer than before, by far')
    await utimes(script, 1, 1)
    expect((await locate({}, script)).fingerprint).not.toBe(touched)
  })
})

describe('a Windows shim', () => {
  const target = 'node_modules\\@membranehq\\cli\\dist\\index.js'
  it.each([
    [
      'of npm',
      `@ECHO off\r\nIF EXIST "%dp0%\\node.exe" (\r\n  SET "_prog=%dp0%\\node.exe"\r\n)\r\n"%_prog%"  "%dp0%\\${target}" %*\r\n`,
    ],
    ['of an old npm', `@IF EXIST "%~dp0\\node.exe" (\r\n  "%~dp0\\node.exe"  "%~dp0\\${target}" %*\r\n)`],
    [
      'for PowerShell',
      `$basedir=Split-Path $MyInvocation.MyCommand.Definition -Parent\n& "$basedir/node$exe"  "$basedir/${target.replaceAll('\\', '/')}" $args`,
    ],
  ])('%s names the script it runs', (_, shim) => {
    expect(shimTarget(shim, 'C:\\Users\\A\\npm')).toBe(`C:\\Users\\A\\npm\\${target}`)
  })

  it('may lead upwards and end in .mjs or .cjs', () => {
    expect(shimTarget('"%dp0%\\..\\x\\cli.mjs" %*', 'C:\\a\\b')).toBe('C:\\a\\x\\cli.mjs')
    expect(shimTarget('"%~dp0\\cli.cjs" %*', 'C:\\a')).toBe('C:\\a\\cli.cjs')
  })

  it.each(['', '"%dp0%\\node.exe" %*', 'node cli.js', '"C:\\evil\\cli.js"', '"%dp0%\\membrane.exe" %*'])(
    '%j names none',
    (shim) => {
      expect(shimTarget(shim, 'C:\\a')).toBeUndefined()
    },
  )
})
