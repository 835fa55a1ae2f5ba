import type { SetUp } from '../plugin/setup.ts'
import type { Path, Problem } from './problem.ts'
import { recordOf, type PlainRecord } from './records.ts'

/** An instance as far as plugins' settings are about it. */
interface WithSettings {
  readonly name: string
  readonly settings: PlainRecord
}

/** The instances with the settings that count for each, and what does not go together. */
interface SettingsShared<I> {
  readonly instances: readonly I[]
  readonly problems: readonly Problem[]
}

/** Has the plugins whose settings are about what the instances of a service share look at all of these together. */
export function shareSettings<I extends WithSettings>(
  instances: readonly I[],
  raw: PlainRecord,
  path: Path,
  { plugins }: SetUp,
): SettingsShared<I> {
  const problems: Problem[] = []
  let shared = instances
  for (const { name, share } of plugins) {
    if (share === undefined) continue
    const all = shared.map((one) => ({
      instance: one.name,
      said: recordOf(raw[one.name])[name] ?? {},
      settings: one.settings[name],
    }))
    const result = share(all)
    if ('disagreements' in result) {
      problems.push(
        ...result.disagreements.map((one) => ({ path: [...path, one.instance, name, ...one.path], text: one.text })),
      )
      continue
    }
    shared = shared.map((one, index) => ({ ...one, settings: { ...one.settings, [name]: result.settings[index] } }))
  }
  return { instances: shared, problems }
}
