import { join } from 'node:path'
import { defineConfig, http } from 'srvkit'
import { dockerCompose } from 'srvkit/docker-compose'
import { git } from 'srvkit/git'

/** A compose project on this machine: `npx srv deploy production` in this folder. It needs Docker with Compose v2. */
export default defineConfig({
  environments: {
    production: { hosts: { here: { address: 'local', root: join(import.meta.dirname, '.srv', 'host') } } },
  },
  // The files as they are, committed or not. With a server, `repository` and `git()` alone fetch a commit there.
  plugins: [git({ source: 'files' }), dockerCompose({ monitorMs: 3000 })],
  services: {
    shop: {
      description: 'A shop in containers',
      instances: {
        docker: {
          kind: 'docker',
          git: { path: 'app' },
          env: { PORT: '8080', CURRENCY: 'EUR' },
          health: http(':8080/'),
        },
      },
    },
  },
})
