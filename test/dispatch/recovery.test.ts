import { describe, expect, it } from 'vitest'
import type { AskingCall, Handler } from '../../src/dispatch/pipeline.ts'
import { recover } from '../../src/dispatch/recovery.ts'
import { ToolError } from '../../src/errors.ts'
import type { Elicitation } from '../../src/tools/elicitation.ts'
import type { ToolContext } from '../../src/tools/tool.ts'

const connections = [
  { id: 'one', name: 'Kustomer', usable: true },
  { id: 'other', name: 'Kustomer EU', usable: true },
  { id: 'broken', name: 'Kustomer old', usable: false },
]
const ambiguous = new ToolError('ambiguous-connection', 'Several fit.', { data: { connections } })
const signedOut = new ToolError('signed-out', 'Nobody is signed in.')

const link = 'https://app.getmembrane.com/login?session=abc'

interface Answers {
  choose?: string | undefined
  open?: boolean | undefined
}

/** The middleware with a person who answers the same each time, and the questions that were asked. */
function recovering(answers: Answers, { opensLinks = true } = {}) {
  const questions: unknown[] = []
  const selected: string[] = []
  let time = 0
  const elicitation: Elicitation = {
    confirm: async () => undefined,
    async choose(_, choices) {
      questions.push(choices)
      return answers.choose
    },
    ...(opensLinks
      ? {
          async open(_question: string, url: string) {
            questions.push(url)
            return answers.open
          },
        }
      : {}),
  }
  const context = {
    connections: { select: async (id: string) => void selected.push(id) },
    membrane: {
      login: async () => ({
        ended: 'exit',
        exitCode: 0,
        stdout: `Open ${link}\n`,
        stderr: '',
        milliseconds: 1,
      }),
    },
  } as unknown as ToolContext
  const middleware = recover(context, () => time)
  const controller = new AbortController()
  /** Makes a call that fails so until a connection was selected. */
  const run = (error: Error, group = 'actions') => {
    const next: Handler<AskingCall> = async () => {
      if (selected.length === 0) throw error
      return { data: 'done' }
    }
    const call = {
      tool: { group },
      elicitation,
      signal: controller.signal,
    } as unknown as AskingCall
    return middleware(call, next)
  }
  return {
    run,
    questions,
    selected,
    controller,
    wait: (ms: number) => {
      time += ms
    },
  }
}

describe('several connections', () => {
  it('are offered, and the call goes on with the choice', async () => {
    const { run, questions, selected } = recovering({ choose: 'other' })
    expect(await run(ambiguous)).toEqual({ data: 'done' })
    expect(questions).toEqual([
      [
        { value: 'one', label: 'Kustomer (one)' },
        { value: 'other', label: 'Kustomer EU (other)' },
      ],
    ])
    expect(selected).toEqual(['other'])
  })

  it('are offered once for calls at the same time', async () => {
    const { run, questions } = recovering({ choose: 'other' })
    expect(await Promise.all([run(ambiguous), run(ambiguous)])).toEqual([{ data: 'done' }, { data: 'done' }])
    expect(questions).toHaveLength(1)
  })

  it('are not offered again within five minutes', async () => {
    const { run, questions, wait } = recovering({ choose: undefined })
    for (const [ms, count] of [
      [0, 1],
      [5 * 60_000 - 1, 1],
      [1, 2],
    ] as const) {
      wait(ms)
      await expect(run(ambiguous)).rejects.toBe(ambiguous)
      expect(questions).toHaveLength(count)
    }
  })
})

describe('nobody signed in', () => {
  it('opens the page once, and the error says so', async () => {
    const { run, questions } = recovering({ open: true })
    for (let count = 0; count < 2; count++)
      await expect(run(signedOut)).rejects.toMatchObject({
        reason: 'signed-out',
        message: expect.stringMatching(/^Nobody is signed in\. .*agreed to open it/),
      })
    expect(questions).toEqual([link])
  })

  it.each([false, undefined])('is the error as it was when the answer is %s', async (open) => {
    const { run } = recovering({ open })
    await expect(run(signedOut)).rejects.toBe(signedOut)
  })

  it('opens no page for connect-kustomer', async () => {
    const { run, questions } = recovering({ open: true })
    await expect(run(signedOut, 'connection')).rejects.toBe(signedOut)
    expect(questions).toEqual([])
  })

  it('opens no page at a client that cannot', async () => {
    const { run, questions } = recovering({}, { opensLinks: false })
    await expect(run(signedOut)).rejects.toBe(signedOut)
    expect(questions).toEqual([])
  })
})

describe('nothing is asked', () => {
  it.each([
    new ToolError('not-found', 'No.'),
    new ToolError('outcome-unknown', 'Lost.'),
    new TypeError('bug'),
  ])('after %s', async (error) => {
    const { run, questions } = recovering({ choose: 'one', open: true })
    await expect(run(error)).rejects.toBe(error)
    expect(questions).toEqual([])
  })

  it('when the call was cancelled', async () => {
    const { run, questions, controller } = recovering({ choose: 'one' })
    controller.abort()
    await expect(run(ambiguous)).rejects.toBe(ambiguous)
    expect(questions).toEqual([])
  })
})
