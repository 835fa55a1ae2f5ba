import type { Host } from '../../config/resolved.ts'
import { srvError, type SrvError } from '../../error/srv-error.ts'
import type { Answer } from '../../plugin/contract.ts'
import type { Script } from '../../shell/script.ts'
import { placementsOn } from '../ask/ask.ts'
import { isDiskFull, lastLines } from '../undo/failure.ts'
import type { Piece } from '../steps/pieces.ts'
import type { Session } from '../session.ts'
import { conflictOf, type Conflict } from './answer.ts'
import { fenceOf, type Fence } from './fence.ts'
import { finishPieces } from './finish.ts'
import {
  acquire,
  beatMs,
  check,
  enter,
  fence,
  live,
  lockedCode,
  release,
  resume,
  type Holder,
  type Leased,
} from './script.ts'

/** The services of a run that live on a host: a lease is one per service and host. */
export function leasedOn(host: Host, placements: Session['plan']['placements']): readonly Leased[] {
  const states = placementsOn(host, placements).map(({ service, paths }) => [service.name, paths.state] as const)
  return [...new Map(states)].map(([service, state]) => ({ service, state }))
}

/** Why a lease that nobody holds could not be taken. */
function untakenError(host: string, code: number, stderr: string): SrvError {
  const where = { host }
  if (isDiskFull(stderr)) return srvError('SRV-404', { host }, { where })
  return srvError('SRV-402', { host, problem: stderr.trim() || `exit status ${code}` }, { where })
}

/** The leases of one run: taken with the first command on a host, released with the last one. */
export class Leases {
  readonly #session: Session
  readonly #holder: Holder
  readonly #held = new Map<string, { readonly host: Host; readonly taken: readonly Leased[] }>()
  /** Hosts all of whose leases this run has. */
  readonly #whole = new Set<string>()
  readonly #lost = new Set<string>()
  #beats: NodeJS.Timeout | undefined
  #isTaking = true

  constructor(session: Session) {
    const { runId, actor, startedAt, plan, lease } = session
    this.#session = session
    this.#holder = { run: lease?.token ?? runId, actor, pipeline: plan.pipeline, since: startedAt }
  }

