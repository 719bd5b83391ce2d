#!/usr/bin/env node
import module from 'node:module'
import { platformFolders } from './config/platform-folders.ts'

// Node 22.1 and later cache compiled code from here on, so everything else is loaded after this.
const { enableCompileCache } = module as { enableCompileCache?: (folder: string) => void }
const folders = await platformFolders()
if (folders !== undefined) enableCompileCache?.(`${folders.cache}/compile-cache`)

const { main } = await import('./main.ts')
await main(import.meta.dirname)
