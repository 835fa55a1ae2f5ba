import { expect, test } from 'vitest'
import { createOpenWork } from '../../../../src/run/steps/open-work.ts'

function pending() {
  let resolve = (_value: number): void => undefined
  let reject = (_error: Error): void => undefined
  const promise = new Promise<number>((...settle) => {
    ;[resolve, reject] = settle
  })
  return { promise, resolve, reject }
}

test('work is open until it settles, and its result is passed on', async () => {
  const openWork = createOpenWork()
  const done = pending()
  const failed = pending()
  const tracked = [openWork.track('good', done.promise), openWork.track('bad', failed.promise)]
  expect(openWork.names()).toEqual(['good', 'bad'])
  done.resolve(1)
  failed.reject(new Error('boom'))
  await expect(Promise.allSettled(tracked)).resolves.toMatchObject([
    { status: 'fulfilled', value: 1 },
    { status: 'rejected', reason: { message: 'boom' } },
  ])
  expect(openWork.names()).toEqual([])
})

test('what is given up fails by its name, and what settles afterwards is not heard', async () => {
  const openWork = createOpenWork()
  const late = pending()
  const tracked = openWork.track('git:push on blog/native@web1', late.promise)
  openWork.giveUp()
  late.reject(new Error('too late'))
  await expect(tracked).rejects.toMatchObject({
    code: 'SRV-901',
    message: 'git:push on blog/native@web1 never ended: its promise never settles, and nothing is left to wait for.',
  })
  expect(openWork.names()).toEqual([])
})
