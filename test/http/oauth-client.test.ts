import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { ClientCredentialsProvider } from '@modelcontextprotocol/sdk/client/auth-extensions.js'
import { Client } from '@modelcontextprotocol/sdk/client/index.js'
import { StreamableHTTPClientTransport } from '@modelcontextprotocol/sdk/client/streamableHttp.js'
import type { Transport } from '@modelcontextprotocol/sdk/shared/transport.js'
import { exportJWK } from 'jose'
import Provider from 'oidc-provider'
import { expect, it, onTestFinished } from 'vitest'
import { makeKey } from '../support/oauth-issuer.ts'
import { startHttp } from './support.ts'

const publicUrl = 'https://mcp.example.com/mcp'
const secret = 'a-secret-of-the-client-in-this-test'

/** A real authorization server, with one client that signs in by its secret. */
async function startProvider() {
  const server = createServer()
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => {
    server.close()
    server.closeAllConnections()
  })
  const issuer = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  const { privateKey } = await makeKey('ES256', 'first')
  const provider = new Provider(issuer, {
    clients: [
      {
        client_id: 'night-bot',
        client_secret: secret,
        grant_types: ['client_credentials'],
        redirect_uris: [],
        response_types: [],
        id_token_signed_response_alg: 'ES256',
      },
    ],
    cookies: { keys: [secret] },
    ttl: { ClientCredentials: 600 },
    jwks: { keys: [{ ...(await exportJWK(privateKey)), kid: 'first', alg: 'ES256', use: 'sig' }] },
    features: {
      clientCredentials: { enabled: true },
      devInteractions: { enabled: false },
      resourceIndicators: {
        enabled: true,
        getResourceServerInfo: (_, audience) => ({
          scope: 'kustomer:read kustomer:write',
          audience,
          accessTokenFormat: 'jwt',
          jwt: { sign: { alg: 'ES256' } },
        }),
      },
    },
  })
  server.on('request', provider.callback())
  return issuer
}

it('the SDK client signs in at a real issuer and calls a tool', async () => {
  const oauthIssuer = await startProvider()
  const { port } = await startHttp({ given: { sandbox: true, cli: undefined, oauthIssuer, publicUrl } })
  const asked: string[] = []
  const transport = new StreamableHTTPClientTransport(new URL(publicUrl), {
    authProvider: new ClientCredentialsProvider({
      clientId: 'night-bot',
      clientSecret: secret,
      scope: 'kustomer:read',
      expectedIssuer: oauthIssuer,
    }),
    // In the place of the proxy with TLS.
    fetch: (url, init) => {
      asked.push(String(url))
      return fetch(String(url).replace('https://mcp.example.com', `http://127.0.0.1:${port}`), init)
    },
  })
  const client = new Client({ name: 'test', version: '1' })
  await client.connect(transport as Transport)
  onTestFinished(() => client.close())
  expect(asked).toContain('https://mcp.example.com/.well-known/oauth-protected-resource/mcp')
  const names = (await client.listTools()).tools.map(({ name }) => name)
  expect(names).toContain('list-users')
  expect(names).not.toContain('create-note')
  const result = await client.callTool({ name: 'list-users', arguments: {} })
  expect(result.isError).toBeFalsy()
  expect(JSON.stringify(result.content)).toContain('Noor Haddad')
})
