import { randomUUID } from 'node:crypto'
import type { Server } from '@modelcontextprotocol/sdk/server/index.js'
import type {
  ClientCapabilities,
  ElicitRequestFormParams,
  ElicitRequestURLParams,
} from '@modelcontextprotocol/sdk/types.js'
import type { Elicitation } from '../tools/elicitation.ts'

/** Some clients declare elicitation and never answer. */
const answerTimeoutMs = 30_000

/** A required answer: a machine that accepts forms unread sends an empty one. */
const confirmSchema = {
  type: 'object' as const,
  properties: {
    confirm: {
      type: 'boolean' as const,
      title: 'Do this in Kustomer',
      description: 'Yes carries out exactly this call.',
    },
  },
  required: ['confirm'],
}

/** The elicitation of a client that declares it. An answer that is late is no answer. */
export function clientElicitation(
  server: Server,
  declared: NonNullable<ClientCapabilities['elicitation']>,
): Elicitation {
  const ask = (params: ElicitRequestFormParams | ElicitRequestURLParams, signal: AbortSignal) =>
    server.elicitInput(params, { signal, timeout: answerTimeoutMs }).catch(() => undefined)

  return {
    async confirm(message, signal) {
      const answer = await ask({ message, requestedSchema: confirmSchema }, signal)
      if (answer?.action !== 'accept') return answer?.action
      return answer.content?.['confirm'] === true ? 'accept' : 'decline'
    },
    async choose(message, choices, signal) {
      const values = choices.map(({ value }) => value)
      // The form of the oldest revision with elicitation; newer ones still accept it.
      const choice = { type: 'string' as const, enum: values, enumNames: choices.map(({ label }) => label) }
      const requestedSchema = { type: 'object' as const, properties: { choice }, required: ['choice'] }
      const answer = await ask({ message, requestedSchema }, signal)
      const picked = answer?.action === 'accept' ? answer.content?.['choice'] : undefined
      return values.find((value) => value === picked)
    },
    ...(declared.url === undefined
      ? {}
      : {
          async open(message: string, url: string, signal: AbortSignal) {
            const params = { mode: 'url' as const, message, url, elicitationId: randomUUID() }
            const action = (await ask(params, signal))?.action
            return action === 'accept' ? true : action === 'decline' ? false : undefined
          },
        }),
  }
}
