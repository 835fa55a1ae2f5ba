import { cutWords } from './own-words.ts'

/** What a command can become by a flag: a plain rollback, for example, then waits for no keeper. */
interface Variants {
  /** Switches that no task declares. */
  readonly switches: readonly { readonly flag: string; readonly description: string }[]
  /** The pipelines that it becomes by a flag which only their tasks have. */
  readonly pipelines: readonly string[]
}

const none: Variants = { switches: [], pipelines: [] }

const variants: Readonly<Record<string, Variants>> = {
  restore: {
    switches: [
      {
        flag: '--rehearse',
        description: 'restore next to the running service, start it there, and remove it again: srv rehearse',
      },
    ],
    pipelines: ['extract'],
  },
  rollback: {
    switches: [
      { flag: '--with-data', description: 'go back to the data of before that deploy too, if it made a snapshot' },
    ],
    pipelines: [],
  },
}

/** What a command can become by a flag. */
export function variantsOf(word: string): Variants {
  return Object.hasOwn(variants, word) ? (variants[word] ?? none) : none
}

/** A rehearsal and a restore to another folder share no step with a restore that replaces data: they are pipelines of their own. */
function kindOfRestore(own: readonly string[]): string {
  if (own.includes('--rehearse')) return 'rehearse'
  return own.some((one) => one === '--to' || one.startsWith('--to=')) ? 'extract' : 'restore'
}

/** The pipeline that a command and its flags stand for, and the words that remain to be read. */
export function pipelineOf(
  word: string,
  argv: readonly string[],
): { readonly name: string; readonly rest: readonly string[] } {
  const { own, behind } = cutWords(argv)
  const without = (flag: string): readonly string[] => [...own.filter((one) => one !== flag), ...behind]
  if (word === 'restore') return { name: kindOfRestore(own), rest: without('--rehearse') }
  if (word === 'rollback' && own.includes('--with-data')) {
    return { name: 'rollback-with-data', rest: without('--with-data') }
  }
  return { name: word, rest: argv }
}
