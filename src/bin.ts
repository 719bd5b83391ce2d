#!/usr/bin/env node
import module from 'node:module'
import envPaths from 'env-paths'

// Node 22.1 and later keep what they compiled from one start to the next, from here on: so all else is loaded after this.
const { enableCompileCache } = module as { enableCompileCache?: (folder: string) => void }
enableCompileCache?.(`${envPaths('kustomer-mcp', { suffix: '' }).cache}/compile-cache`)

const { main } = await import('./main.ts')
await main(import.meta.dirname)
