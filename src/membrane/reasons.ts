import type { Reason } from '../errors.ts'
import type { ErrorFacts } from './error-documents.ts'

export interface ErrorEvidence extends ErrorFacts {
  text: string
  /** What it said in words: its own messages and its text, not those of the app. */
  statements: readonly string[]
  /** Whether the CLI printed text and nothing that could be a document. */
  isTextAlone: boolean
  structured: boolean
  /** Whether the answer says that part of it was done, or is still going on. */
  inconclusive: boolean
  status?: number | undefined
}

const networkCodes =
  /\b(ENOTFOUND|ECONNREFUSED|EAI_AGAIN|ENETUNREACH|EHOSTUNREACH|UNABLE_TO_\w{1,40}|DEPTH_ZERO_\w{1,40}|SELF_SIGNED_\w{1,40}|CERT_\w{1,40}|ECONNRESET|ECONNABORTED|ETIMEDOUT|EPIPE|ERR_NETWORK|ERR_SOCKET\w{0,40}|UND_ERR_\w{1,40})\b|socket hang up|network error|fetch failed/i

type Rule = readonly [Reason, (evidence: ErrorEvidence) => boolean]

/** The first rule that fits gives the reason. Keys and types are those of Membrane's errors. */
const rules: readonly Rule[] = [
  ['signed-out', (evidence) => has(evidence, 'not_authenticated')],
  [
    'signed-out',
    (evidence) =>
      inWords(
        evidence,
        /not (logged|signed) in|membrane login|access token is not provided|session (has )?expired/i,
      ),
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
  ['network', (evidence) => evidence.status === undefined && mentions(evidence, networkCodes)],
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
  ['not-found', ({ status }) => status === 501],
  ['upstream-error', ({ status }) => status !== undefined && status >= 500],
  [
    'cli-unsupported',
    (evidence) => !evidence.structured && (isRefusedCommand(evidence) || inWords(evidence, /^usage:/im)),
  ],
  ['invalid-input', (evidence) => evidence.status !== undefined || has(evidence, 'bad_request')],
]

/** The one reason of a failed call, or undefined when nothing known is among the evidence. */
export const reasonOf = (evidence: ErrorEvidence): Reason | undefined =>
  rules.find(([, fits]) => fits(evidence))?.[0]

/** Membrane refuses with these before anything runs (vendor SDK: HTTP 400 to 429). */
const refusalTypes =
  /^(bad_request|configuration|dependency_error|concurrency|insufficient_credit|openrouter_not_configured|action_instance_setup|flow_instance_setup)$/

/**
 * Whether an answer proves that a write was refused: an error document or envelope whose statuses are all 4xx, or an
 * error of Membrane that stands for one. Words prove nothing, nor do 408, 499 and 5xx except 501.
 */
export function provesRefusal({ structured, inconclusive, statuses, types }: ErrorEvidence): boolean {
  if (!structured || inconclusive) return false
  if (statuses.length > 0)
    return statuses.every(
      (status) => status === 501 || (status >= 400 && status < 500 && status !== 408 && status !== 499),
    )
  return types.includes('connection') || refusalTypes.test(types[0] ?? '')
}

const firstRefusal =
  /^(?:error: )?(?:unknown|unrecogni[sz]ed) (?:command|option|argument|flag)s?(?::.*| ['"`]?[\w=-]{1,80}['"`]?)?\.?(?: \(?did you mean.*)?$/i
const afterRefusal = /^(?:usage|run|see|try|commands|options|available|for help|\(?did you mean|membrane)\b/i

/** The CLI says that it does not know the command or an option, and nothing else but its help. */
export function isRefusedCommand({ text, isTextAlone }: ErrorEvidence): boolean {
  const [first = '', next = 'usage'] = text.split('\n').filter((line) => line.trim() !== '')
  return isTextAlone && firstRefusal.test(first.trim()) && afterRefusal.test(next.trim())
}

const signedOutSentence =
  /^(?:error: )?(?:(?:you are |you're )?(?:currently )?not (?:logged|signed) in|not authenticated|access token is not provided|(?:your )?session (?:has )?expired)[.!]?(?:\s[^\n]{0,40}\bmembrane login\b[^\n]{0,40})?$/i

/** The CLI says that nobody is signed in, and nothing else. */
export const isSignedOutSentence = ({ text, isTextAlone }: ErrorEvidence): boolean =>
  isTextAlone && signedOutSentence.test(text.trim())

const has = ({ types, keys, codes }: ErrorEvidence, ...names: string[]) =>
  [...types, ...keys, ...codes].some((name) => names.includes(name))

const mentions = ({ codes, statements }: ErrorEvidence, pattern: RegExp) =>
  [...codes, ...statements].some((part) => pattern.test(part))

/** Words count where nothing better is known. */
const inWords = ({ status, statements }: ErrorEvidence, pattern: RegExp) =>
  status === undefined && statements.some((part) => pattern.test(part))

/** `Action with id 'a' not found` is about an action; `Action run failed: customer not found` is not. */
function isMissing({ statements }: ErrorEvidence, subject: string): boolean {
  const handle = String.raw`(?: with (?:id|key))?(?: ['"\u201c]?[\w.:-]{1,128}['"\u201d]?)?`
  const sentence = new RegExp(`(?<![^\\n])(?:error: )?${subject}${handle} (?:was |is )?not found`, 'i')
  return statements.some((part) => sentence.test(part))
}
