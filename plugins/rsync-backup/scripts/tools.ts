import { raw, type Script } from '../../../src/index.ts'

/**
 * Fails where a keeper lacks a tool, behind a text that has `fail`: it would show after the whole copy, or not as that. `more` are
 * those that it needs beside what every keeper does.
 */
export function toolsText(more: readonly string[] = []): Script {
  return raw(`for tool in ${['rsync', 'flock', 'awk', 'sha256sum', ...more].join(' ')}; do
  command -v "$tool" >/dev/null || fail "there is no $tool on $(uname -n)"
done`)
}

/**
 * Fails where `mv` cannot put one name in the place of another, which is tried in a folder: a shell word. Its own help is
 * not in every one.
 */
export function movesText(folder: string): Script {
  return raw(`mkdir -p ${folder}/.moves
mv -T ${folder}/.moves ${folder}/.moved 2>/dev/null || { rmdir ${folder}/.moves; fail "the mv of $(uname -n) has no -T, as those of GNU and busybox have"; }
rmdir ${folder}/.moved`)
}
