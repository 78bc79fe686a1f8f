import { defineConfig } from 'vitest/config'

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    globalSetup: ['test/global-setup.ts'],
    pool: 'forks',
    maxWorkers: 2,
    // Milliseconds, generous: nothing here is judged by its speed, and a slow machine is no failure.
    testTimeout: 60_000,
    hookTimeout: 120_000,
  },
})
