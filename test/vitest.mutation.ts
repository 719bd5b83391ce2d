import { defineConfig } from 'vitest/config'
import base from './vitest.config.ts'

/** The tests that run in this process: a mutant is switched on in memory, so a test of another process would not see it. */
export default defineConfig({
  ...base,
  test: { ...base.test, include: ['{unit,dispatch,safety,server}/**/*.test.ts'] },
})
