import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import type { InstanceContext } from '../../../src/plugin/contract.ts'
import { defineTask } from '../../../src/plugin/define.ts'
import { raw } from '../../../src/shell/script.ts'
import { fleet, type Fleet } from '../../support/fleet.ts'

/** As another run leaves it that took the lease, after this one gave no sign of life. */
function takeOver({ paths }: Pick<InstanceContext, 'paths'>): void {
  writeFileSync(join(paths.state, 'lease/run'), 'another run\n')
}

/** As it is when this run has given no sign of life for long, and nobody came. */
function endLease({ paths }: Pick<InstanceContext, 'paths'>): void {
  writeFileSync(join(paths.state, 'lease/beat'), '1\n')
}

/** Every way in which a function acts on a host. */
const ways: Readonly<Record<string, (context: InstanceContext) => Promise<unknown>>> = {
  'a command': ({ run }) => run`touch acted`,
  'a command that is followed': ({ follow }) => follow(raw('touch acted; echo said'), () => undefined),
  'a tool that speaks to the host': ({ relay }) =>
    relay({ argv: ['sh', '-c', 'sh -c "$SRV_REMOTE_SHELL" sh srv touch acted'], before: raw('[ ! -e acted ]') }),
  'a bridge to the host': ({ bridge }) => bridge({ on: 'local', script: raw('$SRV_SHELL srv touch acted') }),
  'a bridge from the host': ({ bridge }) => bridge({ on: 'web1', script: raw('touch acted') }),
}

const lost = 'SRV-403 The lease of blog on web1 was lost'

function errorsOf(run: Fleet): readonly string[] {
  const end = run.events.at(-1)
  return end?.type === 'run.end' ? end.errors.map(({ code, message }) => `${code} ${message.replace(/:.*/, '')}`) : []
}

/** One task in a run that holds the lease of its host. */
function leased(run: (context: InstanceContext) => unknown): Fleet {
  const t = defineTask({
    title: 'T',
    on: 'instance',
    run,
    also: ({ host }) => (host.name === 'web1' ? ['web2'] : []),
  })
  return fleet(['t'], { hosts: ['web1', 'web2'], lease: true, tasks: { t } })
}

describe.each(Object.entries(ways))('%s', (_, act) => {
  test('acts while the lease is ours, and says nothing of it', async () => {
    const run = leased((context) => (context.host.name === 'web1' ? act(context) : undefined))
    expect(await run.run()).toMatchObject({ exitCode: 0, errors: [] })
    expect(run.file('web1', 'acted')).toBe('')
    expect(run.events.filter(({ type }) => type === 'step.output')).toEqual([])
    expect(run.file('web1', 'blog/.srv/lease/run')).toBeUndefined()
  })

  test('does not act once somebody else has it', async () => {
    const run = leased((context) => {
      if (context.host.name !== 'web1') return undefined
      takeOver(context)
      return act(context)
    })
    await run.run()
    expect(errorsOf(run)).toEqual([lost])
    expect(run.file('web1', 'acted')).toBeUndefined()
    expect(run.events.filter(({ type }) => type === 'step.output')).toEqual([])
    expect(run.file('web1', 'blog/.srv/lease/run')).toBe('another run\n')
  })
})

test('shell text with hooks around it does not act, and neither do the hooks', async () => {
  const text = defineTask({ title: 'Text', on: 'instance', script: () => raw('touch text') })
  const run = fleet(['text'], {
    lease: true,
    tasks: { text },
    hooks: [
      { target: 'before:text', hook: ({ paths }) => (paths === undefined ? undefined : takeOver({ paths })) },
      { target: 'finally:text', hook: ({ run: exec }) => exec`touch hooked` },
    ],
  })
  await run.run()
  expect(errorsOf(run)).toEqual([lost, lost])
  expect([run.file('web1', 'text'), run.file('web1', 'hooked')]).toEqual([undefined, undefined])
})

test.each([
  ['somebody else', takeOver, [lost, 'SRV-505 t failed on blog/native@web1'], undefined],
  ['nobody', endLease, ['SRV-505 t failed on blog/native@web1'], ''],
] as const)(
  'what undoes something, when the lease has ended and %s has it, acts only where nobody else may',
  async (_, end, errors, undone) => {
    const t = defineTask({
      title: 'T',
      on: 'instance',
      run(context) {
        context.onRollback(() => context.run`touch undone`)
        end(context)
        throw new Error('of no use')
      },
    })
    const run = fleet(['t'], { lease: true, tasks: { t } })
    await run.run()
    expect(errorsOf(run)).toEqual(errors)
    expect(run.file('web1', 'undone')).toBe(undone)
  },
)

test('what a host gets done elsewhere stops with it, and each machine gets its own command', async () => {
  const run = leased(async (context) => {
    const { host, at, run: exec } = context
    if (host.name !== 'web1') return
    await at('web2').run`touch first`
    await at('local').run`touch first`
    takeOver(context)
    await exec`touch second`.catch(() => undefined)
    await at('web2').run`touch second`
  })
  await run.run()
  expect(errorsOf(run)).toEqual([lost])
  expect(['web1', 'web2', 'local'].map((host) => [run.file(host, 'first'), run.file(host, 'second')])).toEqual([
    [undefined, undefined],
    ['', undefined],
    ['', undefined],
  ])
})
