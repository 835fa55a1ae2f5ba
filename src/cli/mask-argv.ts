import type { TypedOptions } from '../run/event.ts'
import type { Masker } from '../shell/mask.ts'

const secretName = /pass|secret|token|credential|api-?key|private-?key/i
const hidden = '***'

/** A user name with a password in front of a host: `https://ann:hunter2@host/`. */
const inUrl = /(:\/\/[^/@\s:]*:)[^/@\s]+(?=@)/g

/**
 * A command line that may be kept: without the values of secrets that are known by now, of flags whose names suggest
 * one, and without passwords in addresses. At the start of a run no secret is known yet, so names have to do.
 */
export function maskArgv(argv: readonly string[], masker: Masker): readonly string[] {
  return argv.map((word, index) => {
    const flag = /^(--?[^=]+)=/.exec(word)?.[1]
    if (flag !== undefined && secretName.test(flag)) return `${flag}=${hidden}`
    const before = argv[index - 1] ?? ''
    if (before.startsWith('-') && !before.includes('=') && secretName.test(before) && !word.startsWith('-'))
      return hidden
    return masker.mask(word.replaceAll(inUrl, `$1${hidden}`))
  })
}

/** Options that may be kept and shown, in the same way. */
export function maskOptions(options: TypedOptions, masker: Masker): TypedOptions {
  return Object.fromEntries(
    Object.entries(options).map(([name, value]): readonly [string, string | true] => {
      if (value === true) return [name, value]
      return [name, secretName.test(name) ? hidden : masker.mask(value.replaceAll(inUrl, `$1${hidden}`))]
    }),
  )
}
