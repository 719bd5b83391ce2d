import { readdir, readFile } from 'node:fs/promises'
import { join, resolve } from 'node:path'

/** The licence texts of all packages with code in the bundle, by esbuild's metafile. */
export async function notices(root, { outputs }) {
  const inputs = Object.values(outputs).flatMap((output) =>
    Object.entries(output.inputs).flatMap(([file, { bytesInOutput }]) => (bytesInOutput > 0 ? [file] : [])),
  )
  const folders = new Set(
    inputs.flatMap((file) => /^.*node_modules\/(?!\.)(?:@[^/]+\/)?[^/]+/.exec(file)?.[0] ?? []),
  )
  const parts = await Promise.all([...folders].sort().map((folder) => notice(resolve(root, folder))))
  return `The program contains code of these packages.\n\n${parts.join('\n\n')}\n`
}

async function notice(folder) {
  const { name, version, license } = JSON.parse(await readFile(join(folder, 'package.json'), 'utf8'))
  const file = (await readdir(folder)).find((entry) => /^licen[cs]e/i.test(entry))
  const text =
    file === undefined ? 'No licence text is in the package.' : await readFile(join(folder, file), 'utf8')
  return `${name} ${version} (${license})\n${'-'.repeat(40)}\n${text.trim()}`
}
