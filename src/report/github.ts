import type { ErrorReport } from '../run/event.ts'
import { placeOf } from './error.ts'

/** What GitHub Actions reads between the lines of a log. */
export interface Annotations {
  /** Lines that came from a host, so that none of them is obeyed as a command of GitHub. */
  remote(lines: readonly string[]): readonly string[]
  /** Lines from a host below a title, folded. */
  folded(title: string, lines: readonly string[]): readonly string[]
  /** A text from a host within a line of ours: `##[command]` is obeyed anywhere in a line. */
  inline(text: string): string
  /** An error as a note on the page of the run. */
  error(error: ErrorReport): readonly string[]
}

/** Escapes as the toolkit does: https://github.com/actions/toolkit/blob/main/packages/core/src/command.ts */
function escapeData(text: string): string {
  return text.replaceAll('%', '%25').replaceAll('\r', '%0D').replaceAll('\n', '%0A')
}

function escapeProperty(text: string): string {
  return escapeData(text).replaceAll(':', '%3A').replaceAll(',', '%2C')
}

/**
 * Annotations for GitHub Actions. Between `::stop-commands::<token>` and `::<token>::` nothing is obeyed, so the token
 * must be one that no host can know.
 */
export function githubAnnotations(token: string): Annotations {
  const remote = (lines: readonly string[]): readonly string[] =>
    lines.length === 0 ? [] : [`::stop-commands::${token}`, ...lines, `::${token}::`]
  return {
    remote,
    folded: (title, lines) =>
      lines.length === 0 ? [] : [`::group::${escapeData(title)}`, ...remote(lines), '::endgroup::'],
    inline: (text) => text.replaceAll('##[', '## ['),
    error: (error) => {
      const title = [error.code, placeOf(error.where)].filter((part) => part !== '').join(' ')
      return [`::error title=${escapeProperty(title)}::${escapeData(`${error.message}\n${error.hint}`)}`]
    },
  }
}
