import { command, defineConfig, defineTask, http, systemd } from '../../src/index.ts'
import { healthcheck, source } from './plugins.ts'

/*
 * What must not compile. Each error is expected on the line of the token that is wrong, and nowhere else: an expectation
 * that no longer fails is an error itself.
 */

const environments = { production: { hosts: { web1: 'web1', web2: 'web2' } } } as const
const services = { blog: { instances: { native: { kind: 'native' } } } } as const
const plugins = [source({ keep: 3 }), source.as('assets')] as const
const migrate = defineTask({ title: 'Migrate', on: 'once', run: () => 1 })

export const topLevel = defineConfig({
  environments,
  services,
  // @ts-expect-error an unknown option of the config
  pipeline: {},
})

export const hostOption = defineConfig({
  environments: {
    production: {
      hosts: {
        web1: {
          address: 'web1',
          // @ts-expect-error an unknown option of a host
          usr: 'me',
        },
      },
    },
  },
  services,
})

export const hostType = defineConfig({
  environments: {
    production: {
      hosts: {
        web1: {
          address: 'web1',
          // @ts-expect-error a port is a number
          port: '22',
        },
        web2: 'web2',
      },
    },
  },
  services,
})

export const environmentOption = defineConfig({
  environments: {
    production: {
      hosts: { web1: 'web1' },
      // @ts-expect-error an unknown option of an environment
      service: {},
    },
  },
  services,
})

export const hostName = defineConfig({
  environments,
  services: {
    blog: {
      hosts: [
        'web1',
        // @ts-expect-error a host that no environment has
        'wbe2',
      ],
      instances: { native: { kind: 'native' } },
    },
  },
})

export const overlayNames = defineConfig({
  environments: {
    production: {
      hosts: { web1: 'web1' },
      services: {
        blog: {
          instances: {
            // @ts-expect-error an instance that does not exist
            nativ: {},
          },
        },
      },
    },
  },
  services,
})

export const overlayService = defineConfig({
  environments: {
    production: {
      hosts: { web1: 'web1' },
      services: {
        // @ts-expect-error a service that does not exist
        blgo: {},
      },
    },
  },
  services,
})

export const overlayHost = defineConfig({
  environments: {
    production: {
      hosts: { web1: 'web1' },
      services: {
        blog: {
          // @ts-expect-error a host that no environment has
          hosts: ['web9'],
        },
      },
    },
  },
  services,
})

export const instanceOption = defineConfig({
  environments,
  services: {
    blog: {
      instances: {
        native: {
          kind: 'native',
          // @ts-expect-error an unknown option of an instance
          helth: http(':3000/'),
        },
        docker: {
          kind: 'docker',
          // @ts-expect-error the containers are started by compose
          start: systemd({ exec: 'true' }),
        },
        other: {
          // @ts-expect-error an unknown kind
          kind: 'nativ',
        },
      },
    },
  },
})

export const mixedUp = defineConfig({
  environments,
  services: {
    blog: {
      instances: {
        native: {
          kind: 'native',
          // @ts-expect-error a health question is no supervisor
          start: command('true'),
        },
      },
    },
  },
})

export const settings = defineConfig({
  environments,
  plugins,
  services: {
    blog: {
      instances: {
        native: {
          kind: 'native',
          source: {
            directory: 'packages/blog',
            // @ts-expect-error an unknown setting of a plugin
            dirctory: 'packages/blog',
          },
        },
      },
    },
  },
})

export const unknownSettings = defineConfig({
  environments,
  plugins,
  services: {
    blog: {
      instances: {
        native: {
          kind: 'native',
          // @ts-expect-error settings of a plugin that is not there
          sorce: {},
        },
      },
    },
  },
})

export const noSettings = defineConfig({
  environments,
  plugins: [healthcheck({ url: 'http://localhost' })],
  services: {
    blog: {
      instances: {
        native: {
          kind: 'native',
          healthcheck: {
            // @ts-expect-error a plugin without settings
            url: 'http://localhost',
          },
        },
      },
    },
  },
})

export const steps = defineConfig({
  environments,
  services,
  plugins,
  tasks: { migrate },
  pipelines: {
    deploy: [
      'source:fetch',
      'migrate',
      // @ts-expect-error a task that the plugin does not have
      'source:fecth',
      'mine',
    ],
    mine: [
      {
        parallel: [
          'build',
          // @ts-expect-error a stock task that does not exist
          'biuld',
        ],
      },
      {
        rolling: [
          'assets:switch',
          // @ts-expect-error a plugin that is not there
          'asets:switch',
        ],
      },
    ],
    window: [
      {
        rolling: ['restart'],
        // @ts-expect-error a share is written in percent
        window: 'all',
      },
    ],
    word: [
      {
        // @ts-expect-error a canary goes with rolling groups
        parallel: ['restart'],
        canary: 1,
      },
    ],
  },
})

export const hooks = defineConfig({
  environments,
  services,
  plugins,
  tasks: { migrate },
  pipelines: { mine: ['restart'] },
  hooks: {
    'before:source:switch': () => undefined,
    'after:mine': () => undefined,
    // @ts-expect-error a hook around a task that does not exist
    'before:source:swich': () => undefined,
  },
})

export const pipelineHook = defineConfig({
  environments,
  services,
  pipelines: { mine: ['restart'] },
  hooks: {
    // @ts-expect-error a hook around a pipeline that does not exist
    'after:mien': () => undefined,
  },
})

export const hookWord = defineConfig({
  environments,
  services,
  hooks: {
    // @ts-expect-error neither before, after nor finally
    'during:deploy': () => undefined,
  },
})

export const overrides = defineConfig({
  environments,
  services,
  plugins,
  tasks: { migrate },
  override: {
    migrate: (_context, original) => original(),
    // @ts-expect-error an override of a task that does not exist
    'source:fecth': () => undefined,
    'assets:fetch': async (context, original) => {
      // @ts-expect-error an option that the plugin does not have
      context.progress(String(context.options.kep))
      // @ts-expect-error a flag that the task does not declare
      context.progress(String(context.flags.rev))
      return original()
    },
  },
})

export const overridePipeline = defineConfig({
  environments,
  services,
  override: {
    // @ts-expect-error a pipeline is no task
    deploy: () => undefined,
  },
})

export const overrideResult = defineConfig({
  environments,
  services,
  plugins,
  override: {
    // @ts-expect-error later tasks rely on what the task returns
    'source:fetch': () => 'a text',
  },
})

source({
  keep: 1,
  // @ts-expect-error an unknown option of a plugin
  kep: 1,
})

// @ts-expect-error the URL has no default
healthcheck()

// @ts-expect-error the URL has no default under another name either
healthcheck.as('other')

export const noTask = defineConfig({
  environments,
  services,
  tasks: {
    // @ts-expect-error a task that defineTask did not make
    plain: { title: 'Plain', on: 'once', run: () => undefined },
  },
})
