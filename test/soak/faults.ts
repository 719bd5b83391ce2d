import type { Plan } from '../support/server.ts'

const exchange = (status: number) => ({
  stderr: `Error making request to https://api.kustomerapp.com/v1/notes: ${status}\n`,
  json: {
    response: { status, data: { errors: [{ code: 'c', message: `m${status}` }] } },
    request: { method: 'POST', url: 'https://api.kustomerapp.com/v1/notes', headers: {} },
  },
  exit: 1,
})
const broken = (code: string) => ({
  json: { name: 'AxiosError', message: 'Request failed', code, config: { url: '/act' } },
  exit: 1,
})

/** What goes wrong before the simulation has heard of the call. */
const before = [
  [0.03, { stderr: 'Error: boom\n', exit: 1 }],
  [0.03, exchange(404)],
  [0.03, exchange(429)],
  [0.01, broken('ENOTFOUND')],
  [0.02, { hang: true, deaf: true, child: true }],
  [0.02, { signal: 'SIGKILL' }],
] as const

/** What goes wrong when it has done what it was told. */
const after = [
  [0.03, { cut: 15 }],
  [0.03, { cut: 0, signal: 'SIGKILL' }],
  [0.02, { cut: 0, hang: true }],
  [0.02, { exit: 7 }],
  [0.02, broken('ECONNRESET')],
  [0.03, { delayMs: 500 }],
  [0.03, { prefix: 'DEPRECATED: see the docs\n' }],
] as const

/** Plans a CLI that fails by chance around the simulation in the file `sandbox`. */
export function faultyPlan(seed: number, sandbox: string): Plan & { seed: number; sandbox: string } {
  const calls = ['action run', 'act ', 'request'].flatMap((when) => [
    ...before.map(([chance, fault]) => ({ when, chance, ...fault })),
    ...after.map(([chance, fault]) => ({ when, chance, ...fault, standard: true })),
  ])
  const lists = ['action list', 'connection list'].map((when) => ({
    ...{ when, chance: 0.1, stderr: 'Error: socket hang up\n', exit: 1 },
  }))
  return { seed, sandbox, faults: [...calls, ...lists] }
}
