import type { Scope } from '../../clients/clients.ts'
import type { Config, OptionName } from '../../config/options.ts'
import type { RuntimeContext } from '../runtime.ts'
import type { Prompter } from './prompter.ts'

/** What was typed after `setup`, beside the options of every command. */
export interface SetupOptions {
  /** Names of clients, separated by commas. */
  client?: string
  scope: Scope
  yes?: true
  code?: string
  /** Seconds that the connection may take to be READY. */
  wait: number
  installCli?: true
  browser: boolean
  clientsOnly?: true
  dryRun?: true
  remove?: true
  alwaysLoad?: true
  /** The options of every command that were given by flag or environment. */
  given: readonly OptionName[]
}

/** What each part of setup works with. */
export interface SetupStep {
  config: Config
  runtime: RuntimeContext
  options: SetupOptions
  prompter: Prompter
  signal: AbortSignal
}

export type ClientsStep = Omit<SetupStep, 'config' | 'signal'>
