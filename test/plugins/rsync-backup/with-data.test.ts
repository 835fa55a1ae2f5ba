import { expect, it } from 'vitest'
import { rsyncBackup } from '../../../plugins/rsync-backup/index.ts'
import { assertAlone } from '../../../plugins/rsync-backup/tasks/with-data.ts'
import { swarm } from '../../../src/index.ts'
import { runTask, testPlacement } from '../../../src/testing.ts'

const refusal = (service: string): string =>
  `${service} cannot be rolled back with its data on web1: that works only for a service with a single instance, and not in a swarm. Nothing was changed.`

it('goes back with its data where one instance is all that could run on them', () => {
  const { host, service } = testPlacement()
  expect(() => {
    assertAlone({ host, service })
  }).not.toThrow()
  expect(() => {
    assertAlone({ host, service: { ...service, instances: [...service.instances, ...service.instances] } })
  }).toThrow(refusal('blog'))
  expect(() => {
    assertAlone({ host, service: { ...service, orchestrator: { ...swarm(), manager: 'web1' } } })
  }).toThrow(refusal('blog'))
})

it('asks and changes nothing for one that a run does not hold', async () => {
  const { commands, probes, error } = await runTask(rsyncBackup({ to: 'nas:/tank' }), 'stage-back', {
    service: 'shop',
    instance: { name: 'web', kind: 'docker' },
    state: { release: { id: 'one' } },
    refusesHold: 'it cannot be stopped',
  })
  expect([commands, probes]).toEqual([[], []])
  expect(error).toMatchObject({ code: 'SRV-303' })
})
