import { expect, test } from 'vitest'
import { wantsColour } from '../../../src/report/style.ts'

test.each([
  ['a terminal', {}, true, true],
  ['no terminal', {}, false, false],
  ['a dumb terminal', { TERM: 'dumb' }, true, false],
  ['NO_COLOR on a terminal', { NO_COLOR: '1' }, true, false],
  ['NO_COLOR against FORCE_COLOR', { NO_COLOR: '1', FORCE_COLOR: '1' }, true, false],
  ['an empty NO_COLOR, which counts as unset', { NO_COLOR: '' }, true, true],
  ['FORCE_COLOR without a terminal', { FORCE_COLOR: '1' }, false, true],
  ['FORCE_COLOR=0 on a terminal', { FORCE_COLOR: '0' }, true, false],
])('%s', (_, env, isTTY, colour) => {
  expect(wantsColour({ env, isTTY })).toBe(colour)
})
