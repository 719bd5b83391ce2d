import { defineConfig } from 'vitest/config'

export default defineConfig({
  cacheDir: '../node_modules/.vite',
  test: {
    root: import.meta.dirname,
    include: ['**/*.test.ts'],
    globalSetup: ['support/learned.ts'],
    testTimeout: 30_000,
    hookTimeout: 30_000,
    // Most of a test's time is spent in the processes that it starts.
    maxWorkers: 3,
  },
})
