/** A command-line flag that a task declares; it exists in the runs whose plan has the task. */
export type Flag =
  | { readonly type: 'boolean'; readonly description: string }
  | {
      readonly type: 'string'
      readonly description: string
      /** How the help names its value. */
      readonly value?: string
      readonly default?: string
      /**
       * Called before anything is contacted, with what was given or the default, and with the values of all flags of the run:
       * throws `srvError` where the task cannot work with it.
       */
      readonly check?: (said: string | undefined, flags: SaidFlags) => void
    }

/** What the command line says, by the names of flags: `true` or `false` for a switch, nothing for a text that was not given. */
export type SaidFlags = Readonly<Record<string, string | boolean | undefined>>

/** Flags by name, without the leading dashes. */
export type Flags = Readonly<Record<string, Flag>>

/** What a flag's value is in a task: a switch is always there, a text only when it was given or has a default. */
export type FlagValue<F extends Flag> = F extends { readonly type: 'boolean' }
  ? boolean
  : F extends { readonly default: string }
    ? string
    : string | undefined

/** What the flags of a task are in it. */
export type FlagValues<F extends Flags> = { readonly [K in keyof F]: FlagValue<F[K]> }
