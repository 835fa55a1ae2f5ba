import { raw } from '../../../src/index.ts'

/**
 * Shell function `finish`, the end of every run, with what it leaves in the folder of its schedule. Of lost pings, `$unheard`
 * is said: they make no backup worse, but whoever relies on them has to find out.
 *
 * A link that breaks at night, or a log that is truncated during the copy, would mean a day without a backup: everything is
 * tried again, up to twice, and what was copied is not copied again. It takes the lease again, which the host has ended by then.
 */
export const finish = raw(`remember() {
  note=$(printf '%s' "$why" | tr '\\n"\\\\' "  '" | tr -d '[:cntrl:]')
  printf '{"schema":"srv.schedule.last/1","at":"%s","seconds":%s,"code":%s,"note":"%s"}\\n' "$asked" "$(($(date +%s) - began))" "$code" "$note" >"$home/last.new" &&
    mv -f "$home/last.new" "$home/last"
}
finish() {
  code=$?
  trap - EXIT HUP INT TERM
  trap '' PIPE
  if ! end_lease && [ "$code" = 0 ]; then
    code=10 why="$service on $host did not come back up as it was"
    say "$why"
  fi
  [ -z "\${SRV_MUX:-}" ] || ssh -F /dev/null -S "$SRV_MUX" -O exit srv 2>/dev/null
  [ -n "$why" ] || why='it was stopped from outside'
  remember
  again=
  if [ -n "$broken" ] && [ "$try" -lt 3 ]; then again=yes; say "$broken: trying again in a minute"; fi
  told=$work/said
  [ -f "$told" ] || told=/dev/null
  cp "$told" "$home/log"
  if [ -n "$again" ]; then
    rm -rf "$work"
    trap - PIPE
    sleep 60
    exec sh "$home/run" --again "$((try + 1))" "$began" "$asked"
  fi
  if [ "$code" = 0 ]; then ping=\${ping_success:-}; else ping=\${ping_failure:-}; fi
  tell "$ping" "$told" || { echo "$unheard"; echo "$unheard" >>"$home/log"; }
  if grep -qxF "$unheard" "$home/log"; then why="$why; $unheard"; remember; fi
  rm -rf "$work"
  exit "$code"
}`)
