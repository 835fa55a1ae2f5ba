import { expect, test } from 'vitest'
import { toErrorReport } from '../../../src/error/report.ts'
import { srvError } from '../../../src/error/srv-error.ts'

test('an error of the catalogue keeps its words; its own place wins over the given one', () => {
  const error = srvError(
    'SRV-901',
    { work: 'build on web1' },
    { where: { host: 'web1' }, output: ['npm error 1', 'npm error 2'] },
  )
  expect(toErrorReport(error, { host: 'web2', task: 'build' })).toMatchInlineSnapshot(`
    {
      "code": "SRV-901",
      "hint": "Await what the task or hook starts, or reject when it cannot go on.",
      "message": "build on web1 never ended: its promise never settles, and nothing is left to wait for.",
      "output": [
        "npm error 1",
        "npm error 2",
      ],
      "where": {
        "host": "web1",
        "task": "build",
      },
    }
  `)
})

test('any other error is a bug of srv, with the stack and what caused it', () => {
  const cause = new TypeError('inner')
  const report = toErrorReport(new Error('outer.', { cause }), { task: 'build' })
  expect(report.code).toBe('SRV-900')
  expect(report.message).toBe('Unexpected: outer. This is a bug in srv.')
  expect(report.where).toEqual({ task: 'build' })
  expect(report.stack).toMatch(/^Error: outer\.\n {4}at [^]*\nCaused by: TypeError: inner\n {4}at /)
})

test('a thrown value that is no error is reported without a stack', () => {
  expect(toErrorReport('plain text')).toEqual({
    code: 'SRV-900',
    message: 'Unexpected: plain text. This is a bug in srv.',
    hint: 'Report it with the stack trace that `-vvv` prints.',
    where: {},
    output: [],
  })
})
