import { type Scope, scopes } from '../auth/principal.ts'
import { createStaticTokens } from '../auth/static-tokens.ts'
import type { TokenRecord } from '../auth/token-file.ts'
import { UsageError } from '../errors.ts'
import { withSuggestion } from '../text/suggest.ts'
import type { RuntimeContext } from './runtime.ts'
import { wrapFor } from './terminal/wrap.ts'

export interface CreateTokenInput {
  subject: string
  /** Scopes, separated by commas or blanks. */
  scope: string
  connection?: string | undefined
  /** Days. */
  expires?: number | undefined
  json: boolean
}

/** Makes a token and prints it, the only time. Throws UsageError for a subject or a scope that there is not. */
export async function createToken(
  stateDir: string,
  { print }: RuntimeContext,
  { subject, scope, connection, expires, json }: CreateTokenInput,
): Promise<void> {
  if (!/^[\w.@:+-]{1,128}$/.test(subject))
    throw new UsageError('--subject: give up to 128 letters, digits or any of . _ @ : + -')
  const { token, ...record } = await createStaticTokens(stateDir).create({
    subject,
    scopes: scopesIn(scope),
    connection,
    expiresInDays: expires,
  })
  const shown = shownOf(record)
  if (json) return print(JSON.stringify({ id: record.id, token, ...shown }))
  print(token)
  const note = `This token is shown once. ${sentenceOf(shown)} Revoke it with: tokens revoke ${record.id}`
  process.stderr.write(`${wrapFor(process.stderr, note)}\n`)
}

/** Prints every token without its secret. */
export async function listTokens(stateDir: string, { print }: RuntimeContext, json: boolean): Promise<void> {
  const records = await createStaticTokens(stateDir).list()
  const shown = records.map((record) => ({ id: record.id, state: stateOf(record), ...shownOf(record) }))
  if (json) return print(JSON.stringify(shown))
  if (shown.length === 0) return print('There are no tokens.')
  for (const token of shown) print(`${token.id}  ${token.state}  ${sentenceOf(token)}`)
}

/** Throws UsageError where there is no such token. */
export async function revokeToken(stateDir: string, { print }: RuntimeContext, id: string): Promise<void> {
  if (!(await createStaticTokens(stateDir).revoke(id)))
    throw new UsageError(`There is no token with the id ${JSON.stringify(id)}. Try: tokens list`)
  print(`Revoked ${id}. Running servers refuse it from now on.`)
}

function scopesIn(text: string): Scope[] {
  const given = text.split(/[\s,]+/).filter((name) => name !== '')
  const unknown = given.filter((name) => !(scopes as readonly string[]).includes(name))
  if (given.length === 0 || unknown.length > 0) {
    const names = unknown.map((name) => withSuggestion(name, scopes)).join(', ')
    throw new UsageError(
      `--scope: ${names === '' ? 'none is given' : `unknown: ${names}`}. Known: ${scopes.join(', ')}.`,
    )
  }
  return [...new Set(given as Scope[])]
}

const shownOf = ({ subject, scopes: held, connection, created, expires, revoked }: TokenRecord) => ({
  subject,
  scopes: held,
  connection,
  created,
  expires,
  revoked,
})

function stateOf({ expires, revoked }: TokenRecord): string {
  if (revoked !== undefined) return 'revoked'
  return expires !== undefined && Date.parse(expires) <= Date.now() ? 'expired' : 'valid'
}

function sentenceOf({ subject, scopes: held, connection, expires }: ReturnType<typeof shownOf>): string {
  const where = connection === undefined ? '' : ` on the connection ${connection}`
  return `${subject} may use ${held.join(', ')}${where}${expires === undefined ? '' : ` until ${expires}`}.`
}
