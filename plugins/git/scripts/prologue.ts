import { lines, raw, sh, type Script } from '../../../src/index.ts'
import type { Layout } from '../layout.ts'

/*
 * Scripts here are read by dash and busybox as well as bash. Every value becomes a shell variable first, so that the text
 * after it is fixed. `set -e` does not apply in conditions and functions called there, so failures are checked by hand.
 */

/** Names the folders of an instance, and how a script gives up: one sentence on standard error. */
export function prologue(layout: Layout): Script {
  return lines(
    sh`instance=${layout.instance}`,
    sh`repository=${layout.repository}`,
    sh`releases=${layout.releases}`,
    sh`current=${layout.current}`,
    sh`data=${layout.data}`,
    sh`state=${layout.state}`,
    raw(String.raw`records=$state/releases
fail() { printf '%s\n' "$1" >&2; exit 1; }
in_repository() { git --git-dir="$repository" "$@"; }`),
  )
}

/** Makes the folders of an instance; those of srv itself are for nobody else. An app counts on its data folder from the first start. */
export const makeFolders = raw(`mkdir -p "$releases" "$data"
(umask 077; mkdir -p "$records")`)

/**
 * Makes the bare repository once. Garbage is collected when releases are pruned and never in the background, where it
 * would outlive the run and hold locks. `--template=` keeps hooks of the host out.
 */
export const makeRepository = raw(`if [ ! -f "$repository/srv-ready" ]; then
  git init --quiet --bare --template= "$repository" >&2
  in_repository config gc.auto 0
  in_repository config receive.shallowUpdate true
  : > "$repository/srv-ready"
fi`)

/** Git on the host must not see the variables of a git that started srv, and must not stop to ask for a password. */
export const gitEnvironment =
  raw(`unset GIT_DIR GIT_WORK_TREE GIT_INDEX_FILE GIT_PREFIX GIT_OBJECT_DIRECTORY GIT_COMMON_DIR GIT_NAMESPACE
GIT_TERMINAL_PROMPT=0
export GIT_TERMINAL_PROMPT`)

/** `forget id`: lets git collect the commit of a release that is gone. */
export const forget = raw(
  String.raw`forget() { printf 'delete refs/srv/releases/%s\ndelete refs/srv/whole/%s\n' "$1" "$1" | in_repository update-ref --stdin; }`,
)
