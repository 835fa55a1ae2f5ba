import { lines, raw, sh, type Placement, type Script } from '../../../src/index.ts'
import { factsIn } from '../facts.ts'
import type { Vault } from '../vault.ts'
import type { Value } from './prologue.ts'

/*
 * Hosts of two environments may have one name. Whose snapshots are in a folder is told by the machine and by the real path
 * of the service, which nobody writes into a config: of sandbox hosts several are on one machine.
 */

/** Shell function `real PATH`: the path without links in it, also of what is not there yet or may not be looked into. */
const realFunction = raw(`real() {
  there=$1 rest=
  until found=$(cd "$there" 2>/dev/null && pwd -P); do
    rest=/\${there##*/}$rest there=\${there%/*}
    [ -n "$there" ] || there=/
  done
  printf '%s%s\\n' "\${found%/}" "$rest"
}`)

/** Leaves in `$machine` which one this is. One without an id is told by its host key, or by its name. */
const machineText = raw(`machine=
for file in /etc/machine-id /var/lib/dbus/machine-id; do
  [ -n "$machine" ] || [ ! -r "$file" ] || IFS= read -r machine <"$file" || :
done
[ "$machine" != uninitialized ] || machine=
file=/etc/ssh/ssh_host_ed25519_key.pub
[ -n "$machine" ] || [ ! -r "$file" ] || read -r _ machine _ <"$file" || :
[ -n "$machine" ] || machine=$(uname -n)`)

/** Prints on a host whose data a service's are: `of <machine> <path>`. */
export function identityText({ paths }: Pick<Placement, 'paths'>): Script {
  return lines(realFunction, machineText, sh`printf 'of %s %s\n' "$machine" "$(real ${paths.service})"`)
}

/** Reads what `identityText` printed. */
export function identityIn(stdout: string): string | undefined {
  return factsIn(stdout).get('of')
}

/** Leaves in `$owner` whose the snapshots in `$base` are; nothing for those from before it was written down. */
const readOwner = raw(`owner=
[ ! -f "$base/owner" ] || IFS= read -r owner <"$base/owner" || :`)

/** Whose data are to be copied, as `identityText` tells it. */
export interface Claim {
  readonly of: Value
  /** Those of another machine are taken over. */
  readonly adopt: boolean
}

/**
 * Writes into `$base` whose the snapshots in it are. When they are another's, it prints `owner` and whose, and ends the
 * text: nothing was changed. A folder without a snapshot is anybody's. It needs the lock of the folder.
 */
export function claimText({ of, adopt }: Claim): Script {
  return lines(
    sh`of=${of} adopt=${adopt ? 'yes' : ''}`,
    readOwner,
    raw(`if [ -n "$of" ] && [ "$owner" != "$of" ]; then
  if [ -n "$owner" ] && [ -z "$adopt" ] && [ -n "$(all; ls -d "$base"/.staging-* 2>/dev/null)" ]; then
    printf 'owner %s\\n' "$owner"
    exit 0
  fi
  printf '%s\\n' "$of" >"$base/.owner"
  mv -f "$base/.owner" "$base/owner"
fi`),
  )
}

/** Prints `owner` and whose the snapshots in a vault are, where that is written down. */
export function ownerScript({ base }: Pick<Vault, 'base'>): Script {
  return lines(sh`base=${base}`, readOwner, raw(`[ -z "$owner" ] || printf 'owner %s\\n' "$owner"`))
}

/**
 * The same for a schedule in `$home`, when it is another's: a schedule is there before the first snapshot is. Once the
 * snapshots were taken over, what was written for the schedule no longer counts.
 */
export function otherScheduleText({ base }: Pick<Vault, 'base'>, of: string): Script {
  return lines(
    sh`base=${base} of=${of}`,
    readOwner,
    raw(`[ -n "$owner" ] || [ ! -f "$home/machine" ] || IFS= read -r owner <"$home/machine" || :
if [ -n "$of" ] && [ -n "$owner" ] && [ "$owner" != "$of" ]; then
  printf 'owner %s\\n' "$owner"
  exit 0
fi`),
  )
}

/** Reads whose what is there is, when a text said that. */
export function ownerIn(stdout: string): string | undefined {
  return factsIn(stdout).get('owner')
}

/**
 * On the machine that has the data itself: prints `inside` and their folder when the snapshots in `$base` would be in it, or
 * it in theirs, and ends the text. Links lead astray who compares paths alone.
 */
export function apartText(of: Value): Script {
  return lines(
    realFunction,
    machineText,
    sh`of=${of}`,
    raw(`if [ -n "$of" ] && [ "\${of%% *}" = "$machine" ]; then
  data=$(real "\${of#* }/data") kept=$(real "$base")
  if [ "\${kept#"$data"/}" != "$kept" ] || [ "\${data#"$kept"/}" != "$data" ] || [ "$data" = "$kept" ]; then
    printf 'inside %s\\n' "$data"
    exit 0
  fi
fi`),
  )
}

/** Reads in which data the snapshots would be, when a text said that. */
export function insideIn(stdout: string): string | undefined {
  return factsIn(stdout).get('inside')
}
