/**
 * `tsx test/tasks/report.ts`: does every support task in both ways and prints what it costs, in calls and in o200k
 * tokens that an agent reads and writes; with `--write` also into the README. Exits 1 when there are
 * fewer than 20 tasks, when one was not done right, and when the tools cost more than a third of the raw answers.
 */
import { writeSection } from '../support/readme-section.ts'
import type { Cost } from './agent.ts'
import { type Done, doTasks, sum, tasks, ways } from './run.ts'

/** Together: each has a server and an organisation of its own. */
const [tools, proxy] = await Promise.all([doTasks(ways.tools), doTasks(ways.rawProxy)])

const row = (...cells: readonly (string | number)[]) => `| ${cells.join(' | ')} |`
const costs = (done: Done[]) => done.map(({ cost }) => cost)
const times = (whole: number, part: number) => `${(whole / part).toFixed(1)} ×`
const line = (name: string, a?: Cost, b?: Cost) =>
  a === undefined || b === undefined ? '' : row(name, a.calls, a.read, b.calls, b.read, times(b.read, a.read))

const [a, b] = [sum(costs(tools)), sum(costs(proxy))]
const report = [
  row('task', 'calls', 'tokens read', 'by proxy: calls', 'tokens read', 'ratio'),
  row('---', '---:', '---:', '---:', '---:', '---:'),
  ...tasks.map(({ name }, index) => line(name, tools[index]?.cost, proxy[index]?.cost)),
  line(`**all ${tasks.length}**`, a, b),
  `\nTokens written, as arguments: ${a.written} with the tools, ${b.written} with the proxy.`,
].join('\n')
console.log(report)
if (process.argv.includes('--write')) await writeSection('tasks', report)

const wrong = [...tools, ...proxy].flatMap(({ task, error }) =>
  error === undefined ? [] : [`${task}: ${error}`],
)
if (tasks.length < 20) wrong.push(`There are only ${tasks.length} tasks.`)
if (a.read * 3 > b.read) wrong.push(`The tools cost ${a.read} tokens read, more than a third of ${b.read}.`)
for (const line of wrong) console.error(line)
process.exitCode = wrong.length > 0 ? 1 : 0
