import type { Reason } from '../failure.ts'
import type { ErrorFacts } from './error-facts.ts'

/** Everything a failed call shows of its cause. */
export interface Signs extends ErrorFacts {
  /** What the CLI printed before its documents. */
  text: string
  /** What it said in words: its own messages and its text, not those of the app. */
  said: readonly string[]
  /** Whether there was an error document. */
  structured: boolean
}

const unsentCodes =
  /\b(ENOTFOUND|ECONNREFUSED|EAI_AGAIN|ENETUNREACH|EHOSTUNREACH|UNABLE_TO_\w{1,40}|DEPTH_ZERO_\w{1,40}|SELF_SIGNED_\w{1,40}|CERT_\w{1,40})\b/
const brokenCodes =
  /\b(ECONNRESET|ECONNABORTED|ETIMEDOUT|EPIPE|ERR_NETWORK|ERR_SOCKET\w{0,40}|UND_ERR_\w{1,40})\b|socket hang up|network error|fetch failed/i

type Rule = readonly [Reason, (signs: Signs) => boolean]

/** Which reason the signs stand for; the first rule that fits counts. Keys and types are those of Membrane's errors. */
const rules: readonly Rule[] = [
  ['signed-out', (signs) => has(signs, 'not_authenticated')],
  [
    'signed-out',
    ({ text }) =>
      /not (logged|signed) in|membrane login|access token is not provided|session (has )?expired/i.test(text),
  ],
  [
    'connection-needs-attention',
    (signs) => has(signs, 'connection_is_defunct', 'access_token_expired', 'CONNECTION_DISCONNECTED'),
  ],
  ['connection-needs-attention', (signs) => inWords(signs, /connection (is|was) (disconnected|defunct)/i)],
  [
    'rate-limited',
    (signs) =>
      signs.status === 429 ||
      has(signs, 'rate_limit_exceeded') ||
      inWords(signs, /rate limit|too many requests/i),
  ],
  ['network', (signs) => signs.status === undefined && (wasUnsent(signs) || mentions(signs, brokenCodes))],
  [
    'conflict',
    (signs) => signs.status === 409 || has(signs, 'already_exists', 'lock_timeout', 'concurrency'),
  ],
  ['forbidden', (signs) => signs.status === 403 || has(signs, 'access_denied')],
  ['connection-needs-attention', ({ status, external }) => status === 401 && external],
  ['signed-out', ({ status }) => status === 401],
  ['not-found', ({ status, external }) => status === 404 && external],
  ['not-connected', (signs) => isMissing(signs, 'connection')],
  ['action-not-found', (signs) => isMissing(signs, 'action')],
  ['not-found', (signs) => signs.status === 404 || has(signs, 'not_found')],
  ['too-large', ({ status }) => status === 413],
  ['timeout', (signs) => signs.status === 408 || signs.status === 504 || inWords(signs, /timed? ?out/i)],
  ['upstream-error', ({ status }) => status !== undefined && status >= 500],
  ['cli-unsupported', (signs) => !signs.structured && (refusedToParse(signs) || inWords(signs, /^usage:/im))],
  ['invalid-input', (signs) => signs.status !== undefined || has(signs, 'bad_request')],
]

/** Takes the signs of a failed call and returns its one reason, or undefined when nothing known is among them. */
export const reasonOf = (signs: Signs): Reason | undefined => rules.find(([, fits]) => fits(signs))?.[0]

/** Whether the CLI says that it does not know the command or an option; only its own first words count. */
export const refusedToParse = ({ text, status, structured }: Signs): boolean =>
  !structured &&
  status === undefined &&
  /^(?:error: )?(?:unknown|unrecogni[sz]ed) (?:command|option|argument|flag)\b/i.test(text.trim())

/** Whether the call provably never reached the service. */
export const wasUnsent = (signs: Signs): boolean => mentions(signs, unsentCodes)

const has = ({ types, keys, codes }: Signs, ...names: string[]) =>
  [...types, ...keys, ...codes].some((name) => names.includes(name))

const mentions = ({ codes, said }: Signs, pattern: RegExp) =>
  [...codes, ...said].some((part) => pattern.test(part))

/** Words count where nothing better is known. */
const inWords = ({ status, said }: Signs, pattern: RegExp) =>
  status === undefined && said.some((part) => pattern.test(part))

/** `Action with id 'a' not found` is about an action; `Action run failed: customer not found` is not. */
function isMissing({ said }: Signs, subject: string): boolean {
  const handle = String.raw`(?: with (?:id|key))?(?: ['"“]?[\w.:-]{1,128}['"”]?)?`
  const sentence = new RegExp(`(?<![^\\n])(?:error: )?${subject}${handle} (?:was |is )?not found`, 'i')
  return said.some((part) => sentence.test(part))
}
