import { lines, raw, sh, type Script } from '../../../src/index.ts'
import type { Options, Settings } from '../options.ts'
import type { Vault } from '../vault.ts'
import type { Begun } from './begin.ts'
import { prologue } from './prologue.ts'
import { recentFunctions } from './recent.ts'

/** One copy of a service's data, or of its dumps, into the folder of a snapshot. */
export interface Pass {
  readonly vault: Vault
  readonly id: string
  /** The folder that is copied, as rsync reads it: `srv:/srv/shop/data` behind a remote shell. */
  readonly from: string
  readonly begun: Begun
  readonly options: Pick<Options, 'acls' | 'xattrs'>
  readonly settings: Pick<Settings, 'exclude'>
  /** `warm` is copied while the service writes, and `data` compares with it. */
  readonly into: 'warm' | 'data' | 'dumps'
  readonly hasWarm: boolean
  /** The words that tell rsync its remote shell, in front of the folders. @default none: the folder is here */
  readonly shell?: Script
  /** A gate lets rsync read the folder as a whole, and no list of files. */
  readonly isGated?: boolean
}

/** The remote shell of a copy between two machines that srv is connected to. */
export const bridged = raw(' -s --blocking-io -e "$SRV_SHELL"')

/** What rsync has to keep of files: everything that a restore needs but `sparse`. Owners are numbers. */
export function keepFlags({ acls, xattrs }: Pick<Options, 'acls' | 'xattrs'>, hardLinks = true): readonly string[] {
  return [`-a${hardLinks ? 'H' : ''}${acls ? 'A' : ''}${xattrs ? 'X' : ''}`, '--numeric-ids']
}

/** What keeps a copy within the bandwidth that the config gives it. rsync tells its other half, and the one that sends waits. */
export function paceOf({ bwlimit }: Pick<Vault, 'bwlimit'>): readonly string[] {
  return bwlimit === undefined ? [] : [`--bwlimit=${String(bwlimit)}`]
}

/** Keeps sparse files sparse; every file is written a KiB at a time for it, as rsync's fileio.c has it. */
export const sparse = '--sparse'

/**
 * Shell functions `watch_progress PID`, which has `tell_progress PID` say how far a process is, once a second, until it is
 * gone, and `end_watch PID`, which ends one of those in the background. Nothing of it is left then, and nothing said.
 */
export const progressLoop = raw(`watch_progress() {
  nap=
  trap '[ -z "$nap" ] || kill "$nap" 2>/dev/null; exit 0' TERM
  while :; do
    sleep 1 >/dev/null 2>&1 & nap=$!
    wait "$nap"
    kill -0 "$1" 2>/dev/null || return 0
    tell_progress "$1"
  done
}
end_watch() {
  kill "$1" 2>/dev/null || :
  # The shell says "Terminated" of one that the signal found before it had its trap.
  wait "$1" 2>/dev/null || :
}`)

/** The newest that an rsync says of its progress into `$log`. */
const tellProgress = raw(
  `tell_progress() { tail -c 400 "$log" | tr '\\r' '\\n' | grep '%' | tail -n 1 | sed 's/^/progress /' >&2; }`,
)

/**
 * Shell function `gone FILE`: of what an rsync complained about, how many files had vanished, and the first names, a line for
 * each. Its exit status is 24 then.
 */
export const goneFunction = raw(`gone() {
  grep -c ' has vanished: ' "$1" || :
  sed -n 's/.* has vanished: "\\(.*\\)"$/\\1/p' "$1" | head -n 4
}`)

/** Has the shell say that the disk is full: rsync could not write there what it had to say of that. */
export const roomText = 'head -c 65536 /dev/zero >room || :; rm -f room'

/** Notes what an rsync complained about, for the description of the snapshot. */
export const vanishedText = 'gone errors >vanished'

/** What a copy is made of, beside what is found out when it begins. */
export type PassText = Omit<Pass, 'id' | 'begun'>

/** An rsync that hears nothing for this long has failed. */
const patience = '--timeout=300'

const progress = ['--info=progress2', '--no-human-readable', '--outbuf=L']

/** The options for progress; an rsync that prints none for this long has failed. */
export const telling = [patience, ...progress]

/** A line for each entry, beside the progress. */
export const saying = ['-ii', ...progress]

/**
 * The options where all content is compared, and where it is not. rsync prints nothing while it reads a file for its
 * checksum, however long that takes: then only the connection shows that the other side is gone.
 */
export const thorough = { yes: '--checksum', no: patience } as const

/**
 * Whether a copy may compare content, which reads all of both sides: never the one for which a service is held, as
 * the one before it has, and its times tell what was written since.
 */
export function mayCompare({ into, hasWarm }: Pick<PassText, 'into' | 'hasWarm'>): boolean {
  return into !== 'data' || !hasWarm
}

/** What is left out of a copy. Dumps are all there is. */
export function excluded({ settings, into }: Pick<PassText, 'settings' | 'into'>): readonly string[] {
  return into === 'dumps' ? [] : settings.exclude.map((pattern) => `--exclude=${pattern}`)
}

/**
 * Goes to the folder of a snapshot, and leaves in `$rules` how rsync is to compare, and in `$@` with what. It reads `$id`
 * and what `beginScript` said: `$last`, `$aborted`, `$window`, `$checksum` and `$algorithm`, empty for nothing.
 */
export function comparedText({ vault, into, hasWarm }: Pick<PassText, 'vault' | 'into' | 'hasWarm'>): Script {
  return lines(
    prologue(vault),
    recentFunctions,
    raw(`cd "$base/.staging-$id"
set --
rules="--modify-window=$window --checksum-choice=$algorithm ${thorough.no}"`),
    mayCompare({ into, hasWarm }) ? raw(`[ "$checksum" != yes ] || rules="\${rules% *} ${thorough.yes}"`) : raw(':'),
    // rsync 3.5 looks at every part of this path for every file, and makes of a relative one a much longer one.
    // An older snapshot may have no dumps, and rsync would complain.
    raw('staging=$(pwd -P)'),
    // What the first copy found to differ from an older snapshot must not be compared with that again.
    hasWarm && into === 'data'
      ? raw('compared=$(without_recent . warm)\nset -- "--link-dest=$compared"')
      : lines(
          // A run that died may have got only as far as the first of two copies.
          sh`kinds=${into === 'dumps' ? 'dumps' : 'data warm'}`,
          raw(`for one in $last $aborted; do for kind in $kinds; do
  compared=$(without_recent "$one" "$kind")
  [ ! -d "$compared" ] || set -- "$@" "--link-dest=$compared"
done; done`),
        ),
  )
}

/** Shell function `watched WORDS`: an rsync that writes into `$log` and `$errors`, telling of its progress; its exit status is then in `$code`. */
export const watchedFunction = lines(
  progressLoop,
  tellProgress,
  raw(`watched() {
  rsync "$@" >"$log" 2>"$errors" & rsync=$!
  watch_progress "$rsync" & watch=$!
  code=0
  wait "$rsync" || code=$?
  end_watch "$watch"
  cat "$errors" >&2
}`),
)

/** The file in which rsync told of each entry, for the manifest. */
export function logOf(into: Pass['into']): string {
  return into === 'data' ? 'log' : `log.${into}`
}

/** What a run found out when it began, as the texts of a pass read it. */
export function foundText({ id, begun }: Pick<Pass, 'id' | 'begun'>): Script {
  const { last = '', aborted = '', window, checksum, algorithm } = begun
  return sh`id=${id} last=${last} aborted=${aborted} window=${window} checksum=${checksum ? 'yes' : 'no'} algorithm=${algorithm}`
}
