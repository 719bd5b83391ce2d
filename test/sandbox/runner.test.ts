import { expect, test } from 'vitest'
import { sandboxRunner } from '../support/sandbox-runner.ts'
import { cases, kustomerId, temporaryFolder } from './support.ts'

const program = { command: 'membrane', prefix: [], env: {}, cwd: '.' }

test('the sandbox answers in process and records each call', async () => {
  const runner = sandboxRunner({ folder: await temporaryFolder() })
  const act = async (key: string, input: object = {}) => {
    const argv = [
      'action',
      'run',
      key,
      `--connectionId=${kustomerId}`,
      `--input=${JSON.stringify(input)}`,
      '--json',
    ]
    const { ended, exitCode, stdout } = await runner.run(program, argv, new AbortController().signal)
    expect([ended, exitCode]).toEqual(['exit', 0])
    return JSON.parse(stdout).output.data.data
  }
  expect(await act('list-customers')).toHaveLength(8)
  const note = await act('create-note', { conversation: cases.openConversation, body: 'In process.' })
  expect((await act('get-note-by-id', { id: note.id })).attributes.body).toBe('In process.')
  expect(runner.calls.map(([, , key]) => key)).toEqual(['list-customers', 'create-note', 'get-note-by-id'])
})

test('parallel calls in process lose no note', async () => {
  const runner = sandboxRunner({ folder: await temporaryFolder() })
  const create = (number: number) =>
    runner.run(
      program,
      [
        ...['action', 'run', 'create-note', `--connectionId=${kustomerId}`, '--json'],
        `--input=${JSON.stringify({ conversation: cases.openConversation, body: `Note ${number}` })}`,
      ],
      new AbortController().signal,
    )
  const results = await Promise.all(Array.from({ length: 40 }, (_, number) => create(number)))
  expect(results.map(({ exitCode }) => exitCode)).toEqual(results.map(() => 0))
  const listed = await runner.run(
    program,
    ['request', kustomerId, '/v1/notes', '--json'],
    new AbortController().signal,
  )
  const bodies = JSON.parse(listed.stdout).body.data.map(
    (note: { attributes: { body: string } }) => note.attributes.body,
  )
  expect(bodies.filter((body: string) => /^Note \d+$/.test(body))).toHaveLength(40)
})
