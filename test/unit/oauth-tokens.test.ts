import { createHmac } from 'node:crypto'
import * as fc from 'fast-check'
import { type CryptoKey, exportSPKI, importJWK } from 'jose'
import { describe, expect, it } from 'vitest'
import { type Claims, makeKey, startIssuer, unsigned } from '../support/oauth-issuer.ts'
import { resource, setUpVerifier, type VerifierSetup } from '../support/oauth-verifier.ts'

/** A token signed with a secret by HMAC. */
function withSecret(header: object, claims: object, secret: string): string {
  const signed = unsigned(header, claims).slice(0, -1)
  return `${signed}.${createHmac('sha256', secret).update(signed).digest('base64url')}`
}

describe('a token that is accepted', () => {
  it.each(['RS256', 'PS256', 'ES256', 'EdDSA'])('is signed by %s', async (alg) => {
    const { issuer, verify, token } = await setUpVerifier()
    const key = await makeKey(alg, 'other')
    issuer.publish(issuer.key.jwk, key.jwk)
    expect(await verify(await token({}, key))).toEqual({
      issuer: issuer.url,
      subject: 'anna',
      scopes: new Set(['kustomer:write']),
      connection: undefined,
      tokenId: expect.stringMatching(/^[0-9a-f]{12}$/),
    })
  })

  it.each([
    ['the audience', resource],
    ['the audience with a slash', `${resource}/`],
    ['one of its audiences', ['https://other.example', resource]],
  ])('is made for %s', async (_, aud) => {
    const { verify, token } = await setUpVerifier()
    expect(await verify(await token({ aud }))).toMatchObject({ subject: 'anna' })
  })

  it('is made for an application id', async () => {
    const { verify, token } = await setUpVerifier({ audiences: ['api-id'] })
    expect(await verify(await token({ aud: 'api-id' }))).toMatchObject({ subject: 'anna' })
    expect(await verify(await token({ aud: 'api-id/' }))).toBe('wrong-audience')
    expect(await verify(await token())).toBe('wrong-audience')
  })

  it('names its issuer with or without a slash', async () => {
    const issuer = await startIssuer()
    const { verify, token } = await setUpVerifier({ issuer: `${issuer.url}/` }, issuer)
    for (const iss of [issuer.url, `${issuer.url}/`])
      expect(await verify(await token({ iss }))).toMatchObject({ issuer: `${issuer.url}/` })
    expect(await verify(await token({ iss: `${issuer.url}//` }))).toBe('wrong-issuer')
  })

  it('may leave out which key signed it', async () => {
    const { issuer, verify, token } = await setUpVerifier()
    const [first, second] = await Promise.all([makeKey('ES256', undefined), makeKey('ES256', undefined)])
    issuer.publish(issuer.key.jwk, first.jwk, second.jwk)
    expect(await verify(await token({}, second))).toMatchObject({ subject: 'anna' })
    expect(await verify(await token({}, await makeKey('ES256', undefined)))).toBe('wrong-signature')
    expect(await verify(await token({ aud: 'x' }, second))).toBe('wrong-audience')
  })
})

describe('a token that is refused', () => {
  const other = 'https://other.example'
  const header = { alg: 'HS256', kid: 'first' }
  it.each<[string, string, (setup: VerifierSetup) => Promise<string> | string]>([
    ['is of another issuer', 'wrong-issuer', ({ token }) => token({ iss: other })],
    ['names no issuer', 'wrong-issuer', ({ token }) => token({ iss: undefined })],
    ['is made for another server', 'wrong-audience', ({ token }) => token({ aud: other })],
    [
      'is made for a part of our URL',
      'wrong-audience',
      ({ token }) => token({ aud: 'https://mcp.example.com' }),
    ],
    ['is made for nobody', 'incomplete', ({ token }) => token({ aud: undefined })],
    ['never expires', 'incomplete', ({ token }) => token({ exp: undefined })],
    ['expires at a word', 'incomplete', ({ token }) => token({ exp: 'tomorrow' })],
    ['has no subject', 'incomplete', ({ token }) => token({ sub: undefined })],
    ['has an empty subject', 'incomplete', ({ token }) => token({ sub: '' })],
    ['has a number as its subject', 'incomplete', ({ token }) => token({ sub: 7 })],
    ['is not signed', 'wrong-algorithm', ({ claims }) => unsigned({ alg: 'none' }, claims())],
    ['is not signed, in capitals', 'wrong-algorithm', ({ claims }) => unsigned({ alg: 'NONE' }, claims())],
    [
      'is signed with the public key as a secret',
      'wrong-algorithm',
      async ({ claims, issuer }) => {
        const publicKey = (await importJWK(issuer.key.jwk, 'ES256')) as CryptoKey
        return withSecret(header, claims(), await exportSPKI(publicKey))
      },
    ],
    [
      'is signed with the printed public key as a secret',
      'wrong-algorithm',
      ({ claims, issuer }) => withSecret(header, claims(), JSON.stringify(issuer.key.jwk)),
    ],
    [
      'is signed by an algorithm that is not listed',
      'wrong-algorithm',
      async ({ token, issuer }) => {
        const key = await makeKey('ES384', 'other')
        issuer.publish(key.jwk)
        return token({}, key)
      },
    ],
    [
      'is signed by another key of the same name',
      'wrong-signature',
      async ({ token }) => token({}, await makeKey('ES256', 'first')),
    ],
    [
      'has other claims than were signed',
      'wrong-signature',
      async ({ token, claims }) => {
        const [head, , signature] = (await token({ scope: 'kustomer:read' })).split('.')
        return `${head}.${unsigned({}, claims()).split('.')[1]}.${signature}`
      },
    ],
    [
      'brings its own key',
      'wrong-signature',
      async ({ token }) => {
        const key = await makeKey('ES256', 'mine')
        return token({}, key, { jwk: key.jwk })
      },
    ],
    [
      'has an extension that must be understood',
      'malformed',
      async ({ claims, token }) => {
        const [, , signature] = (await token()).split('.')
        return `${unsigned({ alg: 'ES256', kid: 'first', crit: ['x'], x: 1 }, claims())}${signature}`
      },
    ],
    ['has no part that is a token', 'malformed', () => 'abc'],
    ['has two parts', 'malformed', () => 'e30.e30'],
    ['has claims in a list', 'malformed', () => `e30.${Buffer.from('[]').toString('base64url')}.x`],
  ])('%s: %s', async (_, refusal, make) => {
    const setup = await setUpVerifier()
    expect(await setup.verify(await make(setup))).toBe(refusal)
    expect(setup.failures).toEqual([])
  })

  it('is any other text', async () => {
    const { verify, failures } = await setUpVerifier()
    const part = fc.oneof(
      fc.base64String(),
      fc.json().map((text) => Buffer.from(text).toString('base64url')),
    )
    const text = fc.oneof(
      fc.string(),
      fc.array(part, { minLength: 3, maxLength: 3 }).map((parts) => parts.join('.')),
    )
    await fc.assert(
      fc.asyncProperty(text, async (given) => {
        expect(await verify(given)).toBeTypeOf('string')
      }),
    )
    expect(failures).toEqual([])
  })
})

