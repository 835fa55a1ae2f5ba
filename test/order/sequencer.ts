import { relative } from 'node:path'
import { BaseSequencer, type TestSpecification } from 'vitest/node'
import { queue } from './queue.ts'

/** Files that take long, with their seconds on two processors: on a fresh machine vitest knows only how large a file is. */
export const slow: Readonly<Record<string, number>> = {
  'test/lab/backup/chaos.test.ts': 480,
  'test/lab/backup/chaos-restore.test.ts': 450,
  'test/lab/compose/swarm.test.ts': 260,
  'test/lab/compose/deploy.test.ts': 210,
  'test/lab/compose/swarm-jobs.test.ts': 190,
  'test/lab/compose/chaos.test.ts': 190,
  'test/lab/compose/first.test.ts': 205,
  'test/lab/compose/operate.test.ts': 170,
  'test/lab/compose/proxy.test.ts': 130,
  'test/cli/lease-expiry.test.ts': 105,
  'test/lab/native.test.ts': 145,
  'test/lab/compose/with-data.test.ts': 120,
  'test/lab/compose/registry.test.ts': 100,
  'test/lab/compose/backup.test.ts': 80,
  'test/lab/compose/source.test.ts': 100,
  'test/lab/compose/newer.test.ts': 75,
  'test/cli/chaos-in-place.test.ts': 75,
  'test/lab/compose/hold.test.ts': 110,
  'test/cli/backup.test.ts': 70,
  'test/cli/chaos-backup.test.ts': 70,
  'test/lab/compose/labels.test.ts': 65,
  'test/integration/backup/schedule-chaos.test.ts': 65,
  'test/cli/rehearse.test.ts': 65,
  'test/cli/backup-way.test.ts': 60,
  'test/cli/chaos.test.ts': 60,
  'test/lab/compose/gate.test.ts': 60,
  'test/plugins/git/in-place.test.ts': 50,
  'test/lab/compose/volume.test.ts': 50,
  'test/lab/backup/schedule.test.ts': 80,
  'test/cli/chaos-restore.test.ts': 45,
}

/** Seconds of any other file, by the name of its project. */
const usual: Readonly<Record<string, number>> = { lab: 25, real: 10, unit: 2 }

/** Runs the files of all projects in one queue; vitest itself would run the projects one after the other. */
export default class Sequencer extends BaseSequencer {
  override sort(specifications: TestSpecification[]): Promise<TestSpecification[]> {
    const { root, maxWorkers } = this.ctx.config
    const pieces = specifications.map((specification) => {
      const path = relative(root, specification.moduleId)
      return { path, seconds: slow[path] ?? usual[specification.project.name] ?? 0, specification }
    })
    return Promise.resolve(queue(pieces, maxWorkers).map(({ specification }) => specification))
  }
}
