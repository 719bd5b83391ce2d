import { expect, it } from 'vitest'
import { redact, redactProse } from '../../src/text/redact.ts'

it.each([
  'MEMBRANE_TOKEN=planted1',
  'membrane_access_token=planted1',
  '--token=planted1 --json',
  '--token planted1 --json',
  '--client-secret planted1',
  '--password planted1',
  '{"userToken":"planted1"}',
  'X-Amz-Signature=planted1',
  'credential=planted1',
])('a diagnostic hides the credential of %s', (text) => {
  expect(redact(text)).not.toContain('planted1')
  expect(redact(redact(text))).toBe(redact(text))
})

it.each(['Unexpected token: planted1', 'the --token --json flags', '--token is unknown? see --help'])(
  'a diagnostic keeps the words of %s',
  (text) => {
    expect(redact(text)).toContain(text.slice(-6))
  },
)

it.each(['Basic subscription2023 plan', 'basic ABCDEFGHIJKLMNOP12', 'xoxo-lovelovelove'])(
  'a record keeps %s',
  (text) => {
    expect(redactProse(text)).toBe(text)
  },
)

it.each(['Basic dXNlcm5hbWUxMjM6cGFzc3dvcmQxMjM=', 'Bearer 4417ABCD1234EFGH5678', 'xoxb-1234567890-abcdef'])(
  'a record hides %s',
  (text) => {
    expect(redactProse(text)).toContain('[redacted]')
  },
)
