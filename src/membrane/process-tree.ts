import { readdir, readFile } from 'node:fs/promises'

/** Linux only; throws elsewhere. A process whose parent has ended is not found. */
export async function descendantsInProc(pid: number): Promise<number[]> {
  const tasks = await readdir(`/proc/${pid}/task`)
  const lists = await Promise.all(tasks.map((task) => readFile(`/proc/${pid}/task/${task}/children`, 'utf8')))
  const children = lists.flatMap((list) => list.split(' ').filter(Boolean).map(Number))
  const deeper = await Promise.all(children.map((child) => descendantsInProc(child).catch(() => [])))
  return [...children, ...deeper.flat()]
}

export function descendantsInTable(table: string, pid: number): number[] {
  const rows = table.split('\n').map((line) => line.trim().split(/\s+/).map(Number))
  const childrenOf = (parent: number): number[] =>
    rows
      .filter(([own, other]) => other === parent && own !== parent && own !== undefined)
      .flatMap(([own = 0]) => [own, ...childrenOf(own)])
  return childrenOf(pid)
}
