import { expect, it } from 'vitest'
import { rsyncBackup } from '../../../plugins/rsync-backup/index.ts'
import { optionsSchema } from '../../../plugins/rsync-backup/options.ts'
import { validateConfig } from '../../../src/config/validate.ts'

const problems = (...to: readonly unknown[]): unknown =>
  optionsSchema.safeParse({ to }).error?.issues.map(({ path, message }) => [path.join('.'), message])

const twice = 'is a folder that is already in the list, perhaps spelled differently'

it.each([
  ['/tank', '/tank/'],
  ['/tank/srv', '/tank//srv/.'],
  ['nas:/tank', 'backup@nas:/tank/'],
  ['backup@nas:/tank', { folder: 'nas:/tank/./', way: 'push' }],
  ['/tank', { folder: '/tank//', mountpoint: '/tank' }],
  [{ laptop: 'mine' }, { laptop: './mine/' }],
])('a folder is no second one by its spelling: %j and %j', (one, other) => {
  expect(problems('/elsewhere', one, other)).toEqual([['to.2', twice]])
  expect(problems(one)).toBeUndefined()
  expect(problems(other)).toBeUndefined()
})

it('takes no URL, whose scheme would be a machine', () => {
  const form = expect.stringMatching(/^is where snapshots go: write "user@host:\/folder"/)
  expect(problems('ssh://nas/tank')).toEqual([['to', form]])
  expect(problems({ folder: 'rsync://backup@nas/tank' })).toEqual([['to', form]])
})

it('takes addresses of hosts that exist, in any environment, and of no others', async () => {
  const config = (web: string, other: string) => ({
    environments: { one: { hosts: { web1: 'web1.example.org' } }, two: { hosts: { web2: 'web2.example.org' } } },
    services: { shop: { instances: { native: { kind: 'native' } } } },
    plugins: [
      rsyncBackup({
        to: ['/tank', { folder: 'nas:/tank', from: { [other]: '10.0.0.6' } }],
        schedule: { at: '03:00', from: { web1: '10.0.0.5', [web]: '10.0.0.6' } },
      }),
    ],
  })
  expect(await validateConfig(config('web2', 'web1'), [])).toMatchObject({ ok: true })
  const place = 'is not a host of any environment. Did you mean web1? (also: web2)'
  expect(await validateConfig(config('webb1', 'wep1'), [])).toEqual({
    ok: false,
    problems: [`plugins.backup.to[1].from.wep1 ${place}`, `plugins.backup.schedule.from.webb1 ${place}`],
  })
})

it('takes folders of different machines, and different folders, for what they are', () => {
  expect(
    problems('/tank', '/tank/srv', 'nas:/tank', 'vault:/tank', { laptop: '/tank' }, { laptop: 'tank' }),
  ).toBeUndefined()
})
