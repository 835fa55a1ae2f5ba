import type { InstanceContext, Task } from '../../src/plugin/contract.ts'
import { defineTask } from '../../src/plugin/define.ts'
import { raw } from '../../src/shell/script.ts'

/** What a task of shell text may have beside its text. */
export interface ShellTaskOptions {
  readonly undo?: string
  readonly reapply?: boolean
  readonly activates?: boolean
  readonly changes?: boolean
  readonly evenIfUnchanged?: boolean
  readonly timeoutMs?: number
  readonly skip?: (context: InstanceContext) => string | undefined
  readonly applies?: (placement: { readonly host: { readonly name: string } }) => boolean
}

/** A task on instances that is this shell text; `$name` is the name of the host. */
export function shellTask(text: string, { undo, ...more }: ShellTaskOptions = {}): Task {
  const script = (body: string) => (context: InstanceContext) => raw(`name=${context.host.name}\n${body}`)
  return defineTask({
    title: 'Shell text',
    on: 'instance',
    ...more,
    script: script(text),
    ...(undo === undefined ? {} : { undo: script(undo) }),
  })
}
