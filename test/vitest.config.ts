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

    // Most of a test's time is spent in the processes that it starts.
    maxWorkers: 4,
  },
})
