import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { stripHidden } from '../../src/text/invisible.ts'
import { quoteUntrusted, singleLine } from '../../src/text/quote.ts'
import { redact, sanitize } from '../../src/text/redact.ts'

const jwt = 'eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJhZ2VudCJ9.c2lnbmF0dXJl'
const secret = fc
  .stringMatching(/^[A-Za-z0-9][A-Za-z0-9_-]{10,30}[0-9]$/)
  .filter((text) => !/redacted/i.test(text))
/** Each takes a secret and returns a text that marks it as one. */
const marks: [string, (secret: string) => string][] = [
  ['a bearer token', (x) => `Bearer ${x}`],
  ['a lower-case bearer token', (x) => `bearer ${x}=`],
  ['basic credentials', (x) => `Basic ${x}==`],
  ['a personal token', (x) => `pat-${x}`],
  ['an Authorization header', (x) => `Authorization: Bearer ${x}`],
  ['an Authorization header of another scheme', (x) => `Authorization: Token ${x}`],
  ['an Authorization header with parts', (x) => `Authorization: Digest username="a", response="${x}"`],
  ['an Authorization header without a scheme', (x) => `authorization:${x}`],
  ['a proxy header', (x) => `Proxy-Authorization: Basic ${x}`],
  ['an API key header', (x) => `x-api-key: ${x}`],
  ['an API key in JSON', (x) => `{"x-api-key": "${x}"}`],
  ['an API key in compact JSON', (x) => `{"a":1,"apiKey":"${x}","b":2}`],
  ['an API key in single quotes', (x) => `{ 'X-API-Key': '${x}' }`],
  ['an API key with a quote in it', (x) => JSON.stringify({ 'api-key': `a"${x}` })],
  ['an API key in JSON inside JSON', (x) => JSON.stringify(JSON.stringify({ 'x-api-key': x }))],
  ['an API key in a list', (x) => JSON.stringify({ 'x-api-key': [x] })],
  ['an API key in a query', (x) => `https://api.example/v1?page=1&apiKey=${x}&x=1`],
  ['an API key assigned', (x) => `KUSTOMER_API_KEY = ${x}`],
  ['a cookie', (x) => `Cookie: sid=${x}`],
  ['a second cookie', (x) => `Cookie: theme=dark; sid=${x}; lang=en`],
  ['a cookie that is set', (x) => `set-cookie: a=1; Path=/, sid=${x}; HttpOnly`],
  ['a cookie in JSON', (x) => JSON.stringify({ 'set-cookie': [`sid=${x}; Path=/`] })],
  ['an access token', (x) => `{"access_token":"${x}"}`],
  ['a refresh token', (x) => `refreshToken=${x}`],
  ['a client secret', (x) => `client_secret: ${x}`],
  ['a workspace secret', (x) => `{"workspaceSecret": "${x}"}`],
  ['a password', (x) => `"password": "${x} ${x}"`],
  ['credentials in a URL', (x) => `https://agent:${x}@api.example/v1`],
  ['a token header', (x) => `X-Auth-Token: ${x}`],
  ['a bearer token with odd characters', (x) => `Bearer abcdef:${x}`],
]
const frames: ((marked: string) => string)[] = [
  (marked) => marked,
  (marked) => `GET /v1 HTTP/1.1\r\nAccept: */*\r\n${marked}\r\nHost: x`,
  (marked) => `The call failed (${marked}), sorry.`,
]

const ordinary = [
  'Ada <ada.lovelace+crm@example.co.uk> wrote about order #10-4567-ABC (2 × $19.99, €1.234,50).',
  'See https://shop.example/orders/12345?ref=mail&lang=de#top, then reply.',
  'Tracking: 1Z999AA10123456784; id 5f00000000000000000000aa; +1 (555) 010-0123',
  'مرحبا، أين طلبي رقم ١٢٣٤؟ شكرًا',
  'می‌خواهم سفارش خود را لغو کنم',
  'שלום, איפה ההזמנה שלי? ‏'.trim().replace(/\u200f/g, ''),
  'สวัสดีครับ สินค้ายังไม่มา',
  'नमस्ते, मेरा ऑर्डर कहाँ है? क्‍या हुआ',
  'こんにちは。注文番号は１２３です。「返品」したいです。',
  '👩‍👩‍👧‍👦 👍🏽 🏳️‍🌈 ❤️ 🇩🇪 1️⃣ naïve café ﬁn',
  'Is the basic plan enough? She is the bearer of good news.',
  'My cookies were stale, and the secret sauce leaked. The passport number is on the token gift.',
  'Your weekly digest contains three orders; bearer certificates are not accepted.',
  'a\tb\nc',
  '',
]

