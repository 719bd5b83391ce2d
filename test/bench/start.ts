import { median } from './figures.ts'
import { initialize, startSession } from './session.ts'

/** A program that serves MCP, as it is started. */
export interface Program {
  name: string
  args: readonly string[]
  env: NodeJS.ProcessEnv
}

export interface Start {
  name: string
  /** Medians: milliseconds from the start of the process, megabytes, and milliseconds from the end of stdin. */
  initialized: number
  listed: number
  peak: number | undefined
  exit: number
  tools: number
}

/**
 * Starts each program once in every round, so that what else the machine does meets all alike, and returns the medians
 * in the order given. A program that fails is left out, and `skip` is told why.
 */
export async function measureStarts(
  programs: readonly Program[],
  rounds: number,
  skip: (name: string, why: string) => void,
): Promise<Start[]> {
  const runs = new Map<Program, Start[]>(programs.map((program) => [program, []]))
  for (let round = 0; round < rounds; round++)
    for (const [program, results] of runs)
      try {
        results.push(await startOnce(program))
      } catch (error) {
        skip(program.name, (error as Error).message)
        runs.delete(program)
      }
  return [...runs].map(([{ name }, results]) => ({
    name,
    initialized: median(results.map(({ initialized }) => initialized)),
    listed: median(results.map(({ listed }) => listed)),
    peak: results.some(({ peak }) => peak === undefined)
      ? undefined
      : median(results.map(({ peak }) => peak ?? 0)),
    exit: median(results.map(({ exit }) => exit)),
    tools: results[0]?.tools ?? 0,
  }))
}

async function startOnce({ name, args, env }: Program): Promise<Start> {
  const session = startSession(args, env)
  await initialize(session)
  const initialized = session.age()
  const { tools } = await session.request('tools/list')
  const listed = session.age()
  const peak = await session.peak()
  return { name, initialized, listed, peak, exit: await session.end(), tools: (tools as unknown[]).length }
}
