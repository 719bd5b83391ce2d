import { mkdir, readdir, readFile, stat, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { stripVTControlCharacters } from 'node:util'
import { type Ended, onTerminal, run as runProgram } from './program.ts'
import { type Plan, teach, temporaryFolder, until } from './server.ts'

/** Where the program keeps its state below a home; on other systems than Linux it begins with nothing. */
const state = join('.local', 'share', 'kustomer-mcp')

/**
 * A home folder of its own, with a bare PATH in which there is no Membrane CLI. With a plan, or `sandbox`, the program
 * knows already what that CLI can do.
 */
export async function home(files: Record<string, string> = {}, knows?: Plan | 'sandbox') {
  const folder = await temporaryFolder()
  if (knows !== undefined)
    await teach(join(folder, state), knows === 'sandbox' ? { args: ['--sandbox'] } : { plan: knows })
  for (const [name, text] of Object.entries(files)) {
    await mkdir(dirname(join(folder, name)), { recursive: true })
    await writeFile(join(folder, name), text)
  }
  const env = { HOME: folder, PATH: '/usr/bin:/bin' }
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

/** Runs the built program in its home folder, or in another, with nothing to read on stdin. */
export const run = (args: string[], env: Record<string, string>, cwd = env['HOME']): Promise<Ended> =>
  runProgram(args, env, '', cwd)

export const keys = { enter: '\r', down: '\u001B[B', interrupt: '\u0003' }

/** Runs the built program on a terminal. `see` waits until a text has come after what was seen before. */
export function terminal(args: string[], env: Record<string, string>) {
  const { screen, type, ended } = onTerminal(args, env, 200)
  let seen = 0
  return {
    async see(text: RegExp): Promise<void> {
      const rest = () => stripVTControlCharacters(screen()).slice(seen)
      await until(() => text.test(rest()), 25_000).catch(() => {
        throw new Error(`${text} never came. After what was seen before came:\n${rest()}`)
      })
      const match = text.exec(rest())
      seen += (match?.index ?? 0) + (match?.[0].length ?? 0)
    },
    type,
    /** Waits for the end and returns the exit code. */
    end: ended,
  }
}
