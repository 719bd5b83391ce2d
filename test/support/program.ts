import { spawn } from 'node:child_process'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { spawn as spawnOnTerminal } from '@lydell/node-pty'
import { onTestFinished } from 'vitest'
import { faultyCli, mainJs, type Plan, teach, temporaryFolder, until } from './server.ts'

export interface Ended {
  code: number | null
  stdout: string
  stderr: string
}

/**
 * A folder for the state of the program, and the environment that goes with it; `plan` is the faulty CLI's, of which it
 * knows what a first start learns.
 */
export async function testEnvironment(plan?: Plan, more: Record<string, string> = {}) {
  const folder = await temporaryFolder()
  const planFile = join(folder, 'plan.json')
  if (plan !== undefined) await writeFile(planFile, JSON.stringify(plan))
  await teach(join(folder, 'state'), { plan })
  const recordFile = join(folder, 'record.jsonl')
  const cli = plan === undefined ? {} : { KUSTOMER_MCP_CLI: faultyCli, MEMBRANE_PLAN: planFile }
  const env: Record<string, string> = {
    PATH: process.env['PATH'] ?? '',
    HOME: folder,
    KUSTOMER_MCP_STATE_DIR: join(folder, 'state'),
    MEMBRANE_RECORD: recordFile,
    MEMBRANE_SANDBOX_RECORD: recordFile,
    ...cli,
    ...more,
  }
  return { folder, env, recordFile }
}

/** Runs the built program to its end with pipes at its three streams; stdin holds `input` and ends. */
export function run(args: string[], env: Record<string, string>, input = '', cwd?: string): Promise<Ended> {
  return new Promise((resolve) => {
    const child = spawn(process.execPath, [mainJs, ...args], { env, cwd })
    let [stdout, stderr] = ['', '']
    child.stdout.on('data', (chunk) => {
      stdout += chunk
    })
    child.stderr.on('data', (chunk) => {
      stderr += chunk
    })
    child.stdin.on('error', () => undefined)
    child.stdin.end(input)
    child.on('close', (code) => resolve({ code, stdout, stderr }))
  })
}

/**
 * Runs a program, then writes its exit code in a mark and holds the terminal open: what a terminal still holds
 * when its last process ends may be lost. A signal to all processes of the terminal ends the program alone.
 */
const thenHold = `trap : INT HUP TERM; "$0" "$@"; printf '<<exit %d>>' $?; exec sleep 60`
const exitMark = /<<exit (\d+)>>/

/** Runs the built program on a pseudo-terminal of `columns`, where a person could type. */
export function onTerminal(args: string[], env: Record<string, string>, columns = 80) {
  const terminal = spawnOnTerminal('/bin/sh', ['-c', thenHold, process.execPath, mainJs, ...args], {
    cols: columns,
    rows: 40,
    env: { TERM: 'xterm-256color', ...env },
  })
  onTestFinished(() => terminal.kill('SIGKILL'))
  let screen = ''
  terminal.onData((data) => {
    screen += data
  })
  return {
    /** All that was written so far, with the line ends of a file. */
    screen: () => screen.replace(exitMark, '').replaceAll('\r\n', '\n'),
    type: (text: string) => terminal.write(text),
    shows: (what: RegExp) => until(() => what.test(screen), 20_000),
    async ended() {
      await until(() => exitMark.test(screen), 20_000)
      return Number(exitMark.exec(screen)?.[1])
    },
  }
}
