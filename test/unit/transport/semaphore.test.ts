import { expect, test } from 'vitest'
import { semaphore } from '../../../src/transport/semaphore.ts'

test('no more are inside than there are places, and they enter in order', async () => {
  const door = semaphore(2)
  const order: string[] = []
  const enter = async (name: string) => {
    const leave = await door.enter()
    order.push(name)
    return leave
  }
  const [a, b, c, d] = [enter('a'), enter('b'), enter('c'), enter('d')]
  const leaveA = await a
  await b
  expect(order).toEqual(['a', 'b'])
  leaveA()
  leaveA()
  const leaveC = await c
  expect(order).toEqual(['a', 'b', 'c'])
  leaveC()
  await d
  expect(order).toEqual(['a', 'b', 'c', 'd'])
})

test('a place that turned out not to be there is not given out again', async () => {
  const door = semaphore(8)
  const [first, second] = [await door.enter(), await door.enter()]
  expect(door.shrink()).toBe(true)
  second()
  let isIn = false
  const third = door.enter().then(() => (isIn = true))
  await Promise.resolve()
  expect(isIn).toBe(false)
  first()
  await third
  expect(isIn).toBe(true)
})

test('the last place stays', async () => {
  const door = semaphore(8)
  await door.enter()
  expect(door.shrink()).toBe(false)
})

test('a place that is only tried for leaves one free, and waits for none', async () => {
  const door = semaphore(3)
  const leave = await door.enter()
  expect(door.tryEnter()).toBeTypeOf('function')
  expect(door.tryEnter()).toBeUndefined()
  leave()
  expect(door.tryEnter()).toBeTypeOf('function')
  expect(door.tryEnter()).toBeUndefined()
})
