import { expect, test } from 'vitest'
import type { InstanceContext } from '../../../../src/plugin/contract.ts'
import { defineTask } from '../../../../src/plugin/define.ts'
import { lines, raw, sh } from '../../../../src/shell/script.ts'
import { fleet } from '../../../support/fleet.ts'

const instances = ['blog/native', 'shop/native', 'wiki/native']
const othersGoOn = true
/** Shell text for each service, whose name is in `$service`. */
const each = (text: string, more: { readonly othersGoOn?: boolean; readonly undo?: string } = {}) => {
  const script = (body: string) => (context: InstanceContext) => lines(sh`service=${context.service.name}`, raw(body))
  const { undo, ...said } = more
  return defineTask({
    title: 'Shell text',
    on: 'instance',
    ...said,
    script: script(text),
    ...(undo === undefined ? {} : { undo: script(undo) }),
  })
}
/** Fails for one service, and would be undone by a file of its name. */
const copy = (failing: string) =>
  each(`[ "$service" != ${failing} ]; echo "$service" >>copied`, { othersGoOn, undo: 'echo "$service" >>undone' })
const end = defineTask({ title: 'End', on: 'host', othersGoOn, script: () => raw('echo ended >>copied') })

test('what concerns no other target is done on all of them, what was done stays, and the run fails', async () => {
  const run = fleet(['copy', 'end'], { instances, tasks: { copy: copy('blog'), end } })
  const { status, exitCode, errors } = await run.run()
  expect(run.file('web1', 'copied')).toBe('shop\nwiki\nended\n')
  expect(run.file('web1', 'undone')).toBe('blog\n')
  expect({ status, exitCode, failed: errors.map(({ where }) => where.instance) }).toEqual({
    status: 'failed',
    exitCode: 5,
    failed: ['blog/native'],
  })
  expect(run.story().filter((line) => !line.startsWith('start'))).toEqual([
    'failed copy blog/native@web1: SRV-501',
    'changed copy shop/native@web1',
    'changed copy wiki/native@web1',
    'changed end web1',
    'undo blog/native@web1: copy',
    'undone blog/native@web1',
    'end failed 5',
  ])
})

test('each failure is told', async () => {
  const fails = each('[ "$service" = shop ]; touch shop', { othersGoOn })
  const run = fleet(['fails'], { instances, tasks: { fails } })
  const { errors } = await run.run()
  expect(errors.map(({ where }) => where.instance)).toEqual(['blog/native', 'wiki/native'])
  expect(run.file('web1', 'shop')).toBe('')
})

test('a step behind it that does not say so is done nowhere after the failure', async () => {
  const deploy = each('echo "$service" >>deployed')
  const run = fleet(['copy', 'deploy', 'copy'], { instances, tasks: { copy: copy('shop'), deploy } })
  await run.run()
  // The first was through by then.
  expect([run.file('web1', 'copied'), run.file('web1', 'deployed')]).toEqual(['blog\nblog\nwiki\n', 'blog\n'])
})

test('the failure of any other step stops its host', async () => {
  const deploy = each('[ "$service" != blog ]')
  const run = fleet(['deploy', 'copy'], { instances, tasks: { deploy, copy: copy('none') } })
  await run.run()
  expect(run.file('web1', 'copied')).toBeUndefined()
})

test('after an interrupt nothing goes on, and what was done is undone', async () => {
  const run = fleet(['copy', 'end'], { instances, tasks: { copy: copy('wiki'), end } })
  run.onEvent = (event) => {
    if (event.type === 'step.end' && event.target === 'shop/native@web1') run.abort()
  }
  await run.run()
  expect(run.file('web1', 'copied')).toBe('blog\nshop\n')
  expect(run.file('web1', 'undone')).toBe('shop\nblog\n')
  expect(run.story().at(-1)).toBe('end cancelled 130')
})

test('what a host was to do for all of it and could not is no reason to keep what may still be open', async () => {
  const bad = defineTask({ title: 'End', on: 'host', othersGoOn, script: () => raw('exit 1') })
  const run = fleet(['copy', 'bad'], { instances, tasks: { copy: copy('none'), bad } })
  await run.run()
  expect(run.file('web1', 'undone')).toBe('wiki\nshop\nblog\n')
})
