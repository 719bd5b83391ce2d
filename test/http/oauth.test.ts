import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { loadConfig } from '../../src/config/load.ts'
import { refuseOauth } from '../../src/config/oauth-settings.ts'
import { UsageError } from '../../src/errors.ts'
import { temporaryFolder } from '../support/app.ts'
import { type Claims, claimsAt, makeKey, signToken, startIssuer } from '../support/oauth-issuer.ts'
import { connection, connectionId, liveActions } from '../support/samples.ts'
import { type HttpOptions, startHttp } from './support.ts'

const publicUrl = 'https://mcp.example.com/mcp'
const metadataUrl = 'https://mcp.example.com/.well-known/oauth-protected-resource/mcp'
const note = { conversation: 'a'.repeat(24), body: 'x' }

/** A server that accepts the tokens of a local issuer. */
async function startOauth({ given = {}, ...options }: HttpOptions = {}) {
  const issuer = await startIssuer()
  const http = await startHttp({
    given: { oauthIssuer: issuer.url, publicUrl, ...given },
    ...options,
  })
  return {
    ...http,
    issuer,
    /** The header with a token that is accepted, but for what is changed. */
    async show(changed: Claims = {}, key = issuer.key) {
      const claims = { ...claimsAt(Date.now(), issuer.url, publicUrl), ...changed }
      return `Bearer ${await signToken(key, claims)}`
    },
  }
}

const challengeOf = ({ headers }: { headers: Record<string, unknown> }) => headers['www-authenticate']

describe('a request with an access token', () => {
  it('is served as the subject of the token', async () => {
    const { rpc, show, call, log } = await startOauth()
    const authorization = await show()
    expect(await rpc('ping', {}, authorization)).toMatchObject({ status: 200 })
    expect(await call('list-customers', {}, authorization)).toMatchObject({ status: 200 })
    expect(log.text()).not.toContain(authorization.slice(-20))
  })

  it('is told what is wrong with it, and where to sign in', async () => {
    const { rpc, show } = await startOauth()
    const scope = `scope="kustomer:read", resource_metadata="${metadataUrl}"`
    const absent = await rpc('ping')
    expect(absent).toMatchObject({ status: 401, json: { error: 'invalid_request' } })
    expect(challengeOf(absent)).toBe(`Bearer ${scope}`)
    for (const [authorization, says] of [
      [await show({ aud: 'https://other.example' }), 'The token was made for another server.'],
      [await show({ exp: 1 }), 'The token has expired.'],
      ['Bearer x.y.z', 'This is not a token of this server.'],
      ['Basic eDp5', 'This is not a token of this server.'],
    ] as const) {
      const answer = await rpc('ping', {}, authorization)
      expect(answer).toMatchObject({ status: 401, json: { error: 'invalid_token' } })
      expect(challengeOf(answer)).toBe(`Bearer error="invalid_token", error_description="${says}", ${scope}`)
    }
  })

  it('is ignored in the address', async () => {
    const { send, show } = await startOauth()
    const token = (await show()).slice('Bearer '.length)
    for (const name of ['access_token', 'token', 'authorization'])
      expect(await send({ path: `/mcp?${name}=${token}`, body: '{}' })).toMatchObject({ status: 401 })
  })

  it('without a scope of ours asks for the first one', async () => {
    const { rpc, show } = await startOauth()
    const answer = await rpc('ping', {}, await show({ scope: 'openid' }))
    expect(answer).toMatchObject({ status: 403, json: { error: 'insufficient_scope' } })
    expect(challengeOf(answer)).toBe(
      `Bearer error="insufficient_scope", error_description="The token has no scope of this server.", scope="kustomer:read", resource_metadata="${metadataUrl}"`,
    )
  })

  it.each([
    ['kustomer:read', 'create-note', 'kustomer:write'],
    ['kustomer:read', 'connect-kustomer', 'kustomer:read kustomer:connect'],
    ['kustomer:write', 'connect-kustomer', 'kustomer:write kustomer:connect'],
    ['kustomer:connect', 'list-customers', 'kustomer:read kustomer:connect'],
  ])('with %s alone for %s asks for %s', async (scope, name, asked) => {
    const { rpc, show, scripted } = await startOauth()
    const answer = await rpc('tools/call', { name, arguments: note }, await show({ scope }))
    expect(answer).toMatchObject({ status: 403, json: { error: 'insufficient_scope' } })
    expect(challengeOf(answer)).toContain(`scope="${asked}", resource_metadata="${metadataUrl}"`)
    expect(scripted.calls).toEqual([])
  })

  it('is told to come back while the issuer is away', async () => {
    const { rpc, show, issuer, log } = await startOauth()
    await issuer.stop()
    const answer = await rpc('ping', {}, await show())
    expect(answer).toMatchObject({ status: 503, headers: { 'retry-after': '5' } })
    expect(challengeOf(answer)).toBeUndefined()
    expect(log.text()).toContain('ECONNREFUSED')
  })

  it('uses the connection that its claim names', async () => {
    const otherId = `${connectionId.slice(0, -1)}b`
    const other = { ...connection, id: otherId, name: 'Kustomer of another team', key: 'kustomer-b' }
    const plan = { connections: [connection, other], actions: liveActions }
    const { call, show, scripted } = await startOauth({ given: { oauthConnectionClaim: 'kustomer' }, plan })
    for (const [sub, id] of [
      ['anna', connectionId],
      ['ben', otherId],
    ] as const) {
      await call('list-customers', {}, await show({ sub, kustomer: id }))
      expect(scripted.calls.at(-1)?.argv.join(' ')).toContain(id)
    }
    expect(await call('list-customers', {}, await show())).toMatchObject({ status: 401 })
  })
})

