// Written from the catalogue, beside docs/errors.md: scripts/make-error-docs.mjs.
import errors from './explained.json' with { type: 'json' }

/** What there is to say of one code when it has not happened. */
export interface Explained {
  readonly code: string
  /** What holds for all errors of its kind: how far the run had come. */
  readonly chapter: string
  /** The forms of the message, with ‹this› where details are filled in. */
  readonly messages: readonly string[]
  readonly hints: readonly string[]
  readonly exitCode: number
}

/** Every error of the catalogue by its code, in the order of the codes. */
export const explainedErrors: ReadonlyMap<string, Explained> = new Map(errors.map((error) => [error.code, error]))
