import { serverEnvironment } from '../clients/client-environment.ts'
import { optionsOf } from '../clients/launch.ts'
import type { System } from '../clients/paths.ts'
import { options } from '../config/options.ts'
import { workingFolder } from '../config/platform-folders.ts'
import { isObject, type Json } from '../json.ts'
import { exchangeLine, type LineExchange } from '../membrane/side-process.ts'
import { singleLine } from '../text/quote.ts'

/** Long, because npx may have to fetch the package first. */
const startMs = 60_000

const initialize = JSON.stringify({
  jsonrpc: '2.0',
  id: 0,
  method: 'initialize',
  params: {
    protocolVersion: '2025-06-18',
    capabilities: {},
    clientInfo: { name: 'kustomer-mcp-setup', version: '1' },
  },
})

/**
 * Starts an entry as its client would: its command, arguments and environment, without the variables of this shell.
 * Returns why it does not start, or undefined when it answers `initialize`.
 */
export async function tryEntry(entry: Json, system: System, limitMs = startMs): Promise<string | undefined> {
  const { command, args = [], env = {} } = entry
  if (typeof command !== 'string') return 'it has no command'
  if (!Array.isArray(args) || !args.every((word) => typeof word === 'string'))
    return 'its "args" are not a list of texts'
  if (!isObject(env) || !Object.values(env).every((value) => typeof value === 'string'))
    return 'its "env" is not an object of texts'
  const program = {
    command,
    prefix: args,
    env: { ...serverEnvironment(system.platform, system.env), ...(env as Record<string, string>) },
    cwd: await workingFolder(),
  }
  return problemOf(command, await exchangeLine(program, initialize, limitMs), limitMs)
}

function problemOf(command: string, result: LineExchange, limitMs: number): string | undefined {
  const { answer, stderr, exitCode, code, timedOut } = result
  if (answer !== undefined) {
    const isMcp = /^\s*\{.*"serverInfo"\s*:/.test(answer)
    return isMcp ? undefined : `it answers something that is not MCP: ${quoted(answer)}`
  }
  if (code === 'ENOENT') return `${quoted(command)} is not there`
  if (timedOut) return `it does not answer within ${limitMs / 1000} s`
  const said = lastWords(stderr)
  return `it ends with exit code ${exitCode ?? code}${said === '' ? '' : `: ${said}`}`
}

/** The one line of an error output that says most: our own message, else that of node or npm. */
function lastWords(stderr: string): string {
  const lines = stderr.split('\n').filter((line) => line.trim() !== '')
  const telling =
    lines.find((line) => line.startsWith('kustomer-mcp: ')) ??
    lines.find((line) => /^npm (error|ERR!) (404|code E(?!404))/.test(line)) ??
    lines.find((line) => /Error:/.test(line)) ??
    lines.at(-1)
  return quoted((telling ?? '').replace(/^kustomer-mcp: |(?<=\.) Known: .*$/g, ''))
}

const quoted = (text: string) => singleLine(text, 300)

/** Whether an entry is switched off in its client. */
export const isDisabled = ({ disabled, enabled }: Json): boolean => disabled === true || enabled === false

/** Whether an entry works on sample data instead of a workspace. */
export function isSandboxEntry(entry: Json): boolean {
  const variable = isObject(entry['env']) ? entry['env']['KUSTOMER_MCP_SANDBOX'] : undefined
  const given = optionsOf(entry)['sandbox'] ?? variable
  return options.sandbox.schema().safeParse(given).data === true
}

/** Whether only the client can start an entry, because it fills in placeholders such as `${workspaceFolder}`. */
export const hasPlaceholders = (entry: Json): boolean =>
  JSON.stringify([entry['command'], entry['args'], entry['env']]).includes('${')
