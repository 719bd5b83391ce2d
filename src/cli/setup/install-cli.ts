import { homedir } from 'node:os'
import { delimiter, dirname, isAbsolute, join } from 'node:path'
import which from 'which'
import { withDeadline } from '../../async/deadline.ts'
import { exists } from '../../clients/paths.ts'
import { childEnvironment } from '../../membrane/environment.ts'
import type { ProcessRunner } from '../../membrane/process.ts'
import { singleLine } from '../../text/quote.ts'

const installMs = 5 * 60_000
export const installCommand = 'npm install -g @membranehq/cli'

/**
 * Takes the runner and the environment and installs the Membrane CLI with npm, which the person has agreed to.
 * Throws an Error that says what npm said when that fails.
 */
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
  const { exitCode, stderr } = await withDeadline(
    installMs,
    (limited) => runner.run({ command, prefix, env: npmEnv, cwd: homedir() }, args, limited),
    signal,
  )
  if (exitCode === 0) return
  throw new Error(`\`${installCommand}\` did not succeed. npm said: ${singleLine(stderr, 400) || 'nothing'}`)
}

/** npm as the person has it in PATH; else the script that came with this node, which Windows needs in any case. */
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
