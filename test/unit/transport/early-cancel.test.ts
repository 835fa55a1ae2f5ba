import { expect, test } from 'vitest'
import { openLocal } from '../../../src/transport/local.ts'

test('a script that is cancelled while it starts does not begin after all', async () => {
  const transport = openLocal()
  const ends = Array.from({ length: 10 }, async (_, turns) => {
    const stop = new AbortController()
    const running = transport.exec('exec sleep 1000', { signal: stop.signal })
    for (let left = turns; left >= 0; left--) await new Promise(setImmediate)
    stop.abort()
    return (await running).end
  })
  expect(await Promise.all(ends)).toEqual(ends.map(() => ({ kind: 'cancelled', stopped: true })))
})
