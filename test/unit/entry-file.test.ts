import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { transform } from 'esbuild'
import { execa } from 'execa'
import { expect, test } from 'vitest'
import packageJson from '../../package.json' with { type: 'json' }

const mainJs = join(import.meta.dirname, '..', '..', 'dist', 'main.js')

test('the entry file is syntax that Node 14 parses', async () => {
  const text = await readFile(mainJs, 'utf8')
  const [old, current] = await Promise.all(
    ['node14', 'esnext'].map((target) => transform(text, { target, minify: true })),
  )
  // What a target lacks, esbuild rewrites or refuses.
  expect(old?.code).toBe(current?.code)
  expect(text).not.toMatch(/\bfrom\s*"|\bimport\s*"/)
})

/** Runs the entry file as a Node of that version would. */
function runAs(version: string) {
  const versions = `{ value: { ...process.versions, node: '${version}' } }`
  const pretend = `data:text/javascript,Object.defineProperty(process, 'versions', ${versions})`
  return execa(process.execPath, ['--import', pretend, mainJs, '--version'], { reject: false })
}

test.each(['12.22.12', '18.20.8', '20.18.3'])('Node %s is told which one is needed', async (version) => {
  const { exitCode, stdout, stderr } = await runAs(version)
  expect({ exitCode, stdout }).toEqual({ exitCode: 1, stdout: '' })
  const [, floor] = /^>=([\d.]+)$/.exec(packageJson.engines.node) ?? []
  expect(stderr).toBe(
    `kustomer-mcp needs Node ${floor} or newer; this is Node ${version} (${process.execPath}).`,
  )
})

test.each(['20.19.0', '22.0.0', '24.1.0'])('Node %s runs the program', async (version) => {
  expect(await runAs(version)).toMatchObject({ exitCode: 0, stdout: packageJson.version, stderr: '' })
})
