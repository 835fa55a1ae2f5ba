import type { Answer } from '../plugin/contract.ts'
import type { Shell, Target } from '../plugin/target.ts'
import { srvError } from '../error/srv-error.ts'
import { display, sh, type Script } from '../shell/script.ts'
import type { ExecResult } from '../transport/transport.ts'

/** What commands answer, by their whole text as it is recorded: standard output, or more than that. */
export type Answers = Readonly<Record<string, string | Partial<Answer>>>

/** Everything that was asked of hosts, in order. */
export interface Recorder {
  /** Texts of what would have changed something; those on the laptop begin with `local: `. */
  readonly commands: string[]
  /** Texts of what only looked. */
  readonly probes: string[]
  /** Probes without an answer: the test does not say what the host is like. */
  readonly unanswered: string[]
  target(prefix: string, where: { readonly task: string; readonly target: string }): Target
}

/** The result of a command that ended with an exit code. */
export function resultOf(answer: string | Partial<Answer> = ''): ExecResult {
  const { code = 0, stdout = '', stderr = '' } = typeof answer === 'string' ? { stdout: answer } : answer
  return { end: { kind: 'exit', code }, stdout, stderr, durationMs: 0 }
}

/** A host that only records. A `run` without an answer succeeds; a `probe` without one is refused by its text. */
export function recorder(answers: Answers): Recorder {
  const commands: string[] = []
  const probes: string[] = []
  const unanswered: string[] = []
  const lookUp = (text: string): string | Partial<Answer> | undefined =>
    Object.hasOwn(answers, text) ? answers[text] : undefined
  return {
    commands,
    probes,
    unanswered,
    target(prefix, where) {
      const run: Shell = (literals, ...values) => {
        const text = prefix + display(sh(literals, ...values))
        commands.push(text)
        const result = resultOf(lookUp(text))
        const code = result.end.kind === 'exit' ? result.end.code : 0
        if (code === 0) return Promise.resolve(result)
        return Promise.reject(srvError('SRV-501', { ...where, code }, { output: result.stderr.split('\n') }))
      }
      const look = (script: Script): Promise<ExecResult> => {
        const text = prefix + display(script)
        probes.push(text)
        const answer = lookUp(text)
        if (answer !== undefined) return Promise.resolve(resultOf(answer))
        unanswered.push(text)
        return Promise.reject(new Error(`no answer for the probe: ${text}`))
      }
      const probe: Shell = (literals, ...values) => look(sh(literals, ...values))
      const watch: Target['watch'] = async (script, onOutput) => {
        const result = await look(script)
        onOutput(result.stdout)
        return result
      }
      const follow: Target['follow'] = (script, onOutput) => {
        const text = prefix + display(script)
        commands.push(text)
        const result = resultOf(lookUp(text))
        onOutput(result.stdout)
        return Promise.resolve(result)
      }
      return { run, probe, follow, watch }
    },
  }
}
