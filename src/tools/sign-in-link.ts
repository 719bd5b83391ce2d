import { ToolError } from '../errors.ts'
import { parseResult } from '../membrane/parse-result.ts'
import type { ProcessResult } from '../membrane/process.ts'
import { stripHidden } from '../text/invisible.ts'
import { singleLine } from '../text/quote.ts'

/** A link for a person to open. */
export interface UserLink {
  url: string
  /** Says where the link leads when that is not a host of Membrane or Kustomer: a person should look at it first. */
  warning?: string
  /** What the CLI said of the code to type, cleaned. */
  hint?: string
}

const knownHosts = /(^|\.)(getmembrane\.com|integration\.app|kustomer\.com|kustomerapp\.com)$/
const docsHosts = /^(docs|help|www|status)\./
/** A step of a sign-in or a connection has an address that says so, or carries its own data. */
const stepPath = /login|sign-?in|auth|connect|consent|code|verify/i

/**
 * Finds the https link in a text that a person most likely has to open. A link to a host that is not known comes with a
 * warning; one with credentials in it or of another scheme is never returned.
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

/** A line that says which code to type. A link in it would be taken for the one to open. */
const hintLine = /^(?!.*:\/\/).*\btype\b.*\bcode\b.*$/im
const maxHint = 160

/**
 * The link that a command printed for a person. A command that still waited for the person when it was ended has printed
 * it by then. Throws the ToolError that the command stands for, or `bad-output` when it printed no link.
 */
export function parsePrintedLink(printed: ProcessResult, what: string): UserLink {
  const text = `${printed.stdout}\n${printed.stderr}`
  const link = findSignInLink(text)
  if (link !== undefined && (printed.exitCode === 0 || printed.ended === 'timeout')) {
    const [hint] = hintLine.exec(text) ?? []
    return hint === undefined ? link : { ...link, hint: singleLine(hint, maxHint) }
  }
  parseResult(printed, { write: false, answer: 'text' })
  throw new ToolError('bad-output', `The Membrane CLI printed no link for the ${what}.`)
}
