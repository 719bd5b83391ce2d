import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { confirmationQuestion } from '../../src/dispatch/confirmation-question.ts'
import type { JudgedCall } from '../../src/dispatch/pipeline.ts'
import type { Json } from '../support/harness.ts'
import { type Call, deletion, id, message, note, warmServer } from './support.ts'

/** The rows of a dialog that breaks a text at words. */
function rowsOf(text: string, columns = 110): string[] {
  const rows = ['']
  for (const word of text.split(' ')) {
    const row = rows.at(-1) ?? ''
    if (row.length + 1 + word.length > columns && row !== '') rows.push(word)
    else rows[rows.length - 1] = row === '' ? word : `${row} ${word}`
  }
  return rows
}

/** The question of each call, as a client gets it. */
async function questionOf(...[name, args]: Call): Promise<string> {
  let question = ''
  const harness = await warmServer(['--confirm', 'writes'], [], {
    elicit: (given) => {
      question = given
      return { action: 'decline' }
    },
  })
  const { isError, text } = await harness.call(name, args)
  expect([isError, text.split(':')[0]]).toEqual([true, 'refused-by-policy'])
  return question
}

const text = 'Your refund was sent today. It takes three to five days until it is on your account.'
const draft = { customer: id, channel: 'email', to: 'ada@example.com', subject: 'Your refund', body: text }

describe('the question', () => {
  it.each<[string, Call]>([
    ['create-message', ['create-message', { ...message[1], preview: text }]],
    ['create-draft', ['create-draft', draft]],
    ['create-note', ['create-note', { ...note[1], body: text }]],
    ['run-action', ['run-action', { action: 'create-message', input: { ...message[1], preview: text } }]],
    [
      'proxy_request',
      ['proxy_request', { method: 'POST', path: '/v1/messages', body: { preview: text, conversation: id } }],
    ],
    [
      'proxy_request with text',
      ['proxy_request', { method: 'POST', path: '/v1/messages', rawBody: text, query: { conversation: id } }],
    ],
  ])('shows the text in three rows: %s', async (_, call) => {
    const question = await questionOf(...call)
    expect(question).not.toMatch(/[\n\r]/)
    expect(question.startsWith(`“${text}”`)).toBe(true)
    expect(rowsOf(question).slice(0, 3).join(' ')).toContain(text)
    expect(question).toContain(id)
  })

  it('is the text, the deed, the recipient, then ids', async () => {
    expect(await questionOf('create-draft', draft)).toBe(
      `“${text}” Create Draft (customer-visible): to ada@example.com, subject Your refund, channel email. Records: ${id}.`,
    )
  })

  it('names the request of a deletion', async () => {
    const question = await questionOf(...deletion)
    expect(rowsOf(question).slice(0, 3).join(' ')).toContain(`method DELETE, path /v1/customers/${id}`)
    expect(question).toContain('destructive')
  })

  it('hides no character', async () => {
    const question = await questionOf('create-message', { ...message[1], preview: 'Hi \u202Edlrow\u200B!' })
    expect(question).toContain('Hi ')
    expect(question).not.toMatch(/[\u202E\u200B]/)
  })

  const long = 'x'.repeat(5000)
  it.each<[string, Call]>([
    ['a long text', ['create-message', { ...message[1], preview: long }]],
    ['a long header', ['proxy_request', { headers: { 'X-Note': long }, ...deletion[1] }]],
    ['a long input', ['run-action', { action: 'create-message', input: { ...message[1], preview: long } }]],
    [
      'ids among parameters',
      [
        'proxy_request',
        { query: { q: long }, method: 'DELETE', path: '/v1/customers/{x}', pathParams: { x: id } },
      ],
    ],
    [
      'many members',
      [
        'proxy_request',
        {
          method: 'PUT',
          path: '/v1/customers/{x}',
          pathParams: { x: id },
          body: Object.fromEntries(Array.from({ length: 30 }, (_, index) => [`member${index}`, long])),
        },
      ],
    ],
    ['a long path', ['proxy_request', { method: 'DELETE', path: `/v1/${'x/'.repeat(400)}${id}` }]],
  ])('is cut and names the record: %s', async (_, call) => {
    const question = await questionOf(...call)
    expect(question.length).toBeLessThan(1600)
    expect(question).toContain('…')
    expect(question).toContain(id)
  })

  it('fits for any arguments', () => {
    fc.assert(
      fc.property(fc.dictionary(fc.string(), fc.jsonValue(), { maxKeys: 30 }), (args: Json) => {
        const tool = { title: 'Any' }
        const call = { tool, args, prepared: { risk: 'record' } } as unknown as JudgedCall
        const question = confirmationQuestion(call)
        expect(question.length).toBeLessThan(1600)
        expect(question).not.toMatch(/[\n\r\u202E\u200B]/)
      }),
    )
  })
})
