import { expect, it } from 'vitest'
import { checkPath, checkQuery } from '../../src/kustomer/proxy-checks.ts'
import { decodeAllForms, riskOfRequest } from '../../src/kustomer/risk.ts'
import { parseResult } from '../../src/membrane/parse-result.ts'
import { jsonProblem } from '../../src/text/json-problem.ts'

const parse = (message: string) =>
  parseResult(
    {
      ended: 'exit',
      exitCode: 0,
      stdout: JSON.stringify({ output: { status: 422, data: { errors: [{ message }] } } }),
      stderr: '',
      milliseconds: 3000,
    },
    { write: true, answer: 'run' },
  )

it('reads an error of many addresses in linear time', { timeout: 10_000 }, () => {
  expect(() => parse('http://'.repeat(150_000))).toThrow('Kustomer answered 422')
})

it('leaves out the query of an address in an error', () => {
  expect(() => parse('see https://a.example/x?token=hidden#y for more')).toThrow(
    '“see https://a.example/x for more”',
  )
})

it('refuses text that is percent-encoded over and over', () => {
  const text = `%${'25'.repeat(50_000)}41`
  for (const check of [() => decodeAllForms(text), () => checkQuery({ [text]: 'x' })])
    expect(check).toThrow(expect.objectContaining({ reason: 'invalid-input' }))
})

it('describes JSON that is nested too deeply', () => {
  expect(jsonProblem('['.repeat(100_000))).toContain('nested too deeply')
})

it.each(['x-method-override', 'X_HTTP_Method_Override', '[_method]', '%5fmethod', '_http-method'])(
  'refuses the query parameter %s',
  (name) => {
    expect(() => checkQuery({ [name]: 'DELETE' })).toThrow('is not a name that fits here')
    expect(() => checkPath(`/v1/customers?${name}=DELETE`)).toThrow('is not a name that fits here')
    for (const [method, path] of [
      ['POST', '/v1/customers/search'],
      ['GET', '/v1/customers'],
    ] as const)
      expect(riskOfRequest({ method, path, query: [[name, 'DELETE']] })).toBe('destructive')
  },
)
