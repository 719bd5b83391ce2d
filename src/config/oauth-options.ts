import * as z from 'zod'
import { type Scope, scopes } from '../auth/principal.ts'
import { isSafeUrl } from '../auth/safe-url.ts'
import { choice, names, type Option, optionalPath, optionalText, textList } from './option-kinds.ts'

const plainUrl = () =>
  z
    .string()
    .trim()
    .refine((text) => isSafeUrl(text) && !/[?#]/.test(text))

/** Kept as it is given: tokens and clients compare it letter by letter. */
const issuerSchema = (): z.ZodType<string | undefined> => plainUrl().optional()

/** A host alone stands for its path `/mcp`. */
const publicUrlSchema = (): z.ZodType<string | undefined> =>
  plainUrl()
    .transform((text) => new URL(text))
    .transform(({ origin, pathname }) =>
      pathname === '/' ? `${origin}/mcp` : `${origin}${pathname.replace(/\/$/, '')}`,
    )
    .optional()

/** The last `=` counts, because names of groups may have one. */
const scopeMapSchema = (): z.ZodType<(readonly [string, Scope])[]> =>
  names().transform((pairs, context) =>
    pairs.flatMap((pair): (readonly [string, Scope])[] => {
      const end = pair.lastIndexOf('=')
      const scope = scopes.find((name) => name === pair.slice(end + 1).trim())
      const value = pair.slice(0, Math.max(end, 0)).trim()
      if (scope !== undefined && value !== '') return [[value, scope]]
      context.addIssue('not a pair')
      return []
    }),
  )

/** The options of `serve --http` with OAuth: rows of the table in `options.ts`. */
export const oauthOptions = {
  publicUrl: {
    kind: 'text',
    value: '<url>',
    accepts: 'an https URL without a query, such as https://mcp.example.com/mcp',
    schema: publicUrlSchema,
    default: undefined,
    help: 'the URL of /mcp for the clients of --http (default: none)',
  } satisfies Option<string | undefined>,
  oauthIssuer: {
    kind: 'text',
    value: '<url>',
    accepts: 'the https URL of an issuer, such as https://login.example.com',
    schema: issuerSchema,
    default: undefined,
    help: 'accept the access tokens (JWT) of this OAuth issuer; needs --http and --public-url (default: none)',
  } satisfies Option<string | undefined>,
  oauthAudience: textList({
    value: '<list>',
    accepts: 'audiences, separated by commas',
    help: 'whom its tokens may be made for (default: the public URL)',
  }),
  oauthJwksFile: optionalPath({
    value: '<file>',
    accepts: 'a path to a JSON Web Key Set',
    mustExist: true,
    help: 'its keys, where it cannot be reached from here (default: fetched from it)',
  }),
  oauthScopeClaim: optionalText({
    value: '<claim>',
    accepts: 'the name of a claim',
    help: 'the claim that says what a token may do (default: scope and scp)',
  }),
  oauthScopeMap: {
    kind: 'text',
    value: '<list>',
    accepts: 'pairs such as support-lead=kustomer:write, separated by commas',
    schema: scopeMapSchema,
    default: [],
    help: 'values of this claim that stand for kustomer:read, kustomer:write or kustomer:connect (default: none)',
  } satisfies Option<(readonly [string, Scope])[]>,
  oauthConnectionClaim: optionalText({
    value: '<claim>',
    accepts: 'the name of a claim',
    help: 'the claim that names the connection of a token; it is required then (default: none)',
  }),
  oauthAdvertise: choice(['read', 'all'], {
    default: 'read',
    help: 'scopes that clients are told to ask for at first: all for clients that never ask for more (default: read)',
  }),
}
