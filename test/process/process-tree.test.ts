import { spawn } from 'node:child_process'
import { expect, onTestFinished, test } from 'vitest'
import { descendantsInProc, descendantsInTable } from '../../src/membrane/process-tree.ts'

test('descendants are found in the output of ps', () => {
  const table = '    1     0\n   10     1\n   11    10\n   12    11\n   20     1\n\n'
  expect(descendantsInTable(table, 10)).toEqual([11, 12])
  expect(descendantsInTable(table, 20)).toEqual([])
  expect(descendantsInTable('', 20)).toEqual([])
})

test.skipIf(process.platform !== 'linux')('descendants are found in /proc', async () => {
  const child = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1e9)'], { stdio: 'ignore' })
  onTestFinished(() => void child.kill('SIGKILL'))
  expect(await descendantsInProc(process.pid)).toContain(child.pid)
  await expect(descendantsInProc(2 ** 30)).rejects.toMatchObject({ code: 'ENOENT' })
})
