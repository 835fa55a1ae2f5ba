import { lines, raw, sh, type Script } from '../../../src/index.ts'

/** An argument in a unit file: double quotes with C escapes; `%` and `$` mean something to systemd. */
export function unitArgument(text: string): string {
  const escaped = text.replaceAll('\\', '\\\\').replaceAll('"', '\\"')
  return `"${escaped.replaceAll('%', '%%').replaceAll('$', '$$$$')}"`
}

/**
 * Shell function `boot_unit`: writes a unit that brings the service back when the machine boots, since a timer does not
 * survive that. systemd reads it at the next start only, so nothing has to be loaded again now.
 */
export function bootUnit({ service, state }: { readonly service: string; readonly state: string }): Script {
  return lines(
    raw('boot_text() {'),
    sh`printf '%s\n' ${[
      '# Written by srv for the length of a backup or a restore.',
      '[Unit]',
      `Description=Bring back ${service}, which srv had stopped`,
      'After=network-online.target docker.socket docker.service',
      '',
      '[Service]',
      'KillMode=process',
      // What it needs may come up later: a user has no systemd yet when the machine starts.
      'Restart=on-failure',
      'RestartSec=5',
      `ExecStart=/bin/sh ${unitArgument(`${state}/timer/run`)}`,
    ]}`,
    raw(`if [ "$how" = system ]; then printf 'User=%s\\n' "$(id -un)"; fi
}
boot_unit() {
  at=$(units "$how")
  set -- "$at/$unit-boot.service" "$at/$(wanted "$how").wants"
  put='umask 022; mkdir -p "$2" && cat >"$1" && ln -sf "$1" "$2/"'
  if [ "$how" = system ]; then boot_text | as_root sh -c "$put" sh "$@"; else boot_text | sh -c "$put" sh "$@"; fi ||
    echo "no unit for a reboot of the machine: $1 could not be written"
}`),
  )
}