describe('beside the issuer', () => {
  it('tokens of this program are accepted', async () => {
    const { rpc, bearer, tokens } = await startOauth()
    const { authorization, id } = await bearer('anna')
    expect(await rpc('ping', {}, authorization)).toMatchObject({ status: 200 })
    await tokens.revoke(id)
    expect(await rpc('ping', {}, authorization)).toMatchObject({ status: 401 })
  })

  it('nobody is let in without a token', async () => {
    const { rpc } = await startOauth({ given: { auth: 'auto' } })
    expect(await rpc('ping')).toMatchObject({ status: 401 })
  })

  it('an address that other machines reach needs no other token', async () => {
    const given = { allowedHost: ['mcp.example.com'] }
    const { send, show } = await startOauth({ host: '0.0.0.0', given })
    const headers = { host: 'mcp.example.com', authorization: await show() }
    const body = '{"jsonrpc":"2.0","id":1,"method":"ping"}'
    expect(await send({ headers, body })).toMatchObject({ status: 200 })
  })
})

describe('the metadata', () => {
  const root = '/.well-known/oauth-protected-resource'
  const get = (path: string) => ({ method: 'GET', path, headers: { origin: 'https://claude.ai' } })

  it.each([root, `${root}/`, `${root}/mcp`])('is at %s, for every page', async (path) => {
    const { send, issuer } = await startOauth()
    const answer = await send(get(path))
    expect(answer).toMatchObject({
      status: 200,
      headers: { 'access-control-allow-origin': '*', 'content-type': 'application/json' },
    })
    expect(answer.json).toEqual({
      resource: publicUrl,
      authorization_servers: [issuer.url],
      scopes_supported: ['kustomer:read'],
      bearer_methods_supported: ['header'],
      resource_name: 'Kustomer',
    })
  })

  it.each([
    ['https://mcp.example.com', 'https://mcp.example.com/mcp', `${root}/mcp`],
    ['https://mcp.example.com/', 'https://mcp.example.com/mcp', `${root}/mcp`],
    ['https://example.com/team/mcp/', 'https://example.com/team/mcp', `${root}/team/mcp`],
    ['http://localhost:8787', 'http://localhost:8787/mcp', `${root}/mcp`],
  ])('of %s describes %s', async (url, resource, path) => {
    const { send, rpc } = await startOauth({ given: { publicUrl: url } })
    expect((await send(get(path))).json).toMatchObject({ resource })
    const { origin } = new URL(url)
    expect(challengeOf(await rpc('ping'))).toContain(`resource_metadata="${origin}${path}"`)
  })

  it('names all scopes for clients that never ask for more', async () => {
    const { send, rpc } = await startOauth({ given: { oauthAdvertise: 'all' } })
    const scopes = ['kustomer:read', 'kustomer:write', 'kustomer:connect']
    expect((await send(get(root))).json).toMatchObject({ scopes_supported: scopes })
    expect(challengeOf(await rpc('ping'))).toContain(`scope="${scopes.join(' ')}"`)
  })

  it('answers a preflight, and no other method', async () => {
    const { send } = await startOauth()
    const preflight = await send({ ...get(root), method: 'OPTIONS' })
    expect(preflight).toMatchObject({ status: 204, headers: { 'access-control-allow-methods': 'GET' } })
    expect(await send({ ...get(root), method: 'POST' })).toMatchObject({ status: 404 })
  })

  it('is not there without an issuer', async () => {
    const { send } = await startHttp()
    expect(await send(get(root))).toMatchObject({ status: 404 })
    expect(await send(get(`${root}/mcp`))).toMatchObject({ status: 404 })
  })
})

