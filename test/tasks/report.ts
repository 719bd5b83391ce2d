/**
 * `tsx test/tasks/report.ts`: does every support task in both ways and prints what it costs, in calls and in o200k
 * tokens that an agent reads and writes. Exits 1 when a task was not done right.
 */
import { type Done, doTasks, sum, tasks, ways } from './run.ts'

const [tools, proxy] = [await doTasks(ways.tools), await doTasks(ways.rawProxy)]

const row = (cells: readonly (string | number)[]) => console.log(`| ${cells.join(' | ')} |`)
const costs = (done: Done[]) => done.map(({ cost }) => cost)
const times = (whole: number, part: number) => `${(whole / part).toFixed(1)} ×`

row(['task', 'calls', 'tokens read', 'by proxy: calls', 'tokens read', 'ratio'])
row(['---', '---:', '---:', '---:', '---:', '---:'])
for (const [index, { name }] of tasks.entries()) {
  const [a, b] = [tools[index]?.cost, proxy[index]?.cost]
  if (a !== undefined && b !== undefined) row([name, a.calls, a.read, b.calls, b.read, times(b.read, a.read)])
}
const [a, b] = [sum(costs(tools)), sum(costs(proxy))]
row([`all ${tasks.length}`, a.calls, a.read, b.calls, b.read, times(b.read, a.read)])
console.log(`\nTokens written, as arguments: ${a.written} with the tools, ${b.written} with the proxy.`)

const failed = [...tools, ...proxy].filter(({ error }) => error !== undefined)
for (const { task, error } of failed) console.error(`${task}: ${error}`)
process.exitCode = failed.length > 0 ? 1 : 0
