import type { Readable, Writable } from 'node:stream'
import type { Script } from '../shell/script.ts'

/** How a command ended. `lost` means that the outcome is unknown: the link broke before the host said. Only exit code 0 is success. */
export type End =
  | { readonly kind: 'exit'; readonly code: number }
  | { readonly kind: 'signal'; readonly signal: string }
  | { readonly kind: 'timeout'; readonly stopped: boolean; readonly timeoutMs: number }
  | { readonly kind: 'cancelled'; readonly stopped: boolean }
  | { readonly kind: 'lost'; readonly reason: string }

/** Which of a command's two streams a piece of output came from. */
export type StreamName = 'stdout' | 'stderr'

/** What a command left behind. Texts are whole up to `maxOutputBytes`; beyond that only the newest bytes are kept. */
export interface ExecResult {
  readonly end: End
  readonly stdout: string
  readonly stderr: string
  readonly durationMs: number
}

/** How to run one script. */
export interface ExecOptions {
  /** Ends the remote process group when it fires. */
  readonly signal?: AbortSignal
  /** Milliseconds after which the remote process group is ended; none by default. */
  readonly timeoutMs?: number
  /** Run as root through `sudo -n`, which fails instead of asking for a password. */
  readonly sudo?: boolean
  /** Kept of each stream, in bytes; 1 MiB by default. */
  readonly maxOutputBytes?: number
  /** Another script is about to follow on the same machine: a shell for it is started in advance, to save round trips. */
  readonly more?: boolean
  /** Called with each piece of decoded text as it arrives; never splits a character. */
  readonly onOutput?: (stream: StreamName, text: string) => void
}

/** A raw command whose standard streams are the caller's: for tools that speak a protocol, such as `git-receive-pack` and `rsync --server`. */
export interface RawChannel {
  readonly stdin: Writable
  readonly stdout: Readable
  readonly stderr: Readable
  readonly end: Promise<End>
}

/** How a machine was reached over SSH: what another machine needs to know to reach it as well. */
export interface Reached {
  readonly user: string
  readonly address: string
  readonly port: number
  /** `type base64` of the key that it proved to have. */
  readonly hostKey: string
}

/**
 * A way to run commands on one machine. One transport is one login, kept for the whole run.
 *
 * Implementations do not reject for what happened on the other side: that is an `End`. The one exception is a machine
 * on which no script can run at all.
 */
export interface Transport {
  /** Nothing for the operator's machine. */
  readonly reached?: Reached
  /**
   * Runs a script with `/bin/sh`, sent on standard input, never in an argument list; its own standard input is empty.
   *
   * @throws SrvError SRV-215 when the login shell does not get as far as the script, SRV-216 when sudo does not
   */
  exec(script: Script | string, options?: ExecOptions): Promise<ExecResult>
  /** Runs one command line with its standard streams open. */
  open(command: string, options?: { readonly signal?: AbortSignal }): Promise<RawChannel>
  /** Ends the connection; safe to call twice. */
  close(): Promise<void>
}
