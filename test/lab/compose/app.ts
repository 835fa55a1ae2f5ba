import { copyFileSync, mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

/** How the service `web` of a version behaves. */
export type Behaviour =
  | 'healthy'
  | 'build fails'
  | 'exits at once'
  | 'crashes again and again'
  | 'never healthy'
  | 'becomes unhealthy'
  | 'dies after two seconds'
  | 'ends with status 0'
  | 'answers 404'
  | 'starts slowly'
  | 'eats all memory'
  | 'breaks its data'

const server = 'httpd -f -p 8000 -h /www'

/** What asks `web` whether it is healthy. */
const healthchecks: Partial<Record<Behaviour, string>> = {
  'never healthy': '{ test: ["CMD", "/bin/busybox", "false"], interval: 0.5s, retries: 2 }',
  'starts slowly':
    '{ test: ["CMD", "/bin/busybox", "wget", "-q", "-O", "/dev/null", "http://127.0.0.1:8000"], interval: 0.5s, retries: 100 }',
  'becomes unhealthy': '{ test: ["CMD", "/bin/busybox", "test", "-e", "/www/index.html"], interval: 0.2s, retries: 1 }',
}

const commands: Readonly<Record<Behaviour, string>> = {
  healthy: server,
  'build fails': server,
  'exits at once': 'sh -c "echo cannot read its settings; exit 3"',
  'crashes again and again': 'sh -c "echo no database; sleep 0.2; exit 4"',
  'never healthy': server,
  'becomes unhealthy': 'sh -c "httpd -p 8000 -h /www; sleep 1; rm /www/index.html; sleep 100000"',
  'dies after two seconds': 'sh -c "httpd -p 8000 -h /www; sleep 2; echo lost its database; exit 5"',
  'ends with status 0': 'true',
  'answers 404': 'sh -c "echo it serves nothing; exec httpd -f -p 8000 -h /bin"',
  'starts slowly': 'sh -c "sleep 2; exec httpd -f -p 8000 -h /www"',
  'eats all memory': 'tail /dev/zero',
  'breaks its data': 'sh -c "rm /data/whole; echo broke it; exit 6"',
}

/** What a version differs in. */
export interface Version {
  readonly behaviour?: Behaviour
  /** Host port of `web`; without one it has no port. @default none */
  readonly port?: number
  /** Further lines of the service `web`, indented by four. */
  readonly web?: string
  /** Further services, indented by two. */
  readonly services?: string
  /** Lines at the end. */
  readonly end?: string
  /** Further files. */
  readonly files?: Readonly<Record<string, string>>
}

/**
 * Writes a compose project whose page is the name of the version, into a folder that is emptied first. Its images are
 * made of nothing but the busybox of this machine: no registry can be reached.
 */
export function writeComposeProject(folder: string, version: string, options: Version = {}): void {
  const { behaviour = 'healthy', port, web = '', services = '', end = '', files = {} } = options
  rmSync(folder, { recursive: true, force: true })
  mkdirSync(join(folder, 'www'), { recursive: true })
  copyFileSync('/bin/busybox', join(folder, 'busybox'))
  const build = behaviour === 'build fails' ? 'RUN ["/bin/busybox", "cat", "/no-such-module"]\n' : ''
  writeFileSync(
    join(folder, 'Dockerfile'),
    `FROM scratch\nCOPY busybox /bin/busybox\nCOPY busybox /bin/sh\n${build}COPY www /www\nENTRYPOINT ["/bin/busybox"]\n`,
  )
  writeFileSync(join(folder, 'www/index.html'), `${version}\n`)
  const asked = healthchecks[behaviour]
  const healthcheck = asked === undefined ? '' : `    healthcheck: ${asked}\n`
  const restart = behaviour === 'crashes again and again' ? '    restart: always\n' : ''
  const words = JSON.stringify(commands[behaviour].match(/"[^"]*"|\S+/g)?.map((word) => word.replaceAll('"', '')))
  writeFileSync(
    join(folder, 'compose.yaml'),
    `services:
  web:
    build: .
    command: ${words}
    init: true
    stop_grace_period: 1s
${port === undefined ? '' : `    ports: ["${String(port)}:8000"]\n`}${healthcheck}${restart}${web}${services}${end}`,
  )
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(join(folder, name, '..'), { recursive: true })
    writeFileSync(join(folder, name), text)
  }
}

/** A service beside `web` that other versions do not touch: its image is built once, from a folder of its own. */
export const database = `  db:
    build: { context: ., dockerfile: db.Dockerfile }
    init: true
    stop_grace_period: 1s
    healthcheck: { test: ["CMD", "/bin/busybox", "true"], interval: 0.5s }
    volumes: [ "\${SRV_DATA}/db:/data" ]
`

/** The file that `database` is built from. */
export const databaseFiles: Readonly<Record<string, string>> = {
  'db.Dockerfile': 'FROM scratch\nCOPY busybox /bin/busybox\nCMD ["/bin/busybox", "sleep", "100000"]\n',
}
