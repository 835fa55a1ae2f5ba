import type { ChildProcess } from 'node:child_process'
import { Socket } from 'node:net'
import type { Readable } from 'node:stream'
import { quote } from '../shell/quote.ts'
import type { Script } from '../shell/script.ts'
import { scriptText } from './script-text.ts'
import type { End, Transport } from './transport.ts'

/**
 * What a tool runs as its remote shell: it hands its arguments (5) and its standard streams (3 from the host, 4 to
 * it) to srv over inherited pipes, and ends with the status that srv writes (6). The reader of the host's bytes has
 * to be the foreground process: the other way round both sides wait for each other.
 */
export const remoteShell = `#!/bin/sh
exec 7<&0; printf '%s\\0' "$#" "$@" >&5; exec 5>&-
cat <&7 >&4 3<&- & w=$!
exec 4>&- 7<&- 0</dev/null
cat <&3; read -r rc <&6 || rc=255; kill "$w" 2>/dev/null; exit "$rc"
`

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

/** Reads the announced number of arguments; nothing when the tool ended without asking. The pipe's end cannot be waited for: the tool holds it as well. */
function readArguments(pipe: Readable): Promise<readonly string[] | undefined> {
  return new Promise((resolve) => {
    let received = Buffer.alloc(0)
    pipe.on('data', (bytes: Buffer) => {
      received = Buffer.concat([received, bytes])
      const [count, ...words] = received.toString('utf8').split('\0')
      if (words.length > Number(count)) resolve(words.slice(0, Number(count)))
    })
    pipe.once('close', () => {
      resolve(undefined)
    })
  })
}

/** What the tool asked to run: everything after the host word. git and rsync have quoted it for a shell. */
function askedCommand(words: readonly string[]): string {
  return words.slice(words.indexOf('srv') + 1).join(' ')
}

function withBefore(before: Script | string | undefined, command: string): string {
  if (before === undefined) return command
  const script = `(
set -eu
${scriptText(before)}
) </dev/null >&2
r=$?
[ "$r" -eq 0 ] || exit "$r"
${command}`
  return `exec /bin/sh -c ${quote(script)}`
}

/** Serves one use of the remote shell over a transport. Settles with how the command on the host ended, or nothing when the tool never asked. */
export async function serveRemoteShell(
  pipes: Pipes,
  transport: Transport,
  before: Script | string | undefined,
  signal: AbortSignal,
  onStderr: (bytes: Buffer) => void,
): Promise<End | undefined> {
  const { toTool, fromTool, asked, status } = pipes
  // The tool may go away at any moment: a broken pipe is its end, not ours.
  for (const pipe of [toTool, fromTool, asked, status]) pipe.on('error', () => undefined)
  const words = await readArguments(asked)
  asked.destroy()
  if (words === undefined) {
    for (const pipe of [toTool, fromTool, status]) pipe.destroy()
    return undefined
  }
  const channel = await transport.open(withBefore(before, askedCommand(words)), { signal })
  for (const stream of [channel.stdin, channel.stdout, channel.stderr]) stream.on('error', () => undefined)
  channel.stderr.on('data', onStderr)
  channel.stdout.pipe(toTool, { end: false })
  fromTool.pipe(channel.stdin)
  const end = await channel.end
  fromTool.unpipe(channel.stdin)
  fromTool.destroy()
  status.end(`${String(end.kind === 'exit' ? end.code : 255)}\n`)
  toTool.end()
  return end
}
