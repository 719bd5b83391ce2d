import { execFile } from 'node:child_process'
import { cp, readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { expect, onTestFinished, test } from 'vitest'
import { type Json, mainJs, setup } from '../support/server.ts'

const run = promisify(execFile)
const root = join(import.meta.dirname, '..', '..')

test.each(['old', 'new'])('the sandbox is read and written in the %s dialect', async (dialect) => {
  const harness = await setup({ args: ['--sandbox'], env: { MEMBRANE_SANDBOX_DIALECT: dialect } })
  const [conversation] = (await harness.call('list-conversations', { pageSize: 1 })).structured.data
  const note = await harness.call('create-note', { conversation: conversation.id, body: 'by hand' })
  expect(note.isError, note.text).toBe(false)
  const { id } = note.structured.data
  expect((await harness.call('get-note-by-id', { id })).structured.data.body).toBe('by hand')
})

test('sandbox reset restores the sample data', async () => {
  const harness = await setup({ args: ['--sandbox'] })
  const [conversation] = (await harness.call('list-conversations', { pageSize: 1 })).structured.data
  const { structured } = await harness.call('create-note', { conversation: conversation.id, body: 'brief' })
  const args = [mainJs, 'sandbox', 'reset', '--state-dir', harness.stateDir]
  expect((await run(process.execPath, args)).stdout).toContain('sample data')
  const result = await harness.call('get-note-by-id', { id: structured.data.id })
  expect(result).toMatchObject({ isError: true, text: expect.stringMatching(/^not-found: /) })
})

test('an action is added by one edit of one file', async () => {
  // Below the project, so that the copy finds the project's packages.
  const folder = join(root, 'node_modules', '.cache', `added-${process.pid}`)
  onTestFinished(() => rm(folder, { recursive: true, force: true }))
  const [src, dist] = [join(folder, 'src'), join(folder, 'dist')]
  await cp(join(root, 'src'), src, { recursive: true })
  await cp(join(root, 'package.json'), join(folder, 'package.json'))
  const file = join(src, 'catalog', 'actions.json')
  const actions = JSON.parse(await readFile(file, 'utf8'))
  const model = actions.find(({ key }: Json) => key === 'get-note-by-id')
  const added = { ...model, key: 'get-team-by-id', title: 'Get Team by ID', path: '/v1/teams/{id}' }
  await writeFile(file, JSON.stringify([...actions, added]))
  await run(process.execPath, [join(root, 'packaging', 'build.mjs'), src, dist])
  const harness = await setup({ args: ['--sandbox'], main: join(dist, 'main.js') })
  expect((await harness.client.listTools()).tools.map(({ name }) => name)).toContain('get-team-by-id')
  const { isError, text } = await harness.call('get-team-by-id', { id: '67a1e5207ea0000007000001' })
  expect(isError, text).toBe(false)
  expect(text).toContain('Tier 1 Support')
})
