import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Outcome } from '../support/cli-run.ts'
import { projectFolder, type ProjectFolder } from '../support/project-folder.ts'

const text = `import { defineConfig, http, process, secret } from 'srvkit'
import { git } from 'srvkit/git'

export default defineConfig({
  environments: {
    production: {
      // Nobody has this name: a command that contacts it fails.
      hosts: { web1: 'deploy@web1.invalid:2222' },
      services: { blog: { ref: 'stable' } },
    },
    staging: { hosts: { box: 'local' } },
  },
  plugins: [git({ keep: 3 })],
  services: {
    blog: {
      repository: 'https://me:hunter2@git.example.org/blog.git',
      env: { TOKEN: secret('TOKEN', () => { throw new Error('it was read') }), PORT: '3000' },
      instances: { native: { kind: 'native', start: process({ exec: 'node server.js' }), health: http(':3000/up') } },
    },
  },
})
`

describe('srv config', () => {
  let project: ProjectFolder
  const srv = (...args: readonly string[]): Promise<Outcome> => project.srv(['config', ...args])

  beforeAll(() => {
    project = projectFolder('config')
    project.writeFile('srv.config.ts', text)
  })
  afterAll(() => {
    project.remove()
  })

  it('prints what holds for an environment: overlays, defaults, and no value of a secret', async () => {
    const { code, stdout, stderr } = await srv('production')
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
    expect(stdout.replaceAll(project.folder, '<project>')).toMatchInlineSnapshot(`
      "{
        "schema": "srv.config/1",
        "file": "<project>/srv.config.ts",
        "environment": "production",
        "environments": [
          "production",
          "staging"
        ],
        "hosts": [
          {
            "name": "web1",
            "kind": "ssh",
            "root": "/srv",
            "tags": [],
            "hostKeys": [],
            "loopback": "127.0.0.1",
            "address": "web1.invalid",
            "user": "deploy",
            "port": 2222
          }
        ],
        "services": [
          {
            "name": "blog",
            "instances": [
              {
                "id": "blog/native",
                "service": "blog",
                "name": "native",
                "kind": "native",
                "repository": "https://me:***@git.example.org/blog.git",
                "ref": "stable",
                "build": [],
                "start": {
                  "kind": "process",
                  "exec": "node server.js",
                  "stopTimeoutMs": 10000
                },
                "health": [
                  {
                    "kind": "http",
                    "url": ":3000/up",
                    "status": [],
                    "samples": 4,
                    "intervalMs": 1000,
                    "timeoutMs": 60000
                  }
                ],
                "env": {
                  "TOKEN": "secret(TOKEN)",
                  "PORT": "3000"
                },
                "settings": {
                  "git": {
                    "shared": []
                  }
                }
              }
            ],
            "hosts": [
              "web1"
            ]
          }
        ],
        "plugins": [
          {
            "name": "git",
            "options": {
              "strategy": "releases",
              "keep": 3,
              "reset": false
            }
          }
        ]
      }
      "
    `)
  })

  it('prints one line with --json, for the first environment when none is named', async () => {
    const [whole, line] = await Promise.all([srv('production'), srv('--json')])
    expect(line.stdout.split('\n')).toHaveLength(2)
    expect(JSON.parse(line.stdout)).toEqual(JSON.parse(whole.stdout))
  })
})
