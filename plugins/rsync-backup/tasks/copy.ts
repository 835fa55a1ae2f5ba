import { lines, raw, type ExecResult, type InstanceContext, type Script } from '../../../src/index.ts'
import type { Options, Settings } from '../options.ts'
import { progressReader } from '../progress.ts'
import { hasChanged, meaning } from '../scripts/meaning.ts'
import { copyOnceText, passScript } from '../scripts/copy.ts'
import { anew, differenceText } from '../scripts/difference.ts'
import { bridged, type Pass } from '../scripts/pass.ts'
import type { Vault } from '../vault.ts'
import { overLink } from '../way/near.ts'
import { expectScript, pushScript, receivedScript, vanishedIn } from '../way/pushed.ts'
import { endWords, failure, onKeeper, saidBy } from './context.ts'
import type { Linking } from './link.ts'
import { passageTo } from './way.ts'

/** The cause of a copy that failed only because files changed meanwhile: another one may well succeed. */
export const changedMeanwhile = 'files changed while they were copied'

/** What a task that copies works with. */
type Copying = Linking &
  Pick<InstanceContext<Options, Record<never, never>, Settings>, 'bridge' | 'follow' | 'progress'>

function assertCopied(context: Copying, vault: Vault, { end, stderr }: ExecResult): void {
  // 24 is what the host's rsync returns for files that vanished: the keeper's text has noted them, and succeeded.
  if (end.kind === 'exit' && (end.code === 0 || end.code === 24)) return
  const problem = end.kind === 'exit' ? meaning(end.code, stderr) : endWords(end)
  const cause = end.kind === 'exit' && hasChanged(end.code, stderr) ? changedMeanwhile : undefined
  throw failure(context, vault, problem, saidBy(stderr), cause)
}

/** One copy over whatever way there is between the two machines. @throws SrvError SRV-640, SRV-656 */
export async function copy(context: Copying, pass: Pass): Promise<void> {
  const { vault, from, into } = pass
  const onOutput = progressReader((now) => context.progress(now))
  const strict = (script: Script): Script => lines(raw('set -eu'), script)
  if (vault.on === context.host.name) {
    assertCopied(context, vault, await context.follow(strict(passScript(pass)), onOutput))
    return
  }
  const taken = await passageTo(context, vault)
  switch (taken.by) {
    case 'laptop': {
      const over = { ...pass, from: `srv:${from}`, shell: bridged }
      // The channel carries what one rsync says.
      if (into !== 'dumps') {
        assertCopied(context, vault, await context.bridge({ on: vault.on, script: passScript(over, differenceText) }))
      }
      const second = (): Promise<ExecResult> =>
        context.bridge({ on: vault.on, script: passScript(over, copyOnceText), onOutput })
      const result = await second()
      const { end } = result
      assertCopied(context, vault, end.kind === 'exit' && end.code === anew ? await second() : result)
      return
    }
    case 'pull': {
      const { before, shell } = overLink(taken.tag)
      const asked = `srv:${context.service.name}/${into === 'dumps' ? 'dumps' : 'data'}`
      const script = strict(lines(before, passScript({ ...pass, from: asked, shell, isGated: true })))
      assertCopied(context, vault, await context.at(vault.on).follow(script, onOutput))
      return
    }
    case 'push': {
      const pushed = { ...pass, tag: taken.tag, service: context.service.name }
      await onKeeper(context, vault, expectScript(pushed))
      const result = await context.follow(pushScript(pushed), onOutput)
      assertCopied(context, vault, result)
      await onKeeper(context, vault, receivedScript(pass, vanishedIn(result)))
    }
  }
}
