import { defineConfig } from 'vitest/config'
import base from './vitest.config.ts'

/**
 * The tests that run in this process: a mutant is switched on in memory, so a test of another process would not see it.
 * Stryker runs them in worker threads, where the two that are left out cannot change the home folder or start the build.
 */
export default defineConfig({
  ...base,
  test: {
    ...base.test,
    include: ['{unit,dispatch,server}/**/*.test.ts'],
    exclude: ['unit/{cli,entry-file}.test.ts'],
  },
})
