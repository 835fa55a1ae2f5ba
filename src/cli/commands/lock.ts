import { Argument } from 'commander'
import type { HeldBy } from '../../error/catalog/lease.ts'
import { srvError } from '../../error/srv-error.ts'
import { hostsOf } from '../../plan/build.ts'
import { lockLines, type LockDocument } from '../../report/lock.ts'
import { answers, uninterrupted, type Waiting } from '../../run/interrupted.ts'
import { leasesOf } from '../../run/lease/answer.ts'
import { leasedOn } from '../../run/lease/leases.ts'
import { look, release, type Leased } from '../../run/lease/script.ts'
import { lines, raw, type Script } from '../../shell/script.ts'
import type { TargetOptions } from '../global-options.ts'
import type { Io } from '../io.ts'
import { printDocument } from '../print-document.ts'
import { queryCommand, runQuery, type Query } from '../query.ts'
import { settleAll } from '../settle.ts'

/** Runs a lease script for the services of each host; when a host fails, that is thrown once all have answered. */
async function onEachHost(
  { placements, pool, secrets, signal }: Query<TargetOptions>,
  script: (leased: readonly Leased[]) => Script,
  waiting?: Waiting,
): Promise<readonly { readonly host: string; readonly stdout: string }[]> {
  const asking = settleAll(hostsOf(placements), async (host) => {
    const transport = await pool.get(host)
    const text = await secrets.render(lines(raw('set -eu'), script(leasedOn(host, placements))))
    const { end, stdout, stderr } = await transport.exec(text, { signal })
    if (end.kind === 'exit' && end.code === 0) return { host: host.name, stdout }
    throw srvError('SRV-302', { host: host.name, problem: stderr.trim() || end.kind }, { where: { host: host.name } })
  })
  const { values, thrown } = await uninterrupted(asking, signal, waiting)
  if (thrown.length > 0) throw thrown[0]
  return values
}

async function held(query: Query<TargetOptions>): Promise<readonly HeldBy[]> {
  const said = await onEachHost(query, look)
  return said.flatMap(({ host, stdout }) => leasesOf(host, stdout))
}

function documentOf(leases: readonly HeldBy[], released: boolean): LockDocument {
  return {
    schema: 'srv.lock/1',
    released,
    leases: leases.map(({ service, host, actor, run, pipeline, since, ageSeconds }) => ({
      service,
      host,
      actor,
      run,
      pipeline,
      since,
      age_seconds: ageSeconds,
    })),
  }
}

const releasing: Waiting = { until: answers.until, left: 'Leases may have been ended on some of them.' }

const actions = 'status: who works there; release: end the lease of services whose holder is gone'

/** `srv lock status <environment>` and `srv lock release <environment> <service…>`; what is released has to be named. */
export async function lock(argv: readonly string[], io: Io): Promise<number> {
  const action = new Argument('<action>', actions).choices(['status', 'release'])
  const command = queryCommand('lock', 'Who works on which service right now, and the end of a lease.', io, action)
  return runQuery<TargetOptions>(command, argv, io, async (query) => {
    const isRelease = command.args[0] === 'release'
    if (isRelease && query.selection.services.length === 0) {
      throw srvError('SRV-100', {
        problem: 'Name the services whose lease to release: srv lock release production blog.',
      })
    }
    const leases = await held(query)
    if (isRelease) await onEachHost(query, release, releasing)
    printDocument(io, query.options, documentOf(leases, isRelease), lockLines)
    return 0
  })
}
