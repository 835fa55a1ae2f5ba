import { defineConfig } from 'vitest/config'
import Sequencer from './test/order/sequencer.ts'

export default defineConfig({
  test: {
    // Much of the time is spent waiting for hosts: more files at once than vitest's own default of one on two processors.
    maxWorkers: 4,
    sequence: { sequencer: Sequencer },
    reporters: ['default', './test/reporters/totals.ts'],
    projects: [
      {
        test: {
          name: 'unit',
          include: ['test/unit/**/*.test.ts', 'test/plugins/**/*.test.ts'],
          sequence: { shuffle: true },
          testTimeout: 60_000,
        },
      },
      {
        test: {
          name: 'real',
          include: ['test/integration/**/*.test.ts', 'test/cli/**/*.test.ts'],
          testTimeout: 180_000,
          hookTimeout: 180_000,
        },
      },
      {
        test: {
          name: 'lab',
          include: ['test/lab/**/*.test.ts'],
          globalSetup: ['test/lab/global-setup.ts'],
          testTimeout: 180_000,
          hookTimeout: 600_000,
        },
      },
    ],
  },
})
