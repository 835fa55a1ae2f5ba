import { lines, raw, sh, type Health, type Host, type Script } from '../../src/index.ts'

type HttpHealth = Extract<Health, { readonly kind: 'http' }>

/** The whole URL as the host itself asks it: `:3000/up` is a port of the host's own loopback address. */
export function healthUrl({ url }: HttpHealth, host: Pick<Host, 'loopback'>): string {
  if (!url.startsWith(':')) return url
  return `http://${host.loopback.includes(':') ? `[${host.loopback}]` : host.loopback}${url}`
}

const node = `const u = process.argv[1]
require(u.startsWith("https") ? "https" : "http").get(u, { timeout: 5000 }, (r) => { console.log(r.statusCode); process.exit() })
  .on("timeout", () => process.exit()).on("error", () => process.exit())`

const python = `import sys, urllib.error, urllib.request as web
class Stay(web.HTTPRedirectHandler):
    def redirect_request(self, *rest): return None
try: print(web.build_opener(web.ProxyHandler({}), Stay).open(sys.argv[1], timeout=5).status)
except urllib.error.HTTPError as error: print(error.code)
except Exception: pass`

/** Perl's base package, which every Debian has, brings sockets and no HTTP client. */
const perl = String.raw`alarm 5; my ($host, $port, $path) = $ARGV[0] =~ m{^http://([^/:]+)(?::(\d+))?(/.*)?$} or exit;
my $s = IO::Socket::INET->new(PeerAddr => $host, PeerPort => $port || 80, Timeout => 5) or exit;
print $s "GET " . ($path || "/") . " HTTP/1.0\r\nHost: $host\r\nConnection: close\r\n\r\n";
print $1 if <$s> =~ m{^HTTP/\S+ (\d+)}`

/**
 * Shell text that names the first HTTP client there is in `$client`, empty when there is none. Busybox of Debian has a
 * `wget` that knows no time limit, hence its `timeout`.
 */
export const findHttpClient: Script = raw(`client=
if command -v curl >/dev/null; then client=curl
elif wget --version 2>/dev/null | grep -q GNU; then client=wget
elif command -v node >/dev/null; then client=node
elif command -v python3 >/dev/null; then client=python3
elif busybox wget --help >/dev/null 2>&1; then client=busybox
elif perl -MIO::Socket::INET -e 1 2>/dev/null; then client=perl
fi`)

/**
 * Shell function `status_of URL`: prints the status of one GET, and nothing when nobody answered within five seconds.
 * No client follows redirects or uses a proxy: what is asked is this app.
 */
export const httpFunctions: Script = lines(
  findHttpClient,
  raw(`first_status() { sed -n 's/.*HTTP\\/[0-9.]* \\([0-9][0-9][0-9]\\).*/\\1/p' | head -n 1; }
status_of() {
  case $client in
  curl) curl -q -s -g -o /dev/null --noproxy '*' -m 5 -w '%{http_code}' "$1" || : ;;
  wget) wget -q -S -O /dev/null --no-config --no-proxy --max-redirect=0 -T 5 -t 1 "$1" 2>&1 | first_status ;;
  busybox) busybox timeout 5 busybox wget -q -S -O /dev/null -Y off "$1" 2>&1 | first_status ;;`),
  sh`  node) node -e ${node} "$1" ;;`,
  sh`  python3) python3 -c ${python} "$1" ;;`,
  sh`  perl) perl -MIO::Socket::INET -e ${perl} "$1" ;;`,
  raw(`  *) echo 'there is no HTTP client' >&2; exit 1 ;;
  esac
}`),
)

/** Body of a shell function that asks once: sets `$said` and `$about`, and returns 1 when the answer is not good. */
export function askHttp(health: HttpHealth, host: Pick<Host, 'loopback'>): Script {
  const good = health.status.length === 0 ? '2[0-9][0-9]' : health.status.join(' | ')
  return lines(
    sh`about=${healthUrl(health, host)}`,
    raw(`status=$(status_of "$about")
case $status in
${good}) said="answered $status" ;;
'' | 000) said='no answer'; return 1 ;;
*) said="answered $status"; return 1 ;;
esac`),
  )
}
