import type { Scope } from '../auth/principal.ts'
import type { ProtectedResource } from '../auth/protected-resource.ts'

/** Codes of JSON-RPC; the first is for what only the transport knows. */
export const rpcCodes = { transport: -32_000, invalidRequest: -32_600, parse: -32_700 } as const

/** Why a request is refused, as an HTTP answer with a JSON-RPC error. */
export const refusal = (
  status: number,
  message: string,
  {
    code = rpcCodes.transport,
    id = null,
    headers = {},
  }: { code?: number; id?: unknown; headers?: Record<string, string> } = {},
): Response => Response.json({ jsonrpc: '2.0', id, error: { code, message } }, { status, headers })

type BearerError = 'invalid_token' | 'insufficient_scope'

/** Makes an answer with a challenge (RFC 6750). Without an error, it asks for a token where there was none. */
export type Challenge = (
  status: 401 | 403,
  description: string,
  error?: BearerError,
  scopes?: readonly Scope[],
) => Response

/** With OAuth, each challenge says where to sign in, and for which scopes: the first ones where none is named. */
export const createChallenge =
  (resource: ProtectedResource | undefined): Challenge =>
  (status, description, error, scopes = resource?.scopes) => {
    const parameters = Object.entries({
      error,
      error_description: error && description,
      scope: scopes?.join(' '),
      resource_metadata: resource?.metadataUrl,
    })
      .filter(([, value]) => value !== undefined)
      .map(([name, value]) => ` ${name}="${value}"`)
    return Response.json(
      { error: error ?? 'invalid_request', error_description: description },
      { status, headers: { 'WWW-Authenticate': `Bearer${parameters.join(',')}` } },
    )
  }
