import { expect, test } from 'vitest'
import { searchPath } from '../../../src/sandbox/environment.ts'

test.each([
  [
    'npm leaves no trace',
    '/p/node_modules/.bin:/n/npm/bin/node-gyp-bin:/usr/bin:/bin',
    '/usr/bin/node',
    '/usr/bin:/bin',
  ],
  ['Node is found where it is', '/usr/bin:/bin', '/opt/node/bin/node', '/usr/bin:/bin:/opt/node/bin'],
  ['an empty entry would be the current folder', '/usr/bin::', '/usr/bin/node', '/usr/bin'],
])('search path: %s', (_, inherited, node, expected) => {
  expect(searchPath(inherited, node)).toBe(expected)
})
