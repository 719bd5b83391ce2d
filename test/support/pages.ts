import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'

export const root = join(import.meta.dirname, '..', '..')
export const read = (name: string) => readFile(join(root, name), 'utf8')

const names = [
  'README.md',
  'SECURITY.md',
  ...(await readdir(join(root, 'docs'))).map((name) => `docs/${name}`),
  'packaging/skills/kustomer/SKILL.md',
]

/** The pages for people. */
export const pages = await Promise.all(names.map(async (name) => ({ name, text: await read(name) })))

export const page = (name: string) => pages.find((one) => one.name === name)?.text ?? ''

/** The code blocks of a language in all pages. */
export const blocks = (language: string) =>
  pages.flatMap(({ text }) =>
    [...text.matchAll(new RegExp(`\`\`\`${language}\\n([^\`]+)\`\`\``, 'g'))].map(([, code = '']) => code),
  )

/** The text below a heading, up to the next heading of the same level or a higher one; below a title, up to the first heading. */
export function section(text: string, heading: string): string {
  const level = Math.max(2, heading.indexOf(' '))
  const after = text.split(`${heading}\n`)[1] ?? ''
  return after.split(new RegExp(`^#{2,${level}} `, 'm'))[0] ?? ''
}

/** The rows of the tables in a text, as their cells; heads and rules left out. */
export const rows = (text: string): string[][] =>
  text
    .split('\n')
    .filter((line, index, all) => line.startsWith('|') && !all[index + 1]?.startsWith('|-'))
    .filter((line) => !line.startsWith('|-') && !line.startsWith('| ---'))
    .map((line) =>
      line
        .slice(1, -1)
        .split(/(?<!\\)\|/)
        .map((cell) => cell.trim()),
    )

/** The texts in backticks. */
export const codes = (text: string): string[] => [...text.matchAll(/`([^`]+)`/g)].map(([, code = '']) => code)
