import { cutMark } from './sanitize.ts'

/** Shorter texts are not masked by themselves: a one-letter secret would blank every log. */
const shortest = 4

/** The forms in which a secret may turn up in output. */
function forms(value: string): string[] {
  const encoded = Buffer.from(value).toString('base64')
  const whole = [
    value,
    encoded,
    encoded.replace(/=+$/, ''),
    Buffer.from(value).toString('base64url'),
    // Half a surrogate pair has no encoded form.
    /\p{Surrogate}/u.test(value) ? '' : encodeURIComponent(value),
    JSON.stringify(value).slice(1, -1),
    // As `set -x` and our own scripts write it.
    value.replaceAll("'", `'\\''`),
  ]
  return [...whole, ...value.split('\n').map((line) => line.trim())].filter((form) => form.length >= shortest)
}

/** Masks the end of a text when a secret begins there whose rest was cut off. */
function maskCut(text: string, known: readonly string[]): string {
  const lengths = known.map((form) => {
    let length = Math.min(form.length - 1, text.length)
    while (length >= shortest && !text.endsWith(form.slice(0, length))) length--
    return length
  })
  const longest = Math.max(0, ...lengths)
  return longest < shortest ? text : `${text.slice(0, -longest)}***`
}

/** Replaces the values of secrets in text, by value: wherever a secret comes from and whatever it is part of. */
export interface Masker {
  /** From now on this value is masked, also as base64, URL-encoded, as a text of JSON or of a shell, and line by line. */
  add(value: string): void
  /**
   * The text with every known secret replaced by `***`. Give it whole lines, so that no value is cut in two, or lines that
   * `sanitizeLine` cut: what is left of a secret in front of the cut is replaced too.
   */
  mask(text: string): string
}

/** A masker that knows nothing yet. */
export function createMasker(): Masker {
  let known: string[] = []
  return {
    add(value) {
      // The longest first, so that a secret that contains another is masked whole.
      known = [...new Set([...known, ...forms(value)])].sort((left, right) => right.length - left.length)
    },
    mask(text) {
      const masked = known.reduce((rest, form) => rest.replaceAll(form, '***'), text)
      if (!masked.includes(cutMark)) return masked
      const parts = masked.split(cutMark)
      return parts.map((part, at) => (at === parts.length - 1 ? part : maskCut(part, known))).join(cutMark)
    },
  }
}
