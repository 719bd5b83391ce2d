import { delimiter, dirname, isAbsolute, join } from 'node:path'
import which from 'which'
import { withDeadline } from '../../async/deadline.ts'
import { exists } from '../../clients/paths.ts'
import { workingFolder } from '../../config/platform-folders.ts'
import { childEnvironment } from '../../membrane/environment.ts'
import type { ProcessRunner } from '../../membrane/process.ts'
import { singleLine } from '../../text/quote.ts'

const installMs = 5 * 60_000
export const installCommand = 'npm install -g @membranehq/cli'

/** Installs the Membrane CLI with npm, which the user has agreed to. Rejects with an Error that says what to do next. */
export async function installCli(
  runner: ProcessRunner,
  env: Readonly<Record<string, string | undefined>>,
  signal: AbortSignal,
): Promise<void> {
  const [command = '', ...prefix] = await findNpm(env)
  const settings = Object.entries(env).filter(
    (entry): entry is [string, string] => entry[1] !== undefined && /^npm_config_/i.test(entry[0]),
  )
  const npmEnv = { ...childEnvironment(env, command), ...Object.fromEntries(settings) }
  const args = ['install', '-g', '@membranehq/cli', '--no-fund', '--no-audit']
  const cwd = await workingFolder()
  const { exitCode, stderr } = await withDeadline(
    installMs,
    (limited) => runner.run({ command, prefix, env: npmEnv, cwd }, args, limited),
    signal,
  )
  if (exitCode !== 0) throw new Error(installProblem(stderr))
}

/** What to do about an error code of npm. */
const nextSteps: readonly (readonly [RegExp, string])[] = [
  [
    /EACCES|EPERM|EROFS/,
    `npm may not write to its global folder. Give it one of yours, then run setup again:\n  npm config set prefix ~/.local`,
  ],
  [
    /ENOTFOUND|EAI_AGAIN|ECONNREFUSED|ECONNRESET|ETIMEDOUT|CERT|SSL/,
    'npm does not reach its registry. Check the network, and `npm config get proxy` and `npm config get registry`, then run setup again.',
  ],
  [
    /E40[134]/,
    'The registry does not give npm the package. Check `npm config get registry`, then run setup again.',
  ],
  [/ENOSPC/, 'The disk is full. Make room, then run setup again.'],
]

/** The telling lines of what npm printed, and the next step. */
export function installProblem(stderr: string): string {
  const lines = stderr.split('\n').flatMap((line) => /^npm (?:error|ERR!) ?(.*)$/.exec(line)?.[1] ?? [])
  const telling = (lines.length > 0 ? lines : stderr.split('\n'))
    .filter((line) => line.trim() !== '' && !/complete log of this run|^\s*\/.*\.log$/.test(line))
    .slice(0, 4)
    .map((line) => `  ${singleLine(line, 200)}`)
  const next = nextSteps.find(([code]) => code.test(stderr))?.[1]
  return [
    `\`${installCommand}\` failed. npm said:`,
    ...(telling.length > 0 ? telling : ['  nothing']),
    next ?? `Run \`${installCommand}\` yourself to see more, then run setup again.`,
  ].join('\n')
}

/** npm from PATH; else the script that came with this node, which Windows always needs. */
async function findNpm(env: Readonly<Record<string, string | undefined>>): Promise<string[]> {
  const folder = dirname(process.execPath)
  if (process.platform !== 'win32') {
    const path = (env['PATH'] ?? '').split(delimiter).filter((entry) => isAbsolute(entry))
    const found = path.length > 0 ? await which('npm', { path: path.join(delimiter), nothrow: true }) : null
    if (found !== null) return [found]
  }
  for (const script of npmScripts(folder)) if (await exists(script)) return [process.execPath, script]
  throw new Error(`There is no npm beside ${process.execPath}. Run \`${installCommand}\` where there is one.`)
}

const npmScripts = (folder: string) =>
  [folder, join(folder, '..', 'lib')].map((base) => join(base, 'node_modules', 'npm', 'bin', 'npm-cli.js'))
