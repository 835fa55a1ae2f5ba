import { expect, test } from 'vitest'
import { catalog } from '../../../src/error/catalog.ts'
import { isSrvError, located, srvError } from '../../../src/error/srv-error.ts'

test('an error has the text of its code, its place, its output and its cause', () => {
  const cause = new Error('why')
  const error = srvError(
    'SRV-501',
    { task: 'build', target: 'blog/native@web1', code: 3 },
    { where: { host: 'web1' }, output: ['last words'], cause },
  )
  expect(error.name).toBe('SrvError')
  expect(error.cause).toBe(cause)
  expect(error).toMatchObject({
    code: 'SRV-501',
    message: 'build failed on blog/native@web1 with exit status 3.',
    hint: 'Read the lines above; `-v` shows all output of each step.',
    exitCode: 5,
    where: { host: 'web1' },
    output: ['last words'],
  })
})

test('what an error knows about its place wins over what is added', () => {
  const error = located(srvError('SRV-901', { work: 'x' }, { where: { host: 'web1' } }), {
    host: 'web2',
    task: 'build',
  })
  expect([error.where, error.code, isSrvError(error)]).toEqual([{ host: 'web1', task: 'build' }, 'SRV-901', true])
})

test('an error is known by its brand, also when another copy made it', () => {
  const foreign = Object.defineProperty(new Error('x'), Symbol.for('srvkit.error'), { value: true })
  expect([isSrvError(foreign), isSrvError(new Error('x')), isSrvError(undefined), isSrvError('SRV-501')]).toEqual([
    true,
    false,
    false,
    false,
  ])
})

test('codes belong to their range', () => {
  expect(catalog.codes.filter((code) => !/^SRV-[1234569]\d\d$/.test(code))).toEqual([])
})
