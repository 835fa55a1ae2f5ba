import { lines, raw, sh, type Script } from './script.ts'
import type { Secret } from './secret.ts'

/*
 * `KEY="value"` with a backslash before " \ $ and ` is the one form that systemd's EnvironmentFile=, a shell's `.` and
 * docker compose read alike, line breaks included. Secrets come into the script as quoted words: `printf` is built into
 * every shell and `sed` gets them on standard input, so they are in no argument list.
 */
const put = raw(`put() {
  printf '%s="' "$1"
  printf '%s\\n' "$2" | LC_ALL=C sed -e 's/[\\\\"$\`]/\\\\&/g' -e '$s/$/"/'
}`)

/**
 * Shell text that writes variables into a file, mode 0600, in one step. `file` is a shell word. A file that already has this content
 * is not written again: bringing back the previous release must not need space on a full disk.
 */
export function writeVariables(file: string, entries: readonly (readonly [string, string | Secret])[]): Script {
  return lines(
    put,
    raw('(umask 077'),
    raw('text=$(echo "# Written by srv."'),
    ...entries.map(([name, value]) => sh`put ${name} ${value}`),
    raw(')'),
    raw(`[ ! -f ${file} ] || [ "$text" != "$(cat ${file})" ] || exit 0`),
    raw(`rm -f ${file}.new`),
    raw(`printf '%s\\n' "$text" >${file}.new`),
    raw(`mv -f ${file}.new ${file})`),
  )
}