  /** Comes before the questions to a host: they are asked only when its leases were taken. */
  acquirePiece(host: Host, onConflict: (conflict: Conflict) => void): Piece {
    const leased = leasedOn(host, this.#session.plan.placements)
    return {
      script: acquire(leased, this.#holder),
      onEnd: ({ code, stdout, stderr }) => {
        // One that an earlier try took is `shared` now, and still to be given back.
        const before = this.#held.get(host.name)?.taken.map(({ service }) => service) ?? []
        const isTaken = ({ service }: Leased): boolean =>
          before.includes(service) || stdout.split('\n').includes(`taken ${service}`)
        this.#held.set(host.name, { host, taken: leased.filter(isTaken) })
        if (code === 0) {
          this.#whole.add(host.name)
          this.#lost.delete(host.name)
          return
        }
        const conflict = code === lockedCode ? conflictOf(host.name, stdout) : undefined
        if (conflict === undefined) this.#session.state.errors.push(untakenError(host.name, code, stderr))
        else onConflict(conflict)
      },
    }
  }

  /** Comes after that: what a run that died left half done is completed or undone first. */
  finishPieces(host: Host): readonly Piece[] {
    return finishPieces(this.#session, host, this.#holder.run)
  }

  /** Comes before every command that changes something, and stops it when the lease is no longer ours. */
  fencePiece(host: Host, onLost: (error: SrvError) => void): readonly Piece[] {
    return this.#guardPiece(host, enter, onLost)
  }

  /** Comes between the steps of such a command: a build may take long, and meanwhile somebody may release its lease by name. */
  checkPiece(host: Host, onLost: (error: SrvError) => void): readonly Piece[] {
    return this.#guardPiece(host, check, onLost)
  }

  /**
   * Part of the text of any other command on a host; nothing on a host without a lease of this run. With `bringsBack` it
   * renews a lease that ended meanwhile, unless somebody else has it.
   */
  fence(host: Host, bringsBack: boolean): Fence | undefined {
    if (!this.#held.has(host.name)) return undefined
    return fenceOf(this.#guard(host, bringsBack ? resume : enter), (answer) => this.#lostError(host, answer))
  }

  /** Releases the leases of a host in a command that is sent anyway. */
  releasePiece(host: Host): readonly Piece[] {
    const held = this.#held.get(host.name)
    if (held === undefined || held.taken.length === 0) return []
    const onEnd = ({ code }: Answer): void => {
      if (code === 0) this.#held.delete(host.name)
    }
    return [{ script: release(held.taken, this.#holder.run), mayFail: true, onEnd }]
  }

  /** Whether another run may work on a host by now: then nothing may be touched there any more. */
  isLost(host: Host): boolean {
    return this.#lost.has(host.name)
  }

  /** @throws SrvError SRV-403 when the lease of a host is known to be lost: work done for it elsewhere must stop too */
  assertOurs(host: Host): void {
    if (!this.isLost(host)) return
    const services = leasedOn(host, this.#session.plan.placements).map(({ service }) => service)
    throw this.#lostError(host, { code: lockedCode, stdout: '', stderr: services.join(', ') })
  }

  /**
   * Gives signs of life wherever a lease is held until `releaseAll`; the timer does not keep the process alive. It begins
   * before the first lease is taken: on one host cleaning up after a dead run may take minutes, and the others wait.
   */
  startBeats(): void {
    this.#beats ??= setInterval(() => {
      for (const { host } of this.#held.values()) if (this.#whole.has(host.name)) void this.#beat(host)
    }, beatMs).unref()
  }

  /** All leases are there: from now on this run yields to nobody. */
  hold(): void {
    this.#isTaking = false
  }

  /** Releases every lease that is still held. It never throws: a lease also ends by itself. */
  async releaseAll(): Promise<void> {
    clearInterval(this.#beats)
    this.#beats = undefined
    // Before the release, so that a sign of life under way that finds no lease is not taken for a lost one.
    const held = [...this.#held.values()]
    this.#held.clear()
    this.#whole.clear()
    await Promise.all(held.map(({ host, taken }) => this.#release(host, taken)))
  }

  /** Comes before what brings a host back: what another run does there by now must not be undone. */
  resumePiece(host: Host, onLost: (error: SrvError) => void): readonly Piece[] {
    return this.#guardPiece(host, resume, onLost)
  }

  #guardPiece(
    host: Host,
    guard: (leased: readonly Leased[], run: string) => Script,
    onLost: (error: SrvError) => void,
  ): readonly Piece[] {
    if (!this.#held.has(host.name)) return []
    const onEnd = (answer: Answer): void => {
      if (answer.code !== 0) onLost(this.#lostError(host, answer))
    }
    return [{ script: this.#guard(host, guard), onEnd }]
  }

  #guard(host: Host, guard: (leased: readonly Leased[], run: string) => Script): Script {
    return guard(leasedOn(host, this.#session.plan.placements), this.#holder.run)
  }

  /** Tells a lease that was lost from a host that has other trouble. */
  #lostError(host: Host, { code, stderr }: Answer): SrvError {
    const where = { host: host.name }
    if (code !== lockedCode) {
      return srvError(
        'SRV-405',
        { host: host.name, problem: lastLines('', stderr).at(-1) ?? `exit status ${code}` },
        { where },
      )
    }
    this.#lost.add(host.name)
    return srvError('SRV-403', { host: host.name, service: stderr.trim() }, { where })
  }

  async #exec(host: Host, script: Script): Promise<Answer | undefined> {
    try {
      const transport = await this.#session.pool.get(host)
      const text = await this.#session.secrets.render(script)
      const { end, stdout, stderr } = await transport.exec(text, { timeoutMs: 10_000 })
      return end.kind === 'exit' ? { code: end.code, stdout, stderr } : undefined
    } catch {
      // The host is gone: its lease ends by itself, and the step that needed the host reports why.
      return undefined
    }
  }

  async #beat(host: Host): Promise<void> {
    const held = this.#held.get(host.name)
    const answer = await this.#exec(host, this.#guard(host, this.#isTaking ? live : fence))
    // The next step is stopped by its own fence, and reports it.
    const isStill = held !== undefined && this.#held.get(host.name) === held
    if (answer?.code === lockedCode && isStill) this.#lost.add(host.name)
  }

  async #release(host: Host, taken: readonly Leased[]): Promise<void> {
    if (taken.length === 0) return
    const answer = await this.#exec(host, release(taken, this.#holder.run))
    if (answer?.code === 0) return
    const message = 'the lease could not be released; it ends by itself within 45 s'
    this.#session.emit({ type: 'warning', message, host: host.name })
  }
}
