import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { commandLine } from '../../src/cli/program.ts'
import { flagOf, options } from '../../src/config/options.ts'
import { serveFlags } from '../../src/config/serve-flags.ts'

/** What the whole command line makes of it: the flags when it would serve, undefined when it does anything else. */
async function wholeReading(typed: readonly string[]): Promise<object | undefined> {
  const testEnvironment = { version: '1.2.3', env: {}, bundleDir: '/', print: () => undefined }
  const program = commandLine('program', 'A program', testEnvironment)
  let flags: object | undefined
  for (const command of program.commands)
    command
      .exitOverride()
      .configureOutput({ writeOut: () => undefined, writeErr: () => undefined })
      .action(() => {
        flags = command.name() === 'serve' ? program.opts() : undefined
      })
  program.configureOutput({ writeOut: () => undefined, writeErr: () => undefined })
  await program.parseAsync([...typed], { from: 'user' }).catch(() => {
    flags = undefined
  })
  return flags
}

const names = Object.keys(options)
const flag = fc.constantFrom(...names.map(flagOf), '--nothing', '--help', '--version', '-h', '-V', '-a')
const value = fc.oneof(
  fc.constantFrom(
    '',
    '-',
    '--',
    'serve',
    'sandbox',
    'reset',
    'call',
    '-1',
    '--read-only',
    'true',
    '=',
    'a=b',
  ),
  fc.string({ maxLength: 8 }),
)
const word = fc.oneof(
  flag,
  value,
  fc.tuple(flag, value).map(([name, text]) => `${name}=${text}`),
)

describe('the short way to read the flags of serve', () => {
  it('reads flags as the command line does', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(word, { maxLength: 6 }), async (typed) => {
        const short = serveFlags(typed)
        if (short !== undefined) expect(await wholeReading(typed)).toEqual(short)
      }),
      { numRuns: 2000 },
    )
  })

  it.each<[string[], object]>([
    [[], {}],
    [['serve'], {}],
    [['--sandbox', '--read-only'], { sandbox: true, readOnly: true }],
    [['serve', '--cli', '/bin/membrane', '--timeout-ms=2000'], { cli: '/bin/membrane', timeoutMs: '2000' }],
    [['--tools', 'actions', '--tools', 'proxy'], { tools: 'proxy' }],
  ])('takes %j', (typed, flags) => expect(serveFlags(typed)).toEqual(flags))

  it.each([
    [['--help']],
    [['serve', '--help']],
    [['sandbox', 'reset']],
    [['serve', 'serve']],
    [['--sandbox=true']],
    [['--timeout-ms']],
    [['--timeout-ms', '-1']],
    [['--', '--sandbox']],
    [['--read-onyl']],
  ])('leaves %j to the whole command line', (typed) => expect(serveFlags(typed)).toBeUndefined())
})
