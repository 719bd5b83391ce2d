import * as z from 'zod'
import { Failure } from '../failure.ts'
import type { Membrane } from '../membrane/client.ts'
import { chooseConnection, isKustomer, isUsable, summarise } from '../membrane/connection.ts'
import { type Connection, connectionSchema } from '../membrane/documents.ts'
import { judge } from '../membrane/errors.ts'
import { lastJsonDocument } from '../membrane/output.ts'
import type { ProcessResult } from '../membrane/process.ts'
import type { Answer } from '../result/envelope.ts'
import { oneLine, quote } from '../text.ts'
import { personUrl } from './person-url.ts'
import { defineTool, type Tool, type ToolContext } from './tool.ts'

const appUrl = 'https://www.kustomer.com/'
const waitSeconds = 10
const again = 'then call connect-kustomer again'

/**
 * Takes the context and the configured connection, and returns the tool that walks sign-in and connection to READY,
 * one step a call. What a person must do is said in `next`; the tool itself never waits for a person.
 */
export function connectKustomer(context: ToolContext, configured: string | undefined): Tool {
  const { membrane, workspace, catalog } = context
  return defineTool({
    name: 'connect-kustomer',
    group: 'connection',
    title: 'Connect Kustomer',
    description:
      'Walk sign-in and the Kustomer connection to READY, one step a call. Show the person the url it gives and do what next says. Credentials are entered in the browser alone.',
    input: z.object({
      code: z.string().min(1).optional().describe('The code the person got from the sign-in page.'),
    }),
    annotations: { readOnlyHint: false, destructiveHint: false, idempotentHint: true, openWorldHint: true },
    async run({ code }, signal) {
      if (code !== undefined)
        await membrane.completeLogin(code.trim(), signal).catch(unlessSignedIn(membrane, signal))
      const connections = await listOrSignIn(membrane, signal)
      if ('data' in connections) return connections
      await workspace.forget()
      const own = connections.list.filter(
        (connection) => isKustomer(connection) || isNamed(connection, configured),
      )
      if (own.some(isUsable) || configured !== undefined) {
        const connection = chooseConnection(connections.list, configured)
        await catalog.refresh(connection.id, 0)
        return step('READY', 'Kustomer is connected; use its tools.', { connection: summarise(connection) })
      }
      const [pending] = own.filter(({ archivedAt }) => !archivedAt)
      return pending === undefined ? create(membrane, signal) : resume(pending, membrane, signal)
    },
  })
}

/** A code that was used already is no failure when the sign-in stands. */
const unlessSignedIn = (membrane: Membrane, signal: AbortSignal) => (error: unknown) =>
  membrane.listConnections(signal).then(
    () => undefined,
    () => {
      throw error
    },
  )

async function listOrSignIn(
  membrane: Membrane,
  signal: AbortSignal,
): Promise<{ list: Connection[] } | Answer> {
  try {
    return { list: await membrane.listConnections(signal) }
  } catch (error) {
    if (!(error instanceof Failure) || error.reason !== 'signed-out') throw error
    const printed = await membrane.login(signal)
    const link = personUrl(printed)
    if (link === undefined) throw noLink(printed, 'sign-in')
    const next = `Ask the person to open the url and sign in. When the page shows a code, call connect-kustomer with it as code; otherwise call connect-kustomer again.`
    return step('SIGN_IN', next, link)
  }
}

/** Creates the connection: by the app's URL where the CLI can, else by looking its connector up. */
async function create(membrane: Membrane, signal: AbortSignal): Promise<Answer> {
  const { connectionEnsure } = await membrane.describe(signal)
  if (connectionEnsure) return afterConnect(await membrane.ensureConnection(appUrl, signal), membrane, signal)
  const connectors = await membrane.searchConnectors('kustomer', signal)
  const connector = connectors.find(({ key }) => key === 'kustomer') ?? connectors[0]
  if (connector === undefined)
    throw new Failure('not-connected', 'Membrane has no Kustomer connector for this account.')
  return afterConnect(await membrane.connect({ connectorId: connector.id }, signal), membrane, signal)
}

async function afterConnect(
  printed: ProcessResult,
  membrane: Membrane,
  signal: AbortSignal,
): Promise<Answer> {
  const document = lastJsonDocument(printed.stdout)
  const connection = connectionSchema.safeParse(document).data
  if (printed.ended === 'exit' && connection?.state) return resume(connection, membrane, signal)
  const link = personUrl(printed)
  if (link !== undefined)
    return step('CLIENT_ACTION_REQUIRED', `Ask the person to open the url and allow access, ${again}.`, link)
  throw noLink(printed, 'connection')
}

/** What the state of a connection that is not usable yet asks for. */
async function resume(given: Connection, membrane: Membrane, signal: AbortSignal): Promise<Answer> {
  const { connectionWait } = await membrane.describe(signal)
  const building = given.state === 'BUILDING' && connectionWait
  const connection = building ? await membrane.getConnection(given.id, signal, waitSeconds) : given
  const { state, clientAction, errors } = connection
  const about = { connection: summarise(connection) }
  if (isUsable(connection))
    return step('READY', `The connection is ready; ${again} to load its actions, or use the tools.`, about)
  if (state === 'BUILDING')
    return step('BUILDING', `Membrane is still setting the connection up. Wait ten seconds, ${again}.`, about)
  if (state === 'CONFIGURATION_ERROR' || state === 'SETUP_FAILED') {
    const said = (errors ?? []).map(({ message }) => message ?? '').find((message) => message !== '')
    const why = said === undefined ? '' : ` Membrane says: ${quote(said)}.`
    const next = `The person must mend or remove this connection in Membrane's console, ${again}.${why}`
    return step(state, next, about)
  }
  const link = personUrl(clientAction?.uiUrl ?? '')
  if (link === undefined)
    return afterReconnect(await membrane.connect({ connectionId: connection.id }, signal), about)
  const task = clientAction?.description ? ` (${oneLine(clientAction.description, 160)})` : ''
  return step('CLIENT_ACTION_REQUIRED', `Ask the person to open the url and finish there${task}, ${again}.`, {
    ...link,
    ...about,
  })
}

function afterReconnect(printed: ProcessResult, about: Record<string, unknown>): Answer {
  const link = personUrl(printed)
  if (link === undefined) throw noLink(printed, 'connection')
  return step('CLIENT_ACTION_REQUIRED', `Ask the person to open the url and allow access again, ${again}.`, {
    ...link,
    ...about,
  })
}

const step = (state: string, next: string, facts: object): Answer => ({
  data: { state, next, ...facts },
})

const isNamed = ({ id, key }: Connection, name: string | undefined) =>
  name !== undefined && (id === name || key === name)

/** The failure that a command stands for which should have printed a link: its own, or that it printed none. */
function noLink(printed: ProcessResult, what: string): Failure {
  try {
    judge(printed, { write: false, answer: 'text' })
  } catch (error) {
    return error as Failure
  }
  return new Failure('bad-output', `The Membrane CLI printed no link for the ${what}.`)
}
