import { lines, raw, sh, type Placement, type Script } from '../../../src/index.ts'
import { factsIn } from '../facts.ts'
import type { Vault } from '../vault.ts'
import { prologue, type Value } from './prologue.ts'

/*
 * Hosts of two environments may have the same name. The owner of the snapshots in a folder is identified by the machine and
 * the real path of the service, which are not in any config: several sandbox hosts are on one machine.
 */

/** Shell function `real PATH`: the path without links in it, also of what is not there yet or may not be looked into. */
export const realFunction = raw(`real() {
  there=$1 rest=
  until found=$(cd "$there" 2>/dev/null && pwd -P); do
    rest=/\${there##*/}$rest there=\${there%/*}
    [ -n "$there" ] || there=/
  done
  printf '%s%s\\n' "\${found%/}" "$rest"
}`)

/** Leaves the identity of this machine in `$machine`: its id, else its host key, else its name. */
const machineText = raw(`machine=
for file in /etc/machine-id /var/lib/dbus/machine-id; do
  [ -n "$machine" ] || [ ! -r "$file" ] || IFS= read -r machine <"$file" || :
done
[ "$machine" != uninitialized ] || machine=
file=/etc/ssh/ssh_host_ed25519_key.pub
[ -n "$machine" ] || [ ! -r "$file" ] || read -r _ machine _ <"$file" || :
[ -n "$machine" ] || machine=$(uname -n)`)

/** Prints on a host the identity of a service's data: `of <machine> <path>`. */
export function identityText({ paths }: Pick<Placement, 'paths'>): Script {
  return lines(realFunction, machineText, sh`printf 'of %s %s\n' "$machine" "$(real ${paths.service})"`)
}

/** Reads what `identityText` printed. */
export function identityIn(stdout: string): string | undefined {
  return factsIn(stdout).get('of')
}

/** Leaves the owner of the snapshots in `$base` in `$owner`; nothing for snapshots from before that was recorded. */
const readOwner = raw(`owner=
[ ! -f "$base/owner" ] || IFS= read -r owner <"$base/owner" || :`)

/** The identity of the data to copy, as `identityText` prints it. */
export interface Claim {
  readonly of: Value
  /** Those of another machine are taken over. */
  readonly adopt: boolean
}

/** Prints `owner` and the owner, and ends the text, when the snapshots in `$base` are another's. */
function othersText({ of, adopt }: Claim): Script {
  return lines(
    sh`of=${of} adopt=${adopt ? 'yes' : ''}`,
    readOwner,
    raw(`if [ -n "$of" ] && [ "$owner" != "$of" ] && [ -n "$owner" ] && [ -z "$adopt" ] &&
  [ -n "$(all; ls -d "$base"/.staging-* 2>/dev/null)" ]; then
  printf 'owner %s\\n' "$owner"
  exit 0
fi`),
  )
}

/**
 * Records in `$base` who owns the snapshots in it. When somebody else does, it prints `owner` and the owner, and ends the
 * text without a change. A folder without a snapshot is free to take. It needs the lock of the folder.
 */
export function claimText({ of, adopt }: Claim): Script {
  return lines(
    othersText({ of, adopt }),
    raw(`if [ -n "$of" ] && [ "$owner" != "$of" ]; then
  printf '%s\\n' "$of" >"$base/.owner"
  mv -f "$base/.owner" "$base/owner"
fi`),
  )
}

/** Prints why no snapshot of these data may be begun in a vault, as beginning one would, and changes nothing. */
export function refusalScript(vault: Pick<Vault, 'base'>, claim: Claim): Script {
  return lines(prologue(vault), apartText(claim.of), othersText(claim))
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

/** Whether what `ownerScript` printed names another owner than what `identityText` printed. */
export function isOther(kept: string, identity: string): boolean {
  const [owner, of] = [ownerIn(kept), identityIn(identity)]
  return owner !== undefined && of !== undefined && owner !== of
}

/** Reads the other owner, if a text printed one. */
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
