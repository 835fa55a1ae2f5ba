import { appendFileSync } from 'node:fs'
import { env } from 'node:process'
import type { Reporter, SerializedError, TestModule } from 'vitest/node'

/**
 * Appends `passed failed skipped` of a whole run to the file named by SRV_TOTALS, for `.ci/run` to add up.
 *
 * A file that could not be loaded and an error outside any test count as failures: they are tests that nobody saw.
 */
export default class TotalsReporter implements Reporter {
  onTestRunEnd(modules: readonly TestModule[], unhandledErrors: readonly SerializedError[]): void {
    const file = env['SRV_TOTALS']
    if (file === undefined || file === '') return
    let passed = 0
    let failed = unhandledErrors.length
    let skipped = 0
    for (const module of modules) {
      failed += module.errors().length
      for (const test of module.children.allTests()) {
        switch (test.result().state) {
          case 'passed':
            passed += 1
            break
          case 'skipped':
            skipped += 1
            break
          case 'failed':
          case 'pending':
            failed += 1
            break
        }
      }
      for (const suite of module.children.allSuites()) failed += suite.errors().length
    }
    appendFileSync(file, `${String(passed)} ${String(failed)} ${String(skipped)}\n`)
  }
}