describe('options that do not go together', () => {
  const oauthIssuer = 'https://login.example.com'
  it.each<[string, object, string]>([
    ['an issuer without a public URL', { oauthIssuer }, '--oauth-issuer needs --public-url'],
    [
      'an audience without an issuer',
      { oauthAudience: ['a'], publicUrl },
      '--oauth-audience has no effect without --oauth-issuer',
    ],
    ['a claim without an issuer', { oauthScopeClaim: 'roles' }, '--oauth-scope-claim has no effect'],
    ['scopes for clients without an issuer', { oauthAdvertise: 'all' }, '--oauth-advertise has no effect'],
    ['an issuer in the clear', { oauthIssuer: 'http://login.example.com', publicUrl }, '"oauthIssuer"'],
    ['an issuer with a query', { oauthIssuer: `${oauthIssuer}?a`, publicUrl }, '"oauthIssuer"'],
    ['a public URL in the clear', { oauthIssuer, publicUrl: 'http://mcp.example.com' }, '"publicUrl"'],
    [
      'a public URL with a password',
      { oauthIssuer, publicUrl: 'https://a:b@mcp.example.com' },
      '"publicUrl"',
    ],
    [
      'a map to a scope that there is not',
      { oauthIssuer, publicUrl, oauthScopeMap: 'a=write' },
      '"oauthScopeMap"',
    ],
    ['a map without a value', { oauthIssuer, publicUrl, oauthScopeMap: '=kustomer:read' }, '"oauthScopeMap"'],
  ])('%s end the start', async (_, given, says) => {
    const file = join(await temporaryFolder(), 'config.json')
    await writeFile(file, JSON.stringify(given))
    const starting = startHttp({ given: { config: file } })
    await expect(starting).rejects.toThrow(UsageError)
    await expect(starting).rejects.toThrow(says)
  })

  it('a key file that holds no keys ends the start', async () => {
    const oauthJwksFile = join(await temporaryFolder(), 'keys.json')
    await writeFile(oauthJwksFile, '{}')
    const starting = startHttp({ given: { oauthIssuer, publicUrl, oauthJwksFile } })
    await expect(starting).rejects.toThrow(UsageError)
    await expect(starting).rejects.toThrow('--oauth-jwks-file: ')
  })

  it('an issuer on stdin and stdout ends the start', async () => {
    const config = await loadConfig({ oauthIssuer, publicUrl }, {})
    expect(() => refuseOauth(config)).toThrow('--oauth-issuer has no effect without --http.')
    expect(() => refuseOauth(config)).toThrow(UsageError)
    refuseOauth(await loadConfig({ publicUrl }, {}))
  })
})

describe('keys in a file', () => {
  it('take the place of the issuer', async () => {
    const issuer = await startIssuer()
    await issuer.stop()
    const oauthJwksFile = join(await temporaryFolder(), 'keys.json')
    await writeFile(oauthJwksFile, JSON.stringify({ keys: [issuer.key.jwk] }))
    const { rpc } = await startHttp({ given: { oauthIssuer: issuer.url, publicUrl, oauthJwksFile } })
    const claims = claimsAt(Date.now(), issuer.url, publicUrl)
    const token = await signToken(issuer.key, claims)
    expect(await rpc('ping', {}, `Bearer ${token}`)).toMatchObject({ status: 200 })
    const forged = await signToken(await makeKey('ES256', 'first'), claims)
    expect(await rpc('ping', {}, `Bearer ${forged}`)).toMatchObject({ status: 401 })
  })
})
