import { didYouMean } from '../error/suggest.ts'

/** Keys that lead from the config's root to a value. */
export type Path = readonly (string | number)[]

/** One thing that is wrong with a config, and where. */
export interface Problem {
  readonly path: Path
  /** What is wrong, as it is read after the path: `is not a known option`. */
  readonly text: string
}

/** A path as it would be written in code: `hooks["before:git:switch"]`, `pipelines.deploy[2]`. */
export function pathText(path: Path): string {
  return path.reduce<string>((text, key) => {
    if (typeof key === 'number') return `${text}[${String(key)}]`
    if (!/^[\w-]+$/.test(key)) return `${text}[${JSON.stringify(key)}]`
    return text === '' ? key : `${text}.${key}`
  }, '')
}

/** A problem as one line. */
export function problemText({ path, text }: Problem): string {
  return path.length === 0 ? text : `${pathText(path)} ${text}`
}

/** The problem of a name that does not exist, with the near miss or all names that do. */
export function unknownName(path: Path, name: string, what: string, known: Iterable<string>): Problem {
  return { path, text: `names ${name}, which is not ${what}. ${didYouMean(name, known)}` }
}

/** The problem of a key that names nothing that exists; its path ends with it. */
export function unknownKey(path: Path, what: string, known: Iterable<string>): Problem {
  return { path, text: `is not ${what}. ${didYouMean(path.at(-1)?.toString() ?? '', known)}` }
}

/** The problem of an unknown option. */
export function unknownOption(path: Path, option: string, known: Iterable<string>): Problem {
  return { path: [...path, option], text: `is not a known option. ${didYouMean(option, known)}` }
}
