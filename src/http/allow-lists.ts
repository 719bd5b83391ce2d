import { isLoopback } from '../auth/safe-url.ts'

/** The name in a host of a URL, without the port and the brackets of an IPv6 address. */
export const nameOf = (host: string): string => host.replace(/:\d+$/, '').replace(/^\[(.*)\]$/, '$1')

/**
 * Whether a client may call this server by a `Host`: that is how a web page shows that it rebound a name to our
 * address. A name in the list stands for all its ports. Without a list, the names of the loopback address.
 */
export function isAllowedHost(host: string, allowed: readonly string[]): boolean {
  const given = host.toLowerCase()
  if (allowed.length === 0) return isLoopback(nameOf(given))
  return allowed.some((one) => one.toLowerCase() === given || one.toLowerCase() === nameOf(given))
}

/** Whether a page of an `Origin` may call this server. Without a list, pages of this machine; CORS still bars them. */
export function isAllowedOrigin(origin: string, allowed: readonly string[]): boolean {
  if (allowed.length > 0) return allowed.includes(origin)
  return URL.canParse(origin) && isLoopback(nameOf(new URL(origin).host))
}
