import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { documented } from '../support/doubles.ts'
import { setup, temporaryFolder } from '../support/harness.ts'
import { replayRunner } from '../support/replay-runner.ts'
import { callEverything } from './call-suite.ts'

const folder = join(import.meta.dirname, '..', 'fixtures', 'recorded')
const names = await readdir(folder)

const onSandbox = async () =>
  callEverything(await setup({ runner: documented(join(await temporaryFolder(), 'sandbox')) }))

test.each(names)('the calls on the recording %s come to what they come to on the sandbox', async (name) => {
  const transcript = JSON.parse(await readFile(join(folder, name), 'utf8'))
  const harness = await setup({ runner: replayRunner(transcript) })
  expect(await callEverything(harness)).toEqual(await onSandbox())
})

test('the calls come to what is expected of them', async () => {
  const failed = Object.entries(await onSandbox()).filter(
    ([, outcome]) => !String(outcome).startsWith('works: '),
  )
  expect(failed).toEqual([
    ['a missing record', 'not-found'],
    ['a wrong query', 'invalid-input'],
  ])
})
