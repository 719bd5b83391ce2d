import { strict as assert } from 'node:assert'
import { type Cost, openDesk } from './agent.ts'
import { colleague } from './colleague.ts'
import { reading } from './reading.ts'
import type { Task } from './task.ts'
import { changes, readWorld, resetWorld } from './world.ts'
import { writing } from './writing.ts'

export const tasks: readonly Task[] = [...reading, ...writing, ...colleague]

/** The ways in which the same tasks are done. */
export const ways = {
  /** The tools as they are meant to be used, with compact answers. */
  tools: { flags: [], solve: 'tools' },
  /** The proxy alone, with the answers as the CLI gave them. */
  rawProxy: { flags: ['--output', 'raw'], solve: 'proxy' },
} as const

export interface Done {
  task: string
  cost: Cost
  /** Why it failed, if it did. */
  error?: string
}

/**
 * Does the tasks in one way, each on a fresh sample organisation, and returns what each cost and whether it was done
 * right.
 */
export async function doTasks({ flags, solve }: (typeof ways)[keyof typeof ways]): Promise<Done[]> {
  const desk = await openDesk([...flags])
  const done: Done[] = []
  try {
    for (const task of tasks) {
      await resetWorld(desk.data)
      const before = await readWorld(desk.data)
      const cost: Cost = { calls: 0, written: 0, read: 0 }
      const failed = await desk
        .work(task.ask, cost, task[solve])
        .then(async (answer) => {
          const after = await readWorld(desk.data)
          if (task.answer !== undefined) assert.deepEqual(answer, task.answer(before))
          assert.deepEqual(changes(before, after), (task.changes?.(before) ?? []).toSorted())
          task.check?.(after, before)
        })
        .then(
          () => ({}),
          (error: Error) => ({ error: error.message }),
        )
      done.push({ task: task.name, cost, ...failed })
    }
  } finally {
    await desk.close()
  }
  return done
}

/** Adds costs up. */
export const sum = (costs: readonly Cost[]): Cost =>
  costs.reduce(
    (a, b) => ({ calls: a.calls + b.calls, written: a.written + b.written, read: a.read + b.read }),
    { calls: 0, written: 0, read: 0 },
  )
