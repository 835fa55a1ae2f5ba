import { expect, test, vi } from 'vitest'
import { createOpenWork } from '../../../../src/run/steps/open-work.ts'
import { isIdle, watchForStuckWork, type Resources } from '../../../../src/run/steps/stuck.ts'

const resources = (counts: Readonly<Record<string, number>>): Resources => new Map(Object.entries(counts))

test('idle means that nothing is active that was not active before', () => {
  const idle = resources({ TCPSocketWrap: 2, Timeout: 2 })
  expect(isIdle(resources({ TCPSocketWrap: 2, Timeout: 1 }), idle)).toBe(true)
  expect(isIdle(resources({ TCPSocketWrap: 2, Timeout: 3 }), idle)).toBe(false)
  expect(isIdle(resources({ FSReqCallback: 1 }), idle)).toBe(false)
})

function scene() {
  vi.useFakeTimers()
  const openWork = createOpenWork()
  const now = { resources: resources({ TCPSocketWrap: 1 }), isBusy: false }
  const unwatch = watchForStuckWork({ openWork, isBusy: () => now.isBusy, resources: () => now.resources })
  return { openWork, now, [Symbol.dispose]: () => (unwatch(), vi.useRealTimers()) }
}

test('work that can never end is given up and named', async () => {
  using rig = scene()
  const work = rig.openWork.track('local-task on web1', new Promise(() => undefined))
  const failed = expect(work).rejects.toThrow(
    'local-task on web1 never ended: its promise never settles, and nothing is left to wait for.',
  )
  await vi.advanceTimersByTimeAsync(5000)
  await failed
})

test('work that waits for a timer, or for a command, is left alone', async () => {
  using rig = scene()
  const work = rig.openWork.track('local-task on web1', new Promise(() => undefined))
  work.catch(() => undefined)
  rig.now.resources = resources({ TCPSocketWrap: 1, Timeout: 1 })
  await vi.advanceTimersByTimeAsync(60_000)
  rig.now.resources = resources({ TCPSocketWrap: 1 })
  rig.now.isBusy = true
  await vi.advanceTimersByTimeAsync(60_000)
  expect(rig.openWork.names()).toEqual(['local-task on web1'])
})
