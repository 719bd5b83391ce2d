import { randomUUID } from 'node:crypto'
import type { Server } from '@modelcontextprotocol/sdk/server/index.js'
import type { ElicitRequestFormParams, ElicitRequestURLParams } from '@modelcontextprotocol/sdk/types.js'
import type { Elicitation } from '../tools/elicitation.ts'

/** Some hosts declare that they can ask a person and never do. */
const askMs = 30_000

const answers = { accept: 'agreed', decline: 'declined', cancel: 'dismissed' } as const

/**
 * Takes a connected server and returns the person at its host, or undefined where the host cannot ask. An answer that
 * does not come in time, or not at all, is no answer.
 */
export function clientElicitation(server: Server): Elicitation | undefined {
  const can = server.getClientCapabilities()?.elicitation
  if (can === undefined) return undefined

  const ask = (params: ElicitRequestFormParams | ElicitRequestURLParams, signal: AbortSignal) =>
    server.elicitInput(params, { signal, timeout: askMs }).catch(() => undefined)
  const agrees = async (params: ElicitRequestFormParams | ElicitRequestURLParams, signal: AbortSignal) => {
    const action = (await ask(params, signal))?.action
    return action === 'accept' ? true : action === 'decline' ? false : undefined
  }

  return {
    async confirm(message, signal) {
      const answer = await ask({ message, requestedSchema: { type: 'object', properties: {} } }, signal)
      return answer && answers[answer.action]
    },
    async choose(message, choices, signal) {
      const values = choices.map(({ value }) => value)
      // The form of the oldest revision that can ask; newer ones still take it.
      const choice = { type: 'string' as const, enum: values, enumNames: choices.map(({ label }) => label) }
      const requestedSchema = { type: 'object' as const, properties: { choice }, required: ['choice'] }
      const answer = await ask({ message, requestedSchema }, signal)
      const picked = answer?.action === 'accept' ? answer.content?.['choice'] : undefined
      return values.find((value) => value === picked)
    },
    ...(can.url === undefined
      ? {}
      : {
          open: (message: string, url: string, signal: AbortSignal) =>
            agrees({ mode: 'url', message, url, elicitationId: randomUUID() }, signal),
        }),
  }
}
