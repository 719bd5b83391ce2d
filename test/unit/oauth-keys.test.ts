import { generateKeyPair } from 'node:crypto'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { exportJWK } from 'jose'
import { describe, expect, it } from 'vitest'
import { fetchIssuerKeys, readKeysFile } from '../../src/auth/oauth-documents.ts'
import { temporaryFolder } from '../support/app.ts'
import { type Issuer, json, makeKey, startIssuer } from '../support/oauth-issuer.ts'
import { setUpVerifier } from '../support/oauth-verifier.ts'

const accepted = { subject: 'anna' }
const minute = 60_000

describe('the keys of the issuer', () => {
  it('are loaded once, at the first token', async () => {
    const { issuer, verify, token } = await setUpVerifier()
    expect(issuer.requests).toEqual([])
    const tokens = await Promise.all(['a', 'b', 'c'].map((sub) => token({ sub })))
    for (const result of await Promise.all(tokens.map(verify))) expect(result).toBeTypeOf('object')
    expect(issuer.requests).toEqual(['/.well-known/oauth-authorization-server', '/keys'])
  })

  it('are not loaded for a token of another issuer', async () => {
    const { issuer, verify, token } = await setUpVerifier()
    expect(await verify(await token({ iss: 'https://other.example' }))).toBe('wrong-issuer')
    expect(issuer.requests).toEqual([])
  })

  it('are loaded again for an unknown key, once', async () => {
    const { issuer, verify, token, clock } = await setUpVerifier()
    await verify(await token())
    const next = await makeKey('ES256', 'next')
    issuer.publish(issuer.key.jwk, next.jwk)
    clock.ms += 30_000
    const tokens = await Promise.all(['a', 'b', 'c'].map((sub) => token({ sub }, next)))
    for (const result of await Promise.all(tokens.map(verify))) expect(result).toBeTypeOf('object')
    expect(issuer.keyLoads()).toBe(2)
  })

  it('are not loaded again within 30 s', async () => {
    const { issuer, verify, token, clock } = await setUpVerifier()
    await verify(await token())
    clock.ms += 29_999
    for (const kid of ['x', 'y', 'z'])
      expect(await verify(await token({}, await makeKey('ES256', kid)))).toBe('wrong-signature')
    expect(issuer.keyLoads()).toBe(1)
    clock.ms += 1
    for (const kid of ['x', 'y', 'z'])
      expect(await verify(await token({}, await makeKey('ES256', kid)))).toBe('wrong-signature')
    expect(issuer.keyLoads()).toBe(2)
  })

  it('verify nothing once they were withdrawn', async () => {
    const { issuer, verify, token, clock } = await setUpVerifier()
    await verify(await token())
    issuer.publish((await makeKey('ES256', 'next')).jwk)
    clock.ms += 10 * minute
    expect(await verify(await token())).toBe('wrong-signature')
    expect(issuer.keyLoads()).toBe(2)
  })

  it('are not asked again for a verified token, for a minute', async () => {
    const { issuer, verify, token, clock } = await setUpVerifier()
    const first = await token()
    await verify(first)
    const next = await makeKey('ES256', 'next')
    issuer.publish(next.jwk)
    clock.ms += 30_000
    expect(await verify(await token({}, next))).toMatchObject(accepted)
    clock.ms += 29_999
    expect(await verify(first)).toMatchObject(accepted)
    clock.ms += 1
    expect(await verify(first)).toBe('wrong-signature')
  })
})

