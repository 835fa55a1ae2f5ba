import { assertCanStand, follow, initialState, type QuoteState } from './quote-state.ts'
import { quote } from './quote.ts'
import { isSecret, type Secret } from './secret.ts'

const brand = Symbol.for('srvkit.script')

/** Shell text in which every value is quoted; secrets stay references until the text is sent. */
export interface Script {
  readonly [brand]: true
  readonly parts: readonly (string | Secret)[]
}

/** What a template takes: one word, several words, a secret word, or another script. Booleans, `null` and objects are bugs and throw. */
export type Word = string | number | Secret | Script | readonly (string | number | Secret)[]

function script(parts: readonly (string | Secret)[]): Script {
  return { [brand]: true, parts }
}

/** Tells a script from other values, also when another copy of this package made it. */
export function isScript(value: unknown): value is Script {
  return typeof value === 'object' && value !== null && brand in value
}

function word(value: unknown): (string | Secret)[] {
  if (isScript(value)) return [...value.parts]
  if (isSecret(value)) return [value]
  if (typeof value === 'string') return [quote(value)]
  if (typeof value === 'number' && Number.isFinite(value)) return [String(value)]
  throw new TypeError(`${value === null ? 'null' : typeof value} cannot stand in a shell template`)
}

function words(value: unknown): (string | Secret)[] {
  if (!Array.isArray(value)) return word(value)
  return value.flatMap((item: unknown, index) => (index === 0 ? word(item) : [' ', ...word(item)]))
}

/**
 * The template tag for shell text: every value becomes one quoted word, an array several, a script is put in as it is.
 *
 * @throws TypeError when a value is `undefined`, `null`, a boolean or an object, or stands where a quoted word is not one
 * word: inside quotes, a comment or a here-document, after a backslash or `$`, or, unless it is a number, in arithmetic.
 */
export function sh(literals: TemplateStringsArray, ...values: readonly Word[]): Script {
  const parts: (string | Secret)[] = []
  let state: QuoteState = initialState
  literals.forEach((literal, index) => {
    parts.push(literal)
    if (index >= values.length) return
    const value = values[index]
    state = assertCanStand(follow(state, literal), typeof value === 'number')
    const found = words(value)
    parts.push(...found)
    // `2>file` is a redirection of stream 2, and not the word 2.
    const last = found.at(-1)
    if (/^[<>]/.test(literals[index + 1] ?? '') && typeof last === 'string' && /^\d+$/.test(last)) parts.push(' ')
  })
  return script(parts)
}

/** Text that is put into a script as it stands: for fixed shell code, never for a value that came from elsewhere. */
export function raw(text: string): Script {
  return script([text])
}

/** Several scripts, one after another, a line break between them. */
export function lines(...scripts: readonly Script[]): Script {
  return script(scripts.flatMap((one, index) => (index === 0 ? one.parts : ['\n', ...one.parts])))
}

/** The text with secrets shown by name: for plans and logs. */
export function display(value: Script): string {
  return value.parts.map((part) => (typeof part === 'string' ? part : `‹secret ${part.name}›`)).join('')
}

/** The secrets that a script refers to. */
export function secretsOf(value: Script): readonly Secret[] {
  return value.parts.filter((part) => isSecret(part))
}

/** The text that is sent: each secret replaced by its quoted value. */
export function render(value: Script, reveal: (secret: Secret) => string): string {
  return value.parts.map((part) => (typeof part === 'string' ? part : quote(reveal(part)))).join('')
}
