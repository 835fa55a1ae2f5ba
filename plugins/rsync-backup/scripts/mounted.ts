import { lines, raw, sh, type Script } from '../../../src/index.ts'
import type { Vault } from '../vault.ts'

/**
 * Fails where the disk of a keeper is not mounted: what is written would be below its mount point, and hidden by it later, and
 * what is looked for would seem to be gone. It stands behind a text that has `fail`.
 */
export function mountedText({ mountpoint }: Pick<Vault, 'mountpoint'>): Script {
  if (mountpoint === undefined) return raw(':')
  return lines(
    sh`mount=${mountpoint}`,
    raw(`command -v mountpoint >/dev/null || fail 'there is no mountpoint, which is part of util-linux and busybox'
mountpoint -q "$mount" || fail "$mount is not mounted"`),
  )
}
