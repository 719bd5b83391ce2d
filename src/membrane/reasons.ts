import type { Reason } from '../errors.ts'
import type { ErrorFacts } from './error-facts.ts'

/** Everything a failed call shows of its cause. */
export interface ErrorEvidence extends ErrorFacts {
  /** What the CLI printed before its documents. */
  text: string
  /** What it said in words: its own messages and its text, not those of the app. */
  statements: readonly string[]
  /** Whether there was an error document. */
  structured: boolean
}

const unsentCodes =
  /\b(ENOTFOUND|ECONNREFUSED|EAI_AGAIN|ENETUNREACH|EHOSTUNREACH|UNABLE_TO_\w{1,40}|DEPTH_ZERO_\w{1,40}|SELF_SIGNED_\w{1,40}|CERT_\w{1,40})\b/
const brokenCodes =
  /\b(ECONNRESET|ECONNABORTED|ETIMEDOUT|EPIPE|ERR_NETWORK|ERR_SOCKET\w{0,40}|UND_ERR_\w{1,40})\b|socket hang up|network error|fetch failed/i

type Rule = readonly [Reason, (evidence: ErrorEvidence) => boolean]

/** Which reason the signs stand for; the first rule that fits counts. Keys and types are those of Membrane's errors. */
const rules: readonly Rule[] = [
  ['signed-out', (evidence) => has(evidence, 'not_authenticated')],
  [
    'signed-out',
    ({ text }) =>
      /not (logged|signed) in|membrane login|access token is not provided|session (has )?expired/i.test(text),
  ],
  [
    'connection-needs-attention',
    (evidence) => has(evidence, 'connection_is_defunct', 'access_token_expired', 'CONNECTION_DISCONNECTED'),
  ],
  [
    'connection-needs-attention',
    (evidence) => inWords(evidence, /connection (is|was) (disconnected|defunct)/i),
  ],
  [
    'rate-limited',
    (evidence) =>
      evidence.status === 429 ||
      has(evidence, 'rate_limit_exceeded') ||
      inWords(evidence, /rate limit|too many requests/i),
  ],
  [
    'network',
    (evidence) => evidence.status === undefined && (wasUnsent(evidence) || mentions(evidence, brokenCodes)),
  ],
  [
    'conflict',
    (evidence) => evidence.status === 409 || has(evidence, 'already_exists', 'lock_timeout', 'concurrency'),
  ],
  ['forbidden', (evidence) => evidence.status === 403 || has(evidence, 'access_denied')],
  ['connection-needs-attention', ({ status, external }) => status === 401 && external],
  ['signed-out', ({ status }) => status === 401],
  ['not-found', ({ status, external }) => status === 404 && external],
  ['not-connected', (evidence) => isMissing(evidence, 'connection')],
  ['action-not-found', (evidence) => isMissing(evidence, 'action')],
  ['not-found', (evidence) => evidence.status === 404 || has(evidence, 'not_found')],
  ['too-large', ({ status }) => status === 413],
  [
    'timeout',
    (evidence) => evidence.status === 408 || evidence.status === 504 || inWords(evidence, /timed? ?out/i),
  ],
  ['upstream-error', ({ status }) => status !== undefined && status >= 500],
  ['cli-unsupported', (signs) => !signs.structured && (refusedToParse(signs) || inWords(signs, /^usage:/im))],
  ['invalid-input', (signs) => signs.status !== undefined || has(signs, 'bad_request')],
]

/** Takes the signs of a failed call and returns its one reason, or undefined when nothing known is among them. */
export const reasonOf = (signs: ErrorEvidence): Reason | undefined =>
  rules.find(([, fits]) => fits(signs))?.[0]

/** Whether the CLI says that it does not know the command or an option; only its own first words count. */
export const refusedToParse = ({ text, status, structured }: ErrorEvidence): boolean =>
  !structured &&
  status === undefined &&
  /^(?:error: )?(?:unknown|unrecogni[sz]ed) (?:command|option|argument|flag)\b/i.test(text.trim())

/** Whether the call provably never reached the service. */
export const wasUnsent = (signs: ErrorEvidence): boolean => mentions(signs, unsentCodes)

const has = ({ types, keys, codes }: ErrorEvidence, ...names: string[]) =>
  [...types, ...keys, ...codes].some((name) => names.includes(name))

const mentions = ({ codes, statements }: ErrorEvidence, pattern: RegExp) =>
  [...codes, ...statements].some((part) => pattern.test(part))

/** Words count where nothing better is known. */
const inWords = ({ status, statements }: ErrorEvidence, pattern: RegExp) =>
  status === undefined && statements.some((part) => pattern.test(part))

/** `Action with id 'a' not found` is about an action; `Action run failed: customer not found` is not. */
function isMissing({ statements }: ErrorEvidence, subject: string): boolean {
  const handle = String.raw`(?: with (?:id|key))?(?: ['"“]?[\w.:-]{1,128}['"”]?)?`
  const sentence = new RegExp(`(?<![^\\n])(?:error: )?${subject}${handle} (?:was |is )?not found`, 'i')
  return statements.some((part) => sentence.test(part))
}
