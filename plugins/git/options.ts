import * as z from 'zod'

const source = z.enum(['remote', 'push', 'files', 'none'])
const strategy = z.enum(['releases', 'in-place'])
const keep = z.int().min(1)

/** A path below a folder: no way out of it, and no name that srv or git use themselves. */
function isInside(path: string): boolean {
  const parts = path.replace(/\/$/, '').split('/')
  return parts.every((part) => part !== '' && part !== '.' && part !== '..' && part !== '.git') && !/\p{Cc}/u.test(path)
}

const inside = z.string().refine(isInside, { error: 'must be a path inside the repository, without . or ..' })

function hasNoNesting(paths: readonly string[]): boolean {
  const folders = paths.map((path) => `${path.replace(/\/$/, '')}/`)
  return folders.every((one, at) => folders.every((other, index) => at === index || !other.startsWith(one)))
}

const shared = z
  .array(inside)
  .readonly()
  .refine(hasNoNesting, { error: 'one of these paths is the same as another, or inside it' })

/** Options of `git()`: the defaults of every instance. */
export const optionsSchema = z.strictObject({
  /**
   * `releases`: each version in a folder of its own, and `current` switched by a rename. `in-place`: the instance's own
   * folder is the checkout, and is moved from commit to commit.
   */
  strategy: strategy.default('releases'),
  /**
   * `remote`: each host fetches from the service's repository. `push`: commits are sent from this machine, over the
   * connection that is open. `files`: what is in the folder right now is sent, committed or not, except what a
   * `.gitignore` in it leaves out. Without it, a URL is fetched and everything else pushed.
   */
  source: source.optional(),
  /** How many releases are kept on a host, besides the one that serves and the one before it. */
  keep: keep.default(5),
  /** In place: allow moving to a commit that is not a descendant of the current one. Changed files are still refused. */
  reset: z.boolean().default(false),
})

/** What an instance may say under `git` in the config. */
export const settingsSchema = z.strictObject({
  strategy: strategy.optional(),
  source: source.optional(),
  keep: keep.optional(),
  reset: z.boolean().optional(),
  /** The folder of a larger repository that is this instance. */
  path: inside.optional(),
  /** Paths that outlive a release: linked to the same path in `data/`. A trailing slash marks a folder. */
  shared: shared.default([]),
})

/** Validated options of the plugin. */
export type Options = z.output<typeof optionsSchema>
/** Validated settings of one instance. */
export type Settings = z.output<typeof settingsSchema>

/** The settings of an instance, with the plugin's options as defaults. */
export interface Effective {
  readonly strategy: 'releases' | 'in-place'
  readonly source: 'remote' | 'push' | 'files' | 'none' | undefined
  readonly keep: number
  readonly reset: boolean
  readonly path: string | undefined
  readonly shared: readonly string[]
}

/** Lays an instance's settings over the plugin's options. */
export function effective(options: Options, settings: Settings): Effective {
  return {
    strategy: settings.strategy ?? options.strategy,
    reset: settings.reset ?? options.reset,
    source: settings.source ?? options.source,
    keep: settings.keep ?? options.keep,
    path: settings.path?.replace(/\/$/, ''),
    shared: settings.shared,
  }
}
