import { execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir, userInfo } from 'node:os'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { env as environment } from 'node:process'
import { afterEach, beforeEach, expect } from 'vitest'
import { scheduleRun, type Gated } from '../../../plugins/rsync-backup/schedule/gate.ts'
import { openGate } from '../../../plugins/rsync-backup/schedule/host.ts'
import { filesScript } from '../../../plugins/rsync-backup/schedule/keeper.ts'
import type { Scheduled } from '../../../plugins/rsync-backup/schedule/run.ts'
import { siteOf } from '../../../plugins/rsync-backup/schedule/site.ts'
import { dumpFolder, dumpText } from '../../../plugins/rsync-backup/tasks/dumps.ts'
import { optionsSchema, settingsSchema } from '../../../plugins/rsync-backup/options.ts'
import { vaultsOf } from '../../../plugins/rsync-backup/vault.ts'
import type { Instance } from '../../../src/config/resolved.ts'
import { placeOn } from '../../../src/config/paths.ts'
import { leaseTextsOf } from '../../../src/run/lease/script.ts'
import { lines, raw, render, sh, type Script } from '../../../src/shell/script.ts'
import { testPlacement } from '../../../src/testing/placement.ts'
import { noBashrc, startSshd, type Sshd } from '../../support/sshd.ts'

/** The folder of a test. */
export let folder: string
/** The host of the service. */
export let sshd: Sshd
let watcher: Server
/** What whoever watches backups was asked, and with which words. */
export let told: string[]
export let heard: string[]

/** What a shell that has nothing of srv comes to, in the home folder of the test. */
export function shell(text: string): Promise<{ readonly code: number | null; readonly said: string }> {
  const child = spawn('/bin/sh', ['-s'], {
    env: { PATH: environment['PATH'], HOME: join(folder, 'home') },
    stdio: ['pipe', 'pipe', 'pipe'],
  })
  let said = ''
  for (const stream of [child.stdout, child.stderr])
    stream.setEncoding('utf8').on('data', (part: string) => (said += part))
  child.stdin.end(text)
  return new Promise((resolve) => child.on('close', (code) => resolve({ code, said: said.trim() })))
}

/** What is sent of a script. */
export function textOf(script: Script): string {
  return render(lines(raw('set -e'), script), ({ name }) => `value of ${name}`)
}

/** Runs a script that has to end well. */
export async function done(script: Script): Promise<void> {
  const { code, said } = await shell(textOf(script))
  expect(code, said).toBe(0)
}

/** The service. */
export const service = 'shop'
/** The release that serves. */
export const serving = { id: '20261122T140311Z-3f9c2a1', subject: 'say "hi" \\ $HOME' }

/** A service whose data are in a folder, and the schedule of a keeper that reaches it over SSH. */
export function made(
  schedule: Readonly<Record<string, unknown>> = {},
  settings: Readonly<Record<string, unknown>> = {},
  instance: Partial<Instance> = {},
  destination: Readonly<Record<string, unknown>> = {},
) {
  const base = testPlacement({ service, host: { name: 'web1', root: join(folder, 'srv') }, instance })
  const placement = placeOn(base.host, base.service, base.instance)
  const { paths } = placement
  const options = optionsSchema.parse({
    to: { folder: `nas:${folder}/tank`, ...destination },
    acls: false,
    xattrs: false,
    schedule: { at: '03:00', wait: 0, ...schedule },
  })
  if (options.schedule === undefined) throw new Error('no schedule')
  const [vault] = vaultsOf(options, placement, folder)
  if (vault === undefined) throw new Error('no destination')
  const site = siteOf(placement, vault)
  const scheduled: Scheduled = { site, options, schedule: options.schedule, settings: settingsSchema.parse(settings) }
  const events = join(folder, 'events')
  const gated: Gated = {
    site,
    service: placement.service,
    paths,
    settings: scheduled.settings,
    dumps: dumpText({ settings: scheduled.settings, paths, runId: scheduleRun, inside: () => undefined }),
    dumpFolder: dumpFolder(paths, scheduleRun),
    quiet: {
      hold: (how: string) => sh`echo ${how} >>${events}`,
      held: () => raw(':'),
      ran: () => raw('echo shop'),
      proved: (how: string) => sh`echo ${how} >>${events}; printf 'proved %s\n' "$ran" >>${events}`,
      serving: () => sh`printf '%s\n' ${JSON.stringify(serving)}`,
      resume: () => sh`echo resume >>${events}`,
      lease: (holder: { readonly actor: string; readonly pipeline: string }) =>
        leaseTextsOf({ service, state: paths.state }, holder),
    },
  }
  const way = {
    user: userInfo().username,
    address: sshd.addresses[0] ?? '',
    port: sshd.port,
    hostKey: sshd.hostKeys[0] ?? '',
  }
  const leased = [{ service, state: paths.state }]
  return { placement, paths, site, scheduled, gated, way, leased, vault, events }
}

