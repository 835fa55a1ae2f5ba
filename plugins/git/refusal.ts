import { srvError, type Placement, type SrvError } from '../../src/index.ts'
import { repositoryName } from './repository-name.ts'
import { withoutPassword } from './source.ts'
import type { CheckoutDetails } from './state/checkout-facts.ts'

interface Where {
  readonly host: string
  readonly instance: string
}

function placeOf({ host, instance, paths }: Pick<Placement, 'host' | 'instance' | 'paths'>) {
  const where: Where = { host: host.name, instance: instance.id }
  return { at: { target: `${instance.id}@${host.name}`, folder: paths.instance }, where }
}

/** A checkout that is to be moved, and the conditions for that. */
export interface Candidate {
  readonly placement: Pick<Placement, 'host' | 'instance' | 'paths'>
  /** What its host said before the first change. */
  readonly details: CheckoutDetails
  /** The URL that the config names; nothing when any will do. */
  readonly repository?: string | undefined
  /** Whether `.env` is about to be written. */
  readonly writesVariables: boolean
}

/** Why a checkout must not be moved; `undefined` when it may be. `output` is shown below the message. */
function refusalOf(candidate: Candidate, output: readonly string[] = []): SrvError | undefined {
  const { placement, details, repository, writesVariables } = candidate
  const { at, where } = placeOf(placement)
  const circumstances = { where, output }
  const { place, problem = 'it is unknown what it is', head, changes, operation, remotes } = details
  if (place === 'missing') return undefined
  if (place === 'other') return srvError('SRV-341', { ...at, problem }, circumstances)
  if (head === undefined) return details.made ? undefined : srvError('SRV-342', at, circumstances)
  const isOther = repository !== undefined && remotes.length > 0
  if (isOther && !remotes.some((one) => repositoryName(one) === repositoryName(repository))) {
    const named = { remotes: remotes.map(withoutPassword), repository: withoutPassword(repository) }
    return srvError('SRV-343', { ...at, ...named }, circumstances)
  }
  // What a killed run left behind is for srv to clean up.
  if (details.moving) return undefined
  if (operation !== undefined) return srvError('SRV-344', { ...at, operation }, circumstances)
  if (changes.length > 0) return srvError('SRV-340', { ...at, files: changes }, circumstances)
  return details.foreignVariables && writesVariables ? srvError('SRV-336', at, circumstances) : undefined
}

/**
 * Refuses all hosts when one of them cannot be changed.
 *
 * @throws SrvError SRV-336 or SRV-340 to 344: the first that was found, with the messages of the others as its output
 */
export function refuseUnready(candidates: readonly Candidate[]): void {
  const found = candidates.flatMap((candidate) => {
    const refusal = refusalOf(candidate)
    return refusal === undefined ? [] : [{ candidate, message: refusal.message }]
  })
  const [first, ...others] = found
  const refusal =
    first &&
    refusalOf(
      first.candidate,
      others.map(({ message }) => message),
    )
  if (refusal !== undefined) throw refusal
}

/** The error behind the word with which a script refused: see `refuse` in the scripts. */
export function explainRefusal(
  placement: Pick<Placement, 'host' | 'instance' | 'paths'>,
  commit: string,
  stdout: string,
): SrvError | undefined {
  const { at, where } = placeOf(placement)
  const said = stdout.split('\n')
  const word = said.find((line) => line.startsWith('refused '))?.slice('refused '.length)
  const details = said.filter((line) => line.startsWith('detail ')).map((line) => line.slice('detail '.length))
  const [first = ''] = details
  const way = { ...at, head: first, commit }
  switch (word) {
    case 'folder':
      return srvError('SRV-341', { ...at, problem: first }, { where })
    case 'unborn':
      return srvError('SRV-342', at, { where })
    case 'dirty':
      return srvError('SRV-340', { ...at, files: details }, { where })
    case 'diverged':
      return srvError('SRV-345', way, { where })
    case 'newer':
      return srvError('SRV-346', way, { where })
    case 'shallow':
      return srvError('SRV-347', way, { where })
    case 'untracked':
      return srvError('SRV-348', { ...at, commit, files: details }, { where })
    case 'submodules':
      return srvError('SRV-349', { ...at, commit, paths: details }, { where })
    case 'lfs-missing':
      return srvError('SRV-334', { ...at, commit }, { where })
    case 'lfs-unset':
    case 'lfs-skipped':
      return srvError('SRV-337', { ...at, commit, isSkipped: word === 'lfs-skipped' }, { where })
    case 'lfs-objects':
      return srvError('SRV-338', { ...at, commit, problem: first }, { where })
    case 'lfs-pointers':
      return srvError('SRV-339', { ...at, commit, files: details }, { where })
    case 'variables':
      return srvError('SRV-335', { ...at, commit }, { where })
    default:
      return undefined
  }
}
