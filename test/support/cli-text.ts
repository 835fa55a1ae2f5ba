import { lstatSync, readdirSync, readFileSync, readlinkSync, statSync } from 'node:fs'
import { hostname, userInfo } from 'node:os'
import { join } from 'node:path'
import type { Project } from './cli-project.ts'
import type { Sshd } from './sshd.ts'

/**
 * What a run printed, with everything that differs from run to run replaced by a word: folders, ports, fingerprints,
 * release ids (numbered by age), commits, durations, and the spaces that align columns around them.
 */
export function normalised(
  text: string,
  project: Pick<Project, 'folder'>,
  sshd: Pick<Sshd, 'folder' | 'port'>,
): string {
  const ids = [...new Set(text.match(/\b\d{8}T\d{6}Z-[0-9a-f]{7}(-\d+)?\b/g) ?? [])].sort()
  const named = ids.reduce((rest, id, index) => rest.replaceAll(id, `<release ${index + 1}>`), text)
  return named
    .replaceAll(project.folder, '<project>')
    .replaceAll(sshd.folder, '<sshd>')
    .replaceAll(`${userInfo().username}@${hostname()}`, '<actor>')
    .replaceAll(`${userInfo().username}@127.`, '<user>@127.')
    .replaceAll(String(sshd.port), '<port>')
    .replaceAll(/(?<=\/bin\/sh: )\d+(?=: )/g, '<line>')
    .replaceAll(/(?<=process )\d+/g, '<pid>')
    .replaceAll(/SHA256:[A-Za-z0-9+/]+/g, 'SHA256:<fingerprint>')
    .replaceAll(/\b\d{8}T\d{6}Z-[0-9a-f]{4}\b/g, '<run>')
    .replaceAll(/\b\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z/g, '<time>')
    .replaceAll(/\b[0-9a-f]{40}\b/g, '<commit>')
    .replaceAll(/(?<=(is|from|send) )[0-9a-f]{7}\b/g, '<commit>')
    .replaceAll(/(?<=[ (])\d+(\.\d+)? (ms|s|min)\b/g, '<duration>')
    .replaceAll(/(?<= {2})now(?= {2})/g, '<duration>')
    .replaceAll(/ {2,}(?=\S)/g, '  ')
    .replaceAll(/ +$/gm, '')
}

/** What stays on the screen below the lines of the steps: errors in full, what serves where, and how the run ended. */
export function summaryOf(text: string): string {
  return text.slice(text.indexOf('\n\n') + 2)
}

/** Every file below a folder with its mode, and its content or what it links to: to compare before and after. */
export function treeOf(folder: string): readonly string[] {
  return readdirSync(folder)
    .sort()
    .flatMap((name): readonly string[] => {
      const path = join(folder, name)
      const stat = lstatSync(path)
      const mode = (stat.mode & 0o777).toString(8)
      if (stat.isSymbolicLink()) return [`${path} -> ${readlinkSync(path)}`]
      if (stat.isDirectory()) return [`${path}/ ${mode}`, ...treeOf(path)]
      return [`${path} ${mode} ${readFileSync(path, 'latin1')}`]
    })
}

/** The permissions of a file: `600`. */
export function modeOf(path: string): string {
  return (statSync(path).mode & 0o777).toString(8)
}
