import { expect, test } from 'vitest'
import { chooseView, type ReportOptions } from '../../../src/report/choose.ts'
import { Collected } from './fixture.ts'

const terminal = new Collected({ columns: 80, rows: 24 })
const pipe = new Collected()

const cases: readonly (readonly [string, Partial<ReportOptions>, string])[] = [
  ['a terminal', {}, 'live'],
  ['a terminal whose stdout goes into a pipe', { stdout: pipe }, 'live'],
  ['no terminal', { stderr: pipe }, 'plain'],
  ['CI', { env: { CI: 'true' } }, 'plain'],
  ['CI=false', { env: { CI: 'false' } }, 'live'],
  ['a dumb terminal', { env: { TERM: 'dumb' } }, 'plain'],
  ['a narrow terminal', { stderr: new Collected({ columns: 39, rows: 24 }) }, 'plain'],
  ['--plain', { plain: true }, 'plain'],
  ['-v, whose output scrolls by', { verbose: 1 }, 'plain'],
  ['--json', { json: true }, 'json'],
]

test.each(cases)('%s', (_, options, view) => {
  expect(chooseView({ env: {}, stdout: terminal, stderr: terminal, ...options })).toBe(view)
})
