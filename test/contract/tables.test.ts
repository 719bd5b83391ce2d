import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import type { ProvenRow } from '../../src/cli/doctor/contract/prove.ts'
import { lineOfRow, summaryOf } from '../../src/cli/doctor/contract/report.ts'
import { prove } from '../support/contract.ts'
import { asReported, documented } from '../support/doubles.ts'
import { temporaryFolder } from '../support/harness.ts'
import { replayRunner } from '../support/replay-runner.ts'
import { connection, liveActions } from '../support/samples.ts'
import { scriptedRunner } from '../support/scripted-runner.ts'

/** The table as it is printed, without times. */
const tableOf = (rows: readonly ProvenRow[]) =>
  `${rows.map((row) => lineOfRow(row, false)).join('\n')}\n\n${summaryOf(rows)}\n`.replace(/\d+ ms/g, '… ms')

const recording = async (name: string) =>
  JSON.parse(await readFile(join(import.meta.dirname, '..', 'fixtures', 'recorded', `${name}.json`), 'utf8'))

const doubles = { old: documented, new: (folder: string) => documented(folder, 'new'), reported: asReported }

test.each(Object.entries(doubles))('the table of the CLI %s, and of its recording', async (name, double) => {
  const state = await temporaryFolder()
  const live = await prove(double(join(state, 'sandbox')), state)
  await expect(tableOf(live.rows)).toMatchFileSnapshot(`tables/${name}.txt`)
  const replayed = await prove(replayRunner(await recording(name)), await temporaryFolder())
  expect(tableOf(replayed.rows)).toBe(tableOf(live.rows))
})

test('the table of the fault-injecting CLI', async () => {
  const runner = scriptedRunner({ connections: [connection], actions: liveActions })
  const { rows, verdict } = await prove(runner, await temporaryFolder())
  expect(verdict).toBe('would-fail')
  await expect(tableOf(rows)).toMatchFileSnapshot('tables/fault-injecting.txt')
})

test('a recorded transcript can be recorded again', async () => {
  const { transcript } = await prove(replayRunner(await recording('new')), await temporaryFolder())
  const { rows } = await prove(replayRunner(transcript), await temporaryFolder())
  expect(summaryOf(rows)).toMatch(/^Fine\. /)
})
