import { defineConfig } from 'vitest/config'

export default defineConfig({
  cacheDir: '../node_modules/.vite',
  test: {
    root: import.meta.dirname,
    include: ['**/*.test.ts'],
    setupFiles: ['support/properties.ts'],
    // No test changes what a module holds, so files can share the modules they load.
    isolate: false,
    testTimeout: 30_000,
    hookTimeout: 30_000,
    // Tests of processes and terminals wait more than they work.
    maxWorkers: 4,
  },
})
