import { isClean } from './quote.ts'

const maxLink = 2000

/** The text where it is an address with https and without a sign-in in it; undefined for all else. */
export function httpsLink(text: unknown): string | undefined {
  if (typeof text !== 'string' || text.length > maxLink || !URL.canParse(text) || !isClean(text))
    return undefined
  const { protocol, username, password, href } = new URL(text)
  return protocol === 'https:' && username === '' && password === '' ? href : undefined
}
