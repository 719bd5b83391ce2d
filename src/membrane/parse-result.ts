import { type Reason, ToolError } from '../errors.ts'
import { stripHidden } from '../text/invisible.ts'
import { quoteUntrusted } from '../text/quote.ts'
import { looksLikeError, readErrorFacts } from './error-facts.ts'
import { lastJsonDocument, textBeforeJson } from './json-output.ts'
import type { ProcessResult } from './process.ts'
import { type ErrorEvidence, reasonOf, refusedToParse, wasUnsent } from './reasons.ts'

export interface ResultExpectation {
  /** Whether the call may have changed something: then an unclear end is `outcome-unknown`, never "failed". */
  write: boolean
  /** Whether the command answers with a JSON document, or prints text for a person. */
  answer: 'json' | 'text'
}

/** Reading a command takes a program less than this; what failed later may have done something (assumed). */
const parseMs = 2000

/**
 * Takes how a CLI process ended and what was expected of it, and returns its document, or its text on stdout.
 * Throws a Failure with exactly one reason for everything that is not a proven success.
 */
export function parseResult(
  result: ProcessResult,
  expectation: ResultExpectation & { answer: 'json' },
): object
export function parseResult(
  result: ProcessResult,
  expectation: ResultExpectation & { answer: 'text' },
): string
export function parseResult(result: ProcessResult, { write, answer }: ResultExpectation): object | string {
  if (result.ended !== 'exit') throw abnormalExit(result, write)
  const document = lastJsonDocument(result.stdout)
  const errorDocument = document ?? lastJsonDocument(result.stderr)
  const failed = result.exitCode !== 0 || (errorDocument !== undefined && looksLikeError(errorDocument))
  if (failed) throw failureOf(result, errorDocument, write)
  if (answer === 'text') return result.stdout
  if (document !== undefined) return document
  if (reasonOf(signsOf(result, undefined)) === 'signed-out') {
    throw failureOf(result, undefined, write)
  }
  throw ambiguousError(write, 'bad-output', 'The Membrane CLI ended without a complete JSON answer.', result)
}

/**
 * Takes an HTTP status of 400 or above and the body that came with it, and returns the Failure it stands for:
 * the CLI relays some errors of the app inside a document that is a success by every other sign.
 */
export function failureOfReply(status: number, body: unknown, write: boolean): ToolError {
  const facts = readErrorFacts({ response: { status, data: body } })
  return fail({ ...facts, text: '', statements: facts.messages, structured: true }, write, {})
}

function failureOf(result: ProcessResult, document: object | undefined, write: boolean): ToolError {
  const { exitCode, milliseconds } = result
  return fail(signsOf(result, document), write, { exitCode, early: exitCode !== 0 && milliseconds < parseMs })
}

function signsOf({ stdout, stderr }: ProcessResult, document: object | undefined): ErrorEvidence {
  const text = [stderr, stdout].map((output) => stripHidden(textBeforeJson(output)).trim()).join('\n')
  const facts = readErrorFacts(document)
  const status = facts.status ?? Number(/: ([45]\d\d)\s*$/m.exec(text)?.[1])
  const external = facts.external || /^Error making request to https?:/m.test(text)
  const statements = [...facts.messages, text]
  return {
    ...facts,
    ...(status ? { status } : {}),
    external,
    text,
    statements,
    structured: document !== undefined && looksLikeError(document),
  }
}

/** `early`: the CLI gave up so soon that it cannot have done more than read its arguments. */
function fail(
  signs: ErrorEvidence,
  write: boolean,
  { exitCode, early = false }: { exitCode?: number | undefined; early?: boolean },
): ToolError {
  const { status, structured } = signs
  const reason = reasonOf(signs)
  const broken = reason === 'timeout' || status === 502 || (reason === 'network' && !wasUnsent(signs))
  if (write && (broken || (reason === undefined && !structured))) {
    return new ToolError('outcome-unknown', `${describe(signs)} The write had been handed over by then.`, {
      exitCode,
      status,
    })
  }
  const notSent = reason === 'cli-unsupported' && early && refusedToParse(signs)
  return new ToolError(reason ?? 'upstream-error', describe(signs), { exitCode, status, notSent })
}

function describe({ status, external, upstream, messages, text, resetSeconds }: ErrorEvidence): string {
  const said = upstream.slice(0, 3).join('; ') || messages.at(-1) || firstLine(text)
  const quoted = said === '' ? '' : `: ${quoteUntrusted(withoutQueries(said))}`
  const reset = resetSeconds === undefined ? '' : ` The limit is free again in ${resetSeconds} s.`
  if (external) return `Kustomer answered ${status ?? 'with an error'}${quoted}.${reset}`
  return `The Membrane CLI reported an error${status === undefined ? '' : ` (${status})`}${quoted}.`
}

const firstLine = (text: string) => text.split('\n').find((line) => line.trim() !== '') ?? ''

const withoutQueries = (text: string) => text.replace(/(https?:\/\/[^\s?#"']+)[?#][^\s"']*/g, '$1')

function abnormalExit({ ended, code, milliseconds, ...result }: ProcessResult, write: boolean): ToolError {
  const after = `after ${Math.round(milliseconds / 100) / 10} s`
  if (ended === 'not-started') return notStarted(code)
  if (ended === 'timeout')
    return ambiguousError(
      write,
      'timeout',
      `The Membrane CLI gave no answer ${after}, the deadline of a call.`,
    )
  if (ended === 'cancelled') return ambiguousError(write, 'cancelled', `The call was cancelled ${after}.`)
  if (ended === 'too-large')
    return ambiguousError(write, 'too-large', 'The answer was larger than 32 MiB and was stopped.')
  return ambiguousError(
    write,
    'bad-output',
    `The Membrane CLI was ended by ${code} before it answered.`,
    result,
  )
}

function notStarted(code: string | undefined): ToolError {
  if (code === 'E2BIG' || code === 'ENAMETOOLONG')
    return new ToolError('too-large', 'The input is larger than this system allows for one command.')
  const reason = /^(ENOENT|EACCES|EPERM|ENOEXEC|EISDIR|ENOTDIR)$/.test(code ?? '')
    ? 'cli-not-found'
    : 'upstream-error'
  return new ToolError(reason, `The Membrane CLI could not be started (${code}).`)
}

function ambiguousError(
  write: boolean,
  reason: Reason,
  message: string,
  { exitCode }: { exitCode?: number } = {},
): ToolError {
  return write
    ? new ToolError('outcome-unknown', `${message} Whether the change was made is not known.`, { exitCode })
    : new ToolError(reason, message, { exitCode })
}