describe('an issuer that is away', () => {
  it('at the first token is no fault of the token', async () => {
    const { issuer, verify, token, clock, failures } = await setUpVerifier()
    await issuer.stop()
    for (let count = 0; count < 3; count++) expect(await verify(await token())).toBe('keys-unavailable')
    expect(failures).toHaveLength(1)
    expect(failures[0]).toMatch(
      /oauth-authorization-server: ECONNREFUSED\. .*openid-configuration: ECONNREFUSED\./,
    )
    await issuer.restart()
    clock.ms += 4999
    expect(await verify(await token())).toBe('keys-unavailable')
    clock.ms += 1
    expect(await verify(await token())).toMatchObject(accepted)
  })

  it('later leaves the last keys in force', async () => {
    const { issuer, verify, token, clock, failures } = await setUpVerifier()
    await verify(await token())
    await issuer.stop()
    clock.ms += 24 * 60 * minute
    expect(await verify(await token())).toMatchObject(accepted)
    expect(await verify(await token({ sub: 'ben' }))).toMatchObject({ subject: 'ben' })
    expect(await verify(await token({}, await makeKey('ES256', 'first')))).toBe('wrong-signature')
    expect(failures).toHaveLength(1)
  })

  it('may have a key that is not known yet', async () => {
    const { issuer, verify, token, clock } = await setUpVerifier()
    await verify(await token())
    const next = await makeKey('ES256', 'next')
    issuer.publish(next.jwk)
    await issuer.stop()
    clock.ms += minute
    expect(await verify(await token({}, next))).toBe('keys-unavailable')
    await issuer.restart()
    clock.ms += 5000
    expect(await verify(await token({}, next))).toMatchObject(accepted)
  })
})

