import type { Argument, Command } from 'commander'
import type { Host, Placement } from '../config/resolved.ts'
import type { Selection } from '../run/event.ts'
import { createSecrets, type Secrets } from '../run/secrets.ts'
import { interruptedCode, uninterrupted, type Waiting } from '../run/interrupted.ts'
import { createMasker } from '../shell/mask.ts'
import { isSecret } from '../shell/secret.ts'
import { loadSsh2, type Pool } from '../transport/pool.ts'
import { withPlaceWords, withTargetOptions, type TargetOptions } from './global-options.ts'
import type { Io } from './io.ts'
import { createCommand, parse, wordsOf } from './parse.ts'
import { openPool } from './pool.ts'
import { openProject, withSandboxHosts, type Project } from './project.ts'
import { select } from './select.ts'
import { settleAll } from './settle.ts'

/** What a command that asks hosts works with. */
export interface Query<O extends TargetOptions> {
  readonly project: Project
  readonly selection: Selection
  readonly placements: readonly Placement[]
  readonly options: O
  readonly pool: Pool
  readonly secrets: Secrets
  /** Fires when the user interrupts. */
  readonly signal: AbortSignal
  /** Takes the values of the instances' secrets out of a line, as far as they are set here. */
  readonly mask: (line: string) => string
}

/** The command line that all commands about an environment share. */
export function queryCommand(name: string, description: string, io: Io, action?: Argument): Command {
  return withPlaceWords(withTargetOptions(createCommand(name, description, io)), action)
}

/** Reads the secrets of some instances, so that their values are masked; one that is not set here cannot be known. */
async function learnSecrets(placements: readonly Placement[], secrets: Secrets): Promise<void> {
  const found = placements.flatMap(({ instance }) => Object.values(instance.env).filter((value) => isSecret(value)))
  await settleAll(found, (secret) => secrets.reveal(secret))
}

function loginTo({ name }: Host): Waiting {
  return { until: `srv was logged in to ${name}`, left: 'Nothing was done there.' }
}

/**
 * Reads the command line of such a command, opens the project, and closes every connection afterwards.
 *
 * @throws SrvError 1xx, SRV-516 when it is interrupted
 */
export async function runQuery<O extends TargetOptions>(
  command: Command,
  argv: readonly string[],
  io: Io,
  body: (query: Query<O>) => Promise<number>,
): Promise<number> {
  if (!parse(command, argv)) return 0
  const options = command.opts<O>()
  const { environment, names: services } = wordsOf(command)
  const project = await openProject(io, options.config, environment, loadSsh2)
  const selection = { services, hosts: options.host ?? [], tags: options.tag ?? [] }
  const chosen = select(project.config.placements, selection)
  const placements = await withSandboxHosts(project.config.projectRoot, chosen)
  const warn = (message: string, host?: string): void => {
    io.stderr.write(`! ${host === undefined ? '' : `${host}: `}${message}\n`)
  }
  const { signal } = io
  const opened = openPool(io, { environment: project.config.environment, warn })
  const pool: Pool = { ...opened, get: (host) => uninterrupted(opened.get(host), signal, loginTo(host)) }
  try {
    const masker = createMasker()
    const secrets = createSecrets(masker)
    await learnSecrets(placements, secrets)
    const mask = (line: string): string => masker.mask(line)
    const code = await body({ project, selection, placements, options, pool, secrets, signal, mask })
    // Whatever went wrong after an interrupt went wrong because of it.
    return signal.aborted && code !== 0 ? interruptedCode(signal) : code
  } finally {
    await pool.close()
  }
}