/** What a test has of a schedule. */
export type Made = ReturnType<typeof made>

/** What `srv schedule install` does, but for the times. */
export async function install({ site, scheduled, gated, way }: Made): Promise<void> {
  mkdirSync(site.home, { recursive: true })
  execFileSync('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-C', 'x', '-f', join(site.home, 'key')])
  const key = readFileSync(join(site.home, 'key.pub'), 'utf8').split(' ').slice(0, 2).join(' ')
  await done(openGate(gated, key))
  await done(filesScript(scheduled, way))
  mkdirSync(gated.paths.data, { recursive: true })
  writeFileSync(join(gated.paths.data, 'one'), 'one\n')
}

/** Does what the timer of the keeper does. */
export const runFile = ({ site }: Made): ReturnType<typeof shell> => shell(`sh '${site.home}/run'`)
/** Asks the gate of the host. */
export const ask = ({ site }: Made, ...words: readonly string[]): ReturnType<typeof shell> =>
  shell(`sh '${site.home}/reach' srv ${words.map((word) => `'${word}'`).join(' ')} </dev/null`)
/** The snapshots. */
export const ids = ({ vault }: Made): readonly string[] =>
  existsSync(vault.base) ? readdirSync(vault.base).filter((name) => /^\d{8}T\d{6}Z$/.test(name)) : []
/** What the last run left. */
export const last = ({ site }: Made): unknown => JSON.parse(readFileSync(join(site.home, 'last'), 'utf8'))

/** Starts a host, whose sshd may have further blocks that begin with `Match`, and a watcher. */
export async function setUp(address: string, matches: readonly string[] = []): Promise<void> {
  folder = mkdtempSync(join(tmpdir(), 'srv-schedule-'))
  mkdirSync(join(folder, 'home'))
  const config = [`AuthorizedKeysFile ${folder}/home/.ssh/authorized_keys`, `SetEnv ${noBashrc} HOME=${folder}/home`]
  sshd = await startSshd({ addresses: [address], config, matches })
  told = []
  heard = []
  watcher = createServer((request, response) => {
    void text(request).then((words) => {
      told.push(`${request.method ?? ''} ${request.url ?? ''}`)
      heard.push(words)
      response.writeHead(request.url === '/unknown' ? 404 : 200).end()
    })
  }).listen(0, '127.0.0.1')
  await once(watcher, 'listening')
}

/** Ends both, and removes all that was made. */
export async function tearDown(): Promise<void> {
  watcher.closeAllConnections()
  watcher.close()
  await sshd.stop()
  rmSync(folder, { recursive: true, force: true })
}

/** Has each test begin with a host and a watcher of its own. */
export function eachAnew(): void {
  beforeEach(() => setUp('127.9.31.1'))
  afterEach(tearDown)
}

/** Where whoever watches is told; they know nothing of the path `/unknown`. */
export const pings = (path = '/check'): string =>
  `http://127.0.0.1:${String((watcher.address() as AddressInfo).port)}${path}`
