import { strict as assert } from 'node:assert'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Client } from '@modelcontextprotocol/sdk/client/index.js'
import { StdioClientTransport } from '@modelcontextprotocol/sdk/client/stdio.js'
import { countTokens } from 'gpt-tokenizer/encoding/o200k_base'
import { type Json, mainJs } from '../support/server.ts'

/** What a task may use: the tools of one server, and nothing else. */
export interface Agent {
  /** Calls a tool and returns its envelope. Fails the task when the call fails. */
  call(tool: string, args?: Record<string, unknown>): Promise<{ data: Json; page?: Json; notices?: string[] }>
  /** Calls a tool that fails, and returns the reason and the candidates that it names. Fails the task when it does not fail. */
  refusal(tool: string, args: Record<string, unknown>): Promise<{ reason: string; candidates: Json[] }>
}

/** What a task cost: calls, and o200k tokens of the arguments that an agent writes and of the answers that it reads. */
export interface Cost {
  calls: number
  written: number
  read: number
}

export interface Desk {
  /** The folder that the simulation keeps its data in. */
  data: string
  /** Runs one task, counts into `cost` what it costs, and returns what came of it. */
  work<T>(ask: string, cost: Cost, task: (agent: Agent) => Promise<T>): Promise<T>
  close(): Promise<void>
}

const idForm = /[0-9a-f]{24}/g

/** Starts the built server on a fresh sandbox, with a real MCP client. */
export async function openDesk(flags: string[]): Promise<Desk> {
  const folder = await mkdtemp(join(tmpdir(), 'kustomer-mcp-tasks-'))
  const client = new Client({ name: 'tasks', version: '1' })
  const args = [mainJs, '--sandbox', '--state-dir', folder, '--log-level', 'silent', ...flags]
  const budget = ['--requests-per-minute', '100000', '--searches-per-minute', '100000']
  await client.connect(new StdioClientTransport({ command: process.execPath, args: [...args, ...budget] }))
  return {
    data: join(folder, 'sandbox'),
    async work(ask, cost, task) {
      const seen = new Set(ask.match(idForm))
      const send = async (name: string, callArgs: Record<string, unknown>): Promise<Json> => {
        const written = JSON.stringify(callArgs)
        // An agent knows no id but those it was told or has read.
        for (const id of written.match(idForm) ?? []) assert.ok(seen.has(id), `${name}: ${id} was never read`)
        const result: Json = await client.callTool({ name, arguments: callArgs })
        const text = result.content.map((part: Json) => part.text).join('')
        for (const id of text.match(idForm) ?? []) seen.add(id)
        cost.calls++
        cost.written += countTokens(written)
        cost.read += countTokens(text)
        return { ...result, text }
      }
      return task({
        async call(tool, callArgs = {}) {
          const { isError, text } = await send(tool, callArgs)
          assert.ok(!isError, `${tool}: ${text}`)
          return JSON.parse(text)
        },
        async refusal(tool, callArgs) {
          const { isError, text } = await send(tool, callArgs)
          assert.ok(isError, `${tool} did not fail`)
          const facts = text.split('\n').at(-1)
          const { candidates = [] } = facts.startsWith('{') ? JSON.parse(facts) : {}
          return { reason: text.split(':')[0], candidates }
        },
      })
    },
    async close() {
      await client.close()
      await rm(folder, { recursive: true, force: true, maxRetries: 3 })
    },
  }
}
