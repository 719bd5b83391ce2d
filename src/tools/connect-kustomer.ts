import * as z from 'zod'
import { ToolError } from '../errors.ts'
import { chooseConnection, isKustomer, isUsable, toConnectionSummary } from '../membrane/connection.ts'
import { type Connection, connectionSchema } from '../membrane/documents.ts'
import { lastJsonDocument } from '../membrane/json-output.ts'
import type { ProcessResult } from '../membrane/process.ts'
import type { ToolOutput } from '../response/envelope.ts'
import { quoteUntrusted, singleLine } from '../text/quote.ts'
import type { Elicitation } from './elicitation.ts'
import { findSignInLink, parsePrintedLink, type UserLink } from './sign-in-link.ts'
import { defineTool, type Tool, type ToolContext } from './tool.ts'

const appUrl = 'https://www.kustomer.com/'
const waitSeconds = 10
const again = 'then call connect-kustomer again'

/**
 * Walks sign-in and connection to READY, one step a call. `next` says what a person must do; the tool never waits for
 * them.
 */
export function connectKustomer(context: ToolContext, configured: string | undefined): Tool {
  return defineTool({
    name: 'connect-kustomer',
    group: 'connection',
    title: 'Connect Kustomer',
    description:
      'Walks sign-in and connection to READY, one step a call: show the person its url, do what next says. Credentials go into the browser alone.',
    input: () =>
      z.object({
        code: z.string().min(1).optional().describe('The code that the sign-in page shows.'),
      }),
    annotations: { readOnlyHint: false, destructiveHint: false, idempotentHint: true, openWorldHint: true },
    run: async ({ code }, signal, elicitation) =>
      showLink(await nextStep(code, configured, context, signal), elicitation, signal),
  })
}

/** Opens the link where the client opens links. The answer holds it all the same. */
async function showLink(
  answer: ToolOutput,
  elicitation: Elicitation | undefined,
  signal: AbortSignal,
): Promise<ToolOutput> {
  const { link } = answer
  if (link === undefined || elicitation?.open === undefined) return answer
  const question = ['Open this page to give access to Kustomer.', link.warning].filter(Boolean).join(' ')
  const isOpened = await elicitation.open(question, link.url, signal)
  const notice = isOpened
    ? 'The host showed the person the url and they agreed to open it.'
    : 'The host did not open the url for the person.'
  return { ...answer, notices: [...(answer.notices ?? []), notice] }
}

async function nextStep(
  code: string | undefined,
  configured: string | undefined,
  context: ToolContext,
  signal: AbortSignal,
): Promise<ToolOutput> {
  if (code !== undefined) await signInWith(code, context, signal)
  const connections = await context.membrane.listConnections(signal).catch(unlessSignedOut)
  if (connections === undefined) return startSignIn(context, signal)
  await context.connections.forget()
  const own = connections.filter((connection) => isWanted(connection, configured))
  if (own.some(isUsable)) return ready(chooseConnection(connections, configured), context, signal)
  const pending = own.find(({ archivedAt }) => !archivedAt)
  if (pending !== undefined) return resume(pending, context, signal)
  if (configured === undefined) return create(context, signal)
  const message = `There is no connection with the id or key ${configured}. A person has to change or unset --connection.`
  throw new ToolError('not-connected', message, {
    data: { connections: connections.filter(isKustomer).map(toConnectionSummary) },
  })
}

/** A code that was used already is no failure when the sign-in stands. */
async function signInWith(code: string, { membrane }: ToolContext, signal: AbortSignal): Promise<void> {
  await membrane.completeLogin(code.trim(), signal).catch(async (error: unknown) => {
    await membrane.listConnections(signal).catch(() => {
      throw error
    })
  })
}

function unlessSignedOut(error: unknown): undefined {
  if (!(error instanceof ToolError) || error.reason !== 'signed-out') throw error
}

