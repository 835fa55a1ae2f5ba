import { lines, raw, type ExecResult, type InstanceContext } from '../../../src/index.ts'
import type { Options, Settings } from '../options.ts'
import { progressReader } from '../progress.ts'
import { bridged, passScript, type Pass } from '../scripts/pass.ts'
import type { Vault } from '../vault.ts'
import { failure, type Place } from './context.ts'

/** What a task that copies works with. */
type Copying = Place & Pick<InstanceContext<Options, Record<never, never>, Settings>, 'bridge' | 'follow' | 'progress'>

/** What the exit codes of rsync mean (rsync(1), EXIT VALUES), where a reader can do something about it. */
function meaning(code: number, said: string): string {
  if (/No space left|Disk quota exceeded/.test(said)) return 'there is no room left where the snapshots are'
  if (code === 23) return 'some files could not be read: a part of the data is no snapshot'
  return `rsync ended with exit code ${String(code)}`
}

function assertCopied(context: Copying, vault: Vault, { end, stderr }: ExecResult): void {
  // 24 is what the host's rsync says of files that vanished: the keeper's text has made a note of it, and ended well.
  if (end.kind === 'exit' && (end.code === 0 || end.code === 24)) return
  const output = stderr.split('\n').filter((line) => line !== '' && !line.startsWith('progress '))
  const problem =
    end.kind === 'exit'
      ? meaning(end.code, stderr)
      : end.kind === 'lost'
        ? `the connection was lost (${end.reason})`
        : `it was ${end.kind}`
  throw failure(context, vault, problem, output.slice(-20))
}

/** One copy over whatever way there is between the two machines. */
export async function copy(context: Copying, pass: Pass): Promise<void> {
  const { vault, from } = pass
  const onOutput = progressReader((now) => context.progress(now))
  if (vault.on === context.host.name) {
    assertCopied(context, vault, await context.follow(lines(raw('set -eu'), passScript(pass)), onOutput))
    return
  }
  const script = passScript({ ...pass, from: `srv:${from}`, shell: bridged })
  assertCopied(context, vault, await context.bridge({ on: vault.on, script, onOutput }))
}
