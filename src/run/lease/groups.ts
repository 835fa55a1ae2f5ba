import { bornFunction } from '../../shell/born.ts'
import { lines, raw } from '../../shell/script.ts'

/**
 * A host cannot tell a cut link from a quiet client: what a dead run started may go on for hours. So each command notes its
 * process group in the lease, and whoever takes over a lease that has ended stops those groups first. A group is identified
 * together with the start time of its leader, because numbers are reused; if the leader is gone, its work is done, and what
 * it left behind was meant to stay. Both are in the name of an empty file, since that needs no space on a full disk. A
 * command that leads no group of its own has none that could be stopped.
 */
export const groups = lines(
  bornFunction,
  raw(String.raw`srv_leads() { read -r line 2>/dev/null <"/proc/$1/stat" && set -- "$1" ${'$'}{line##*) } && [ "$4" = "$1" ]; }
srv_enter() { ! srv_leads $$ || true 2>/dev/null >"$1/group.$$.$(srv_born $$)" || :; }
srv_goes_on() { [ "$(srv_born "$1")" = "$2" ]; }
srv_nap() { sleep 0.1 2>/dev/null || sleep 1; }
srv_end_groups() {
  for file in "$1"/group.*; do
    born=${'$'}{file##*.} group=${'$'}{file%.*} naps=0
    group=${'$'}{group##*.}
    if [ -z "$born" ] || ! srv_goes_on "$group" "$born"; then continue; fi
    kill -TERM "-$group" 2>/dev/null || :
    while srv_goes_on "$group" "$born" && [ "$naps" -lt 50 ]; do srv_nap; naps=$((naps + 1)); done
    kill -KILL "-$group" 2>/dev/null || :
    while srv_goes_on "$group" "$born" && [ "$naps" -lt 60 ]; do srv_nap; naps=$((naps + 1)); done
    if srv_goes_on "$group" "$born"; then
      echo "a command of the previous run is still running there and cannot be stopped, process group $group" >&2
      return 1
    fi
  done
}`),
)
