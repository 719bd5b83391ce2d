import * as z from 'zod'

export const capabilitiesSchema = z.object({
  version: z.string(),
  act: z.boolean(),
  /** The verb that runs an action; the CLI's vendor is moving from the first to the second. */
  run: z.enum(['action run', 'act']),
  proxy: z.enum(['request', 'act']),
  actionGet: z.boolean(),
  actionLimit: z.boolean(),
  actionCursor: z.boolean(),
  connectionEnsure: z.boolean(),
  connectionWait: z.boolean(),
  connectionCursor: z.boolean(),
  loginStart: z.boolean(),
  loginTenant: z.boolean(),
})
export type Capabilities = z.infer<typeof capabilitiesSchema>

export const helpTopics = ['', 'connection', 'action', 'action list', 'login'] as const
export type HelpTexts = Readonly<Record<(typeof helpTopics)[number], string>>

/** Undefined for other programs called `membrane`: none has both a `connection` and an `action` command. */
export function readCapabilities(versionText: string, help: HelpTexts): Capabilities | undefined {
  const commands = help['']
  if (!lists(commands, 'connection') || !lists(commands, 'action')) return undefined
  const version = /\d+\.\d+\.\d+/.exec(versionText)?.[0] ?? 'unknown'
  const act = lists(commands, 'act')
  const running = /\baction run\b/.test(commands) ? commands : help.action
  const listHelp = help.action + help['action list']
  const everything = [commands, help.action, help.connection].join('\n')
  return {
    version,
    act,
    run: act && (!lists(running, 'run') || deprecated(running, 'run')) ? 'act' : 'action run',
    proxy: act && (!lists(commands, 'request') || deprecated(commands, 'request')) ? 'act' : 'request',
    actionGet: lists(help.action, 'get') || /\baction get\b/.test(everything),
    actionLimit: listHelp.includes('--limit'),
    actionCursor: listHelp.includes('--cursor'),
    connectionEnsure: lists(help.connection, 'ensure') || /\bconnection ensure\b/.test(everything),
    connectionWait: help.connection.includes('--wait'),
    connectionCursor: help.connection.includes('--cursor'),
    loginStart: /\blogin start\b|^\s*start\b/m.test(help.login),
    loginTenant: help.login.includes('--tenant') || help.login.trim() === '',
  }
}

/** The line of help text that lists a command: the command comes first, behind the program's name at the most. */
const lineOf = (help: string, command: string) =>
  help
    .split('\n')
    .find((line) =>
      new RegExp(`^[^\\w-]*(?:membrane +)?(?:(?:connection|action|login) +)?${command}(?![\\w-])`).test(line),
    )

const lists = (help: string, command: string) => lineOf(help, command) !== undefined

const deprecated = (help: string, command: string) => /deprecated/i.test(lineOf(help, command) ?? '')
