import { readFileSync } from 'node:fs'

/** The page of errors that comes with the package: two folders above the sources, three above the build. */
function pageText(): string {
  for (const path of ['../../docs/errors.md', '../../../docs/errors.md']) {
    try {
      return readFileSync(new URL(path, import.meta.url), 'utf8')
    } catch {
      // Not at this depth: the next one.
    }
  }
  return ''
}

/** What the page says of one code. */
export interface Explained {
  readonly code: string
  /** What the chapter says about all of its errors: how far the run had got. */
  readonly chapter: string
  /** The forms of the message, with ‹this› where details are filled in. */
  readonly messages: readonly string[]
  readonly hints: readonly string[]
  readonly exitCode: number
}

/** Reads what the page says about each code. The page is generated from the catalogue, so nothing is described twice. */
export function explainedErrors(text = pageText()): ReadonlyMap<string, Explained> {
  const chapters = text.split(/^## /m).filter((chapter) => /^\dxx: /.test(chapter))
  return new Map(
    chapters.flatMap((chapter) => {
      const [head = '', ...sections] = chapter.split(/^### /m)
      return sections.map((section): [string, Explained] => {
        const [code = ''] = section.split('\n')
        const outside = section.replaceAll(/^```text\n[^]*?^```$/gm, '')
        return [
          code,
          {
            code,
            chapter: head.split('\n').slice(1).join(' ').trim(),
            messages: [...section.matchAll(/^```text\n([^]*?)\n```$/gm)].map(([, message = '']) => message),
            hints: [...outside.matchAll(/^(?:→|or:) (.*?)\\?$/gm)].map(([, hint = '']) => hint),
            exitCode: Number(/^Exit code (\d+)\.$/m.exec(outside)?.[1]),
          },
        ]
      })
    }),
  )
}
