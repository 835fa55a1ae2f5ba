import { git as plugin } from '../../../plugins/git/index.ts'
import type { InstanceState, NextRelease } from '../../../src/index.ts'
import { isSrvError } from '../../../src/index.ts'
import { explanationOf, runTask, type Situation } from '../../../src/testing.ts'
import { bench, type Bench } from './bench.ts'
import type { Machine, shells } from './machine.ts'

/** An instance that is deployed in place, on a host that is a folder. */
export interface CheckoutBench extends Bench {
  /** Runs every step of a deploy; it gives the message of the first refusal, or nothing. */
  deploy(number: number, commit: string, more?: Situation): Promise<string | undefined>
  /** Goes back to a release, as a rollback does. */
  back(next: NextRelease): Promise<string | undefined>
  /** What `resolve` says about the checkout before anything is changed. */
  refusal(more?: Situation): Promise<string | undefined>
  state(): Promise<Partial<InstanceState>>
}

function told(thrown: unknown, root: string): string {
  const text = isSrvError(thrown) ? `${thrown.code} ${thrown.message} → ${thrown.hint}` : String(thrown)
  return text.replaceAll(root, '<host>').replaceAll(/\b[0-9a-f]{7}\b/g, '<commit>')
}

/** Makes a host of a folder, for an instance that is fetched from `url`. */
export async function checkoutBench(
  shell: (typeof shells)[number],
  url: string,
  base: Situation = {},
  machine: Machine = {},
): Promise<CheckoutBench> {
  const situation: Situation = {
    ...base,
    instance: { repository: url, ...base.instance },
    settings: { strategy: 'in-place', source: 'remote', ...(base.settings ?? {}) },
  }
  const host = await bench(shell, situation, machine)
  const next = (number: number, commit: string): NextRelease => ({
    ...host.next(number, commit),
    folder: host.instance,
    directory: host.instance,
  })
  const carryOut = async (keys: readonly string[], more: Situation): Promise<string | undefined> => {
    const state = await host.inspect()
    for (const key of keys) {
      const answer = await host.run(key, { state, ...more })
      if (answer.code === 0) continue
      const whole = { ...situation, ...more, host: { name: 'web1', root: host.root } }
      const reason = await explanationOf(plugin(), key, whole, answer)
      return told(reason ?? `${key}: ${String(answer.code)} ${answer.stderr.trim()}`, host.root)
    }
    return undefined
  }
  return {
    ...host,
    next,
    state: () => host.inspect(),
    deploy: (number, commit, more = {}) =>
      carryOut(['fetch', 'switch', 'record', 'prune'], {
        next: next(number, commit),
        outputs: { resolve: { warnings: [], branches: { 'blog/native': 'main' } } },
        ...more,
      }),
    back: (to) => carryOut(['switch', 'record'], { next: to }),
    async refusal(more = {}) {
      const at = { host: { name: 'web1', root: host.root }, projectRoot: url }
      const whole = { ...situation, ...more, ...at, state: await host.inspect() }
      const { error } = await runTask(plugin(), 'resolve', whole)
      return error === undefined ? undefined : told(error, host.root)
    },
  }
}
