import { raw, type Script } from './script.ts'

/**
 * Shell function `srv_born PID`: prints when a process began, in clock ticks since the boot, which tells it from a later
 * one of the same number (proc_pid_stat(5), field 22); it fails for one that is gone, and where there is no /proc.
 */
export const bornFunction: Script = raw(
  String.raw`srv_born() { read -r line 2>/dev/null <"/proc/$1/stat" && set -- ${'$'}{line##*) } && [ "$1" != Z ] && echo "${'$'}{20}"; }`,
)
