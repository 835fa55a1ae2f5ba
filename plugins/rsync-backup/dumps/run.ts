import { lines, quote, raw, sh, srvError, type Quiet, type Script } from '../../../src/index.ts'
import type { Command } from './commands.ts'
import { nameOf, type Dump, type DumpOf } from './kinds.ts'

/** Runs a command in a compose service of the service that is backed up: `inside` of a task's context. */
export type Inside = Quiet['inside']

/** Shell function `run_as user text`: runs shell text as another user of the host. */
export const runAs: Script = raw(`run_as() {
  if [ "$(id -un)" = "$1" ]; then sh -ec "$2"
  elif [ "$(id -u)" != 0 ]; then sudo -n -u "$1" -- sh -ec "$2"
  elif command -v runuser >/dev/null; then runuser -u "$1" -- sh -ec "$2"
  else su -s /bin/sh "$1" -c "$2"
  fi
}`)

/**
 * Into a container, a secret can only be passed on standard input: as an argument or an option of docker it would be in
 * the host's list of processes. What the command itself reads comes after it.
 */
function withinContainer(one: Dump, command: Command, inside: Inside, name: string, input: string | undefined): Script {
  const read = command.secrets.map(([variable]) => `IFS= read -r ${variable}; export ${variable}\n`).join('')
  const script = inside(name, ['sh', '-ec', read + command.text], {
    input: command.secrets.length > 0 || input !== undefined,
  })
  if (script === undefined) throw srvError('SRV-650', { dump: nameOf(one), inside: name })
  if (command.secrets.length === 0) return input === undefined ? script : sh`${script}${raw(` <${input}`)}`
  const tell = command.secrets.map(([, value]) => sh`printf '%s\n' ${value}`)
  if (input === undefined) return lines(raw('{'), ...tell, raw('} |'), script)
  return lines(
    raw('rm -f "$folder/.unread"\n{'),
    ...tell,
    raw(`cat ${input} || : >"$folder/.unread"\n} |`),
    script,
    raw('[ ! -e "$folder/.unread" ]'),
  )
}

/** A dump of what has a server, or a command of its own. */
export type Served = Exclude<Dump, DumpOf<'sqlite'>>

/**
 * Runs a command where its database is, on the host or in a container; the status of the last line counts. `input` is a
 * shell word: the file that it reads.
 */
export function runCommand(one: Served, command: Command, inside: Inside, input?: string): Script {
  if (one.in !== undefined) return withinContainer(one, command, inside, one.in, input)
  const from = raw(input === undefined ? '' : ` <${input}`)
  if (one.as !== undefined) return sh`(cd / && run_as ${one.as} ${command.text})${from}`
  const body = lines(
    raw('('),
    ...command.secrets.map(([variable, value]) => sh`${raw(variable)}=${value}; export ${raw(variable)}`),
    raw(command.text),
    raw(')'),
  )
  return sh`${body}${from}`
}

/** A path below `$data` as a shell word. */
export function inData(file: string): string {
  return `"$data"/${quote(file)}`
}
