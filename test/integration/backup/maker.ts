import { execFileSync, spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import process, { env } from 'node:process'
import { expect } from 'vitest'
import { optionsSchema, type Options } from '../../../plugins/rsync-backup/options.ts'
import { beginScript, readBegun, type Begun } from '../../../plugins/rsync-backup/scripts/begin.ts'
import { passScript } from '../../../plugins/rsync-backup/scripts/copy.ts'
import type { Pass } from '../../../plugins/rsync-backup/scripts/pass.ts'
import { pruneScript } from '../../../plugins/rsync-backup/scripts/prune.ts'
import { sealScript } from '../../../plugins/rsync-backup/scripts/seal.ts'
import { verifyScript } from '../../../plugins/rsync-backup/scripts/verify.ts'
import { readSnapshot, type Snapshot } from '../../../plugins/rsync-backup/snapshot.ts'
import { lines, raw, sh, type Script } from '../../../src/index.ts'
import { render } from '../../../src/shell/script.ts'

/** Names of snapshots, in the order in which tests make them. */
export const [first, second, third, fourth] = [
  '20261122T140311Z',
  '20261122T140312Z',
  '20261122T140313Z',
  '20261122T140314Z',
] as const

/** How a shell ended. */
interface Ended {
  readonly code: number | null
  readonly stdout: string
  readonly stderr: string
}

/** Makes snapshots of a folder, by the texts that srv sends and the rsync of this machine. */
export class Maker {
  readonly folder = mkdtempSync(join(tmpdir(), 'srv-making-'))
  readonly vault = { on: 'web1', folder: join(this.folder, 'tank'), base: join(this.folder, 'tank/web1/shop') }
  readonly options: Options
  /** Whether it copies twice, as for a service that is held. */
  hasWarm = false
  /** Whether a gate lets rsync read the data only as a whole. */
  isGated = false
  exclude: readonly string[] = []
  allowEmpty = false
  allowShrunk = false
  mounts = ''
  /** A program between this rsync and that of the host, in place of a copy on one machine. */
  relay = ''
  /** The checksums that the rsync of the host knows. */
  offered = 'xxh128'
  /** Who makes them, when that is not who runs the tests. */
  #user: { readonly uid?: number; readonly gid?: number } = {}

  constructor(options: Readonly<Record<string, unknown>> = {}) {
    this.options = optionsSchema.parse({ to: '/tank', acls: false, xattrs: false, ...options })
    mkdirSync(this.data(), { recursive: true })
    mkdirSync(this.at('tools'))
  }

  at(...parts: readonly string[]): string {
    return join(this.folder, ...parts)
  }
  data(...parts: readonly string[]): string {
    return this.at('data', ...parts)
  }
  /** A path in the folder of the snapshots. */
  kept(...parts: readonly string[]): string {
    return join(this.vault.base, ...parts)
  }
  ids(): readonly string[] {
    return readdirSync(this.kept()).filter((name) => /^\d{8}T\d{6}Z$/.test(name))
  }
  /** What is hidden there, but for the lock. */
  hidden(): readonly string[] {
    return readdirSync(this.kept()).filter((name) => name.startsWith('.') && name !== '.lock')
  }

  /** From now on nobody makes them, where the tests are run by root. */
  actAsNobody(): void {
    if (process.getuid?.() !== 0) return
    this.#user = { uid: 65534, gid: 65534 }
    spawnSync('chown', ['-R', '65534:65534', this.folder])
  }

  /** Has a text of the shell stand in front of each rsync of this machine, whose path it has in `$rsync`. */
  beforeRsync(text: string): void {
    const rsync = execFileSync('sh', ['-c', 'command -v rsync'], { encoding: 'utf8' })
    const whole = `#!/bin/sh\nrsync=${rsync}${text}\nexec "$rsync" "$@"\n`
    writeFileSync(this.at('tools/rsync'), whole, { mode: 0o755 })
  }
  /** The same, but once rsync was asked what differs, something happens or is printed, in the folder of the data. */
  onceAsked(then: string, text = ''): void {
    this.beforeRsync(`case " $* " in *' --delete '*)
  "$rsync" "$@"; code=$?
  cd '${this.data()}'
${then}
  exit "$code" ;;
esac
${text}`)
  }
  /** From now on rsync is that of this machine alone. */
  nothingBeforeRsync(): void {
    rmSync(this.at('tools/rsync'))
  }

  /** Programs in the folder `tools` stand before those of the machine. */
  attempt(script: Script): Ended {
    const input = render(lines(raw('set -eu'), script), () => '')
    const PATH = `${this.at('tools')}:${env['PATH'] ?? ''}`
    const { status, stdout, stderr } = spawnSync('sh', ['-s'], {
      input,
      encoding: 'utf8',
      env: { ...env, PATH },
      ...this.#user,
    })
    return { code: status, stdout, stderr }
  }
  run(script: Script): string {
    const { code, stdout, stderr } = this.attempt(script)
    expect(code, `${stdout}${stderr}`).toBe(0)
    return stdout
  }

  beginText(id: string): Script {
    return beginScript(this.vault, id, this.options.checksumEvery, this.offered)
  }
  begin(id: string): Begun {
    return readBegun(this.run(this.beginText(id)))
  }
  passText(id: string, begun: Begun, into: Pass['into']): Script {
    const from = into === 'dumps' ? this.at('dumps') : this.data()
    const hasWarm = this.hasWarm && into === 'data'
    return passScript({
      vault: this.vault,
      options: this.options,
      settings: { exclude: this.exclude },
      id,
      begun,
      from: this.relay === '' ? from : `srv:${from}`,
      ...(this.relay === '' ? {} : { shell: sh` --blocking-io -e ${this.relay}` }),
      into,
      hasWarm,
      isGated: this.isGated,
    })
  }
  sealText(id: string, begun: Begun): Script {
    const said = {
      host: 'web1',
      service: 'shop',
      release: 'null',
      releaseId: '',
      before: '',
      mounts: this.mounts,
      allowShrunk: this.allowShrunk,
      allowEmpty: this.allowEmpty,
    }
    return sealScript({
      ...said,
      vault: this.vault,
      id,
      begun,
      options: this.options,
      startedAt: '2026-11-22T14:03:11.000Z',
    })
  }
  described(id: string): Snapshot {
    const snapshot = readSnapshot(readFileSync(this.kept(id, 'snapshot.json'), 'utf8'))
    if (snapshot === undefined) throw new Error(`${id} is no snapshot`)
    return snapshot
  }

  /** Makes a whole one, and removes what no rule keeps. */
  make(id: string): Snapshot {
    const begun = this.begin(id)
    if (existsSync(this.at('dumps'))) this.run(this.passText(id, begun, 'dumps'))
    if (this.hasWarm) this.run(this.passText(id, begun, 'warm'))
    this.run(this.passText(id, begun, 'data'))
    this.run(this.sealText(id, begun))
    const { keep } = this.options
    if (keep !== undefined) this.run(pruneScript(this.vault, keep))
    return this.described(id)
  }

  /** A snapshot is, in all its content, what its manifest says. */
  verify(id: string): void {
    this.run(verifyScript(this.vault, id, this.options, 'full'))
  }
  /** What an rsync that compares all content and looks for hard links would still have to do for a snapshot of the data of now. */
  differences(id: string, window = '-1'): string {
    const { acls, xattrs } = this.options
    const what = `-aH${acls ? 'A' : ''}${xattrs ? 'X' : ''}n`
    const how = ['--numeric-ids', `--modify-window=${window}`, '--checksum', '--delete', '--delete-excluded', '-i']
    const excluded = this.exclude.map((pattern) => `--exclude=${pattern}`)
    const folders = [`${this.data()}/`, `${this.kept(id, 'data')}/`]
    return execFileSync('rsync', [what, ...how, ...excluded, ...folders], { encoding: 'utf8' })
  }

  remove(): void {
    rmSync(this.folder, { recursive: true, force: true })
  }
}
