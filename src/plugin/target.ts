import type { Script, Word } from '../shell/script.ts'
import type { ExecResult } from '../transport/transport.ts'

/** A template tag that runs shell text on a target; every value is quoted, and the text is sent on standard input. */
export type Shell = (literals: TemplateStringsArray, ...values: readonly Word[]) => Promise<ExecResult>

/** What can be done on a machine. */
export interface Target {
  /** Changes something: in a dry run it is only printed. @throws SrvError unless the exit code is 0 */
  readonly run: Shell
  /** Only looks: it runs in a dry run too, and a non-zero exit is an answer, not an error. @throws SrvError when it was cut off */
  readonly probe: Shell
  /**
   * Changes something that takes long, and passes on each piece of output as it comes: in a dry run it is only printed.
   * The caller judges how it ended.
   */
  readonly follow: (script: Script, onOutput: (text: string) => void) => Promise<ExecResult>
  /**
   * Only looks, for long, and passes on each piece of output as it comes: what `follow` is to `run`, this is to `probe`.
   *
   * @throws SrvError when it was cut off
   */
  readonly watch: (script: Script, onOutput: (text: string) => void) => Promise<ExecResult>
}
