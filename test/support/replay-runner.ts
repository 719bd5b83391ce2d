import { basename } from 'node:path'
import type { RecordedCall } from '../../src/cli/doctor/contract/transcript.ts'
import type { ProcessRunner } from '../../src/membrane/process.ts'

/** A CLI that answers each command line as it was recorded; one that came several times in the order of its answers. */
export function replayRunner({ calls }: { calls: readonly RecordedCall[] }): ProcessRunner {
  const keyOf = (argv: readonly string[], withoutHome: boolean) => JSON.stringify([argv, withoutHome])
  const answers = new Map<string, RecordedCall[]>()
  for (const call of calls) {
    const key = keyOf(call.argv, call.withoutHome === true)
    answers.set(key, [...(answers.get(key) ?? []), call])
  }
  return {
    stop: async () => undefined,
    async run({ cwd }, args, signal) {
      signal.throwIfAborted()
      const recorded = answers.get(keyOf(args, basename(cwd).startsWith('kustomer-mcp-home-')))
      const call = recorded !== undefined && recorded.length > 1 ? recorded.shift() : recorded?.[0]
      if (call === undefined)
        return {
          ended: 'exit',
          exitCode: 1,
          stdout: '',
          stderr: `Not recorded: ${args.join(' ')}`,
          milliseconds: 1,
        }
      const { argv: _, withoutHome: __, ...result } = call
      return result
    },
  }
}
