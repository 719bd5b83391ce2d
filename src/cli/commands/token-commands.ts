import { InvalidArgumentError } from 'commander'
import { options } from '../../config/options.ts'
import { UsageError } from '../../errors.ts'
import { type CommandContext, configOf } from './command-context.ts'

interface CreateOptions {
  subject: string
  scope: string
  expires?: number
  json?: boolean
}

/** `tokens create`, `tokens list` and `tokens revoke`. */
export function addTokenCommands(context: CommandContext): void {
  const { program, runtime } = context
  const load = async () => {
    const [{ stateDir }, commands] = await Promise.all([configOf(context), import('../manage-tokens.ts')])
    return { stateDir, ...commands }
  }
  const tokens = program.command('tokens').description('the tokens that serve --http accepts')
  tokens
    .command('create')
    .description('make a token and print it once; --connection ties it to one connection')
    .requiredOption('--subject <name>', 'whose token it is: the audit file and the log name it')
    .requiredOption('--scope <list>', 'kustomer:read, kustomer:write, kustomer:connect, separated by commas')
    .option('--expires <days>', 'after how many days it is refused (default: never)', days)
    .option('--json', 'print one JSON document')
    .action(async ({ json = false, ...input }: CreateOptions) => {
      const { createToken, stateDir } = await load()
      await createToken(stateDir, runtime, { ...input, connection: typedConnection(program.opts()), json })
    })
  tokens
    .command('list')
    .description('list the tokens, without their secrets')
    .option('--json', 'print one JSON document')
    .action(async ({ json = false }) => {
      const { listTokens, stateDir } = await load()
      await listTokens(stateDir, runtime, json)
    })
  tokens
    .command('revoke <id>')
    .description('refuse a token from now on')
    .action(async (id: string) => {
      const { revokeToken, stateDir } = await load()
      await revokeToken(stateDir, runtime, id)
    })
}

/** The connection that was typed. One from the environment is the server's, and ties no token. */
function typedConnection({ connection }: Record<string, unknown>): string | undefined {
  if (connection === undefined) return undefined
  const parsed = options.connection.schema().safeParse(connection)
  if (parsed.success) return parsed.data
  throw new UsageError(`--connection: give ${options.connection.accepts}.`)
}

function days(text: string): number {
  if (/^[1-9]\d{0,3}$/.test(text)) return Number(text)
  throw new InvalidArgumentError('Give whole days, from 1 to 9999.')
}