async function startSignIn({ membrane }: ToolContext, signal: AbortSignal): Promise<ToolOutput> {
  const link = parsePrintedLink(await membrane.login(signal), 'sign-in')
  const show = link.hint === undefined ? '' : ' Show them the hint too.'
  const next = `Ask the person to open the url and sign in.${show} When the page shows a code, call connect-kustomer with it as code; otherwise call connect-kustomer again.`
  return step('SIGN_IN', next, {}, link)
}

async function ready(
  connection: Connection,
  { catalog }: ToolContext,
  signal: AbortSignal,
): Promise<ToolOutput> {
  const answer = step('READY', 'Kustomer is connected; use its tools.', {
    connection: toConnectionSummary(connection),
  })
  const notice = 'The list of its actions could not be read yet; the next call reads it again.'
  return catalog.refresh(connection.id, 0, signal).then(
    () => answer,
    () => ({ ...answer, notices: [notice] }),
  )
}

/** Creates the connection: by the app's URL where the CLI can, else by looking its connector up. */
async function create(context: ToolContext, signal: AbortSignal): Promise<ToolOutput> {
  const { membrane } = context
  const { connectionEnsure } = await membrane.getInfo(signal)
  if (connectionEnsure) return afterConnect(await membrane.ensureConnection(appUrl, signal), context, signal)
  const connectors = await membrane.searchConnectors('kustomer', signal)
  const connector = connectors.find(({ key }) => key === 'kustomer') ?? connectors[0]
  if (connector === undefined) {
    throw new ToolError('not-connected', 'Membrane has no Kustomer connector for this account.')
  }
  return afterConnect(await membrane.connect({ connectorId: connector.id }, signal), context, signal)
}

/** The CLI answers with a connection in some state, or with a link alone. */
async function afterConnect(
  printed: ProcessResult,
  context: ToolContext,
  signal: AbortSignal,
): Promise<ToolOutput> {
  const connection = connectionSchema.safeParse(lastJsonDocument(printed.stdout)).data
  if (printed.exitCode === 0 && connection?.state) return resume(connection, context, signal)
  return allowAccess({}, parsePrintedLink(printed, 'connection'))
}

/** What the state of a connection that is not usable yet asks for. */
async function resume(
  given: Connection,
  { membrane }: ToolContext,
  signal: AbortSignal,
): Promise<ToolOutput> {
  const { connectionWait } = await membrane.getInfo(signal)
  const isWaitedFor = given.state === 'BUILDING' && connectionWait
  const connection = isWaitedFor ? await membrane.getConnection(given.id, signal, waitSeconds) : given
  const { state, clientAction, errors } = connection
  const about = { connection: toConnectionSummary(connection) }
  if (isUsable(connection)) return step('READY', 'Kustomer is connected; use its tools.', about)
  if (state === 'BUILDING') {
    return step(state, `Membrane is still setting the connection up. Wait ten seconds, ${again}.`, about)
  }
  if (state === 'CONFIGURATION_ERROR' || state === 'SETUP_FAILED') {
    const said = (errors ?? []).map(({ message }) => message ?? '').find((message) => message !== '')
    const why = said === undefined ? '' : ` Membrane says: ${quoteUntrusted(said)}.`
    return step(
      state,
      `The person must mend or remove this connection in Membrane's console, ${again}.${why}`,
      about,
    )
  }
  const link = findSignInLink(clientAction?.uiUrl ?? '')
  if (link !== undefined) return allowAccess(about, link, clientAction?.description)
  return allowAccess(
    about,
    parsePrintedLink(await membrane.connect({ connectionId: connection.id }, signal), 'connection'),
  )
}

function allowAccess(about: object, link: UserLink, description?: string | null): ToolOutput {
  const task = description ? ` (${singleLine(description, 160)})` : ''
  return step(
    'CLIENT_ACTION_REQUIRED',
    `Ask the person to open the url and allow access${task}, ${again}.`,
    about,
    link,
  )
}

const step = (state: string, next: string, facts: object, link?: UserLink): ToolOutput => ({
  data: { state, next, ...facts },
  exact: true,
  ...(link === undefined ? {} : { link }),
})

const isWanted = (connection: Connection, configured: string | undefined) =>
  configured === undefined ? isKustomer(connection) : [connection.id, connection.key].includes(configured)
