import { mkdirSync } from 'node:fs'
import { dirname } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { isSrvError } from '../../../src/error/srv-error.ts'
import { hostPaths, sandboxPaths } from '../../../src/sandbox/paths.ts'
import { startDaemon } from '../../../src/sandbox/start.ts'
import { temporaryProject, type TemporaryProject } from './project.ts'

let project: TemporaryProject

beforeEach(() => {
  project = temporaryProject()
})

afterEach(() => project.remove())

async function failure(promise: Promise<unknown>): Promise<object> {
  const error: unknown = await promise.then(
    () => undefined,
    (reason: unknown) => reason,
  )
  if (!isSrvError(error)) throw new Error('it did not fail with an error of srv', { cause: error })
  const { code, message, hint, exitCode } = error
  return { code, message, hint, exitCode }
}

test('addresses that this machine lacks are named, with the command that adds them', async () => {
  const sandbox = sandboxPaths(project.root)
  // Set aside for documentation (RFC 5737): no machine has them, as macOS lacks most of 127.0.0.0/8.
  const hosts = ['203.0.113.1', '203.0.113.2'].map((address) => ({ ...hostPaths(sandbox, 'web1'), address }))
  expect(await failure(startDaemon(sandbox, project.root, hosts))).toEqual({
    code: 'SRV-241',
    message:
      'This machine does not let programs listen on 203.0.113.1 and 203.0.113.2, the loopback addresses of the sandbox hosts. Nothing was started.',
    hint: 'Run this once; it lasts until the next reboot: sudo ifconfig lo0 alias 203.0.113.1 up && sudo ifconfig lo0 alias 203.0.113.2 up',
    exitCode: 4,
  })
})

test('a server that does not come up is an error that leads to its log', async () => {
  const sandbox = sandboxPaths(project.root)
  mkdirSync(dirname(sandbox.log), { recursive: true })
  // The folder of the host is missing: the server cannot keep its key.
  expect(await failure(startDaemon(sandbox, project.root, [hostPaths(sandbox, 'web1')]))).toEqual({
    code: 'SRV-242',
    message:
      'The program that serves the sandbox hosts did not start: it ended with exit code 1. Nothing was deployed.',
    hint: `Read ${sandbox.log}, then run the same command again.`,
    exitCode: 4,
  })
})
