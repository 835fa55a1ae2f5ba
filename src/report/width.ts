const printableAscii = /^[\x20-\x7e]*$/
const noWidth = /^[\p{Mark}\u200b-\u200f\u2060\ufeff]$/u
// East Asian wide and full-width blocks, and what terminals draw as coloured pictures.
const doubleWidth =
  /^[\p{Emoji_Presentation}\u1100-\u115f\u2e80-\u303e\u3041-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff01-\uff60\uffe0-\uffe6\u{20000}-\u{3fffd}]$/u

function characterWidth(character: string): number {
  if (noWidth.test(character)) return 0
  return doubleWidth.test(character) ? 2 : 1
}

/** How many terminal columns a text takes; it must hold no control codes. */
export function displayWidth(text: string): number {
  if (printableAscii.test(text)) return text.length
  let width = 0
  for (const character of text) width += characterWidth(character)
  return width
}

/** The text in at most `width` columns; what is cut off shows as `…`. */
export function truncate(text: string, width: number): string {
  if (displayWidth(text) <= width) return text
  if (width < 1) return ''
  let kept = ''
  let used = 0
  for (const character of text) {
    used += characterWidth(character)
    if (used > width - 1) break
    kept += character
  }
  return `${kept.trimEnd()}…`
}

/** The text filled up with spaces to `width` columns; a wider text is left as it is. */
export function pad(text: string, width: number): string {
  return text + ' '.repeat(Math.max(0, width - displayWidth(text)))
}

/** The text in lines of at most `width` columns, broken at spaces; a longer word keeps a line of its own, so that it can be copied. */
export function wrap(text: string, width: number): string[] {
  return text.split('\n').flatMap((paragraph) => {
    if (displayWidth(paragraph) <= width) return [paragraph]
    const lines: string[] = []
    let line = ''
    for (const word of paragraph.split(' ')) {
      const longer = line === '' ? word : `${line} ${word}`
      if (line !== '' && displayWidth(longer) > width) {
        lines.push(line)
        line = word
      } else line = longer
    }
    return [...lines, line]
  })
}
