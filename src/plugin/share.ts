/** What one instance of a service says under a plugin's name, and what that means by itself. */
export interface SaidBy<I, S> {
  readonly instance: string
  /** As it stands in the config; `{}` where nothing is said. */
  readonly said: I
  /** The same, validated, with all defaults. */
  readonly settings: S
}

/** Why settings of the instances of one service do not go together. */
export interface Disagreement {
  readonly instance: string
  /** Keys below the plugin's name. */
  readonly path: readonly string[]
  /** What is wrong, as it is read after the path. */
  readonly text: string
}

/** What came of looking at the settings of all instances of a service: those that count, in the same order, or what is wrong. */
export type Shared<S> = { readonly settings: readonly S[] } | { readonly disagreements: readonly Disagreement[] }