describe('what an issuer says of itself', () => {
  const rfc8414 = '/.well-known/oauth-authorization-server'
  const oidc = '/.well-known/openid-configuration'

  it('is looked for in the place of RFC 8414 and then of OpenID Connect', async () => {
    const issuer = await startIssuer('/tenant')
    issuer.answers.set(`/tenant${oidc}`, json({ issuer: issuer.url, jwks_uri: `${issuer.origin}/keys` }))
    expect(await fetchIssuerKeys(issuer.url)).toEqual({ keys: [issuer.key.jwk] })
    expect(issuer.requests).toEqual([`${rfc8414}/tenant`, '/keys'])
    issuer.answers.delete(`${rfc8414}/tenant`)
    expect(await fetchIssuerKeys(`${issuer.url}/`)).toEqual({ keys: [issuer.key.jwk] })
    expect(issuer.requests.slice(2)).toEqual([`${rfc8414}/tenant`, `/tenant${oidc}`, '/keys'])
  })

  const nested = '['.repeat(100_000)
  it.each<[string, string, (issuer: Issuer) => unknown, string]>([
    [
      'another issuer',
      rfc8414,
      ({ origin }) => ({ issuer: 'https://other.example', jwks_uri: `${origin}/keys` }),
      'names another issuer',
    ],
    ['no issuer', rfc8414, ({ origin }) => ({ jwks_uri: `${origin}/keys` }), 'names another issuer'],
    ['no keys', rfc8414, ({ url }) => ({ issuer: url }), 'no https jwks_uri'],
    [
      'keys in the clear',
      rfc8414,
      ({ url }) => ({ issuer: url, jwks_uri: 'http://192.0.2.1/keys' }),
      'no https jwks_uri',
    ],
    [
      'keys in a file',
      rfc8414,
      ({ url }) => ({ issuer: url, jwks_uri: 'file:///etc/passwd' }),
      'no https jwks_uri',
    ],
    [
      'keys behind a password',
      rfc8414,
      ({ url }) => ({ issuer: url, jwks_uri: 'https://a:b@x.example' }),
      'no https jwks_uri',
    ],
    ['a list', rfc8414, () => [], 'is not a JSON object'],
    ['no JSON', rfc8414, () => '<html>', 'is not a JSON object'],
    ['deep nesting', rfc8414, () => nested, 'is not a JSON object'],
    ['too much', rfc8414, () => ' '.repeat(300_000), 'has more than 262144 bytes'],
    ['keys that are no set', '/keys', () => ({ keys: {} }), 'is not a JSON Web Key Set'],
    ['keys that are null', '/keys', () => null as never, 'is not a JSON object'],
    [
      'too many keys',
      '/keys',
      ({ key }) => ({ keys: Array(2000).fill(key.jwk) }),
      'has more than 262144 bytes',
    ],
  ])('%s is refused', async (_, path, body, says) => {
    const { issuer, verify, token, failures } = await setUpVerifier()
    issuer.answers.set(path, json(body(issuer)))
    expect(await verify(await token())).toBe('keys-unavailable')
    expect(failures).toEqual([expect.stringContaining(says)])
  })

  it.each<[string, Parameters<Issuer['answers']['set']>[1], string]>([
    ['redirects', (_, response) => response.writeHead(302, { location: '/moved' }).end(), 'redirect'],
    ['fails', (_, response) => response.writeHead(500).end(), 'answered 500'],
    ['hangs up', (_, response) => response.destroy(), 'UND_ERR_SOCKET'],
    ['never answers', () => undefined, 'timeout'],
    ['never ends', (_, response) => response.writeHead(200).write('{'), 'timeout'],
  ])('is not believed when it %s', async (_, answer, says) => {
    const issuer = await startIssuer()
    issuer.answers.set('/moved', json({ keys: [issuer.key.jwk] }))
    issuer.answers.set('/keys', answer)
    await expect(fetchIssuerKeys(issuer.url, 200)).rejects.toThrow(says)
  })

  const es256 = () => makeKey('ES256', 'first')
  it.each<[string, string, () => Promise<unknown>]>([
    ['is null', 'keys-unavailable', async () => null],
    ['is a list', 'keys-unavailable', async () => []],
    ['has no type', 'wrong-signature', async () => ({ kid: 'first' })],
    [
      'is not on its curve',
      'wrong-signature',
      async () => ({ kty: 'EC', crv: 'P-256', kid: 'first', x: 'AA', y: 'AA' }),
    ],
    ['is a secret', 'wrong-signature', async () => ({ kty: 'oct', kid: 'first', k: 'AAAA', alg: 'ES256' })],
    [
      'is private',
      'wrong-signature',
      async () => ({ ...(await exportJWK((await es256()).privateKey)), kid: 'first' }),
    ],
    ['is for encryption', 'wrong-signature', async () => ({ ...(await es256()).jwk, use: 'enc' })],
  ])('verifies nothing when its key %s: %s', async (_, refusal, key) => {
    const { issuer, verify, token } = await setUpVerifier()
    issuer.publish(await key())
    expect(await verify(await token())).toBe(refusal)
  })

  it('verifies nothing with a short key', async () => {
    const { issuer, verify, token, failures } = await setUpVerifier()
    const { publicKey } = await promisify(generateKeyPair)('rsa', { modulusLength: 1024 })
    issuer.publish({ ...publicKey.export({ format: 'jwk' }), kid: 'short' })
    expect(await verify(await token({}, await makeKey('RS256', 'short')))).toBe('wrong-signature')
    expect(failures).toEqual([expect.stringContaining('modulusLength')])
  })
})

describe('keys in a file', () => {
  it('are read without the issuer', async () => {
    const issuer = await startIssuer()
    const file = join(await temporaryFolder(), 'keys.json')
    await writeFile(file, JSON.stringify({ keys: [issuer.key.jwk] }))
    const { verify, token, clock } = await setUpVerifier({ load: () => readKeysFile(file) }, issuer)
    expect(await verify(await token())).toMatchObject(accepted)
    const next = await makeKey('ES256', 'next')
    await writeFile(file, JSON.stringify({ keys: [next.jwk] }))
    clock.ms += 30_000
    expect(await verify(await token({}, next))).toMatchObject(accepted)
    expect(issuer.requests).toEqual([])
  })

  it.each(['', '{', '[]', '{"keys":1}'])('are not %j', async (text) => {
    const file = join(await temporaryFolder(), 'keys.json')
    await writeFile(file, text)
    await expect(readKeysFile(file)).rejects.toThrow('is not a JSON Web Key Set')
  })
})
