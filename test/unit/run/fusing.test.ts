import { afterEach, expect, test } from 'vitest'
import { defineTask } from '../../../src/plugin/define.ts'
import { sh } from '../../../src/shell/script.ts'
import { fleet, type Fleet, type FleetOptions } from '../../support/fleet.ts'

let made: Fleet | undefined
afterEach(() => made?.remove())
function start(main: Parameters<typeof fleet>[0], options: FleetOptions = {}): Fleet {
  made = fleet(main, options)
  return made
}

const one = defineTask({ title: 'One', on: 'instance', script: () => sh`echo one; echo "one's error" >&2` })
const two = defineTask({ title: 'Two', on: 'instance', script: () => sh`printf two` })

test('neighbours on one target are one command', async () => {
  const run = start(['one', 'two'], { tasks: { one, two } })
  const report = await run.run()
  expect(run.story()).toMatchInlineSnapshot(`
    [
      "version",
      "run.start",
      "host.connect",
      "host.ready",
      "start one blog/native@web1",
      "stderr one blog/native@web1: one's error",
      "stdout one blog/native@web1: one",
      "changed one blog/native@web1",
      "start two blog/native@web1",
      "stdout two blog/native@web1: two",
      "changed two blog/native@web1",
      "end ok 0",
    ]
  `)
  expect(run.pool.sentTo('web1')).toHaveLength(1)
  expect(report).toMatchObject({ status: 'ok', exitCode: 0 })
})
