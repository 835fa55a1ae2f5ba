/**
 * What shell text is in the middle of. `command` is the text itself, `substitution` and `group` are commands in
 * brackets, `parameter` is `${…}`; the others are what their names say.
 */
type Frame =
  | 'command'
  | 'substitution'
  | 'group'
  | 'parameter'
  | 'arithmetic'
  | 'single quotes'
  | 'double quotes'
  | 'backquotes'
  | 'a comment'
  | 'a here-document'

/** The state of the shell text at one place of a template. */
export interface QuoteState {
  /** Outermost first. */
  readonly frames: readonly Frame[]
  /** Whether a word may begin here: only there does `#` begin a comment. */
  readonly isWordStart: boolean
  /** The end marks of here-documents that begin with the next line. */
  readonly marks: readonly string[]
  /** The character before, when it would change what the next one means. */
  readonly before: '' | '\\' | '$' | '<<'
}

/** The state at the start of a template. */
export const initialState: QuoteState = { frames: ['command'], isWordStart: true, marks: [], before: '' }

const commands: ReadonlySet<Frame> = new Set<Frame>(['command', 'substitution', 'group', 'backquotes'])
const closers: Readonly<Partial<Record<Frame, string>>> = {
  substitution: ')',
  group: ')',
  parameter: '}',
  arithmetic: '))',
  'single quotes': "'",
  'double quotes': '"',
  backquotes: '`',
}

/** What begins at a position of the text, and the length of its opening characters. */
function opened(top: Frame, rest: string, isWordStart: boolean): readonly [Frame, number] | undefined {
  if (top === 'single quotes') return undefined
  if (rest.startsWith('$((')) return ['arithmetic', 3]
  if (rest.startsWith('$(')) return ['substitution', 2]
  if (rest.startsWith('${')) return ['parameter', 2]
  if (rest.startsWith('`')) return ['backquotes', 1]
  if (rest.startsWith('"') && top !== 'double quotes') return ['double quotes', 1]
  if (top === 'double quotes' || top === 'arithmetic') return undefined
  if (rest.startsWith("'")) return ['single quotes', 1]
  if (!commands.has(top)) return undefined
  if (rest.startsWith('#') && isWordStart) return ['a comment', 1]
  return rest.startsWith('(') ? ['group', 1] : undefined
}

/** The end mark that `<<` announces, with its quotes taken off; empty when a value stands there. */
function hereMark(rest: string): { readonly mark: string; readonly length: number } | undefined {
  const found = /^<<(?!<)-?[ \t]*((?:\\.|'[^']*'|"[^"]*"|[^\s;&|<>()'"\\])*)/.exec(rest)
  return found === null ? undefined : { mark: (found[1] ?? '').replace(/[\\'"]/g, ''), length: found[0].length }
}

/** Goes on after a line feed: to the end of the here-documents that were announced on the line before, or into one of them. */
function skipDocuments(
  literal: string,
  from: number,
  marks: readonly string[],
): { at: number; left: readonly string[] } {
  let at = from
  for (const [index, mark] of marks.entries()) {
    for (;;) {
      const lineEnd = literal.indexOf('\n', at)
      if (lineEnd === -1) return { at: literal.length, left: marks.slice(index) }
      const line = literal.slice(at, lineEnd).replace(/^\t+/, '')
      at = lineEnd + 1
      if (line === mark) break
    }
  }
  return { at, left: [] }
}

/** Follows shell text to its end, which is where a value is inserted or the template ends. */
export function follow(state: QuoteState, literal: string): QuoteState {
  const frames = [...state.frames]
  let { isWordStart, before } = state
  let marks = [...state.marks]
  for (let at = 0; at < literal.length;) {
    const top = frames.at(-1) ?? 'command'
    const rest = literal.slice(at)
    const character = rest.charAt(0)
    before = ''
    if (top === 'a here-document' || character === '\n') {
      if (top === 'a comment' || top === 'a here-document') frames.pop()
      const isCommand = commands.has(frames.at(-1) ?? 'command')
      const { at: next, left } = isCommand
        ? skipDocuments(literal, top === 'a here-document' ? at : at + 1, marks)
        : { at: at + 1, left: marks }
      if (isCommand && left.length > 0) frames.push('a here-document')
      ;[at, marks, isWordStart] = [next, [...left], true]
      continue
    }
    if (top === 'a comment') {
      at++
      continue
    }
    if (character === '\\' && top !== 'single quotes') {
      ;[at, before, isWordStart] = [at + 2, rest.length === 1 ? '\\' : '', false]
      continue
    }
    const closer = closers[top]
    if (closer !== undefined && rest.startsWith(closer)) {
      frames.pop()
      ;[at, isWordStart] = [at + closer.length, closer === ')']
      continue
    }
    const found = opened(top, rest, isWordStart)
    if (found !== undefined) {
      frames.push(found[0])
      ;[at, isWordStart] = [at + found[1], true]
      continue
    }
    const here = commands.has(top) && !rest.startsWith('<<<') ? hereMark(rest) : undefined
    if (here !== undefined) {
      if (here.mark === '' && here.length === rest.length) before = '<<'
      else marks.push(here.mark)
      ;[at, isWordStart] = [at + here.length, false]
      continue
    }
    if (character === '$' && rest.length === 1) before = '$'
    ;[at, isWordStart] = [at + (rest.startsWith('<<<') ? 3 : 1), /[\s;&|()<>]/.test(character)]
  }
  return { frames, isWordStart, marks, before }
}

/**
 * Makes sure that a quoted word at this place is one word for the shell.
 *
 * @throws TypeError where it would be quoted twice, be taken for something else, or be run: inside quotes, comments and
 * here-documents, after a backslash or a dollar sign, and, unless it is a number, in arithmetic
 */
export function assertCanStand(state: QuoteState, isNumber: boolean): QuoteState {
  const refuse = (where: string): TypeError =>
    new TypeError(`a value stands ${where}: values are quoted by themselves, write it bare`)
  if (state.before === '<<') throw refuse('where a here-document is named')
  if (state.before !== '') throw refuse(`right after ${state.before}`)
  for (const frame of state.frames.toReversed()) {
    if (frame === 'arithmetic' && isNumber) continue
    if (frame === 'parameter') continue
    if (commands.has(frame) && frame !== 'backquotes') break
    throw refuse(`inside ${frame}`)
  }
  return { ...state, isWordStart: false }
}