describe('redact', () => {
  it.each(marks)('takes %s out, wherever it stands', (_, mark) => {
    fc.assert(
      fc.property(secret, fc.constantFrom(...frames), (planted, frame) => {
        const text = frame(mark(planted))
        expect(redact(text)).not.toContain(planted)
        expect(quoteUntrusted(text, 10_000)).not.toContain(planted)
      }),
      { numRuns: 30 },
    )
  })

  it('takes tokens out that need no mark', () => {
    expect(redact(`a ${jwt}, b`)).toBe('a [redacted], b')
    expect(redact(`"${jwt}"`)).toBe('"[redacted]"')
  })

  it.each(ordinary)('leaves ordinary text alone: %s', (text) => {
    expect(redact(text)).toBe(text)
    expect(sanitize(text)).toBe(text)
    expect(stripHidden(text)).toBe(text)
  })

  it.each(['Bearer ', 'pat-', 'eyJhbGciOiJIUzI1NiJ9.', 'x-api-key: ', 'Authorization: Bearer '])(
    'takes a very long token out whole, behind %s',
    (mark) => {
      expect(redact(`${mark}${'abc7'.repeat(10_000)}`)).not.toContain('abc7')
    },
  )

  it.each([
    ['a quoted secret', (length: number) => `{"apiKey":"${'a'.repeat(length)}"}`],
    ['a quoted secret full of escapes', (length: number) => `{"apiKey":"${'\\n'.repeat(length / 2)}"}`],
    ['a list of secrets', (length: number) => `{"cookie":["${'a","'.repeat(length / 4)}"]}`],
    ['an endless terminal code', (length: number) => `\u001b${';a'.repeat(length / 2)}`],
  ])('does not fail on 8 MB of %s', (_, text) => {
    expect(() => quoteUntrusted(text(8_000_000))).not.toThrow()
    expect(() => sanitize({ text: text(8_000_000) })).not.toThrow()
  })

  it.each([
    ['a connection string', 'postgres://agent:hunter2@db.example:5432/crm', 'hunter2'],
    ['a connection string with parts', 'Server=db;User=agent;Pwd=hunter2;Timeout=5', 'hunter2'],
    ['a connection string as a member', '{"connectionString":"Server=db;Key=hunter2"}', 'hunter2'],
    ['a storage key', 'AccountKey=Zm9vYmFyMTIz==;EndpointSuffix=core', 'Zm9vYmFyMTIz'],
    ['a private key', `-----BEGIN RSA PRIVATE KEY-----\nMIIEow\n-----END RSA PRIVATE KEY----- ok`, 'MIIEow'],
    ['an unfinished private key', '-----BEGIN PRIVATE KEY-----\nMIIEow', 'MIIEow'],
    ['a Slack token', 'xoxb-1234567890-abcdefghij', 'abcdefghij'],
    ['a Stripe key', 'sk_live_4eC39HqLyjWDarjtT1zdp7dc', '4eC39HqLyjWDarjtT1zdp7dc'],
    ['a GitHub token', `ghp_${'aB3'.repeat(12)}`, 'aB3aB3'],
    ['a Google key', `AIza${'Sy0'.repeat(12)}`, 'Sy0Sy0'],
    ['an Anthropic key', 'sk-ant-api03-abcdefghij0123456789', 'abcdefghij'],
    ['credentials of curl', 'curl -u agent:hunter2 https://api.example', 'hunter2'],
    ['a numeric password', 'password=123456', '123456'],
    ['a token in a query', 'https://api.example/v1?token=abcdef123', 'abcdef123'],
    ['a token in JSON', '{"token": "abcdef123"}', 'abcdef123'],
  ])('takes %s out of diagnostics', (_, text, secretPart) => {
    expect(redact(text)).not.toContain(secretPart)
  })

  it.each([
    'Your return authorization: RMA-2024-88213, valid until 1 May.',
    'One Basic Crewneck-2XL, one ring bearer pillow-ivory, article PAT-00418822.',
    'Authorization: 04A7741299 for $129.00 on your card',
    'my password: is not accepted, apiKey: what is that?',
    'Bearer Pillow-Ivory-2024-Edition',
    'secret: the sauce; cookie: 12 pieces',
  ])('masks no words of people in records: %s', (text) => {
    expect(sanitize({ text })).toEqual({ text })
  })

  it.each([
    ['a JWT', jwt],
    ['a bearer token', 'Bearer 9f8e7d6c5b4a39281706f5e4d3c2b1a0'],
    ['a private key', '-----BEGIN EC PRIVATE KEY-----\nMHcCAQEE\n-----END EC PRIVATE KEY-----'],
    ['a Stripe key', 'sk_live_4eC39HqLyjWDarjtT1zdp7dc'],
    ['credentials in a URL', 'https://agent:hunter2@api.example'],
  ])('masks %s in records', (_, text) => {
    expect(sanitize({ text: `See ${text}` })).not.toEqual({ text: `See ${text}` })
  })

  it.each([
    'authorization: ',
    'bearer ',
    'basic a',
    'cookie=x; ',
    'eyJaaaaaaaa.',
    '-----BEGIN PRIVATE KEY-----',
    'sk-ant-',
    'a://b:c',
    '-u a:',
    '&#x200b;',
    '\u200c',
    '\u001b]',
  ])('reads a megabyte of %j in linear time', { timeout: 5000 }, (unit) => {
    const text = unit.repeat(1_000_000 / unit.length)
    for (const read of [redact, sanitize, stripHidden]) expect(() => read(text)).not.toThrow()
  })

  it('leaves the rest of a text alone', () => {
    expect(redact('{"x-api-key":"abc12345","page":2}')).toBe('{"x-api-key":[redacted],"page":2}')
  })

  it('changes nothing the second time', () => {
    const marked = fc.tuple(secret, fc.constantFrom(...marks)).map(([planted, [, mark]]) => mark(planted))
    const text = fc.array(fc.oneof(fc.string(), marked)).map((parts) => parts.join(' '))
    fc.assert(
      fc.property(text, (given) => {
        expect(redact(redact(given))).toBe(redact(given))
      }),
    )
  })

  it.each([
    'deadbeef',
    'eyJ-',
    'x-',
    'a_',
    'api-',
    'bearer ',
    'cookie: "',
    'authorization=',
    'secret',
    'token: ',
    'http://',
    "'",
    '\\"',
    ' ',
  ])('reads a long text of %j to its end', { timeout: 10_000 }, (unit) => {
    const text = unit.repeat(80_000 / unit.length)
    expect(redact(text).length).toBeLessThan(1_000_000)
  })
})

