import { expect, test } from 'vitest'
import { commandLine } from '../../../../tasks/host/command-line.ts'

test.each([
  ['node server.js', 'exec node server.js'],
  ['  ./bin/app --port "$PORT" ', 'exec ./bin/app --port "$PORT"'],
  ['PORT=3000 node server.js', 'PORT=3000 node server.js'],
  ['cd sub && node server.js', 'cd sub && node server.js'],
  ['cd sub', 'cd sub'],
  ['exec node server.js', 'exec node server.js'],
  ['node a.js; node b.js', 'node a.js; node b.js'],
  ['node server.js >out', 'node server.js >out'],
  ['(node server.js)', '(node server.js)'],
])('%j is run as %j', (exec, line) => {
  expect(commandLine(exec)).toBe(line)
})
