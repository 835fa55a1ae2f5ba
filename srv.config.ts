import { defineConfig, http, process, sandbox } from 'srvkit'
import { git } from 'srvkit/git'

/**
 * The config of this repository, for trying srv out: `npx srv deploy production` deploys the two services of `examples/`
 * to two hosts that srv brings along. They are real SSH servers on this machine; `npx srv sandbox stop` ends them.
 */
export default defineConfig({
  environments: {
    production: { hosts: { web1: sandbox(), web2: sandbox() } },
  },
  // Pushed from this clone, at the commit that is checked out: a sandbox host has no credentials for any remote.
  plugins: [git({ source: 'push' })],
  services: {
    hello: {
      description: 'A web server in Node',
      instances: {
        native: {
          kind: 'native',
          git: { path: 'examples/hello-node' },
          start: process({ exec: 'node server.js' }),
          health: http(':4000/up'),
        },
      },
    },
    site: {
      description: 'A static site, built on the host',
      instances: {
        native: {
          kind: 'native',
          git: { path: 'examples/hello-static' },
          build: 'node build.mjs',
          start: process({ exec: 'node serve.mjs' }),
          health: http(':4100/'),
        },
      },
    },
  },
})
