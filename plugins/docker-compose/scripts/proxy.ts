import { lines, raw, sh, type Script } from '../../../src/index.ts'
import type { Proxy } from '../options.ts'
import type { Site } from './prologue.ts'

function quiet(name: string): string {
  return name.replaceAll('.', '-')
}

/** One service's case of `route`: where its file is, what stands in it around the addresses, and how it is read again. */
function branch(site: Site, service: string, proxy: Proxy): Script {
  const name = quiet(`${site.layout.project}-${service}`)
  const file = fileOf(site, service, proxy) ?? ''
  switch (proxy.kind) {
    case 'labels':
      return sh`  ${service}) return 1 ;;`
    case 'nginx':
      return lines(
        sh`  ${service}) file=${file} port=${proxy.port} about=nginx`,
        sh`    head=${`upstream ${proxy.upstream ?? name} {`} each='  server ' end=';' tail='}' ;;`,
      )
    case 'caddy':
      return lines(
        sh`  ${service}) file=${file} port=${proxy.port} about=caddy`,
        sh`    head=${`(${proxy.snippet ?? name}) {`} each='  reverse_proxy ' end='' tail='}' ;;`,
      )
  }
}

/** The file by which the proxy of a service is told, which only root may write; none where the proxy finds containers by itself. */
function fileOf({ layout }: Pick<Site, 'layout'>, service: string, proxy: Proxy): string | undefined {
  const name = quiet(`${layout.project}-${service}`)
  switch (proxy.kind) {
    case 'labels':
      return undefined
    case 'nginx':
      return proxy.file ?? `/etc/nginx/conf.d/srv-${name}.conf`
    case 'caddy':
      return proxy.file ?? `/etc/caddy/srv/${name}.caddy`
  }
}

/** Every command that updates the proxy of a service, or reverts its file when the proxy does not accept it. */
const telling = raw(String.raw`may() { sudo -n -l "$@" >/dev/null 2>&1 || printf 'closed %s\n' "$*"; }
may_tell() { # kind, file
  [ -d "${'$'}{2%/*}" ] || may mkdir -p "${'$'}{2%/*}"
  may cp "$compose/route.new" "$2"
  may chmod 644 "$2"
  may rm -f "$2"
  case $1 in
  nginx) may nginx -t -q; may nginx -s reload ;;
  caddy) if [ -d /run/systemd/system ]; then may systemctl reload caddy; else may caddy reload --config /etc/caddy/Caddyfile; fi ;;
  esac
}`)

/** Prints which of the commands that update the proxies the login user may not run with sudo. Only looks. */
export function rightsScript(site: Site): Script {
  const told = Object.entries(site.settings.proxy).flatMap(([service, proxy]) => {
    const file = fileOf(site, service, proxy)
    return file === undefined ? [] : [sh`  may_tell ${proxy.kind} ${file}`]
  })
  if (told.length === 0) return raw('')
  return lines(telling, raw(`if [ "$(id -u)" != 0 ] && ! sudo -n true 2>/dev/null; then`), ...told, raw('fi'))
}

/*
 * `told service addresses`: whether the proxy has these addresses of it, and no others; also where none is told any.
 */
const known = raw(String.raw`proxy_text() {
  printf '# Written by srv: it is written anew with every deploy.\n%s\n' "$head"
  [ "$about" != caddy ] || printf '%s' "$each"
  for address in "$@"; do
    [ "$about" = caddy ] && printf '%s:%s ' "$address" "$port" || printf '%s%s:%s%s\n' "$each" "$address" "$port" "$end"
  done
  [ "$about" != caddy ] || printf '\n'
  printf '%s\n' "$tail"
}
told() {
  proxy_of "$1" || return 0
  shift
  [ "$(proxy_text "$@" | tr ' ' '\n' | LC_ALL=C sort)" = "$(cat "$file" 2>/dev/null | tr ' ' '\n' | LC_ALL=C sort)" ]
}`)

/*
 * `route service ids`: writes the addresses of these containers where the proxy reads them, and has it read them again,
 * unless it knows them already; `routes` has a line for each file that was ever written. nginx and Caddy finish what they
 * began on their old addresses. Without an address it fails and leaves the file: nginx refuses an upstream without servers,
 * and with it all that it serves. What the proxy does not accept is reverted: its next reload must not hit it, and the next
 * run must not think that the proxy knows it.
 */
const write = raw(String.raw`route() {
  proxy_of "$1" || return 0
  routing=$1
  shift
  addresses=$(engine inspect -f '{{range .NetworkSettings.Networks}}{{.IPAddress}} {{end}}' "$@" | awk 'NF { print $1 }')
  [ -n "$addresses" ] || { echo "no container for $file has an address" >&2; return 1; }
  ! told "$routing" $addresses || return 0
  proxy_text $addresses > "$compose/route.new"
  $sudo mkdir -p "${'$'}{file%/*}" || return 1
  rm -f "$compose/route.old"
  [ ! -f "$file" ] || cp "$file" "$compose/route.old" 2>/dev/null || $sudo cp "$file" "$compose/route.old" || return 1
  if $sudo cp "$compose/route.new" "$file" && $sudo chmod 644 "$file" && reread; then
    grep -qsxF -e "$file" "$compose/routes" || printf '%s\n' "$file" >> "$compose/routes"
    rm -f "$compose/route.new" "$compose/route.old"
    return 0
  fi
  if [ -f "$compose/route.old" ]; then $sudo cp "$compose/route.old" "$file" || :; else $sudo rm -f "$file" || :; fi
  rm -f "$compose/route.new" "$compose/route.old"
  return 1
}`)

const reread = raw(`reread() { case $about in
  nginx) $sudo nginx -t -q && $sudo nginx -s reload ;;
  caddy) if [ -d /run/systemd/system ]; then $sudo systemctl reload caddy; else $sudo caddy reload --config /etc/caddy/Caddyfile; fi ;;
  esac; }`)

/*
 * `proxy_of service`: what is to be known of the proxy of a service that has to be told; it fails where none has to.
 */
function proxyOf(site: Site): Script {
  return lines(
    raw('proxy_of() { case $1 in'),
    ...Object.entries(site.settings.proxy).map(([service, proxy]) => branch(site, service, proxy)),
    raw('  *) return 1 ;;\nesac; }'),
  )
}

/** Prints which services have a proxy that knows other addresses than those of their containers, which `$found` tells. Only looks. */
export function astrayText(site: Site): Script {
  if (Object.values(site.settings.proxy).every(({ kind }) => kind === 'labels')) return raw('')
  return lines(
    proxyOf(site),
    known,
    raw(String.raw`while IFS="$tab" read -r service digest rest; do
  set -- $(printf '%s\n' "$found" | awk -v service="$service" -v digest="$digest" '$1 == "container" && $2 == service && $3 == digest && $4 == "running" { print $12 }')
  [ $# = 0 ] || told "$service" "$@" || echo "astray $service $file"
done < "$compose/$active/services"`),
  )
}

/**
 * Tells of each file that srv once wrote for a service that has no such proxy any more: Docker gives the addresses in it to
 * other containers. It is not removed, since what else the proxy serves may name it.
 */
export function staleText(site: Site): Script {
  const files = Object.entries(site.settings.proxy).flatMap(([service, proxy]) => fileOf(site, service, proxy) ?? [])
  return lines(
    raw('if [ -f "$compose/routes" ]; then'),
    sh`  set -- ${files}`,
    raw(String.raw`  while IFS= read -r file; do
    if [ $# -gt 0 ] && printf '%s\n' "$@" | grep -qxF -e "$file"; then printf '%s\n' "$file"; continue; fi
    [ -e "$file" ] || continue
    printf '%s\n' "$file"
    echo "$file stays, which names containers that are gone: remove it once nothing else of the proxy's configuration needs it" >&3
  done < "$compose/routes" 3>&1 > "$compose/routes.new"
  mv -f "$compose/routes.new" "$compose/routes"
fi`),
  )
}

/** Shell functions `has_proxy service` and `route service ids`, for the proxies that the config names. */
export function proxyFunctions(site: Site): Script {
  const services = Object.keys(site.settings.proxy)
  if (services.length === 0) return raw('has_proxy() { return 1; }\nroute() { :; }')
  return lines(
    raw(`sudo=
[ "$(id -u)" = 0 ] || sudo='sudo -n'
has_proxy() { case $1 in`),
    ...services.map((service) => sh`  ${service}) ;;`),
    raw(`  *) return 1 ;;
  esac; }`),
    reread,
    proxyOf(site),
    known,
    write,
  )
}
