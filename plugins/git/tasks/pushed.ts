import { srvError, type ExecResult, type InstanceContext } from '../../../src/index.ts'

/** Accepts a push that worked. @throws SrvError SRV-503 when the link broke, SRV-504 when the run was stopped, SRV-531 when git refused */
export function assertPushed(
  { end, stderr }: ExecResult,
  { host, instance }: Pick<InstanceContext, 'host' | 'instance'>,
): void {
  const where = { host: host.name, instance: instance.id }
  const target = `${instance.id}@${host.name}`
  const output = stderr.split('\n').filter((line) => line !== '')
  switch (end.kind) {
    case 'exit': {
      if (end.code === 0) return
      const said = output
        .find((line) => /^(fatal|error|remote):/.test(line))
        ?.replace(/^remote: /, '')
        .trim()
      const problem = said ?? `exit status ${String(end.code)}`
      throw srvError('SRV-531', { target, problem }, { where, output })
    }
    case 'signal':
      throw srvError('SRV-531', { target, problem: `killed by ${end.signal}` }, { where, output })
    case 'timeout':
      throw srvError('SRV-531', { target, problem: 'it took too long' }, { where, output })
    case 'cancelled':
      throw srvError('SRV-504', { task: 'git:push', target }, { where, output })
    case 'lost':
      throw srvError('SRV-503', { task: 'git:push', target, reason: end.reason }, { where, output })
  }
}

/**
 * Whether a push failed because the host's repository is shallow: git assumes that a host which has a commit also
 * has all of its ancestors, and does not send those.
 */
export function lacksHistory({ end, stderr }: ExecResult): boolean {
  return end.kind === 'exit' && end.code !== 0 && /missing necessary objects|bad object|did not send all/.test(stderr)
}
