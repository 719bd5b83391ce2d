import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'

const readme = join(import.meta.dirname, '..', '..', 'README.md')

/** Writes Markdown between the two marks of a section of the README. Throws an Error where they are missing. */
export async function writeSection(name: string, text: string): Promise<void> {
  const [begin, end] = [`<!-- ${name}:start -->`, `<!-- ${name}:end -->`] as const
  const content = await readFile(readme, 'utf8')
  const [from, to] = [content.indexOf(begin), content.indexOf(end)]
  if (from < 0 || to < from) throw new Error(`README.md has no ${begin} … ${end}`)
  await writeFile(readme, `${content.slice(0, from)}${begin}\n\n${text}\n\n${content.slice(to)}`)
}
