import { cp, mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Client } from '@modelcontextprotocol/sdk/client/index.js'
import { StdioClientTransport } from '@modelcontextprotocol/sdk/client/stdio.js'
import type { TestProject } from 'vitest/node'
import { connection } from './samples.ts'
import { faultyCli, mainJs } from './server.ts'

declare module 'vitest' {
  interface ProvidedContext {
    /** The folder with what a server learns of a CLI at its first start, a folder below it for each. */
    learned: string
  }
}

const learners = [
  ...['old', 'new', 'mixed'].map((dialect) => ({ name: dialect, dialect, args: ['--cli', faultyCli] })),
  { name: 'sandbox', dialect: 'old', args: ['--sandbox'] },
]

/**
 * Starts a server on each kind of CLI once and keeps what it learned of it, so that not every test has to start the six
 * processes that this takes. Tests of the learning itself begin with nothing.
 */
export async function setup(project: TestProject): Promise<() => Promise<void>> {
  const folder = await mkdtemp(join(tmpdir(), 'kustomer-mcp-learned-'))
  await Promise.all(
    learners.map(async ({ name, dialect, args }) => {
      const state = join(folder, 'states', name)
      const plan = join(folder, `${name}.json`)
      await writeFile(plan, JSON.stringify({ dialect, connections: [connection], actions: [] }))
      const client = new Client({ name: 'learner', version: '1' })
      const env = { PATH: process.env['PATH'] ?? '', HOME: folder, MEMBRANE_PLAN: plan }
      const server = [mainJs, ...args, '--state-dir', state, '--log-level', 'silent']
      await client.connect(new StdioClientTransport({ command: process.execPath, args: server, env }))
      await client.callTool({ name: 'connection-status', arguments: {} })
      await client.close()
      const cache = join(state, 'cache')
      const files = (await readdir(cache)).filter((file) => file.startsWith('capabilities-'))
      await mkdir(join(folder, name))
      for (const file of files) await cp(join(cache, file), join(folder, name, file))
    }),
  )
  project.provide('learned', folder)
  return () => rm(folder, { recursive: true, force: true, maxRetries: 3 })
}
