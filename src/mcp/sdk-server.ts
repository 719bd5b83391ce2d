import { Server } from '@modelcontextprotocol/sdk/server/index.js'
import { zodFormValidator } from './form-validator.ts'
import { instructions } from './instructions.ts'

/** Takes the version of this program and returns the SDK's server, which knows what it is and can, and does nothing. */
export const createServer = (version: string): Server =>
  new Server(
    { name: 'kustomer', title: 'Kustomer', version },
    {
      capabilities: { tools: { listChanged: true }, resources: {}, prompts: {}, completions: {} },
      instructions,
      jsonSchemaValidator: zodFormValidator,
    },
  )
