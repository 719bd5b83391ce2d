import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { type CryptoKey, exportJWK, generateKeyPair, type JWK, SignJWT } from 'jose'
import { onTestFinished } from 'vitest'

export interface IssuerKey {
  alg: string
  privateKey: CryptoKey
  jwk: JWK
}

export type Claims = Record<string, unknown>

type Answer = (request: IncomingMessage, response: ServerResponse) => void

export const json =
  (body: unknown, status = 200): Answer =>
  (_, response) =>
    void response
      .writeHead(status, { 'content-type': 'application/json' })
      .end(typeof body === 'string' ? body : JSON.stringify(body))

export async function makeKey(alg: string, kid: string | undefined): Promise<IssuerKey> {
  const { privateKey, publicKey } = await generateKeyPair(alg, { extractable: true })
  const jwk = await exportJWK(publicKey)
  return { alg, privateKey, jwk: { ...jwk, ...(kid === undefined ? {} : { kid }) } }
}

/** The claims of a token that is accepted, in seconds around a time in milliseconds. */
export const claimsAt = (ms: number, issuer: string, audience: string): Claims => ({
  iss: issuer,
  aud: audience,
  sub: 'anna',
  exp: Math.floor(ms / 1000) + 3600,
  scope: 'kustomer:write',
})

/** Signs whatever it is given. A claim that is undefined is left out. */
export const signToken = (key: IssuerKey, claims: Claims, header: object = {}): Promise<string> =>
  new SignJWT(claims)
    .setProtectedHeader({ alg: key.alg, kid: key.jwk.kid, ...header } as never)
    .sign(key.privateKey)

export const unsigned = (header: object, claims: object): string =>
  `${[header, claims].map((part) => Buffer.from(JSON.stringify(part)).toString('base64url')).join('.')}.`

/** An issuer on a port of its own, which answers what the test says. */
export async function startIssuer(path = '') {
  const key = await makeKey('ES256', 'first')
  const requests: string[] = []
  const answers = new Map<string, Answer>()
  const server = createServer((request, response) => {
    requests.push(request.url ?? '')
    const answer = answers.get(request.url ?? '') ?? json({}, 404)
    answer(request, response)
  })
  const listen = (port: number) => new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve))
  await listen(0)
  const { port } = server.address() as AddressInfo
  const origin = `http://127.0.0.1:${port}`
  const url = `${origin}${path}`
  const stop = () =>
    new Promise<void>((resolve) => {
      server.close(() => resolve())
      server.closeAllConnections()
    })
  onTestFinished(async () => {
    if (server.listening) await stop()
  })
  const publish = (...keys: unknown[]) => void answers.set('/keys', json({ keys }))
  answers.set(
    `/.well-known/oauth-authorization-server${path}`,
    json({ issuer: url, jwks_uri: `${origin}/keys` }),
  )
  publish(key.jwk)
  return {
    url,
    origin,
    key,
    /** The paths that were asked for. */
    requests,
    keyLoads: () => requests.filter((one) => one === '/keys').length,
    answers,
    publish,
    stop,
    restart: () => listen(port),
  }
}

export type Issuer = Awaited<ReturnType<typeof startIssuer>>
