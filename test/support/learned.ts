import { cp, mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Client } from '@modelcontextprotocol/sdk/client/index.js'
import { StdioClientTransport } from '@modelcontextprotocol/sdk/client/stdio.js'
import type { TestProject } from 'vitest/node'
import { connection, liveActions } from './samples.ts'
import { faultyCli, mainJs, until } from './server.ts'

declare module 'vitest' {
  interface ProvidedContext {
    /**
     * The folder with what a server learns at its first start, of the CLI and of the usual connection with its actions;
     * a folder below it for each CLI.
     */
    learned: string
  }
}

const learners = [
  ...['old', 'new', 'mixed'].map((dialect) => ({ name: dialect, dialect, args: ['--cli', faultyCli] })),
  { name: 'sandbox', dialect: 'old', args: ['--sandbox'] },
]

/**
 * Starts a server on each kind of CLI once and keeps what it learned, so that not every test has to start the eight
 * processes that this takes. Tests of the learning itself begin with nothing.
 */
export async function setup(project: TestProject): Promise<() => Promise<void>> {
  const folder = await mkdtemp(join(tmpdir(), 'kustomer-mcp-learned-'))
  await Promise.all(
    learners.map(async ({ name, dialect, args }) => {
      const state = join(folder, 'states', name)
      const plan = join(folder, `${name}.json`)
      await writeFile(plan, JSON.stringify({ dialect, connections: [connection], actions: liveActions }))
      const client = new Client({ name: 'learner', version: '1' })
      const env = { PATH: process.env['PATH'] ?? '', HOME: folder, MEMBRANE_PLAN: plan }
      const server = [mainJs, ...args, '--state-dir', state, '--log-level', 'silent']
      await client.connect(new StdioClientTransport({ command: process.execPath, args: server, env }))
      const cache = join(state, 'cache')
      // The list of actions is what a start learns last.
      await until(async () =>
        (await readdir(cache).catch(() => [])).some((file) => file.startsWith('offer-')),
      )
      await client.close()
      await mkdir(join(folder, name))
      for (const file of await readdir(cache)) await cp(join(cache, file), join(folder, name, file))
    }),
  )
  project.provide('learned', folder)
  return () => rm(folder, { recursive: true, force: true, maxRetries: 3 })
}
