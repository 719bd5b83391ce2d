import { Failure, type Reason } from '../failure.ts'
import { quote } from '../text.ts'
import { type ErrorFacts, looksLikeError, readErrorFacts } from './error-facts.ts'
import { lastJsonDocument } from './output.ts'
import type { ProcessResult } from './process.ts'

export interface Expectation {
  /** Whether the call may have changed something: then an unclear end is `outcome-unknown`, never "failed". */
  write: boolean
  /** Whether the command answers with a JSON document, or prints text for a person. */
  answer: 'json' | 'text'
}

interface Signs extends ErrorFacts {
  /** What the CLI printed outside its documents. */
  text: string
  structured: boolean
}

const unsentCodes = /\b(ENOTFOUND|ECONNREFUSED|EAI_AGAIN|ENETUNREACH|EHOSTUNREACH|CERT_\w+|\w+_CERT\w*)\b/
const brokenCodes =
  /\b(ECONNRESET|ECONNABORTED|ETIMEDOUT|EPIPE|ERR_NETWORK|ERR_SOCKET\w*)\b|socket hang up|network error/i

/** Which reason what the CLI says stands for; the first that fits counts. */
const rules: readonly (readonly [Reason, (signs: Signs) => boolean])[] = [
  [
    'cli-unsupported',
    ({ text, structured }) =>
      !structured && /unknown (command|option|argument)|unrecogni[sz]ed|^usage:/im.test(text),
  ],
  [
    'signed-out',
    ({ keys, text }) =>
      keys.includes('not_authenticated') ||
      /not (logged|signed) in|membrane login|access token is not provided|session (has )?expired/i.test(text),
  ],
  [
    'connection-needs-attention',
    ({ keys, codes, text }) =>
      keys.some((key) => /^(connection_is_defunct|access_token_expired)$/.test(key)) ||
      codes.includes('CONNECTION_DISCONNECTED') ||
      /connection (is|was) (disconnected|defunct)/i.test(text),
  ],
  ['rate-limited', ({ keys, status }) => keys.includes('rate_limit_exceeded') || status === 429],
  [
    'network',
    ({ codes, messages, text, status }) =>
      status === undefined &&
      [...codes, ...messages, text].some((part) => unsentCodes.test(part) || brokenCodes.test(part)),
  ],
  [
    'conflict',
    ({ keys, types, status }) =>
      keys.some((key) => /^(already_exists|lock_timeout)$/.test(key)) ||
      types.includes('concurrency') ||
      status === 409,
  ],
  ['forbidden', ({ keys, status }) => keys.includes('access_denied') || status === 403],
  ['connection-needs-attention', ({ status, external }) => status === 401 && external],
  ['signed-out', ({ status }) => status === 401],
  ['not-found', ({ status, external }) => status === 404 && external],
  ['not-connected', (signs) => isMissing(signs, /^connection\b/i)],
  ['action-not-found', (signs) => isMissing(signs, /^action\b/i)],
  ['not-found', (signs) => isMissing(signs, /./)],
  ['too-large', ({ status }) => status === 413],
  [
    'timeout',
    ({ status, text }) =>
      status === 408 || status === 504 || (status === undefined && /timed? ?out/i.test(text)),
  ],
  ['upstream-error', ({ status }) => status !== undefined && status >= 500],
  ['invalid-input', ({ types, status }) => status !== undefined || types.includes('bad_request')],
]

const isMissing = ({ keys, status, messages, text }: Signs, subject: RegExp) =>
  (keys.includes('not_found') || status === 404) && [...messages, text].some((part) => subject.test(part))

/**
 * Takes how a CLI process ended and what was expected of it, and returns its document, or its text on stdout.
 * Throws a Failure with exactly one reason for everything that is not a proven success.
 */
export function judge(result: ProcessResult, expectation: Expectation & { answer: 'json' }): object
export function judge(result: ProcessResult, expectation: Expectation & { answer: 'text' }): string
export function judge(result: ProcessResult, { write, answer }: Expectation): object | string {
  if (result.ended !== 'exit') throw unfinished(result, write)
  const document = lastJsonDocument(result.stdout)
  const errorDocument = document ?? lastJsonDocument(result.stderr)
  const failed = result.exitCode !== 0 || (errorDocument !== undefined && looksLikeError(errorDocument))
  if (failed) throw failureOf(result, errorDocument, write)
  if (answer === 'text') return result.stdout
  if (document !== undefined) return document
  if (rules.some(([reason, fits]) => reason === 'signed-out' && fits(signsOf(result, undefined)))) {
    throw failureOf(result, undefined, write)
  }
  throw unclear(write, 'bad-output', 'The Membrane CLI ended without a complete JSON answer.', result)
}

