import { readFileSync, symlinkSync, writeFileSync, rmSync, renameSync } from 'node:fs'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { onTestFinished } from 'vitest'
import { process as processSupervisor, type Instance, type Placement } from '../../../src/index.ts'
import { health } from '../../../tasks/health.ts'
import { inspectHealth, inspectRunning } from '../../../tasks/inspect.ts'
import { restart, start } from '../../../tasks/restart.ts'
import { stop } from '../../../tasks/stop.ts'
import type { InstanceState, NextRelease } from '../../../src/index.ts'
import { temporaryFolder } from './folder.ts'
import { runScript, type Kind, type Ran } from './shell.ts'
import { unknownState } from '../../../src/plugin/state.ts'
import { contextAt, nextAt, placementAt } from './site.ts'

/** A port that nobody listens on. */
export async function freePort(): Promise<number> {
  const server = createServer()
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  await new Promise((resolve) => server.close(resolve))
  if (address === null || typeof address === 'string') throw new Error('no port')
  return address.port
}

/** An instance with releases, deployed by hand: what the git plugin does, in three lines. */
export class Deployed {
  readonly placement: Placement
  readonly #kind: Kind

  constructor(kind: Kind, options: Partial<Instance>) {
    this.#kind = kind
    this.placement = placementAt(temporaryFolder(), options)
    onTestFinished(async () => {
      if (this.placement.instance.start?.kind === 'process') await this.stop()
    })
  }

  /** Puts a release with these files in place. */
  release(id: string, files: Readonly<Record<string, string>>): NextRelease {
    const next = nextAt(this.placement, id)
    for (const [name, text] of Object.entries(files)) writeFileSync(join(next.folder, name), text)
    symlinkSync(next.folder, `${next.directory}.new`)
    renameSync(`${next.directory}.new`, next.directory)
    return next
  }

  /** Takes the switch back, as the undo of a first deploy does. */
  unlink(): void {
    rmSync(join(this.placement.paths.instance, 'current'))
  }

  restart(next?: NextRelease, state?: Partial<InstanceState>): Promise<Ran> {
    return runScript(restart.script?.(this.context(next, state)), this.#kind)
  }

  start(next?: NextRelease): Promise<Ran> {
    return runScript(start.script?.(this.context(next)), this.#kind)
  }

  stop(): Promise<Ran> {
    return runScript(stop.script?.(this.context()), this.#kind)
  }

  health(next?: NextRelease, isUnchanged = false): Promise<Ran> {
    return runScript(health.script?.({ ...this.context(next), isUnchanged }), this.#kind)
  }

  async inspect(): Promise<Partial<InstanceState>> {
    const answers = [inspectRunning, inspectHealth].map(async (one) =>
      one.read(
        await runScript(one.probe(this.placement, undefined, undefined), this.#kind),
        this.placement,
        undefined,
        unknownState,
      ),
    )
    const [running, healthy] = await Promise.all(answers)
    return { ...running, ...healthy }
  }

  /** A file of srv's own about the instance. */
  noted(name: string): string {
    return readFileSync(join(this.placement.paths.state, 'native', name), 'utf8')
  }

  leader(): number {
    return Number(this.noted('pid').split('\n')[0])
  }

  context(next?: NextRelease, state: Partial<InstanceState> = {}) {
    return contextAt(this.placement, {
      ...(next === undefined ? {} : { next }),
      state: { releases: [], running: 'unknown', healthy: 'unknown', drift: [], ...state },
    })
  }
}

/** A web server: `/up` answers, `/` tells the variables it sees. It dies at the request `dieAt`. */
export const server = `
let asked = 0
const { PORT, DIE_AT, STATUS = '200' } = process.env
require('node:http').createServer((request, response) => {
  if (request.url === '/up' && String(++asked) === DIE_AT) process.exit(7)
  response.writeHead(request.url === '/moved' ? 301 : Number(STATUS), { location: '/up' })
  response.end(JSON.stringify({ ...process.env, CWD: process.cwd() }))
}).listen(Number(PORT), '127.0.0.1', () => console.log('listens'))
`

/** Options of an instance that runs a command line as a process. */
export function asProcess(exec: string, stopTimeoutMs = 5000): Partial<Instance> {
  return { start: processSupervisor({ exec, stopTimeoutMs }) }
}
