import { execFile } from 'node:child_process'
import { readdir, readFile } from 'node:fs/promises'
import { promisify } from 'node:util'
import { isAlive, type Json } from '../support/server.ts'

const linux = process.platform === 'linux'

/** Memory that a process has in use, in MiB, and how many handles it has open where the system says so. */
export async function measure(pid: number): Promise<{ rss: number; handles: number | undefined }> {
  if (!linux) {
    const { stdout } = await promisify(execFile)('ps', ['-o', 'rss=', '-p', String(pid)])
    return { rss: Math.round(Number(stdout) / 1024), handles: undefined }
  }
  const status = await readFile(`/proc/${pid}/status`, 'utf8')
  const kilobytes = Number(/VmRSS:\s*(\d+)/.exec(status)?.[1])
  return { rss: Math.round(kilobytes / 1024), handles: (await readdir(`/proc/${pid}/fd`)).length }
}

/**
 * Lists the CLI processes that still run, by the file in which each has recorded itself and what it started. The
 * `marker` stands in the environment of them all.
 */
export async function stillRunning(recordFile: string, marker: string): Promise<number[]> {
  const lines = (await readFile(recordFile, 'utf8')).split('\n').filter(Boolean)
  const pids = lines
    .map((line): Json => JSON.parse(line))
    .flatMap(({ argv, pid, child }): number[] => child ?? (argv ? pid : []))
  const alive = [...new Set(pids)].filter(isAlive)
  const ours = await Promise.all(
    // The number of a process that has ended may have gone to another.
    alive.map(async (pid) => !linux || (await environment(pid)).includes(marker)),
  )
  return alive.filter((_, index) => ours[index])
}

/** Empty for a process that ended meanwhile. */
const environment = (pid: number) => readFile(`/proc/${pid}/environ`, 'utf8').catch(() => '')
