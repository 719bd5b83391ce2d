import { execFile } from 'node:child_process'
import { chmod, mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { expect, test } from 'vitest'
import { run, testEnvironment } from '../support/program.ts'
import { mainJs } from '../support/server.ts'

const execute = promisify(execFile)

/** A `kustomer-mcp` in PATH, as an installation puts one there. */
async function installed() {
  const { folder, env } = await testEnvironment()
  await mkdir(join(folder, 'bin'))
  const bin = join(folder, 'bin', 'kustomer-mcp')
  await writeFile(bin, `#!/bin/sh\nexec '${process.execPath}' '${mainJs}' "$@"\n`)
  await chmod(bin, 0o755)
  return { folder, env: { ...env, PATH: `${join(folder, 'bin')}:${env['PATH']}` } }
}

/** What bash puts into the line for words as it splits them, the last being the one at the cursor. */
const inBash = (cases: readonly (readonly string[])[]) => `
script=$(kustomer-mcp completion bash)
eval "$script"
eval "$script"
complete -p kustomer-mcp
${cases
  .map(
    (
      words,
    ) => `COMP_WORDS=(kustomer-mcp ${words.map((word) => `'${word.replaceAll("'", "'\\''")}'`).join(' ')})
COMP_CWORD=${words.length}
_kustomer_mcp kustomer-mcp
echo "\${COMPREPLY[*]}"`,
  )
  .join('\n')}`

test('bash completes commands, flags, values, tools and files, and runs nothing that was typed', async () => {
  const { folder, env } = await installed()
  await writeFile(join(folder, 'kustomer.json'), '{}')
  const { stdout, stderr } = await execute(
    'bash',
    [
      '--norc',
      '-c',
      inBash([
        ['call', 'get-cus'],
        ['--proxy', '=', 'r'],
        ['--config', 'kust'],
        ['call', '$(touch pwned)', '`touch pwned`', '--arg', '; touch pwned', '--js'],
      ]),
    ],
    { env, cwd: folder },
  )
  expect(stderr).toBe('')
  expect(stdout.trimEnd().split('\n')).toEqual([
    'complete -F _kustomer_mcp kustomer-mcp',
    'get-customer-by-id get-customer-by-email',
    'read',
    'kustomer.json',
    '--json',
  ])
  await expect(execute('ls', [join(folder, 'pwned')])).rejects.toThrow()
}, 60_000)

const present = await Promise.all(
  ['bash', 'zsh', 'fish'].map((shell) =>
    execute(shell, ['--version']).then(
      () => [shell],
      () => [],
    ),
  ),
)

test.each(present.flat())('the script for %s is one', async (shell) => {
  const { folder, env } = await testEnvironment()
  const { code, stdout, stderr } = await run(['completion', shell], env)
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
  const file = join(folder, 'script')
  await writeFile(file, stdout)
  expect(await execute(shell, ['-n', file])).toEqual({ stdout: '', stderr: '' })
})

test('an unknown shell is wrong usage', async () => {
  const { env } = await testEnvironment()
  const { code, stdout, stderr } = await run(['completion', 'tcsh'], env)
  expect({ code, stdout }).toEqual({ code: 2, stdout: '' })
  expect(stderr).toMatch(/Allowed choices are bash, zsh, fish/)
})
