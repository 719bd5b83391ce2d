import { readFile } from 'node:fs/promises'
import type { JSONWebKeySet } from 'jose'
import { isObject, type Json, parseJson } from '../json.ts'
import { isSafeUrl, withoutSlash } from './safe-url.ts'

const maxBytes = 256 * 1024
const fetchMs = 5000

/** Where an issuer describes itself: RFC 8414 puts the name before the path, OpenID Connect behind it. */
export function metadataUrls(issuer: string): string[] {
  const { origin, pathname } = new URL(issuer)
  const path = withoutSlash(pathname)
  return [
    `${origin}/.well-known/oauth-authorization-server${path}`,
    `${origin}${path}/.well-known/openid-configuration`,
  ]
}

/** Fetches the keys of an issuer from where it says they are. Rejects with an Error that says what each address answered. */
export async function fetchIssuerKeys(issuer: string, timeoutMs = fetchMs): Promise<JSONWebKeySet> {
  const failures: string[] = []
  for (const url of metadataUrls(issuer)) {
    try {
      const { issuer: named, jwks_uri: keys } = await fetchDocument(url, timeoutMs)
      if (typeof named !== 'string' || withoutSlash(named) !== withoutSlash(issuer))
        throw new Error(`${url}: names another issuer.`)
      if (typeof keys !== 'string' || !isSafeUrl(keys)) throw new Error(`${url}: has no https jwks_uri.`)
      return keySetIn(await fetchDocument(keys, timeoutMs), keys)
    } catch (error) {
      failures.push((error as Error).message)
    }
  }
  throw new Error(failures.join(' '))
}

/** Reads a key set from a file. Rejects with an Error for what is none. */
export async function readKeysFile(file: string): Promise<JSONWebKeySet> {
  return keySetIn(parseJson(await readFile(file, 'utf8')), file)
}

function keySetIn(document: unknown, origin: string): JSONWebKeySet {
  if (isObject(document) && Array.isArray(document['keys'])) return document as unknown as JSONWebKeySet
  throw new Error(`${origin}: is not a JSON Web Key Set.`)
}

async function fetchDocument(url: string, timeoutMs: number): Promise<Json> {
  const response = await fetch(url, {
    headers: { accept: 'application/json' },
    redirect: 'error',
    signal: AbortSignal.timeout(timeoutMs),
  }).catch((error: Error) => {
    const { code, message } = (error.cause ?? error) as NodeJS.ErrnoException
    throw new Error(`${url}: ${typeof code === 'string' ? code : message}.`)
  })
  if (!response.ok) {
    await response.body?.cancel()
    throw new Error(`${url}: answered ${response.status}.`)
  }
  const document = parseJson(await boundedText(response, url))
  if (!isObject(document)) throw new Error(`${url}: is not a JSON object.`)
  return document
}

async function boundedText({ body }: Response, url: string): Promise<string> {
  const chunks: Uint8Array[] = []
  let size = 0
  for await (const chunk of body ?? []) {
    size += chunk.length
    if (size > maxBytes) throw new Error(`${url}: has more than ${maxBytes} bytes.`)
    chunks.push(chunk)
  }
  return Buffer.concat(chunks).toString('utf8')
}
