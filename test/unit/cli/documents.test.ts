import { expect, test } from 'vitest'
import { documentEnd } from '../../../src/cli/documents.ts'
import type { End } from '../../../src/transport/transport.ts'

test.each<[End, object]>([
  [
    { kind: 'exit', code: 3 },
    { kind: 'exit', code: 3 },
  ],
  [
    { kind: 'timeout', stopped: true, timeoutMs: 500 },
    { kind: 'timeout', stopped: true, timeout_ms: 500 },
  ],
  [
    { kind: 'lost', reason: 'the connection was reset' },
    { kind: 'lost', reason: 'the connection was reset' },
  ],
])('%j is shown as %j', (end, shown) => {
  expect(documentEnd(end)).toEqual(shown)
})
