import { describe, expect, it } from 'vitest'
import { type AnswerForm, hasForm } from '../../src/membrane/answer-forms.ts'

describe.each<[AnswerForm, object[], object[]]>([
  [
    'list',
    [[], [{}], { items: [] }, { output: [] }, { output: { items: [] } }],
    [[1], [{}, 1], {}, { items: 'none' }, { output: 5 }, { '': [] }, { output: [1] }],
  ],
  ['record', [{ id: 'a' }, { id: 7 }], [{}, [], [{ id: 'a' }], { id: '' }, { id: null }, { name: 'a' }]],
  [
    'run',
    [{ output: null }, { actionRunId: 'a' }, { actionRunId: 7 }],
    [{}, [], { actionRunId: '' }, { id: 'a' }],
  ],
  [
    'response',
    [
      { status: 200, body: 1 },
      { status: '200', data: 1 },
      { status: 204, headers: {} },
      { status: 204 },
      { status: 204, statusText: 'No Content' },
    ],
    [
      {},
      [],
      { statusText: 'OK' },
      { status: 200, name: 'Ann' },
      { status: 'done', body: 1 },
      { status: '1200', body: 1 },
      { status: 2000, body: 1 },
      { status: [200], body: 1 },
      { status: 600, body: 1 },
    ],
  ],
  [
    'response',
    [
      { data: null },
      { data: [] },
      { data: { id: '1' } },
      { data: { type: 'customer' } },
      { errors: [{ title: 'No.' }] },
      { errors: 'No.' },
      { meta: {} },
    ],
    [{ data: {} }, { data: { id: '', type: '' } }, { data: 'text' }, { errors: [] }, { meta: 'text' }],
  ],
])('the form %s', (form, fitting, others) => {
  it.each(fitting.map((document) => [document]))('is that of %j', (document) => {
    expect(hasForm(document, form)).toBe(true)
  })

  it.each(others.map((document) => [document]))('is not that of %j', (document) => {
    expect(hasForm(document, form)).toBe(false)
  })
})

describe('a record with an id', () => {
  it.each([
    [{ isMembraneError: true }],
    [{ name: 'AxiosError' }],
    [{ message: 'No.', error: 'Bad Request' }],
    [{ message: 'No.', type: 'connection' }],
    [{ request: {}, response: {} }],
    [{ level: 'info', msg: 'Started.' }],
    [{ level: 30, time: 1 }],
    [{ level: 30, timestamp: 1 }],
    [{ severity: 'INFO', message: 'Started.' }],
  ])('is an error or a log line with %j', (members) => {
    expect(hasForm({ id: 'a', ...members }, 'record')).toBe(false)
  })

  it.each([
    [{ isMembraneError: false }],
    [{ message: 'No.' }],
    [{ message: 'No.', error: {} }],
    [{ message: 5, error: 'Bad Request' }],
    [{ message: 'No.', type: 'note' }],
    [{ message: 'No.', type: ['connection'] }],
    [{ type: 'connection' }],
    [{ request: {} }],
    [{ response: {} }],
    [{ level: 30 }],
    [{ msg: 'Started.' }],
    [{ level: {}, msg: 'Started.' }],
  ])('stays one with %j', (members) => {
    expect(hasForm({ id: 'a', ...members }, 'record')).toBe(true)
  })
})
