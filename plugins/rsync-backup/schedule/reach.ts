import * as z from 'zod'
import { lines, raw, sh, type Reached, type Script } from '../../../src/index.ts'
import type { Site } from './site.ts'

/** How a machine is reached by another one, where the config says it. */
export const addressSchema = z
  .string()
  .regex(/^(?:[\w][\w.-]*@)?[A-Za-z0-9][\w.-]*(?::\d+)?$/, { error: 'must be user@host:port' })

/** How a keeper reaches the host of a service. */
export type Way = Reached

/** How srv reached a machine, but for what the config says. */
export function wayTo(reached: Reached, said: string | undefined): Way {
  const found = /^(?:(.+)@)?([^:]+)(?::(\d+))?$/.exec(said ?? '')
  if (found === null) return reached
  const [, user = reached.user, address = reached.address, port] = found
  return { ...reached, user, address, port: port === undefined ? reached.port : Number(port) }
}

/**
 * The remote shell of a keeper: its words are a name and what is asked of the gate. On the host itself the gate is
 * started in the same way as by sshd. The connection that `$SRV_MUX` names is used when it is there, and made when nothing is asked.
 */
export function reachScript(
  { home, gate, isSame }: Pick<Site, 'home' | 'gate' | 'isSame'>,
  way: Way | undefined,
  connectSeconds = 20,
): Script {
  const head = raw(`#!/bin/sh
# Written by srv: the way to the data that are backed up.
[ "$1" = srv ] && shift`)
  if (isSame || way === undefined) {
    return lines(
      head,
      sh`gate=${`${gate}/gate`}`,
      raw(`SSH_ORIGINAL_COMMAND="$*"
export SSH_ORIGINAL_COMMAND
# A process group of its own, as of sshd, so that what hangs in it can be ended alone.
if command -v setsid >/dev/null; then exec setsid /bin/sh "$gate"; fi
exec /bin/sh "$gate"`),
    )
  }
  return lines(
    head,
    sh`home=${home} user=${way.user} address=${way.address} port=${way.port} seconds=${connectSeconds}`,
    raw(`asked=$*
set -- -F /dev/null -i "$home/key" -l "$user" -p "$port" -S "\${SRV_MUX:-none}" -T \\
  -o BatchMode=yes -o PreferredAuthentications=publickey -o ConnectTimeout="$seconds" -o ServerAliveInterval=15 -o ServerAliveCountMax=4 \\
  -o IdentitiesOnly=yes -o IdentityAgent=none -o ForwardAgent=no -o ClearAllForwardings=yes \\
  -o StrictHostKeyChecking=yes -o HostKeyAlias=srv -o GlobalKnownHostsFile=/dev/null \\
  -o "UserKnownHostsFile=\\"$home/known_hosts\\""
[ -n "$asked" ] || exec ssh "$@" -M -N -f -o ControlPersist=120 -- "$address"
exec ssh "$@" -- "$address" "$asked"`),
  )
}
