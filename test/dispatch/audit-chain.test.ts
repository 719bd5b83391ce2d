import { appendFile, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { RuntimeContext } from '../../src/cli/runtime.ts'
import { verify } from '../../src/cli/verify-audit.ts'
import { appendRecord, genesis, verifyAudit } from '../../src/dispatch/audit-chain.ts'
import { lockFile } from '../../src/store/file-lock.ts'
import { temporaryFolder } from '../support/harness.ts'
import { id, jsonLines } from './support.ts'

const write = { tool: 'create-note', effect: 'internal', digest: 'd', ids: [id] }
const started = (attempt: string) => ({ ...write, attempt, outcome: 'started' })
const ended = (attempt: string) => ({ ...write, attempt, outcome: 'ok', ms: 1 })

/** A file of five records: two writes that ended, and one that did not. */
async function recorded() {
  const file = join(await temporaryFolder(), 'audit.jsonl')
  for (const record of [started('a'), ended('a'), started('b'), ended('b'), started('c')])
    await appendRecord(file, { time: '2026-01-02T03:04:05.000Z', ...record })
  const lines = (await readFile(file, 'utf8')).trimEnd().split('\n')
  return { file, lines }
}

/** What `kustomer-mcp audit verify` prints, or the message of its error. */
async function verifyCommand(file: string): Promise<{ code: number; text: string }> {
  const printed: string[] = []
  const context = { print: (line: string) => void printed.push(line) } as RuntimeContext
  return verify(context, file).then(
    () => ({ code: 0, text: printed.join('\n') }),
    ({ message }) => ({ code: 1, text: message }),
  )
}

describe('verify', () => {
  const edit = (from: string, to: string) => (line: string) => line.replace(from, to)
  const at = (index: number, change: (line: string) => string) => (lines: string[]) =>
    lines.map((line, number) => (number === index ? change(line) : line))

  it.each<[string, (lines: string[]) => string[], number]>([
    ['an edited field', at(3, edit('"outcome":"ok"', '"outcome":"error"')), 4],
    ['an edited time', at(0, edit('"time":"2', '"time":"3')), 1],
    ['a removed field', at(1, edit('"tool":"create-note",', '')), 2],
    ['an added field', at(1, edit('{', '{"extra":1,')), 2],
    ['an edited hash', at(1, (line) => line.replace(/.("\})$/, 'x$1')), 2],
    ['a missing first line', (lines) => lines.slice(1), 1],
    ['a missing line', (lines) => lines.toSpliced(2, 1), 3],
    ['swapped lines', ([a = '', b = '', ...rest]) => [b, a, ...rest], 1],
    ['a moved line', (lines) => [...lines.toSpliced(1, 1), lines[1] ?? ''], 2],
    ['a duplicate line', (lines) => lines.toSpliced(2, 0, lines[1] ?? ''), 3],
    ['an inserted line', (lines) => lines.toSpliced(2, 0, JSON.stringify({ previous: genesis })), 3],
    ['a line cut in the middle', at(2, (line) => line.slice(0, 40)), 3],
    ['a cut last line', at(4, (line) => line.slice(0, -1)), 5],
    ['an empty line', (lines) => lines.toSpliced(1, 0, ''), 2],
    ['a line of something else', (lines) => [...lines, 'null'], 6],
    ['a made-up line', (lines) => [...lines, JSON.stringify({ previous: 'x', hash: 'y' })], 6],
    // The reader of a line may take the first of two members, a parser takes the last.
    ['a duplicate member', at(3, edit('"outcome":"ok"', '"outcome":"error","outcome":"ok"')), 4],
    ['a space', at(3, edit('"ms":', '"ms": ')), 4],
    ['an escaped letter', at(2, edit('create-note', '\\u0063reate-note')), 3],
  ])('finds %s', async (_, change, line) => {
    const { file, lines } = await recorded()
    await writeFile(file, `${change(lines).join('\n')}\n`)
    expect((await verifyAudit(file)).brokenAt).toBe(line)
    expect(await verifyCommand(file)).toEqual({
      code: 1,
      text: expect.stringMatching(new RegExp(`broken at line ${line}:`)),
    })
  })

  it('finds any change of the text', async () => {
    const { file, lines } = await recorded()
    const text = `${lines.join('\n')}\n`
    const change = fc.record({
      place: fc.nat(text.length - 2),
      length: fc.nat(3),
      text: fc.oneof(fc.string({ maxLength: 3 }), fc.constantFrom(' ', '\n', '\r', '\t', '{}')),
    })
    await fc.assert(
      fc.asyncProperty(change, async ({ place, length, text: inserted }) => {
        const changed =
          text.slice(0, place) + inserted + text.slice(Math.min(place + length, text.length - 1))
        if (changed === text) return
        await writeFile(file, changed)
        const first = text.slice(0, place).split('\n').length
        const { brokenAt } = await verifyAudit(file)
        expect(brokenAt).toBeGreaterThanOrEqual(first)
        expect(brokenAt).toBeLessThanOrEqual(first + 1)
      }),
      { numRuns: 400 },
    )
  })

  it.each(['\r\n', '\r', '\u2028\n'])('finds another line end: %j', async (end) => {
    const { file, lines } = await recorded()
    await writeFile(file, `${lines.join(end)}\n`)
    expect((await verifyAudit(file)).brokenAt).toBe(1)
  })

  it('reports a whole file', async () => {
    const { file, lines } = await recorded()
    const { hash } = JSON.parse(lines.at(-1) ?? '')
    expect(await verifyAudit(file)).toEqual({ records: 5, last: hash, open: 1 })
    const { code, text } = await verifyCommand(file)
    expect(code).toBe(0)
    expect(text).toContain(`is whole: 5 records. Last hash: ${hash}`)
    expect(text).toContain('1 writes have a beginning and no end')
  })

  it('reports an empty file', async () => {
    const file = join(await temporaryFolder(), 'audit.jsonl')
    await writeFile(file, '')
    expect(await verifyAudit(file)).toEqual({ records: 0, last: genesis, open: 0 })
  })

  it.each([
    ['a missing file', '/nowhere/a.jsonl', 'cannot read /nowhere/a.jsonl (ENOENT).'],
    ['a folder', import.meta.dirname, 'EISDIR'],
  ])('fails for %s', async (_, file, message) => {
    expect(await verifyCommand(file)).toEqual({ code: 1, text: expect.stringContaining(message) })
  })
})

describe('an append', () => {
  it.each<[string, (file: string, lines: string[]) => Promise<void>, number]>([
    ['an unfinished line', (file) => appendFile(file, '{"torn'), 6],
    ['an unfinished line of 200 KB', (file) => appendFile(file, `{"torn${'x'.repeat(200_000)}`), 6],
    ['a last line without its line feed', (file, lines) => writeFile(file, lines.join('\n')), 5],
    ['an unfinished first line', (file) => writeFile(file, '{"ti'), 1],
    ['an empty file', (file) => writeFile(file, ''), 1],
  ])('truncates %s', async (_, tear, records) => {
    const { file, lines } = await recorded()
    await tear(file, lines)
    await appendRecord(file, started('d'))
    expect(await readFile(file, 'utf8')).not.toMatch(/\{"ti\b|torn/)
    expect(await verifyAudit(file)).toMatchObject({ records })
    expect((await verifyAudit(file)).brokenAt).toBeUndefined()
  })

  it('follows lines longer than one read', async () => {
    const file = join(await temporaryFolder(), 'audit.jsonl')
    const ids = Array.from({ length: 500 }, () => id)
    for (const attempt of ['a', 'b', 'c']) await appendRecord(file, { ...started(attempt), ids })
    expect(await verifyAudit(file)).toMatchObject({ records: 3, open: 3 })
    expect((await verifyAudit(file)).brokenAt).toBeUndefined()
  })

  it('leaves a changed chain broken', async () => {
    const { file, lines } = await recorded()
    await writeFile(file, `${lines.slice(1).join('\n')}\n`)
    await appendRecord(file, started('d'))
    expect((await verifyAudit(file)).brokenAt).toBe(1)
  })

  it('interleaves with those of another writer', async () => {
    const file = join(await temporaryFolder(), 'audit.jsonl')
    const writer = async (name: string) => {
      for (let count = 0; count < 10; count++) {
        const unlock = await lockFile(file)
        await appendRecord(file, { ...started(`${name}${count}`), name })
        await unlock()
      }
    }
    await Promise.all([writer('one'), writer('other')])
    expect(await verifyAudit(file)).toMatchObject({ records: 20, open: 20 })
    expect((await verifyAudit(file)).brokenAt).toBeUndefined()
    const names = (await jsonLines(file)).map(({ name }) => name)
    expect(names.filter((name) => name === 'one')).toHaveLength(10)
  })
})
