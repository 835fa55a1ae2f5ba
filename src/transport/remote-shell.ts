import type { ChildProcess } from 'node:child_process'
import { Socket } from 'node:net'
import type { Readable, Writable } from 'node:stream'
import { quote } from '../shell/quote.ts'
import type { Script } from '../shell/script.ts'
import { scriptText } from './script-text.ts'
import type { End, Transport } from './transport.ts'

/**
 * What a tool runs as its remote shell, given to it in the environment: a file would be left by a run that is killed. It hands its arguments (5) and its standard streams (3 from the host, 4 to
 * it) to srv over inherited pipes, and ends with the status that srv writes (6). The end of what the tool sends is
 * announced on 5 as well: the tool itself holds pipe 4, so the end of the pipe comes too late for a command that waits for
 * it.
 */
const remoteShell = `exec 7<&0
printf '%s\\0' "$#" "$@" >&5
{
cat <&7 >&4
printf '\\0' >&5
} 3<&- &
sender=$!
exec 4>&- 5>&- 7<&- 0</dev/null
# This has to be the foreground process: the other way round both sides would wait for each other.
cat <&3
read -r code <&6 || code=255
kill "$sender" 2>/dev/null
exit "$code"
`

/** The command of the remote shell, as a shell reads it and rsync's `-e`; the host word and the command follow it. */
export const shellCommand = `sh -c 'eval "$SRV_REMOTE_SHELL"' sh`

/** What that command needs in its environment. */
export const shellEnvironment = { SRV_REMOTE_SHELL: remoteShell }

/** The laptop's ends of the four pipes of the remote shell. */
export interface Pipes {
  readonly toTool: Socket
  readonly fromTool: Socket
  readonly asked: Socket
  readonly status: Socket
}

/** The pipes of a tool that was started with seven. */
export function pipesOf({ stdio }: ChildProcess): Pipes {
  const [toTool, fromTool, asked, status] = Array.from(stdio).slice(3)
  // Node makes sockets of all pipes beyond the first three.
  if (toTool instanceof Socket && fromTool instanceof Socket && asked instanceof Socket && status instanceof Socket) {
    return { toTool, fromTool, asked, status }
  }
  throw new Error('the tool was started without the pipes of the remote shell')
}

/** What the remote shell reports on pipe 5. */
interface Asked {
  /** Its arguments; nothing when the tool ended without asking. */
  readonly words: Promise<readonly string[] | undefined>
  /** Settles when the tool has sent everything. */
  readonly sent: Promise<true | undefined>
}

/** Reads the announced number of arguments, and the mark after them. The pipe's end cannot be waited for: the tool holds it as well. */
function listen(pipe: Readable): Asked {
  let received = Buffer.alloc(0)
  const parts = (): readonly string[] => received.toString('utf8').split('\0')
  pipe.on('data', (bytes: Buffer) => {
    received = Buffer.concat([received, bytes])
  })
  const until = <R>(read: () => R | undefined): Promise<R | undefined> =>
    new Promise((resolve) => {
      const look = (): void => {
        const found = read()
        if (found !== undefined) resolve(found)
      }
      pipe.on('data', look)
      pipe.once('close', () => {
        resolve(read())
      })
    })
  return {
    words: until(() => {
      const [count, ...rest] = parts()
      return rest.length > Number(count) ? rest.slice(0, Number(count)) : undefined
    }),
    sent: until(() => {
      const [count, ...rest] = parts()
      return rest.length > Number(count) + 1 ? true : undefined
    }),
  }
}

/**
 * Ends the command's input once everything that the tool sent has been passed on. The mark comes after the last byte was
 * written, so whatever is still in the pipe is read within a turn of the event loop, unless the host is slow to take it.
 */
function endWhenDrained(fromTool: Readable, stdin: Writable): void {
  let seen = 0
  let quietTurns = 0
  fromTool.on('data', (bytes: Buffer) => (seen += bytes.length))
  const look = (before: number): void => {
    if (stdin.destroyed) return
    quietTurns = seen === before && !stdin.writableNeedDrain ? quietTurns + 1 : 0
    if (quietTurns > 3) stdin.end()
    else if (stdin.writableNeedDrain)
      stdin.once('drain', () => {
        look(seen)
      })
    else setImmediate(look, seen)
  }
  setImmediate(look, seen)
}

/** What the tool asked to run: everything after the host word. git and rsync have quoted it for a shell. */
function askedCommand(words: readonly string[]): string {
  return words.slice(words.indexOf('srv') + 1).join(' ')
}

/** Shell text around a command that a tool asks for; it must not touch the input and output of that command. */
export interface Around {
  /** Stops the command when it fails. */
  readonly before?: Script | string | undefined
  /** Runs once the command has ended well. */
  readonly after?: Script | string | undefined
}

/** Shell text in a subshell of its own. */
function aside(script: Script | string): string {
  return `(
set -eu
${scriptText(script)}
) </dev/null >&2`
}

/** The command line of a command with shell text around it. */
export function around({ before, after }: Around, command: string): string {
  if (before === undefined && after === undefined) return command
  const orEnd = 'code=$?\n[ "$code" -eq 0 ] || exit "$code"'
  const texts = [
    ...(before === undefined ? [] : [aside(before), orEnd]),
    command,
    ...(after === undefined ? [] : [orEnd, aside(after)]),
  ]
  return `exec /bin/sh -c ${quote(texts.join('\n'))}`
}

/** Serves one use of the remote shell over a transport. Resolves to how the command on the host ended, or `undefined` when the tool never asked. */
export async function serveRemoteShell(
  pipes: Pipes,
  transport: Transport,
  texts: Around,
  signal: AbortSignal,
  onStderr: (bytes: Buffer) => void,
): Promise<End | undefined> {
  const { toTool, fromTool, asked, status } = pipes
  // The tool may go away at any moment: a broken pipe is its end, not ours.
  for (const pipe of [toTool, fromTool, asked, status]) pipe.on('error', () => undefined)
  const { words: arriving, sent } = listen(asked)
  const words = await arriving
  if (words === undefined) {
    for (const pipe of [toTool, fromTool, asked, status]) pipe.destroy()
    return undefined
  }
  const channel = await transport.open(around(texts, askedCommand(words)), { signal })
  for (const stream of [channel.stdin, channel.stdout, channel.stderr]) stream.on('error', () => undefined)
  channel.stderr.on('data', onStderr)
  channel.stdout.pipe(toTool, { end: false })
  fromTool.pipe(channel.stdin)
  void sent.then(() => {
    endWhenDrained(fromTool, channel.stdin)
  })
  const end = await channel.end
  asked.destroy()
  fromTool.unpipe(channel.stdin)
  fromTool.destroy()
  status.end(`${String(end.kind === 'exit' ? end.code : 255)}\n`)
  toTool.end()
  return end
}
