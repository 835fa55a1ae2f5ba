import { expect, test } from 'vitest'
import { repositoryName } from '../../../plugins/git/repository-name.ts'

test('one repository has one name, however it is reached', () => {
  const urls = [
    'git@github.com:me/blog.git',
    'https://github.com/me/blog',
    'https://me:secret@GitHub.com/me/blog.git/',
    'ssh://git@github.com:22/me/blog.git',
    'github.com:/me/blog',
  ]
  expect([...new Set(urls.map(repositoryName))]).toEqual(['github.com/me/blog'])
})

test('others have others', () => {
  const urls = [
    '/srv/git/blog.git',
    'file:///srv/git/blog',
    'https://github.com/you/blog',
    'https://gitlab.com/me/blog',
  ]
  expect(urls.map(repositoryName)).toEqual([
    '/srv/git/blog',
    '/srv/git/blog',
    'github.com/you/blog',
    'gitlab.com/me/blog',
  ])
})
