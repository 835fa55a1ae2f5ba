import { readFileSync } from 'node:fs'
import { repository } from './project-folder.ts'

/** The pages that people read, from the top folder. */
export const pages = [
  'README.md',
  'CONTRIBUTING.md',
  'CHANGELOG.md',
  'docs/architecture.md',
  'docs/backup.md',
  'docs/commands.md',
  'docs/compose.md',
  'docs/config.md',
  'docs/errors.md',
  'docs/plugins.md',
  'plugins/docker-compose/README.md',
  'plugins/git/README.md',
  'plugins/rsync-backup/README.md',
] as const

/** The text of a page. */
export function pageText(page: string): string {
  return readFileSync(`${repository}/${page}`, 'utf8')
}

/** A `ts` block of a page: a whole module, and the name that its first line gives it. */
export interface DocBlock {
  readonly name: string
  readonly text: string
}

/** The `ts` blocks of a page, in order. */
export function blocksOf(page: string): readonly DocBlock[] {
  return [...pageText(page).matchAll(/^```ts\n(.*?)^```$/gms)].map(([, text = ''], index) => ({
    name: /^\/\/ (\S+\.ts)\n/.exec(text)?.[1] ?? `block-${String(index + 1)}.ts`,
    text,
  }))
}
