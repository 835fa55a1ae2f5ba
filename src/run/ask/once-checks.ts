import { noHooks } from '../../plan/hooks.ts'
import { brandTask, type Check, type OnceContext } from '../../plugin/contract.ts'
import { onceContext } from '../steps/context.ts'
import { onceJob, type Job } from '../steps/job.ts'
import type { PluginOfRun } from '../plugin-of-run.ts'
import type { Session } from '../session.ts'
import { dryCommands } from '../steps/target.ts'
import { together } from '../together.ts'
import { brokenCheck, reportVerdict } from './verdict.ts'

type OnceCheck = Extract<Check, { readonly on: 'once' }>

function checkJob(session: Session, { name }: PluginOfRun, { title }: OnceCheck): Job {
  const task = brandTask({ title, on: 'once', run: () => undefined })
  return onceJob({
    kind: 'step',
    id: 'check',
    taskId: title,
    task,
    title,
    group: 'check',
    placements: session.plan.placements,
    hosts: [],
    companions: [],
    hooks: noHooks,
    ...(name === undefined ? {} : { plugin: name }),
  })
}

async function ask(session: Session, plugin: PluginOfRun, check: OnceCheck): Promise<void> {
  const call = async (context: OnceContext) => check.check(context)
  // A check must change nothing: what it asks to run is not run.
  const context = onceContext(
    session,
    checkJob(session, plugin, check),
    dryCommands(() => undefined),
  )
  try {
    const verdict = await session.openWork.track(`the check "${check.title}"`, call(context))
    reportVerdict(session, 'local', check.title, () => verdict)
  } catch (thrown) {
    reportVerdict(session, 'local', check.title, () => brokenCheck(thrown))
  }
}

/** The checks about the operator's machine, or about the whole of a run. */
export async function onceChecks(session: Session): Promise<void> {
  const checks = session.plugins.flatMap((plugin) =>
    plugin.checks.flatMap((check) => (check.on === 'once' ? [{ plugin, check }] : [])),
  )
  if (checks.length === 0) return
  session.emit({ type: 'check.start', host: 'local', checks: checks.length })
  await together(checks.map(({ plugin, check }) => ask(session, plugin, check)))
}
