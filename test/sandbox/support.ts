import { spawn } from 'node:child_process'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { onTestFinished } from 'vitest'
import { errorReply, type Method } from '../../src/sandbox/kustomer/call.ts'
import { checkBody } from '../../src/sandbox/kustomer/check-body.ts'
import { recordingEvents } from '../../src/sandbox/kustomer/events.ts'
import { findRoute } from '../../src/sandbox/kustomer/find-route.ts'
import { runProgram } from '../../src/sandbox/program.ts'
import { readSettings } from '../../src/sandbox/settings.ts'
import { sampleOrganisation } from '../../src/sandbox/store.ts'

const sandboxJs = join(import.meta.dirname, '..', '..', 'dist', 'sandbox.js')
export const kustomerId = '66b0c0ffee0000000000a001'

// biome-ignore lint/suspicious/noExplicitAny: answers are looked into at will, and a wrong path fails the test
export type Json = any

export interface Finished {
  stdout: string
  stderr: string
  exitCode: number | null
  /** The document on stdout; throws where there is none. */
  json: Json
}

export async function temporaryFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'kustomer-sandbox-'))
  onTestFinished(() => rm(folder, { recursive: true, force: true, maxRetries: 3 }))
  return folder
}

/** Returns what runs the simulation over a folder of its own: in this process, or with `start` each time in a new one. */
export async function sandbox(settings: Record<string, string> = {}, program = runHere) {
  const folder = join(await temporaryFolder(), 'data')
  const run = (argv: string[], more: Record<string, string> = {}) =>
    program(argv, { MEMBRANE_SANDBOX_DIR: folder, ...settings, ...more })
  return {
    folder,
    run,
    /** Runs an action by its key and returns Kustomer's answer. */
    act: (key: string, input: object = {}) =>
      run([
        'action',
        'run',
        key,
        `--connectionId=${kustomerId}`,
        `--input=${JSON.stringify(input)}`,
        '--json',
      ]),
    request: (path: string, ...flags: string[]) => run(['request', kustomerId, path, ...flags, '--json']),
  }
}

const runHere = async (argv: string[], env: Record<string, string>) =>
  finished(await runProgram(argv, readSettings(env)))

const finished = (ended: Omit<Finished, 'json'>): Finished => ({
  ...ended,
  get json() {
    return JSON.parse(ended.stdout)
  },
})

/** Runs the built program in a process of its own. */
export function start(argv: string[], env: Record<string, string>): Promise<Finished> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [sandboxJs, ...argv], {
      env: { PATH: process.env['PATH'] ?? '', ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    let stdout = ''
    let stderr = ''
    child.stdout.on('data', (chunk) => {
      stdout += chunk
    })
    child.stderr.on('data', (chunk) => {
      stderr += chunk
    })
    child.on('error', reject)
    child.on('close', (exitCode) => resolve(finished({ stdout, stderr, exitCode })))
  })
}

/** Returns the simulated API in this process: its organisation, and a call that answers like it. */
export async function api(now = '2026-11-22T12:00:00.000Z') {
  const organisation = await sampleOrganisation()
  function call(method: Method, target: string, sent?: unknown): { status: number; body: Json } {
    const body = sent === undefined ? undefined : JSON.parse(JSON.stringify(sent))
    const { pathname, searchParams } = new URL(target, 'https://sandbox.example')
    const match = findRoute(method, pathname)
    if (match === undefined) throw new Error(`There is no route for ${method} ${pathname}.`)
    const { route, params } = match
    try {
      const given = { method, path: pathname, params, query: searchParams, body, now }
      checkBody(route, organisation, given)
      const run = () => recordingEvents(organisation, now, () => route.run(organisation, given))
      return { body: undefined, ...structuredClone(run()) }
    } catch (error) {
      return { body: undefined, ...errorReply(error) }
    }
  }
  return {
    organisation,
    call,
    get: (target: string) => call('GET', target).body,
    search: (body: object, query = '') => call('POST', `/v1/customers/search${query}`, body),
  }
}

/** Records of the sample data that stand for a case. */
export const cases = {
  dana: '68652fa8c057000002000001',
  tomas: '68769054c057000002000002',
  saoirse: '6994212cc057000002000005',
  kofi: '6a3aacccc057000002000006',
  openConversation: '6aff0158c0f0000004000001',
  doneConversation: '6aeca8f0c0f0000004000002',
  snoozedConversation: '6af591a4c0f0000004000004',
  unhappyConversation: '6af2d158c0f000000400000e',
  cancellation: '6afe18d8c0f0000004000008',
  mergedConversation: '6afe9c18c0f000000400000d',
  breachedConversation: '6afc33b0c0f0000004000003',
  company: '67c46460c0a9000003000001',
  priya: '67a0859005e2000001000001',
}