describe('the time of a token', () => {
  it.each<[string, 'exp' | 'nbf', number, string | object]>([
    ['expired 29 s ago', 'exp', -29, { subject: 'anna' }],
    ['expired 30 s ago', 'exp', -30, 'expired'],
    ['expired a day ago', 'exp', -86_400, 'expired'],
    ['begins in 30 s', 'nbf', 30, { subject: 'anna' }],
    ['begins in 31 s', 'nbf', 31, 'not-yet-valid'],
  ])('%s', async (_, claim, offset, expected) => {
    const { verify, token, seconds } = await setUpVerifier()
    const result = await verify(await token({ [claim]: seconds() + offset }))
    if (typeof expected === 'string') expect(result).toBe(expected)
    else expect(result).toMatchObject(expected)
  })

  it('ends also for one that was verified', async () => {
    const { verify, token, clock, seconds } = await setUpVerifier()
    const given = await token({ exp: seconds() + 10 })
    expect(await verify(given)).toMatchObject({ subject: 'anna' })
    clock.ms += 39_000
    expect(await verify(given)).toMatchObject({ subject: 'anna' })
    clock.ms += 1000
    expect(await verify(given)).toBe('expired')
  })
})

describe('what a token may do', () => {
  const both = new Set(['kustomer:read', 'kustomer:connect'])
  const roles = {
    scopeMap: [
      ['Support Leads', 'kustomer:connect'],
      ['agents', 'kustomer:read'],
    ] as const,
  }
  it.each<[string, object, Claims]>([
    ['scope as text', {}, { scope: 'openid kustomer:read kustomer:connect' }],
    ['scope as a list', {}, { scope: ['kustomer:read', 'kustomer:connect'] }],
    ['scp as text', {}, { scope: undefined, scp: 'kustomer:read kustomer:connect' }],
    ['scp as a list', {}, { scope: undefined, scp: ['kustomer:read', 'kustomer:connect', 7] }],
    ['scope and scp', {}, { scope: 'kustomer:read', scp: 'kustomer:connect' }],
    ['a claim by its name', { scopeClaim: 'permissions' }, { permissions: [...both] }],
    ['a claim that is a URL', { scopeClaim: 'https://x.y/roles' }, { 'https://x.y/roles': [...both] }],
    ['groups with a map', { scopeClaim: 'groups', ...roles }, { groups: ['agents', 'Support Leads', 'all'] }],
    [
      'roles inside a claim',
      { scopeClaim: 'a.roles', ...roles },
      { a: { roles: ['agents', 'Support Leads'] } },
    ],
  ])('%s', async (_, options, claims) => {
    const { verify, token } = await setUpVerifier(options)
    expect(await verify(await token(claims))).toMatchObject({ scopes: both })
  })

  it.each<[string, object, Claims]>([
    ['no claim', {}, { scope: undefined }],
    ['scopes of others', {}, { scope: 'openid KUSTOMER:READ kustomer:readx kustomer' }],
    ['another claim than the configured one', { scopeClaim: 'roles' }, { scope: 'kustomer:write' }],
    ['an object', {}, { scope: { 'kustomer:write': true } }],
    [
      'what every object has',
      { scopeClaim: 'constructor.name', scopeMap: [['Object', 'kustomer:write']] },
      {},
    ],
    ['a value that is not mapped', { scopeClaim: 'groups', ...roles }, { groups: ['Leads', 'Support'] }],
  ])('nothing by %s', async (_, options, claims) => {
    const { verify, token } = await setUpVerifier(options)
    expect(await verify(await token(claims))).toBe('no-scope')
  })

  it.each<[unknown, object | string]>([
    ['con-1', { connection: 'con-1' }],
    [undefined, 'no-connection'],
    ['', 'no-connection'],
    ['--flag', 'no-connection'],
    ['a b', 'no-connection'],
    [['con-1'], 'no-connection'],
  ])('on the connection %j', async (kustomer, expected) => {
    const { verify, token } = await setUpVerifier({ connectionClaim: 'kustomer' })
    const result = await verify(await token({ kustomer }))
    if (typeof expected === 'string') expect(result).toBe(expected)
    else expect(result).toMatchObject(expected)
  })
})
