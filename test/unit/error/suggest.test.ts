import { expect, test } from 'vitest'
import { didYouMean, suggest } from '../../../src/error/suggest.ts'

const known = ['deploy', 'rollback', 'restart', 'git:fetch', 'env']

test.each([
  ['deplyo', 'deploy'],
  ['rolback', 'rollback'],
  ['Deploy', 'deploy'],
  ['git:fetsh', 'git:fetch'],
  ['evn', 'env'],
  ['x', undefined],
  ['something-else', undefined],
  ['', undefined],
])('%j was meant to be %j', (unknown, expected) => {
  expect(suggest(unknown, known)).toBe(expected)
})

test('the words at the end of a message', () => {
  expect(didYouMean('deplyo', known)).toBe('Did you mean deploy? (also: rollback, restart, git:fetch, env)')
  expect(didYouMean('deplyo', ['deploy'])).toBe('Did you mean deploy?')
  expect(didYouMean('nothing', known)).toBe('Available: deploy, rollback, restart, git:fetch, env.')
  expect(didYouMean('nothing', [])).toBe('There are none.')
})
