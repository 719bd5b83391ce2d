import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { contractSession } from './support/contract.ts'
import { asReported, documented } from './support/doubles.ts'

/** Records anew what the doubles of the known dialects answer to `doctor --contract`, for the tests that replay it. */
const doubles = {
  old: (folder: string) => documented(folder, 'old'),
  new: (folder: string) => documented(folder, 'new'),
  reported: asReported,
}

for (const [name, double] of Object.entries(doubles)) {
  const folder = await mkdtemp(join(tmpdir(), 'kustomer-mcp-recording-'))
  const session = await contractSession(double(join(folder, 'sandbox')), folder)
  const rows = await session.read(new AbortController().signal)
  const file = join(import.meta.dirname, 'fixtures', 'recorded', `${name}.json`)
  await writeFile(file, `${JSON.stringify(session.transcript(), undefined, 1)}\n`)
  await session.close()
  await rm(folder, { recursive: true, force: true })
  process.stdout.write(`${name}: ${rows.length} rows in ${file}\n`)
}
