import { expect, it } from 'vitest'
import { optionsSchema } from '../../../plugins/rsync-backup/options.ts'

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

it('takes folders of different machines, and different folders, for what they are', () => {
  expect(
    problems('/tank', '/tank/srv', 'nas:/tank', 'vault:/tank', { laptop: '/tank' }, { laptop: 'tank' }),
  ).toBeUndefined()
})
