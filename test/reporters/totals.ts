import { appendFileSync } from 'node:fs'
import { env } from 'node:process'
import type { Reporter, SerializedError, TestModule } from 'vitest/node'

interface Failure {
  /** The test or the file, as vitest names it. */
  readonly name: string
  readonly errors: readonly { readonly message: string }[]
}

/** What failed and why, in the shape of the end of a log: whoever reads only the end has to find it there. */
function tell({ name, errors }: Failure): string {
  const reasons = errors.map((error) => error.message.replaceAll('\n', '\n    ')).join('\n    ')
  return `FAILED ${name}\n    ${reasons}\n`
}

/**
 * Appends `passed failed skipped` of a whole run to the file named by SRV_TOTALS, for `.ci/run` to add up, and what
 * failed to SRV_FAILURES, for `.ci/run` to say again at its end.
 *
 * A file that could not be loaded and an error outside any test count as failures: they are tests that nobody saw.
 */
export default class TotalsReporter implements Reporter {
  onTestRunEnd(modules: readonly TestModule[], unhandledErrors: readonly SerializedError[]): void {
    const file = env['SRV_TOTALS']
    if (file === undefined || file === '') return
    let passed = 0
    const failures: Failure[] = unhandledErrors.map((error) => ({ name: 'outside any test', errors: [error] }))
    let failed = unhandledErrors.length
    let skipped = 0
    for (const module of modules) {
      failed += module.errors().length
      if (module.errors().length > 0) failures.push({ name: module.moduleId, errors: module.errors() })
      for (const test of module.children.allTests()) {
        const result = test.result()
        switch (result.state) {
          case 'passed':
            passed += 1
            break
          case 'skipped':
            skipped += 1
            break
          case 'failed':
          case 'pending':
            failed += 1
            failures.push({ name: `${module.moduleId} > ${test.fullName}`, errors: result.errors ?? [] })
            break
        }
      }
      for (const suite of module.children.allSuites()) {
        failed += suite.errors().length
        if (suite.errors().length > 0) failures.push({ name: suite.fullName, errors: suite.errors() })
      }
    }
    appendFileSync(file, `${String(passed)} ${String(failed)} ${String(skipped)}\n`)
    const told = env['SRV_FAILURES']
    if (told !== undefined && told !== '') appendFileSync(told, failures.map(tell).join(''))
  }
}
