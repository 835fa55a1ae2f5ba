import { copyFileSync, mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

/** Writes a compose project: a web server that answers with its version, and a service beside it that never changes. */
export function writeProject(folder, version, port) {
  mkdirSync(join(folder, 'www'), { recursive: true })
  copyFileSync('/bin/busybox', join(folder, 'busybox'))
  writeFileSync(join(folder, 'www/index.html'), `${version}\n`)
  writeFileSync(
    join(folder, 'Dockerfile'),
    'FROM scratch AS base\nCOPY busybox /bin/busybox\nENTRYPOINT ["/bin/busybox"]\nFROM base AS web\nCOPY www /www\n',
  )
  writeFileSync(
    join(folder, 'compose.yaml'),
    `services:
  web:
    build: { context: ., target: web }
    command: ["httpd", "-f", "-p", "8000", "-h", "/www"]
    init: true
    ports: ["${port}:8000"]
    healthcheck: { test: ["CMD", "/bin/busybox", "true"], interval: 1s }
    depends_on: { db: { condition: service_healthy } }
  db:
    build: { context: ., target: base }
    command: ["sleep", "100000"]
    init: true
    healthcheck: { test: ["CMD", "/bin/busybox", "true"], interval: 1s }
`,
  )
}
