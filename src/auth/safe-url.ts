/** A URL as it is compared: without one slash at its end. */
export const withoutSlash = (url: string): string => url.replace(/\/$/, '')

const loopbackNames = /^(?:localhost|127(?:\.\d{1,3}){3}|::1)$/i

/** Whether only this machine can reach a host by this name. */
export const isLoopback = (host: string): boolean => loopbackNames.test(host)

/** Whether nobody on the way can read or change what goes to a URL. */
export function isSafeUrl(text: string): boolean {
  if (!URL.canParse(text)) return false
  const { protocol, hostname, username, password } = new URL(text)
  const isLocal = isLoopback(hostname.replace(/^\[(.*)\]$/, '$1'))
  return (protocol === 'https:' || (protocol === 'http:' && isLocal)) && username === '' && password === ''
}
