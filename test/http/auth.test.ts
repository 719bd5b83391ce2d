import { rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import type { Scope } from '../../src/auth/principal.ts'
import { UsageError } from '../../src/errors.ts'
import { startHttp } from './support.ts'

const names = ({ json }: { json: { result: { tools: { name: string }[] } } }) =>
  json.result.tools.map(({ name }) => name)

describe('who may use it', () => {
  it('is anybody on this machine until a token was made', async () => {
    const { rpc, bearer, tokens } = await startHttp()
    expect(await rpc('ping')).toMatchObject({ status: 200 })
    const { authorization, id } = await bearer('anna')
    expect(await rpc('ping')).toMatchObject({ status: 401 })
    expect(await rpc('ping', {}, authorization)).toMatchObject({ status: 200 })
    // To revoke the last token opens nothing.
    await tokens.revoke(id)
    expect(await rpc('ping')).toMatchObject({ status: 401 })
  })

  it.each(['x-forwarded-for', 'forwarded', 'via'])('is nobody behind a proxy that sends %s', async (name) => {
    const { send, bearer } = await startHttp()
    const body = '{"jsonrpc":"2.0","id":1,"method":"ping"}'
    expect(await send({ headers: { [name]: '203.0.113.7' }, body })).toMatchObject({ status: 401 })
    const { authorization } = await bearer('anna')
    expect(await send({ headers: { [name]: '203.0.113.7', authorization }, body })).toMatchObject({
      status: 200,
    })
  })

  it('is nobody without a token under --auth tokens', async () => {
    const { rpc } = await startHttp({ given: { auth: 'tokens' } })
    const answer = await rpc('ping')
    expect(answer).toMatchObject({ status: 401, json: { error: 'invalid_request' } })
    expect(answer.headers['www-authenticate']).toBe('Bearer')
  })

  it.each<[string, (given: string) => string, string]>([
    ['of another scheme', (given) => given.replace('Bearer', 'Basic'), 'not a token'],
    ['without a token', () => 'Bearer', 'not a token'],
    ['with two tokens', (given) => `${given} ${given.slice(7)}`, 'not a token'],
    ['with a JWT of no algorithm', () => 'Bearer eyJhbGciOiJub25lIn0.eyJzdWIiOiJhbm5hIn0.', 'not a token'],
    ['with another secret', (given) => `${given.slice(0, -43)}${'A'.repeat(43)}`, 'not a token'],
    [
      'with an id that is not there',
      (given) => given.replace(/_[0-9a-f]{12}_/, '_000000000000_'),
      'not a token',
    ],
    ['with a token cut short', (given) => given.slice(0, -1), 'not a token'],
  ])('refuses a header %s', async (_, change, says) => {
    const { rpc, bearer } = await startHttp()
    const { authorization } = await bearer('anna')
    const answer = await rpc('ping', {}, change(authorization))
    expect(answer).toMatchObject({ status: 401, json: { error: 'invalid_token' } })
    expect(answer.headers['www-authenticate']).toContain('Bearer error="invalid_token"')
    expect(answer.headers['www-authenticate']).toContain(says)
  })

  it('accepts the scheme in any case', async () => {
    const { rpc, bearer } = await startHttp()
    const { authorization } = await bearer('anna')
    expect(await rpc('ping', {}, authorization.replace('Bearer', 'bearer'))).toMatchObject({ status: 200 })
  })

  it('refuses a token that was revoked or has expired', async () => {
    const { rpc, bearer, tokens } = await startHttp()
    const { authorization, id } = await bearer('anna')
    await tokens.revoke(id)
    const { token } = await tokens.create({ subject: 'ben', scopes: ['kustomer:read'], expiresInDays: 0 })
    for (const [given, why] of [
      [authorization, 'revoked'],
      [`Bearer ${token}`, 'expired'],
    ] as const) {
      const answer = await rpc('ping', {}, given)
      expect(answer).toMatchObject({ status: 401, json: { error: 'invalid_token' } })
      expect(answer.headers['www-authenticate']).toContain(why)
    }
  })

  it('takes no token from the address', async () => {
    const { send, bearer } = await startHttp()
    const { authorization } = await bearer('anna')
    const path = `/mcp?access_token=${authorization.slice(7)}`
    expect(await send({ path, body: '{}' })).toMatchObject({ status: 401 })
  })

  it('is nobody while the tokens cannot be read', async () => {
    const { rpc, bearer, stateDir, log } = await startHttp()
    const { authorization } = await bearer('anna')
    await writeFile(join(stateDir, 'tokens.json'), 'x')
    expect(await rpc('ping', {}, authorization)).toMatchObject({ status: 503 })
    expect(log.text()).toContain('is not a token file')
  })

  it('is decided before the body is read', async () => {
    const { raw, bearer } = await startHttp()
    await bearer('anna')
    const head = 'POST /mcp HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n'
    expect(await raw(`${head}Content-Length: 900\r\nConnection: close\r\n\r\n{`)).toMatch(/^HTTP\/1\.1 401 /)
  })

  it('writes no token to the log', async () => {
    const { rpc, bearer, log } = await startHttp({ given: { logLevel: 'debug' } })
    const { authorization } = await bearer('anna')
    await rpc('ping', {}, authorization)
    await rpc('ping', {}, `${authorization}x`)
    expect(log.text()).toContain('unauthorized')
    expect(log.text()).not.toContain(authorization.slice(-43))
  })
})

describe('scopes', () => {
  it.each<[Scope[], string, boolean]>([
    [['kustomer:read'], 'list-customers', true],
    [['kustomer:read'], 'create-note', false],
    [['kustomer:read'], 'connect-kustomer', false],
    [['kustomer:write'], 'list-customers', true],
    [['kustomer:write'], 'create-note', true],
    [['kustomer:write'], 'connect-kustomer', false],
    [['kustomer:connect'], 'connect-kustomer', true],
    [['kustomer:connect'], 'list-customers', false],
  ])('%j, %s: %s', async (scopes, tool, isAllowed) => {
    const { rpc, bearer } = await startHttp()
    const { authorization } = await bearer('anna', scopes)
    expect(names(await rpc('tools/list', {}, authorization)).includes(tool)).toBe(isAllowed)
    if (isAllowed) return
    const answer = await rpc('tools/call', { name: tool, arguments: {} }, authorization)
    expect(answer).toMatchObject({ status: 403, json: { error: 'insufficient_scope' } })
    expect(answer.headers['www-authenticate']).toMatch(/error="insufficient_scope".*scope="kustomer:[\w :]+"/)
  })

  it('bar a write by a tool that can also read', async () => {
    const { call, bearer, scripted } = await startHttp()
    const { authorization } = await bearer('anna', ['kustomer:read', 'kustomer:connect'])
    const write = { action: 'create-note', input: { conversation: 'a'.repeat(24), body: 'x' } }
    expect(await call('run-action', write, authorization)).toMatchObject({ status: 403 })
    expect(scripted.calls.filter(({ argv }) => argv[1] === 'run')).toEqual([])
  })

  it('do not widen what the options allow', async () => {
    const { call, bearer } = await startHttp({ given: { readOnly: true } })
    const { authorization } = await bearer('anna')
    const refused = await call('create-note', { conversation: 'a'.repeat(24), body: 'x' }, authorization)
    expect(refused).toMatchObject({ status: 200, isError: true })
    expect(refused.text).toMatch(/^refused-by-policy: /)
  })
})

describe('an address that other machines reach', () => {
  const host = '0.0.0.0'
  const allowedHost = ['mcp.example.com']
  it.each([
    ['without a token', { allowedHost }, 'needs a token'],
    ['without its names', { auth: 'tokens' }, '--allowed-host'],
  ])('%s is not served', async (_, given, says) => {
    const starting = startHttp({ host, given })
    await expect(starting).rejects.toThrow(UsageError)
    await expect(starting).rejects.toThrow(says)
  })

  it('is one that is called by a public name', async () => {
    await expect(startHttp({ given: { allowedHost } })).rejects.toThrow('needs a token')
    await expect(startHttp({ given: { allowedHost: ['localhost:8787', '[::1]'] } })).resolves.toBeDefined()
  })

  it('stays closed when its tokens are removed', async () => {
    const { rpc, stateDir } = await startHttp({
      given: { allowedHost: [...allowedHost, '127.0.0.1'], auth: 'tokens' },
    })
    await rm(join(stateDir, 'tokens.json'), { force: true })
    expect(await rpc('ping')).toMatchObject({ status: 401 })
  })

  it('is served under --auth tokens', async () => {
    const { send, bearer } = await startHttp({ host, given: { allowedHost, auth: 'tokens' } })
    const body = '{"jsonrpc":"2.0","id":1,"method":"ping"}'
    const headers = { host: 'mcp.example.com' }
    expect(await send({ headers, body })).toMatchObject({ status: 401 })
    const { authorization } = await bearer('anna')
    expect(await send({ headers: { ...headers, authorization }, body })).toMatchObject({ status: 200 })
  })

  it('refuses unknown tools in the options at the start', async () => {
    await expect(startHttp({ given: { tools: ['list-customer'] } })).rejects.toThrow('list-customers')
  })
})
