import type { ProcessResult } from '../membrane/process.ts'
import { clean } from '../text.ts'

/** A link for a person to open. */
export interface PersonLink {
  url: string
  /** Where the link leads to when that is not a host of Membrane or Kustomer: a person should look at it first. */
  warning?: string
}

const knownHosts = /(^|\.)(getmembrane\.com|integration\.app|kustomer\.com|kustomerapp\.com)$/

/**
 * Takes text, or what a CLI process printed, and returns the first https link in it, or undefined. A link to a host
 * that is not known comes with a warning; one with credentials in it or another scheme is never returned.
 */
export function personUrl(source: string | ProcessResult): PersonLink | undefined {
  const text = clean(typeof source === 'string' ? source : `${source.stdout}\n${source.stderr}`)
  const links = (text.match(/https:\/\/[^\s"'<>\\`]+/g) ?? []).map((link) =>
    link.replace(/[.,;:!?)\]}]+$/, ''),
  )
  const urls = links.filter((link) => URL.canParse(link)).map((link) => new URL(link))
  const fit = urls.filter(({ username, password }) => username === '' && password === '')
  const url = fit.find(({ hostname }) => knownHosts.test(hostname)) ?? fit[0]
  if (url === undefined) return undefined
  if (knownHosts.test(url.hostname)) return { url: url.href }
  return {
    url: url.href,
    warning: `The host ${url.hostname} is not one this server knows. Let the person check it first.`,
  }
}
