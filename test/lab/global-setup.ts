import { execFileSync } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { env, stderr } from 'node:process'
import { fileURLToPath } from 'node:url'
import type { TestProject } from 'vitest/node'

/** One host of the lab: a container of the same name. */
export interface LabHost {
  readonly name: string
  readonly address: string
  /** `type base64` of every public host key. */
  readonly hostKeys: readonly string[]
}

/** What `up.sh` writes about the lab. */
export interface Lab {
  readonly user: string
  /** Path of the private key that `user` and root of every host accept. */
  readonly key: string
  /** Path of a known_hosts file with every key of every host. */
  readonly knownHosts: string
  /** Path of Docker Compose, for tests that build on this machine. */
  readonly compose: string
  /** Path of a later version of it than that of the hosts. */
  readonly newerCompose: string
  /** For native services; one test freezes and restarts the last of them, which nobody else may need. */
  readonly hosts: readonly [LabHost, LabHost, LabHost]
  /** For containers: two that run their own, three that become a swarm, and one whose engine has a disk of 400 MB. */
  readonly engines: readonly [LabHost, LabHost, LabHost, LabHost, LabHost, LabHost]
  /** For tests that kill or restart them, the first two for one, the third for another, and the last two for a third: nobody else may need them meanwhile. */
  readonly dying: readonly [LabHost, LabHost, LabHost, LabHost, LabHost]
}

declare module 'vitest' {
  interface ProvidedContext {
    /** Nothing when no lab is up and none is required. */
    readonly lab: Lab | undefined
  }
}

/** Path of a file beside this one. */
function beside(name: string): string {
  return fileURLToPath(new URL(name, import.meta.url))
}

/**
 * Gives the lab tests the hosts that are up.
 *
 * With `SRV_LAB=required` they are brought up, and a lab that cannot be is an error; otherwise tests without hosts are
 * skipped, because the engine behind the lab needs root and Debian.
 */
export default function setup(project: TestProject): void {
  if (env['SRV_LAB'] === 'required') execFileSync(beside('up.sh'), { stdio: ['ignore', 'inherit', 'inherit'] })
  const file = beside('.state/lab.json')
  if (!existsSync(file)) {
    stderr.write(
      'Lab tests are skipped: no lab is up. As root on Debian: test/lab/up.sh, or SRV_LAB=required npm test\n',
    )
  }
  project.provide('lab', existsSync(file) ? (JSON.parse(readFileSync(file, 'utf8')) as Lab) : undefined)
}
