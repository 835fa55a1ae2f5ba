import { lines, raw, sh, type Health, type Host, type Script } from '../../src/index.ts'

type TcpHealth = Extract<Health, { readonly kind: 'tcp' }>

/** Host and port to connect to: `:5432` is a port of the host's own loopback address. */
export function tcpTarget({ address }: TcpHealth, host: Pick<Host, 'loopback'>): readonly [host: string, port: string] {
  const colon = address.lastIndexOf(':')
  const name = address.slice(0, colon).replace(/^\[(.*)\]$/, '$1')
  return [name === '' ? host.loopback : name, address.slice(colon + 1)]
}

const node = `require("net").connect({ host: process.argv[1], port: Number(process.argv[2]), timeout: 5000 }, () => process.exit(0))
  .on("timeout", () => process.exit(1)).on("error", () => process.exit(1))`

const python = 'import socket, sys; socket.create_connection((sys.argv[1], int(sys.argv[2])), 5).close()'

const perl = 'IO::Socket::INET->new(PeerAddr => $ARGV[0], PeerPort => $ARGV[1], Timeout => 5) or exit 1'

/** Shell text that names the first program that can open a TCP connection in `$dialler`, empty when there is none. */
export const findDialler: Script = raw(`dialler=
if command -v bash >/dev/null && command -v timeout >/dev/null; then dialler=bash
elif command -v node >/dev/null; then dialler=node
elif command -v python3 >/dev/null; then dialler=python3
elif perl -MIO::Socket::INET -e 1 2>/dev/null; then dialler=perl
elif nc -h 2>&1 | grep -q -e '-[A-Za-z]*z'; then dialler=nc
elif busybox nc --help >/dev/null 2>&1; then dialler=busybox
fi`)

/** Shell function `opens HOST PORT`: whether a connection is accepted within five seconds. */
export const tcpFunctions: Script = lines(
  findDialler,
  raw(`opens() {
  case $dialler in
  bash) timeout 5 bash -c 'exec 3<>"/dev/tcp/$1/$2"' bash "$1" "$2" 2>/dev/null ;;`),
  sh`  node) node -e ${node} "$1" "$2" 2>/dev/null ;;`,
  sh`  python3) python3 -c ${python} "$1" "$2" 2>/dev/null ;;`,
  sh`  perl) perl -MIO::Socket::INET -e ${perl} "$1" "$2" 2>/dev/null ;;`,
  raw(`  nc) nc -z -w 5 "$1" "$2" >/dev/null 2>&1 ;;
  busybox) busybox nc -w 5 "$1" "$2" </dev/null >/dev/null 2>&1 ;;
  *) echo 'there is no program that opens TCP connections' >&2; exit 1 ;;
  esac
}`),
)

/** Body of a shell function that asks once: sets `$said` and `$about`, and returns 1 when nobody accepts. */
export function askTcp(health: TcpHealth, host: Pick<Host, 'loopback'>): Script {
  const [name, port] = tcpTarget(health, host)
  return lines(
    sh`about=${`${name}:${port}`}`,
    sh`if opens ${[name, port]}; then said='accepted a connection'; else said='no answer'; return 1; fi`,
  )
}
