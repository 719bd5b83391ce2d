import { readFile } from 'node:fs/promises'
import { descendantsInProc } from './process-tree.ts'

export interface ProcessUsage {
  cpuMs: number
  /** The most memory that one process had at a time, in megabytes. */
  peakMb: number
}

const sampleMs = 20
/** Clock ticks a second that Linux counts CPU time in, on every common build. */
const ticksPerSecond = 100

/** Measures the processes that a task starts and waits for, while no other runs. Usage is undefined except on Linux. */
export async function measureUsage<T>(
  task: () => Promise<T>,
): Promise<{ result: T; usage: ProcessUsage | undefined }> {
  const before = await childCpuMs()
  let peakMb = 0
  const timer = setInterval(async () => {
    peakMb = Math.max(peakMb, await peakOfChildren())
  }, sampleMs)
  try {
    const result = await task()
    const after = await childCpuMs()
    const isMeasured = before !== undefined && after !== undefined && peakMb > 0
    return { result, usage: isMeasured ? { cpuMs: after - before, peakMb } : undefined }
  } finally {
    clearInterval(timer)
  }
}

/** CPU time of all children that have ended (proc(5): cutime and cstime). */
async function childCpuMs(): Promise<number | undefined> {
  const text = await readFile('/proc/self/stat', 'utf8').catch(() => undefined)
  const fields = text?.slice(text.lastIndexOf(')') + 2).split(' ')
  return fields && ((Number(fields[13]) + Number(fields[14])) * 1000) / ticksPerSecond
}

async function peakOfChildren(): Promise<number> {
  const pids = await descendantsInProc(process.pid).catch(() => [])
  const peaks = pids.map(async (pid) => {
    const status = await readFile(`/proc/${pid}/status`, 'utf8').catch(() => '')
    return Number(/^VmHWM:\s*(\d+)/m.exec(status)?.[1] ?? 0) / 1024
  })
  return Math.round(Math.max(0, ...(await Promise.all(peaks))))
}