describe('sanitise', () => {
  it('returns an unchanged value itself', () => {
    fc.assert(
      fc.property(fc.jsonValue(), fc.constantFrom(...ordinary), (value, text) => {
        const given = {
          value: JSON.parse(JSON.stringify(value).replace(/[^\x20-\x7e]|&/g, '')),
          list: [text, { text }],
        }
        expect(sanitize(given)).toBe(given)
      }),
    )
  })

  const names = [
    'authorization',
    'Proxy-Authorization',
    'x-api-key',
    'apiKey',
    'API_KEY',
    'cookie',
    'set-cookie',
    'accessToken',
    'refresh_token',
    'x-auth-token',
    'clientSecret',
    'workspace_secret',
    'password',
  ]
  it.each(names)('empties the member %s, whatever its form', (name) => {
    for (const value of ['S3CR3T', ['S3CR3T'], { value: 'S3CR3T' }, [{ a: ['S3CR3T'] }]]) {
      const result = JSON.stringify(sanitize({ data: [{ [name]: value, page: 2 }] }))
      expect(result).not.toContain('S3CR3T')
      expect(result).toContain('"page":2')
    }
  })

  it('keeps null and similar names', () => {
    const given = { password: null, tokens: 5, apiKeys: ['a'], cookies: 'many', authorizationCount: 0 }
    expect(sanitize(given)).toBe(given)
  })

  it('keeps order, and members with awkward names', () => {
    const given = JSON.parse('{"b":"x\u200b","__proto__":{"a":"\u200b"},"constructor":1,"a":2}')
    expect(JSON.stringify(sanitize(given))).toBe('{"b":"x","__proto__":{"a":""},"constructor":1,"a":2}')
  })

  it('keeps members whose names differ invisibly', () => {
    expect(Object.values(sanitize({ 'a\u200b': 1, a: 2 }) as object).sort()).toEqual([1, 2])
  })

  it('finds a mark that invisible characters hide', () => {
    const text = 'Bea\u200brer abc\u2060def1234567890ghi'
    expect(JSON.stringify(sanitize({ text }))).not.toContain('def1234567890')
  })
})

