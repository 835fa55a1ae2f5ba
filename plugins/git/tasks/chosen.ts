import { srvError, type InstanceContext, type NextRelease } from '../../../src/index.ts'

/** The release that `resolve` or `select` chose for this placement, and its commit. @throws SrvError SRV-900 when none ran before */
export function chosen({ next, instance }: Pick<InstanceContext, 'next' | 'instance'>): NextRelease & {
  readonly commit: string
} {
  if (next === undefined) throw srvError('SRV-900', { problem: `no release was chosen for ${instance.id}` })
  return { ...next, commit: next.release.commit ?? '' }
}
