import { z } from 'zod'
import { definePlugin, defineTask, sh, withoutHooks } from '../../src/index.ts'
import type { Task } from '../../src/index.ts'

/** Whether two types are the same: assignability would let `any` pass. */
type Same<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false
function same<A, B>(_yes: Same<A, B>): void {
  // Only its type is of interest.
}

export const plugin = definePlugin({
  id: 'typed',
  needs: ['git'],
  options: z.strictObject({ keep: z.number().default(5), only: z.string().optional() }),
  settings: z.strictObject({ path: z.string().default('.') }),
  setup: ({ task, options }) => {
    same<typeof options, { keep: number; only?: string | undefined }>(true)

    const once = task({
      title: 'Choose',
      on: 'once',
      flags: {
        loud: { type: 'boolean', description: 'Say more' },
        ref: { type: 'string', description: 'What to deploy' },
        depth: { type: 'string', description: 'How much', default: '1' },
      },
      run: ({ flags, placements }) => {
        same<typeof flags.loud, boolean>(true)
        same<typeof flags.ref, string | undefined>(true)
        same<typeof flags.depth, string>(true)
        // @ts-expect-error a flag that the task does not declare
        flags.quiet
        return { count: placements.length }
      },
    })

    const host = task({
      title: 'Look',
      on: 'host',
      run: ({ host, output }) => {
        const chosen = output(once)
        same<typeof chosen, { count: number } | undefined>(true)
        return host.name
      },
    })

    const script = task({
      title: 'Read',
      on: 'instance',
      kinds: ['native'],
      script: ({ settings, paths, options }) => {
        same<typeof settings.path, string>(true)
        same<typeof options.keep, number>(true)
        return sh`ls ${paths.instance}/${settings.path}`
      },
      read: (stdout) => stdout.split('\n'),
    })

    task({
      title: 'A host has no settings',
      on: 'host',
      run: (context) => {
        // @ts-expect-error only tasks on instances have settings
        return context.settings
      },
    })

    task({
      title: 'Neither',
      // @ts-expect-error a way of acting that does not exist
      on: 'every-host',
      run: () => undefined,
    })

    return {
      tasks: { once, host, script },
      hooks: { 'before:restart': ({ options: own, progress }) => progress(String(own.keep)) },
      phases: { deploy: { resolve: ['once'], activate: ['script'] } },
    }
  },
})

export const wrongPhase = definePlugin({
  id: 'phases',
  options: z.strictObject({}),
  setup: ({ task }) => ({
    tasks: { one: task({ title: 'One', on: 'host', run: () => undefined }) },
    phases: {
      deploy: {
        // @ts-expect-error a task that the plugin does not have
        prepare: ['two'],
      },
    },
  }),
})

const configured = plugin({ keep: 2 })
same<(typeof configured)['name'], 'typed'>(true)
const other = withoutHooks(plugin.as('other', { only: 'x' }))
same<(typeof other)['name'], 'other'>(true)

export const local = defineTask({ title: 'Uptime', on: 'host', run: async ({ probe }) => (await probe`uptime`).stdout })
same<typeof local extends Task<any, infer On, any, infer R> ? [On, R] : never, ['host', string]>(true)
