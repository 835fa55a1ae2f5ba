import { expect, expectTypeOf, test } from 'vitest'
import type { Attempt } from '../../../../src/transport/ssh/handshake.ts'

test('who judges a host key does so at once: ssh2 takes a promise for a yes', () => {
  expectTypeOf<Attempt['acceptHostKey']>().returns.toEqualTypeOf<boolean>()
  // @ts-expect-error a promise, even of false, lets everybody in
  const late: Attempt['acceptHostKey'] = () => Promise.resolve(false)
  expect(late).toBeTypeOf('function')
})
