import { dirname, join } from 'node:path'
import type { Config } from '../config/options.ts'
import { type Cli, type CliOptions, createCli } from '../membrane/cli.ts'
import { type LocatedCli, locateCli } from '../membrane/locate.ts'
import { makeFolder } from '../store/folders.ts'

interface ConfiguredCliOptions
  extends Pick<CliOptions, 'runner' | 'gate' | 'cache' | 'env' | 'cwd' | 'onFallback'> {
  /** Folder of the running bundle. */
  bundleDir: string
}

/** The path that is configured. The sandbox honours the contract of the real CLI: from here on nothing tells them apart. */
export const cliPathOf = (config: Config, bundleDir: string): string | undefined =>
  config.sandbox ? join(bundleDir, 'sandbox.js') : config.cli

/** Finds it. Rejects with a ToolError when it is not there. Starts no process. */
export const locateConfigured = (
  config: Config,
  { bundleDir, env }: Pick<ConfiguredCliOptions, 'bundleDir' | 'env'>,
): Promise<LocatedCli> =>
  locateCli({ cli: cliPathOf(config, bundleDir), env, packageFolder: dirname(bundleDir) })

/** The CLI that a configuration names, or the one that is found. Starts no process. */
export function configuredCli(config: Config, { bundleDir, env, ...options }: ConfiguredCliOptions): Cli {
  return createCli({
    ...options,
    locate: async () => {
      // Made here, with mode 0700, before a CLI process makes it.
      await makeFolder(config.stateDir).catch(() => undefined)
      return locateConfigured(config, { bundleDir, env })
    },
    env: config.sandbox ? { ...env, MEMBRANE_SANDBOX_DIR: join(config.stateDir, 'sandbox') } : env,
    compileCache: join(config.stateDir, 'compile-cache'),
  })
}
