import { join } from 'node:path'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { createDisguise } from '../../src/cli/doctor/contract/disguise.ts'
import { createReplacer } from '../../src/cli/doctor/contract/replacer.ts'
import { helpWords } from '../../src/cli/doctor/contract/vocabulary.ts'
import type { ProcessRunner } from '../../src/membrane/process.ts'
import { prove } from '../support/contract.ts'
import { changed, documented, type Json, withDocument } from '../support/doubles.ts'
import { temporaryFolder } from '../support/harness.ts'
import { formsOf, privateData } from './private-data.ts'

const kinds = Object.entries(privateData)
const all = kinds.flatMap(([, text]) => formsOf(text))

/** A member for each kind, as a value, as a key, as a number, in a list, in a link, and in JSON inside text. */
const planted = Object.fromEntries<unknown>([
  ...kinds.flatMap<[string, unknown]>(([, text], index) => [
    [`value${index}`, text],
    [text, true],
    [`link${index}`, `/v1/customers?q=${encodeURIComponent(text)}&${encodeURIComponent(text)}=1`],
    [
      `url${index}`,
      `https://acme.api.kustomerapp.com/v1/customers/${encodeURIComponent(text)}?token=${text}`,
    ],
    [`json${index}`, JSON.stringify({ [text]: [text], note: text })],
    ...(/^-?[\d.]+$/.test(text) ? [[`number${index}`, Number(text)] as [string, unknown]] : []),
  ]),
])

const customer = (record: Json): Json => ({
  ...record,
  id: privateData['Kustomer id'],
  attributes: {
    ...record.attributes,
    ...planted,
    name: privateData['full name'],
    emails: [{ email: privateData['email'] }],
  },
})

const plainlyPlantedIn = (document: Json): Json => ({ ...document, planted: privateData })

const plantedIn = (document: Json): Json => {
  const { items, output, body, response } = document
  const records = (inner: Json) => ({
    ...inner,
    ...planted,
    data: Array.isArray(inner?.data) ? inner.data.map(customer) : customer(inner?.data ?? {}),
  })
  return {
    ...document,
    ...planted,
    forms: all,
    ...(items === undefined
      ? {}
      : {
          items: items.map((item: Json, index: number) => ({
            ...item,
            userId: privateData['Membrane id'],
            ...(index === 0 ? { meta: planted } : {}),
          })),
        }),
    ...(output === undefined ? {} : { output: { ...output, data: records(output.data) } }),
    ...(body === undefined ? {} : { body: records(body) }),
    ...(response === undefined
      ? {}
      : {
          response: {
            ...response,
            data: {
              errors: kinds.map(([, text]) => ({ message: text, title: `Customer ${text} not found` })),
            },
          },
        }),
    ...(document.message === undefined
      ? {}
      : { message: `Connection ${Object.values(privateData).join(' ')} not found` }),
  }
}

/** A CLI that says all that is private, wherever it says anything. */
const talkative = (runner: ProcessRunner): ProcessRunner =>
  changed(runner, (result, argv) => {
    const values = Object.values(privateData)
    const lines = `${values.join('\n')}\nlast request by ${values.join(' ')}\n`
    const text = result.exitCode === 0 && argv.includes('--json') ? lines : `${lines}${all.join('\n')}\n`
    if (argv.at(-1) !== '--json') return { stdout: `${result.stdout}${text}`, stderr: text }
    const change = argv.some((arg) => /^(list|run|search|--api|\/v1)/.test(arg))
      ? plantedIn
      : plainlyPlantedIn
    return { ...withDocument(result, change), stderr: `${result.stderr}${text}` }
  })

/** Words of a text by which it could be recognised. */
const distinctive = (text: string) =>
  (text.match(/[\p{L}\p{M}\p{N}]{6,}/gu) ?? []).filter((word) => !helpWords.has(word.toLowerCase()))

const key = Buffer.from('a key of the test')

test('a transcript holds none of what is private', { timeout: 120_000 }, async () => {
  expect(kinds.length).toBeGreaterThanOrEqual(70)
  const state = await temporaryFolder()
  const { session, rows } = await prove(talkative(documented(join(state, 'sandbox'))), state)
  const { calls } = session.transcript(createDisguise(createReplacer(key)))
  const text = JSON.stringify([rows, calls])
  const words = new Set(text.toLowerCase().match(/[\p{L}\p{M}\p{N}]+/gu))
  const found = kinds.flatMap(([kind, value]) => [
    ...formsOf(value).filter(
      (form) => text.includes(form) || text.includes(JSON.stringify(form).slice(1, -1)),
    ),
    ...distinctive(value)
      .filter((word) => words.has(word.toLowerCase()))
      .map((word) => `${kind}: ${word}`),
  ])
  expect(found).toEqual([])
  const argv = calls.flatMap((call) => call.argv).join(' ')
  expect(argv).toMatch(/"email":"\w+\.\w+@\w+-\w+\.\w+"/)
  expect(argv).toMatch(/"id":"[0-9a-f]{24}"/)
})

test('ids stay ids, dates stay dates, and equal values get equal replacements', async () => {
  const state = await temporaryFolder()
  const { transcript } = await prove(documented(join(state, 'sandbox')), state)
  const call = (key: string) => transcript.calls.find(({ argv }) => argv.some((arg) => arg.includes(key)))
  const byEmail = JSON.parse(call('"email"')?.stdout ?? '')
  const email = JSON.parse(
    call('"email"')
      ?.argv.find((arg) => arg.startsWith('--input='))
      ?.slice(8) ?? '',
  ).email
  expect(email).toMatch(/^\w+\.\w+@\w+\.\w+$/)
  expect(JSON.stringify(byEmail)).toContain(`"${email}"`)
  expect(call('email=')?.argv.join(' ')).toContain(`/v1/customers/email=${encodeURIComponent(email)}`)
  const { id, attributes } = byEmail.output.data.data
  expect(id).toMatch(/^[0-9a-f]{24}$/)
  expect(call('--pathParam')?.argv).toContain(`--pathParam=id=${id}`)
  expect(new Date(attributes.createdAt).toISOString()).toBe(attributes.createdAt)
})

const visible = /(?:[\p{L}\p{M}\p{N}]|(?!\p{ASCII})[\p{S}\p{Cf}\p{Co}\p{Cn}])+/gu

test('a replacement has the shape of what it replaces, and is never the same', () => {
  const { replace } = createReplacer(key)
  fc.assert(
    fc.property(fc.string({ unit: 'grapheme', minLength: 1 }), (text) => {
      const replaced = replace(text)
      const shape = (one: string) => one.replace(visible, (word) => 'x'.repeat([...word].length))
      if (!text.includes('%')) expect(shape(replaced)).toBe(shape(text))
      expect(replace(text)).toBe(replaced)
      const words = (one: string) => one.match(visible) ?? []
      if (!text.includes('%'))
        for (const [index, word] of words(text).entries())
          if (!/^□+$/.test(word)) expect(words(replaced)[index]).not.toBe(word)
    }),
  )
})

test('what is encoded gets the replacement of what it encodes', () => {
  const { replace } = createReplacer(key)
  fc.assert(
    fc.property(fc.string({ unit: 'grapheme' }), (text) => {
      if (!text.isWellFormed() || text.includes('%')) return
      expect(decodeURIComponent(replace(encodeURIComponent(text)))).toBe(replace(text))
    }),
  )
})
