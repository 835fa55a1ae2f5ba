import { retainScript } from '../../../plugins/rsync-backup/retention/script.ts'
import { keepSchema, type Keep } from '../../../plugins/rsync-backup/retention/policy.ts'
import { lines, raw, type Script } from '../../../src/index.ts'
import { kinds, runScript, type Kind } from '../../integration/tasks/shell.ts'

/** One question to `retain`. */
export interface Case {
  readonly policy: Partial<Keep>
  /** Ids alone, for good ones that are not pinned, or whole lines. */
  readonly snapshots: readonly string[]
  readonly now?: string
}

/** The shells that hosts have, each with the awk that comes with it. */
export const hosts: readonly Kind[] = kinds().flatMap((kind) =>
  kind.name === 'sh' ? [kind, { ...kind, name: 'bash', shell: ['bash', '-s'] }] : [kind],
)

const end = '--- end'

function ask({ policy, snapshots, now = '29990101T000000Z' }: Case): Script {
  const input = snapshots.map((line) => (line.includes(' ') ? line : `${line} good no`)).join('\n')
  return lines(
    retainScript(keepSchema.parse(policy), { now }),
    raw(`retain <<'${end}'\n${input}${input === '' ? '' : '\n'}${end}\necho '${end}'`),
  )
}

/** What `retain` says in each case: all cases go through one shell. */
export async function retain(kind: Kind, cases: readonly Case[]): Promise<readonly (readonly string[])[]> {
  const { code, stdout, stderr } = await runScript(lines(...cases.map(ask)), kind)
  if (code !== 0 || stderr !== '') throw new Error(`${kind.name} ended with ${code}: ${stderr}`)
  const answers = stdout.split(`${end}\n`).slice(0, -1)
  return answers.map((answer) => answer.split('\n').slice(0, -1))
}

/** The ids that an answer keeps. */
export function kept(answer: readonly string[]): readonly string[] {
  return answer.filter((line) => line.startsWith('keep ')).map((line) => line.split(' ')[1] ?? '')
}
