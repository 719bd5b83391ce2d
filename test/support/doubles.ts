import type { ProcessResult, ProcessRunner } from '../../src/membrane/process.ts'
import { sandboxRunner } from './sandbox-runner.ts'

/** What a double does otherwise; undefined where it does the same. */
export type Change = (
  result: ProcessResult,
  argv: readonly string[],
  cwd: string,
) => Partial<ProcessResult> | undefined

/** A CLI that differs from another in some answers. */
export const changed = (runner: ProcessRunner, change: Change): ProcessRunner => ({
  stop: runner.stop,
  async run(program, args, signal) {
    const result = await runner.run(program, args, signal)
    return { ...result, ...change(result, args, program.cwd) }
  },
})

// biome-ignore lint/suspicious/noExplicitAny: documents are changed at will, and a wrong path fails the test
export type Json = any

/** Changes the document of an answer that has one. */
export const withDocument = (
  { stdout }: ProcessResult,
  change: (document: Json) => unknown,
): Partial<ProcessResult> => {
  if (!/^\s*[[{]/.test(stdout)) return {}
  return { stdout: `${JSON.stringify(change(JSON.parse(stdout)), undefined, 2)}\n` }
}

export const starts = (argv: readonly string[], ...words: string[]) =>
  words.every((word, at) => argv[at] === word)

/** The two dialects of the sandbox. */
export const documented = (folder: string, dialect: 'old' | 'new' = 'old'): ProcessRunner =>
  sandboxRunner({ folder, dialect })

/**
 * A CLI as users of 1.18.0 reported it (GitHub issue membranedev/application-skills#4 and others of 2026): both verbs,
 * bare lists, a notice and `data` in the answers of `request`, and errors as text and JSON in one stream.
 */
export const asReported = (folder: string): ProcessRunner =>
  changed(documented(folder, 'new'), (result, argv) => {
    const { stdout, stderr, exitCode } = result
    if (starts(argv, '--version')) return { stdout: '@membranehq/cli 1.18.0\n' }
    if (argv.at(-1) === '--help') return { stdout: stdout.replace(/DEPRECATED, use `[^`]+`: /g, '') }
    if (argv.at(-1) !== '--json') return undefined
    if (exitCode !== 0) return { stdout: `${stderr}${stdout}`, stderr: '' }
    const isList = argv[1] === 'list' && !argv.includes('--limit=2')
    if (isList) return withDocument(result, ({ items }) => items)
    if (!starts(argv, 'request')) return { stderr: '' }
    const { stdout: document = '' } = withDocument(result, ({ body, ...rest }) => ({ ...rest, data: body }))
    return { stdout: `${stderr}${document}`, stderr: '' }
  })
