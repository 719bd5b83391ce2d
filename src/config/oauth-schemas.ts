import * as z from 'zod'
import { type Scope, scopes } from '../auth/principal.ts'
import { isSafeUrl } from '../auth/safe-url.ts'
import { names } from './option-kinds.ts'

const plainUrl = () =>
  z
    .string()
    .trim()
    .refine((text) => isSafeUrl(text) && !/[?#]/.test(text))

/** Kept as it is given: tokens and clients compare it letter by letter. */
export const issuerSchema = (): z.ZodType<string | undefined> => plainUrl().optional()

/** A host alone stands for its path `/mcp`. */
export const publicUrlSchema = (): z.ZodType<string | undefined> =>
  plainUrl()
    .transform((text) => new URL(text))
    .transform(({ origin, pathname }) =>
      pathname === '/' ? `${origin}/mcp` : `${origin}${pathname.replace(/\/$/, '')}`,
    )
    .optional()

/** The last `=` counts, because names of groups may have one. */
export const scopeMapSchema = (): z.ZodType<(readonly [string, Scope])[]> =>
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