/**
 * Takes an HTTP status of 400 or above and the body that came with it, and returns the Failure it stands for:
 * the CLI relays some errors of the app inside a document that is a success by every other sign.
 */
export function failureOfReply(status: number, body: unknown, write: boolean): Failure {
  const document = { response: { status, data: body } }
  return fail({ ...readErrorFacts(document), text: '', structured: true }, write, undefined)
}

function failureOf(result: ProcessResult, document: object | undefined, write: boolean): Failure {
  return fail(signsOf(result, document), write, result.exitCode)
}

function signsOf({ stdout, stderr }: ProcessResult, document: object | undefined): Signs {
  const text = [stderr, stdout].map((output) => output.split(/^\s*[{[]\s*["{]/m, 1)[0]).join('\n')
  const facts = readErrorFacts(document)
  const status = facts.status ?? Number(/: ([45]\d\d)\s*$/m.exec(text)?.[1])
  const external = facts.external || /^Error making request to https?:/m.test(text)
  return { ...facts, ...(status ? { status } : {}), external, text, structured: document !== undefined }
}

function fail(signs: Signs, write: boolean, exitCode: number | undefined): Failure {
  const reason = rules.find(([, fits]) => fits(signs))?.[0] ?? 'upstream-error'
  const details = {
    ...(exitCode === undefined ? {} : { exitCode }),
    ...(signs.status === undefined ? {} : { status: signs.status }),
  }
  const sent = ![...signs.codes, ...signs.messages, signs.text].some((part) => unsentCodes.test(part))
  const unsure = (reason === 'network' && sent) || reason === 'timeout' || signs.status === 502
  if (write && unsure)
    return new Failure(
      'outcome-unknown',
      `${describe(signs)} The write had been handed over by then.`,
      details,
    )
  return new Failure(reason, describe(signs), details)
}

function describe({ status, external, upstream, messages, text }: Signs): string {
  const said = upstream.slice(0, 3).join('; ') || messages.at(-1) || firstLine(text)
  const quoted = said === '' ? '' : `: ${quote(withoutQueries(said))}`
  if (external) return `Kustomer answered ${status ?? 'with an error'}${quoted}.`
  return `The Membrane CLI reported an error${status === undefined ? '' : ` (${status})`}${quoted}.`
}

const firstLine = (text: string) => text.split('\n').find((line) => line.trim() !== '') ?? ''

const withoutQueries = (text: string) => text.replace(/(https?:\/\/[^\s?#"']+)[?#][^\s"']*/g, '$1')

function unfinished({ ended, code, milliseconds, ...result }: ProcessResult, write: boolean): Failure {
  const after = `after ${Math.round(milliseconds / 100) / 10} s`
  if (ended === 'not-started') return notStarted(code)
  if (ended === 'timeout')
    return unclear(write, 'timeout', `The Membrane CLI gave no answer ${after}, the deadline of a call.`)
  if (ended === 'cancelled') return unclear(write, 'cancelled', `The call was cancelled ${after}.`)
  if (ended === 'too-large')
    return unclear(write, 'too-large', 'The answer was larger than 32 MiB and was stopped.')
  return unclear(write, 'bad-output', `The Membrane CLI was ended by ${code} before it answered.`, result)
}

function notStarted(code: string | undefined): Failure {
  if (code === 'E2BIG')
    return new Failure('too-large', 'The input is larger than this system allows for one command.')
  return new Failure('cli-not-found', `The Membrane CLI could not be started (${code}).`)
}

function unclear(
  write: boolean,
  reason: Reason,
  message: string,
  { exitCode }: { exitCode?: number } = {},
): Failure {
  const details = exitCode === undefined ? {} : { exitCode }
  return write
    ? new Failure('outcome-unknown', `${message} Whether the change was made is not known.`, details)
    : new Failure(reason, message, details)
}
