import { expect, test } from 'vitest'
import { settleAll } from '../../../src/cli/settle.ts'

test('keeps the order of the items, whichever ends first, and waits for all', async () => {
  const open: (() => void)[] = []
  const settled = settleAll(['a', 'b', 'c', 'd'], async (item) => {
    await new Promise<void>((resolve) => open.push(resolve))
    if (item === 'b' || item === 'd') throw new Error(item)
    return item
  })
  for (const end of open.toReversed()) {
    end()
    await Promise.resolve()
  }
  expect(await settled).toEqual({ values: ['a', 'c'], thrown: [new Error('b'), new Error('d')] })
})
