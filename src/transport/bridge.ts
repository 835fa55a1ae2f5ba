import { performance } from 'node:perf_hooks'
import { PassThrough, type Readable } from 'node:stream'
import { quote } from '../shell/quote.ts'
import type { Script } from '../shell/script.ts'
import { collectOutput, defaultMaxOutputBytes } from './output.ts'
import { around } from './remote-shell.ts'
import { commandLineText } from './script-text.ts'
import type { End, ExecOptions, ExecResult, Transport } from './transport.ts'

/** Shell text on one machine that has a remote shell to another one. */
export interface Bridge {
  /** Name of the host that the text runs on, or `local`. */
  readonly on: string
  /** In it `$SRV_SHELL` is what `rsync -e` takes, and the other machine is named `srv`. It is part of a command line: no secrets. */
  readonly script: Script
  /** Called with each piece of what it prints. */
  readonly onOutput?: (text: string) => void
}

/*
 * The one channel carries the words that the tool asks for and then its bytes (8, from 7), so all other output goes to
 * standard error. The reader of the far host's bytes has to be the foreground process: see the remote shell of a relay.
 * A shell without job control gives what runs beside it /dev/null for its input: hence 9.
 */
const wrapper = `srv_bridge=$(mktemp -d /tmp/srv-bridge.XXXXXX) || exit 1
trap 'rm -rf "$srv_bridge"' EXIT
trap 'exit 129' HUP INT TERM
exec 7<&0 8>&1 </dev/null >&2
cat >"$srv_bridge/shell" <<'SRV_END'
exec 9<&0
printf '%s\\0' "$#" "$@" >&8
cat <&9 >&8 7<&- &
exec 0</dev/null 8>&- 9<&-
cat <&7
SRV_END
SRV_SHELL="sh $srv_bridge/shell"
export SRV_SHELL
`

/** Reads the announced words from the beginning of a stream; what follows is passed to `rest`. `undefined` when the tool ended without asking. */
function readWords(
  stream: Readable,
  rest: PassThrough,
  ended: Promise<unknown>,
): Promise<readonly string[] | undefined> {
  return new Promise((resolve) => {
    let received = Buffer.alloc(0)
    const take = (bytes: Buffer): void => {
      received = Buffer.concat([received, bytes])
      const words: string[] = []
      let at = 0
      for (let end = received.indexOf(0, at); end !== -1; end = received.indexOf(0, at)) {
        words.push(received.toString('utf8', at, end))
        at = end + 1
        if (words.length === Number(words[0]) + 1) {
          stream.off('data', take)
          const left = received.subarray(at)
          if (left.length > 0) rest.write(left)
          stream.pipe(rest)
          resolve(words.slice(1))
          return
        }
      }
    }
    stream.on('data', take)
    void ended.then(() => {
      resolve(undefined)
    })
  })
}

/** How to join two machines. */
export interface BridgeOptions extends ExecOptions {
  /** Shell text that runs first on either side, and stops that side when it fails. No secrets. */
  readonly before?: { readonly near: Script | undefined; readonly far: Script | undefined }
}

/** The result: a link that broke on either side, else the tool's own result, unless only the far side failed. */
function endOf(tool: End, far: End | undefined): End {
  if (tool.kind !== 'exit') return tool
  if (far?.kind === 'lost' && tool.code !== 0) return far
  return tool.code === 0 && far !== undefined && !(far.kind === 'exit' && far.code === 0) ? far : tool
}

/**
 * Runs shell text on `near` whose remote shell is a command on `far`, both over connections that are already open: two
 * hosts that cannot reach each other work together, and neither needs credentials of the other. The bytes pass
 * through this machine and are stored nowhere on the way.
 *
 * Everything that either side prints is in `stderr`.
 *
 * @throws SrvError SRV-900 when the text has a secret in it
 */
export async function bridge(
  near: Transport,
  far: Transport,
  script: Script,
  options: BridgeOptions = {},
): Promise<ExecResult> {
  const startedAt = performance.now()
  const stderr = collectOutput(options.maxOutputBytes ?? defaultMaxOutputBytes)
  const take = (bytes: Buffer): void => {
    const text = stderr.push(bytes)
    if (text !== '') options.onOutput?.('stderr', text)
  }
  const opened = options.signal === undefined ? {} : { signal: options.signal }
  const { near: first, far: farFirst } = options.before ?? { near: undefined, far: undefined }
  const text = `${wrapper}${first === undefined ? '' : commandLineText(first)}\n(\nset -eu\n${commandLineText(script)}\n)`
  const tool = await near.open(`exec /bin/sh -c ${quote(text)}`, opened)
  for (const stream of [tool.stdin, tool.stdout, tool.stderr]) stream.on('error', () => undefined)
  tool.stderr.on('data', take)
  const sent = new PassThrough()
  const words = await readWords(tool.stdout, sent, tool.end)
  let ended: End | undefined
  if (words === undefined) tool.stdin.end()
  else {
    const giveUp = new AbortController()
    const signals = [giveUp.signal, ...(options.signal === undefined ? [] : [options.signal])]
    const asked = words.slice(words.indexOf('srv') + 1).join(' ')
    const channel = await far.open(around({ before: farFirst }, asked), { signal: AbortSignal.any(signals) })
    for (const stream of [channel.stdin, channel.stdout, channel.stderr]) stream.on('error', () => undefined)
    channel.stderr.on('data', take)
    channel.stdout.pipe(tool.stdin)
    sent.pipe(channel.stdin)
    // The far side of a tool that died would go on sending to nobody for as long as it has something to send.
    void tool.end.then((end) => {
      channel.stdin.end()
      if (end.kind !== 'exit' || end.code !== 0) giveUp.abort()
    })
    ended = await channel.end
    tool.stdin.end()
  }
  const end = endOf(await tool.end, ended)
  return { end, stdout: '', stderr: stderr.text(), durationMs: Math.round(performance.now() - startedAt) }
}
