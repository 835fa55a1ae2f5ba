import { expect, test } from 'vitest'
import { postgres } from '../../../plugins/rsync-backup/dumps/kinds.ts'
import { settingsSchema, type SaidSettings } from '../../../plugins/rsync-backup/options.ts'
import { shareSettings } from '../../../plugins/rsync-backup/shared.ts'

/** What comes of what the instances of one service say, by name. */
function shared(said: Readonly<Record<string, SaidSettings>>) {
  return shareSettings(
    Object.entries(said).map(([instance, one]) => ({ instance, said: one, settings: settingsSchema.parse(one) })),
  )
}

test('what one instance says about the data counts for all, whichever it is', () => {
  expect(
    shared({
      web: { exclude: ['/cache/'] },
      worker: { consistency: 'stop', dumps: [postgres({ in: 'db' })], mountpoint: true },
      cron: { holdSeconds: 30, allowEmpty: true, dumpSeconds: 60 },
    }),
  ).toEqual({
    settings: ['web', 'worker', 'cron'].map(() => ({
      ...settingsSchema.parse({}),
      exclude: ['/cache/'],
      consistency: 'stop',
      dumps: [postgres({ in: 'db' })].map((one) => expect.objectContaining({ kind: one.kind }) as unknown),
      mountpoint: true,
      holdSeconds: 30,
      allowEmpty: true,
      dumpSeconds: 60,
    })),
  })
})

test('a snapshot before a deploy, and what a rehearsal does, are of each instance alone', () => {
  const rehearsal = { assert: 'true' }
  expect(shared({ web: { rehearsal }, worker: 'before-deploy' })).toMatchObject({
    settings: [
      { beforeDeploy: false, rehearsal: { assert: 'true' } },
      { beforeDeploy: true, rehearsal: { variables: {} } },
    ],
  })
})

test('the same may be said in several of them', () => {
  const both = { consistency: 'pause', exclude: ['/a', '/b'], rehearsal: { start: false } } as const
  expect(shared({ web: both, worker: both })).toMatchObject({ settings: [both, both] })
})

const about = (first: string): string =>
  `differs from what the instance ${first} says, and both have the same data: say it in one of them, or the same in both`

test('instances that disagree about their data are named, also where one of them says the default', () => {
  expect(
    shared({
      web: {},
      worker: { consistency: 'stop', exclude: ['/a'], holdSeconds: 60 },
      cron: { consistency: 'live', exclude: ['/b'], holdSeconds: 60, beforeDeploy: true },
    }),
  ).toEqual({
    disagreements: [
      { instance: 'cron', path: ['consistency'], text: about('worker') },
      { instance: 'cron', path: ['exclude'], text: about('worker') },
    ],
  })
})

test('what another instance than the first says about a rehearsal would not be done', () => {
  expect(shared({ web: {}, worker: { rehearsal: { start: false } } })).toEqual({
    disagreements: [
      {
        instance: 'worker',
        path: ['rehearsal'],
        text: 'would not be used, because a rehearsal starts the first instance of the service, web: say it there',
      },
    ],
  })
})
