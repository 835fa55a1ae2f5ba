import { expect, test } from 'vitest'
import { command, http, process, systemd, tcp } from '../../../../src/index.ts'
import { health } from '../../../../tasks/health.ts'
import { isWatchable, limitsOf } from '../../../../tasks/health/gate.ts'
import { healthUrl } from '../../../../tasks/health/http.ts'
import { tcpTarget } from '../../../../tasks/health/tcp.ts'
import { contextAt, placementAt } from '../../../integration/tasks/site.ts'

test('the longest limit of several questions counts', () => {
  const questions = [
    http(':1/', { samples: 9, intervalMs: 10, timeoutMs: 1000 }),
    tcp(':2', { samples: 2, intervalMs: 500, timeoutMs: 9000 }),
  ]
  expect(limitsOf({ health: questions })).toEqual({ samples: 9, intervalMs: 500, timeoutMs: 9000 })
  expect(limitsOf({ health: [] })).toEqual({ samples: 4, intervalMs: 1000, timeoutMs: 60_000 })
})

test('an instance about which nothing can be asked has no health step', () => {
  expect(isWatchable({ health: [] })).toBe(false)
  expect(isWatchable({ health: [], start: command({ start: 'run' }) })).toBe(false)
  expect(isWatchable({ health: [], start: command({ start: 'run', status: 'ask' }) })).toBe(true)
  expect(isWatchable({ health: [], start: process({ exec: 'run' }) })).toBe(true)
  expect(isWatchable({ health: [], start: systemd({ exec: 'run' }) })).toBe(true)
  expect(isWatchable({ health: [http(':1/')] })).toBe(true)
})

test('an address without a host is the host itself', () => {
  const asked = (url: string, loopback: string): string => {
    const question = http(url)
    return question.kind === 'http' ? healthUrl(question, { loopback }) : ''
  }
  expect(asked(':3000/up', '127.0.0.7')).toBe('http://127.0.0.7:3000/up')
  expect(asked(':3000', '::1')).toBe('http://[::1]:3000')
  expect(asked('https://example.org/up', '127.0.0.7')).toBe('https://example.org/up')
  const dialled = (address: string): readonly string[] => {
    const question = tcp(address)
    return question.kind === 'tcp' ? tcpTarget(question, { loopback: '127.0.0.7' }) : []
  }
  expect([':5432', '10.0.0.5:5432', '[::1]:5432'].map(dialled)).toEqual([
    ['127.0.0.7', '5432'],
    ['10.0.0.5', '5432'],
    ['::1', '5432'],
  ])
})

test('what the plan says', () => {
  const asked = placementAt('/srv', { health: [http(':3000/up'), tcp(':5432'), command('bin/check')] })
  expect(health.describe?.(contextAt(asked))).toBe(
    'GET :3000/up, connect to :5432, bin/check: 4 good answers in a row, 1000 ms apart, within 60 s',
  )
  expect(health.describe?.(contextAt(placementAt('/srv')))).toBe(
    'it runs: 4 good answers in a row, 1000 ms apart, within 60 s',
  )
  expect(health.describe?.(contextAt(placementAt('/srv'), { isUnchanged: true }))).toBe(
    'it runs: one good answer within 60 s, since nothing changes',
  )
})
