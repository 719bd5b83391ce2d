import { ToolError } from '../errors.ts'
import { parseResult } from '../membrane/parse-result.ts'
import type { ProcessResult } from '../membrane/process.ts'
import { stripHidden } from '../text/invisible.ts'

/** A link for a person to open. */
export interface UserLink {
  url: string
  /** Set where the link leads to a host that is neither Membrane's nor Kustomer's. */
  warning?: string
}

const knownHosts = /(^|\.)(getmembrane\.com|integration\.app|kustomer\.com|kustomerapp\.com)$/
const docsHosts = /^(docs|help|www|status)\./
/** A step of a sign-in or a connection has an address that says so, or carries its own data. */
const stepPath = /login|sign-?in|auth|connect|consent|code|verify/i

/**
 * Finds the https link that a person most likely has to open. A link to an unknown host comes with a warning; one with
 * credentials in it or of another scheme is never returned.
 */
export function findSignInLink(text: string): UserLink | undefined {
  const links = (stripHidden(text).match(/https:\/\/[^\s"'<>\\`]+/g) ?? []).map((link) =>
    link.replace(/[.,;:!?)\]}]+$/, ''),
  )
  const urls = links.filter((link) => URL.canParse(link)).map((link) => new URL(link))
  const fit = urls.filter(
    ({ username, password, hostname }) => !username && !password && !docsHosts.test(hostname),
  )
  const [url] = fit.sort((a, b) => likelihood(b) - likelihood(a))
  if (url === undefined) return undefined
  if (knownHosts.test(url.hostname)) return { url: url.href }
  return {
    url: url.href,
    warning: `The host ${url.hostname} is not one this server knows. Let the person check it first.`,
  }
}

const likelihood = ({ hostname, search, pathname }: URL) =>
  (knownHosts.test(hostname) ? 2 : 0) + (search !== '' || stepPath.test(pathname) ? 1 : 0)

/**
 * Reads the link that a command printed for a person. A command that was ended while it waited for the person has printed
 * it by then. Throws the ToolError that the command stands for, or `bad-output` when it printed no link.
 */
export function parsePrintedLink(printed: ProcessResult, what: string): UserLink {
  const link = findSignInLink(`${printed.stdout}\n${printed.stderr}`)
  if (link !== undefined && (printed.exitCode === 0 || printed.ended === 'timeout')) return link
  parseResult(printed, { write: false, answer: 'text' })
  throw new ToolError('bad-output', `The Membrane CLI printed no link for the ${what}.`)
}
