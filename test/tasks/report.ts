/**
 * `tsx test/tasks/report.ts`: does every support task in both ways and prints what it costs, in calls and in o200k
 * tokens that an agent reads and writes; with `--write` also into the README. Exits 1 when one was not done right, and
 * when they cost more than the limits below.
 */
import { writeSection } from '../support/readme-section.ts'
import type { Cost } from './agent.ts'
import { type Done, doTasks, sum, tasks, ways } from './run.ts'

/** Together: each has a server and an organisation of its own. */
const [tools, proxy] = await Promise.all([doTasks(ways.tools), doTasks(ways.rawProxy)])

/** The tasks that are as old as the suite, so that their cost can be compared. */
const firstTasks = 25
const limits = { calls: 45, read: 22_000, share: 1 / 4 }

const row = (...cells: readonly (string | number)[]) => `| ${cells.join(' | ')} |`
const costs = (done: Done[]) => done.map(({ cost }) => cost)
const times = (whole: number, part: number) => `${(whole / part).toFixed(1)} ×`
const line = (name: string, a?: Cost, b?: Cost) =>
  a === undefined || b === undefined ? '' : row(name, a.calls, a.read, b.calls, b.read, times(b.read, a.read))

const [a, b] = [sum(costs(tools)), sum(costs(proxy))]
const [first, firstByProxy] = [tools, proxy].map((done) => sum(costs(done.slice(0, firstTasks)))) as [
  Cost,
  Cost,
]
const report = [
  row('task', 'calls', 'tokens read', 'by proxy: calls', 'tokens read', 'ratio'),
  row('---', '---:', '---:', '---:', '---:', '---:'),
  ...tasks.map(({ name }, index) => line(name, tools[index]?.cost, proxy[index]?.cost)),
  line(`the first ${firstTasks}`, first, firstByProxy),
  line(`**all ${tasks.length}**`, a, b),
  `\nTokens written, as arguments: ${a.written} with the tools, ${b.written} with the proxy.`,
].join('\n')
console.log(report)
if (process.argv.includes('--write')) await writeSection('tasks', report)

const wrong = [...tools, ...proxy].flatMap(({ task, error }) =>
  error === undefined ? [] : [`${task}: ${error}`],
)
if (first.calls > limits.calls)
  wrong.push(`The first ${firstTasks} took ${first.calls} calls, over ${limits.calls}.`)
if (first.read > limits.read)
  wrong.push(`The first ${firstTasks} cost ${first.read} tokens, over ${limits.read}.`)
if (a.read > b.read * limits.share)
  wrong.push(`The tools cost ${a.read} tokens, over a quarter of ${b.read}.`)
for (const line of wrong) console.error(line)
process.exitCode = wrong.length > 0 ? 1 : 0
