import { expect, test } from 'vitest'
import { parallel, rolling, series } from '../../../src/config/steps.ts'

test('the helpers return the data that a config could have written', () => {
  expect(
    series('build', parallel('env', 'readme'), rolling(['restart', 'health'], { canary: 1, window: '25%' })),
  ).toEqual(['build', { parallel: ['env', 'readme'] }, { rolling: ['restart', 'health'], canary: 1, window: '25%' }])
})
