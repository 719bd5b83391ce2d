import { spawn } from 'node:child_process'
import { mkdir, readdir, readFile, stat, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { stripVTControlCharacters } from 'node:util'
import { onTestFinished } from 'vitest'
import { mainJs, temporaryFolder, until } from './server.ts'

export interface Ended {
  code: number | null
  stdout: string
  stderr: string
}

/** A home folder of its own, with a bare PATH in which there is no Membrane CLI. */
export async function home(files: Record<string, string> = {}) {
  const folder = await temporaryFolder()
  for (const [name, text] of Object.entries(files)) {
    await mkdir(dirname(join(folder, name)), { recursive: true })
    await writeFile(join(folder, name), text)
  }
  const env = { HOME: folder, PATH: '/usr/bin:/bin', TERM: 'xterm' }
  return {
    folder,
    env,
    read: (name: string) => readFile(join(folder, name), 'utf8'),
    /** Every file below the home folder with its text. */
    async all(): Promise<Record<string, string>> {
      const names = await readdir(folder, { recursive: true })
      const files: [string, string][] = []
      for (const name of names.sort())
        if ((await stat(join(folder, name))).isFile())
          files.push([name, await readFile(join(folder, name), 'utf8')])
      return Object.fromEntries(files)
    },
  }
}

/** Runs the built program with nobody at its stdin. */
export function run(args: string[], env: Record<string, string>, cwd = env['HOME']): Promise<Ended> {
  return new Promise((resolve) => {
    const child = spawn(process.execPath, [mainJs, ...args], { env, cwd, stdio: ['ignore', 'pipe', 'pipe'] })
    let [stdout, stderr] = ['', '']
    child.stdout.on('data', (chunk) => {
      stdout += chunk
    })
    child.stderr.on('data', (chunk) => {
      stderr += chunk
    })
    child.on('close', (code) => resolve({ code, stdout, stderr }))
  })
}

export const keys = { enter: '\r', down: '\u001B[B', interrupt: '\u0003' }

/**
 * Runs the built program in a pseudo-terminal, which `script` of util-linux makes. `see` waits until a text has come
 * after what was seen before.
 */
export function terminal(args: string[], env: Record<string, string>) {
  const words = [process.execPath, mainJs, ...args].map((word) => `'${word.replaceAll("'", "'\\''")}'`)
  const command = `stty cols 200 rows 60; exec ${words.join(' ')}`
  const child = spawn('script', ['-qec', command, '/dev/null'], {
    env: { ...env, SHELL: '/bin/sh' },
    cwd: env['HOME'],
  })
  let screen = ''
  let seen = 0
  child.stdout.on('data', (chunk) => {
    screen += stripVTControlCharacters(String(chunk))
  })
  child.stdin.on('error', () => undefined)
  let code: number | null | undefined
  child.on('close', (given) => {
    code = given
  })
  onTestFinished(() => void child.kill('SIGKILL'))
  return {
    async see(text: RegExp): Promise<void> {
      const holds = () => text.test(screen.slice(seen))
      await until(() => holds() || code !== undefined, 25_000).catch(() => undefined)
      if (!holds())
        throw new Error(`${text} never came. After what was seen before came:\n${screen.slice(seen)}`)
      const match = text.exec(screen.slice(seen))
      seen += (match?.index ?? 0) + (match?.[0].length ?? 0)
    },
    type: (text: string) => void child.stdin.write(text),
    /** Waits for the end and returns the exit code. */
    async end(): Promise<number | null> {
      await until(() => code !== undefined, 25_000)
      return code ?? null
    },
    screen: () => screen,
  }
}