describe('clean', () => {
  it.each([
    ['bidirectional controls', ['\u202a', '\u202e', '\u2066', '\u2069', '\u200e', '\u200f', '\u061c']],
    ['zero-width characters', ['\u200b', '\u2060', '\ufeff', '\u00ad', '\u180e', '\u034f']],
    ['blank letters', ['\u3164', '\u115f', '\uffa0']],
    ['tag characters', ['\u{e0001}', '\u{e0041}', '\u{e007f}']],
    ['variation selectors beyond the first sixteen', ['\u{e0100}', '\u{e01ef}']],
    ['control characters', ['\0', '\u0007', '\u001b', '\u007f', '\u009b']],
    ['terminal codes', ['\u001b[31m', '\u001b]8;;https://x.example\u0007', '\u001b[2K']],
  ])('removes %s', (_, characters) => {
    for (const character of characters) {
      expect(stripHidden(`a${character}b`)).toBe('ab')
      expect(quoteUntrusted(`a${character}b`)).toBe('“ab”')
    }
    for (const character of characters.filter((text) => !text.startsWith('\u001b')))
      expect(sanitize({ [`x${character}`]: [`a${character}b`] })).toEqual({ x: ['ab'] })
  })

  it.each(['\u000b', '\u000c', '\u0085'])('keeps words apart at %j', (character) => {
    expect(stripHidden(`12${character}50`)).toBe('12\n50')
    expect(sanitize(`12${character}50`)).toBe('12\n50')
  })

  it('replaces half a surrogate pair', () => {
    expect(sanitize({ text: 'Great \ud83d' })).toEqual({ text: 'Great \ufffd' })
  })

  it('changes nothing the second time', () => {
    const text = fc.string({
      unit: fc.oneof(
        fc.constantFrom('\u001b', '[', '3', 'm', '\u200b', '\u009b', ']', ';', '\u0007'),
        fc.string({ unit: 'binary', maxLength: 1 }),
      ),
    })
    fc.assert(
      fc.property(text, (given) => {
        expect(stripHidden(stripHidden(given))).toBe(stripHidden(given))
      }),
      { numRuns: 500 },
    )
  })
})

describe('quote', () => {
  it('gives one bounded line that the text cannot close', () => {
    const text = fc.oneof(
      fc.string({ unit: 'binary', maxLength: 400 }),
      fc.string({ unit: fc.constantFrom('”', '“', '\n', '\u2028', '\r', '"', 'x', ' ', '😀', '\u202e') }),
    )
    fc.assert(
      fc.property(text, fc.integer({ min: 1, max: 300 }), (given, limit) => {
        const quoted = quoteUntrusted(given, limit)
        expect(quoted).toMatch(/^“[^“”\r\n\u2028\u2029\u0085]*”$/)
        expect([...quoted].length).toBeLessThanOrEqual(limit + 3)
      }),
      { numRuns: 500 },
    )
  })

  it('cuts between characters, after redacting', () => {
    expect(quoteUntrusted('😀😀😀', 2)).toBe('“😀😀…”')
    expect(quoteUntrusted(`Bearer ${'x'.repeat(300)}`, 30)).toBe('“Bearer [redacted]”')
    expect(singleLine('  a \n\t b ', 10)).toBe('a b')
  })
})
