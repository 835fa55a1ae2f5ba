import { get } from 'node:http'
import { setTimeout as pause } from 'node:timers/promises'
import type { LabHost } from '../global-setup.ts'

/** Clients that ask again and again. */
export interface Load {
  /** How often they got each answer. */
  readonly answers: Map<string, number>
  readonly stop: () => Promise<void>
}

/**
 * Eight clients that ask until they are stopped, some two hundred times a second together, over a new connection each time:
 * that a proxy closes one in between two requests is no request lost. They leave the machine some of its time.
 */
export function load(host: LabHost, port: number): Load {
  const answers = new Map<string, number>()
  let isOver = false
  const one = (): Promise<string> =>
    new Promise((resolve) => {
      const request = get({ host: host.address, port, agent: false, timeout: 10_000 }, (response) => {
        let text = ''
        response.on('data', (chunk: Buffer) => (text += chunk.toString()))
        response.on('error', (error) => resolve(error.message))
        response.on('end', () => resolve(`${String(response.statusCode)} ${text.trim()}`))
      })
      request.on('timeout', () => request.destroy(new Error('no answer')))
      request.on('error', (error: NodeJS.ErrnoException) => resolve(error.code ?? error.message))
    })
  const client = async (): Promise<void> => {
    while (!isOver) {
      const answer = await one()
      answers.set(answer, (answers.get(answer) ?? 0) + 1)
      await pause(40)
    }
  }
  const clients = Promise.all(Array.from({ length: 8 }, client))
  return {
    answers,
    async stop() {
      isOver = true
      await clients
    },
  }
}
