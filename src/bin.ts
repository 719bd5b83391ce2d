#!/usr/bin/env node
// Old Nodes run this file too, and parse all of it first: dynamic imports and the syntax of ES2018 only.

/** The floor in package.json's `engines`. */
const [minMajor, minMinor] = [20, 19]

async function start() {
  const { default: module } = await import('node:module')
  // Node 22.1 and later cache compiled code from here on, so everything else is loaded after this.
  const { enableCompileCache } = module as { enableCompileCache?: (folder: string) => void }
  if (enableCompileCache) {
    const { platformFolders } = await import('./config/platform-folders.ts')
    const folders = await platformFolders()
    if (folders) enableCompileCache(`${folders.cache}/compile-cache`)
  }
  const { main } = await import('./main.ts')
  await main(import.meta.dirname)
}

const [major = 0, minor = 0] = process.versions.node.split('.').map(Number)
if (major > minMajor || (major === minMajor && minor >= minMinor)) {
  start()
} else {
  const found = `${process.versions.node} (${process.execPath})`
  process.stderr.write(`kustomer-mcp needs Node ${minMajor}.${minMinor} or newer; this is Node ${found}.\n`)
  process.exitCode = 1
}
