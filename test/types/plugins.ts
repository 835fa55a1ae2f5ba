import * as v from 'valibot'
import { z } from 'zod'
import { definePlugin, sh } from '../../src/index.ts'

/** A plugin with settings per instance, as zod describes them. */
export const source = definePlugin({
  id: 'source',
  options: z.strictObject({ keep: z.number().default(5) }),
  settings: z.strictObject({ directory: z.string().optional(), shared: z.array(z.string()).default([]) }),
  setup: ({ task, options }) => {
    const fetch = task({
      title: `Fetch, keeping ${options.keep.toFixed(0)}`,
      on: 'instance',
      flags: { ref: { type: 'string', description: 'What to deploy' } },
      run: ({ settings, flags }) => ({
        directory: settings.directory ?? flags.ref ?? '',
        count: settings.shared.length,
      }),
    })
    const change = task({
      title: 'Switch',
      on: 'instance',
      script: ({ output, paths }) => sh`ln -s ${output(fetch)?.directory ?? ''} ${paths.instance}`,
    })
    return { tasks: { fetch, switch: change }, phases: { deploy: { prepare: ['fetch'], activate: ['switch'] } } }
  },
})

/** The whole third-party plugin of the guide, with another schema library. */
export const healthcheck = definePlugin({
  id: 'healthcheck',
  options: v.strictObject({ url: v.string(), tries: v.optional(v.number(), 10) }),
  setup: ({ task, options }) => ({
    tasks: {
      wait: task({
        title: `Wait for ${options.url}`,
        on: 'host',
        flags: { 'skip-health': { type: 'boolean', description: 'Do not wait for the app to answer' } },
        async run({ probe, flags, progress }) {
          if (flags['skip-health']) {
            progress('skipped')
            return
          }
          const { end } = await probe`curl --fail --silent --retry ${options.tries} ${options.url}`
          if (end.kind !== 'exit' || end.code !== 0) throw new Error(`${options.url} did not answer`)
        },
      }),
    },
    checks: [
      {
        title: 'curl',
        on: 'host',
        probe: () => sh`curl --version`,
        judge: ({ code }) =>
          code === 0 ? { ok: true } : { ok: false, problem: 'curl is not installed', fix: 'Install curl on the host.' },
      },
    ],
  }),
})
