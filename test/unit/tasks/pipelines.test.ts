import { expect, test } from 'vitest'
import { stockPipelineNames, stockTaskNames } from '../../../src/config/stock.ts'
import { stockTasks } from '../../../tasks/index.ts'
import { stockPipelines } from '../../../tasks/pipelines.ts'

const turns = { canary: 1, window: '25%' }

test('without plugins the stock tasks remain', () => {
  const deploy = ['env', 'build', { rolling: ['restart', 'health'], ...turns }, 'readme']
  expect(stockPipelines([])).toEqual({
    deploy,
    update: deploy,
    rollback: [{ rolling: ['restart', 'health'], ...turns }, 'readme'],
    'rollback-with-data': [],
    restart: [{ rolling: ['restart', 'health'], ...turns }],
    start: [{ rolling: ['start', 'health'], ...turns }],
    stop: ['stop'],
    scale: [],
    backup: [],
    verify: [],
    prune: [],
    rehearse: [],
    restore: [],
    extract: [],
    schedule: [],
    unschedule: [],
  })
})

test('the phases of each plugin stand in their places, in the order of the plugins', () => {
  const { deploy, rollback } = stockPipelines([
    {
      name: 'git',
      phases: {
        deploy: { resolve: ['resolve'], prepare: ['fetch', 'checkout'], activate: ['switch'], finish: ['prune'] },
        rollback: { resolve: ['previous'], activate: ['switch'], finish: ['record'] },
      },
    },
    { name: 'quiet' },
    { name: 'compose', phases: { deploy: { prepare: ['pull'], activate: ['up'] } } },
  ])
  expect(deploy).toEqual([
    'git:resolve',
    'git:fetch',
    'git:checkout',
    'compose:pull',
    'env',
    'build',
    { rolling: ['git:switch', 'compose:up', 'restart', 'health'], ...turns },
    'git:prune',
    'readme',
  ])
  expect(rollback).toEqual([
    'git:previous',
    { rolling: ['git:switch', 'restart', 'health'], ...turns },
    'git:record',
    'readme',
  ])
})

test('what is deployed in place is built behind the switch, also on the way back', () => {
  const phases = { deploy: { activate: ['switch'] }, rollback: { activate: ['switch'] } }
  const { deploy, rollback } = stockPipelines([{ name: 'git', phases }], true)
  const behind = ['git:switch', { inPlace: true, steps: ['env', 'build'] }, 'restart', 'health']
  expect(deploy).toEqual([{ inPlace: false, steps: ['env', 'build'] }, { rolling: behind, ...turns }, 'readme'])
  expect(rollback).toEqual([{ rolling: behind, ...turns }, 'readme'])
})

test('the config knows the same names', () => {
  expect(Object.keys(stockTasks).sort()).toEqual([...stockTaskNames].sort())
  expect(Object.keys(stockPipelines([])).sort()).toEqual([...stockPipelineNames].sort())
})
