import { type Deviation, help, on, proxied, refused, says, secondTime, withArgument } from './changes.ts'

/** Deviations of the program, its streams and its time. */
export const deviationsOfProgram: Readonly<Record<string, Deviation>> = {
  version: {
    change: on('--version', () => ({ stdout: 'Membrane\n' })),
    verdict: 'understood',
    outcome: 'works',
  },
  'version-known': {
    change: on('--version', () => ({ stdout: '2.0.0\n' })),
    verdict: 'understood',
    outcome: 'works',
  },
  commands: {
    change: help('', () => 'Usage: membrane serve\n'),
    verdict: 'would-fail',
    outcome: 'cli-unsupported',
  },
  'help-stream': {
    change: withArgument('--help', ({ stdout }) => ({ stdout: '', stderr: stdout, exitCode: 1 })),
    verdict: 'understood',
    outcome: 'works',
  },
  'help-topics': { change: help('login', () => ''), verdict: 'understood', outcome: 'works' },
  'connection-commands': {
    change: help('connection', () => 'connection list\n'),
    verdict: 'understood',
    outcome: 'works',
  },
  'run-command': {
    change: withArgument('--help', ({ stdout }) => ({ stdout: stdout.replace(/^.*action run.*$/gm, '') })),
    verdict: 'understood',
    outcome: 'works',
  },
  'request-command': {
    change: help('', (text) => text.replace(/^.*request.*$/gm, '')),
    verdict: 'understood',
    call: proxied,
    outcome: 'works',
  },
  'flag-names': {
    change: (result, argv) =>
      argv.at(-1) === '--help'
        ? { stdout: result.stdout.replaceAll('--connectionId', '--connection-id') }
        : argv.some((one) => one.startsWith('--connectionId='))
          ? refused('option: --connectionId')
          : undefined,
    verdict: 'would-fail',
    outcome: 'cli-unsupported',
  },
  login: { change: help('login', () => 'membrane login\n'), verdict: 'understood', outcome: 'works' },
  connect: {
    change: help('connect', () => 'membrane connect\n'),
    verdict: 'understood',
    outcome: 'works',
  },
  'first-connection': {
    change: help('', (text) => text.replace(/^ *search.*$/gm, '')),
    verdict: 'understood',
    call: ['connect-kustomer', {}],
    outcome: 'works',
  },
  status: { change: on('status', () => refused('command: status')), verdict: 'understood', outcome: 'works' },
  search: {
    change: on('search', () => refused('command: search')),
    verdict: 'would-fail',
    call: ['connect-kustomer', {}],
    start: 'no-connection',
    outcome: 'cli-unsupported',
  },
  'unknown-command': {
    change: on('connection no-such-command', () => ({ stdout: '{"items":[]}', stderr: '', exitCode: 0 })),
    verdict: 'understood',
    outcome: 'works',
  },
  'unknown-flag': {
    change: withArgument('--noSuchFlag', () => says('Something is wrong.')),
    verdict: 'understood',
    outcome: 'works',
  },
  ends: {
    change: on('action run', () => ({ ended: 'timeout', stdout: '' })),
    verdict: 'would-fail',
    outcome: 'timeout',
  },
  'json-alone': {
    change: on('action run', ({ stdout }) => ({ stdout: `A new version is there.\n${stdout}` })),
    verdict: 'understood',
    outcome: 'works',
  },
  'json-layout': {
    change: on('action run', (result) => ({ stdout: result.stdout.replace(/\n\s*/g, '') })),
    verdict: 'understood',
    outcome: 'works',
  },
  quiet: {
    change: on('action run', () => ({ stderr: 'A new version is there.\n' })),
    verdict: 'understood',
    outcome: 'works',
  },
  colour: {
    change: on('action run', ({ stdout }) => ({ stdout: `\u001b[32m${stdout}\u001b[39m` })),
    verdict: 'understood',
    outcome: 'works',
  },
  parallel: {
    change: secondTime('connection list', () => says('EBUSY: credentials.json')),
    verdict: 'would-fail',
    outcome: 'works',
  },
  time: { change: () => ({ milliseconds: 12_000 }), verdict: 'understood', outcome: 'works' },
  resources: {
    change: () => undefined,
    usage: { cpuMs: 20_000, peakMb: 900 },
    verdict: 'understood',
    outcome: 'works',
  },
  home: {
    change: (_, __, cwd) => (/kustomer-mcp-home-/.test(cwd) ? says('Who are you?') : undefined),
    callChange: on('connection list', () => says('Who are you?')),
    verdict: 'would-fail',
    outcome: 'upstream-error',
  },
}
