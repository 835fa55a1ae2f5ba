import {
  command,
  defineConfig,
  defineTask,
  http,
  parallel,
  rolling,
  sandbox,
  secret,
  series,
  systemd,
} from '../../src/index.ts'
import { healthcheck, source } from './plugins.ts'

const debug: boolean = Math.random() > 2

const migrate = defineTask({ title: 'Migrate', on: 'once', run: ({ local }) => local.run`true` })

export const whole = defineConfig({
  environments: {
    production: {
      hosts: { web1: 'deploy@web1', web2: { address: 'web2', port: 2222, tags: ['eu'] } },
      services: { blog: { ref: 'stable', hosts: ['web1'], instances: { native: { env: { LEVEL: 'warn' } } } } },
    },
    staging: {
      hosts: { stage: sandbox() },
      services: { shop: { instances: { main: { source: { directory: 'x' } } } } },
    },
  },
  plugins: [source({ keep: 3 }), debug && healthcheck({ url: 'http://localhost/up' }), source.as('assets', {})],
  services: {
    blog: {
      repository: 'git@github.com:me/blog.git',
      hosts: ['web1', 'stage'],
      instances: {
        native: {
          kind: 'native',
          build: 'npm ci',
          start: systemd({ exec: 'node server.js' }),
          health: [http(':3000/up'), command('true')],
          env: { TOKEN: secret('TOKEN') },
          source: { directory: 'packages/blog' },
          assets: { shared: ['uploads'] },
        },
      },
    },
    shop: { instances: { main: { kind: 'docker', health: http(':8080/up') } } },
  },
  tasks: { migrate },
  pipelines: {
    deploy: [
      'source:fetch',
      { parallel: ['assets:fetch', 'migrate'] },
      { rolling: ['source:switch', 'restart'], canary: 1, window: '25%' },
    ],
    swap: [series('assets:switch', 'health'), 'deploy', ['rollback', migrate]],
    warm: rolling(['build', parallel('env', 'readme')], { window: 2 }),
    quick: { rolling: ['restart'] },
  },
  hooks: {
    'before:source:switch': ({ progress, host }) => progress(`draining ${host?.name ?? ''}`),
    'after:deploy': { handler: ({ local }) => local.run`true`, order: 'last' },
    'finally:swap': () => undefined,
    'before:migrate': () => undefined,
  },
  override: {
    'source:fetch': async (context, original) => {
      context.progress(context.options.keep.toFixed(0))
      const { directory } = await original()
      return { directory, count: 0 }
    },
    restart: (_context, original) => original(),
    migrate: (_context, original) => original(),
  },
})

export const small = defineConfig({
  environments: { production: { hosts: { web1: 'local' } } },
  services: { blog: { instances: { native: { kind: 'native' } } } },
  pipelines: { mine: ['restart', 'deploy', 'health'] },
})
